//! Ways to take part of an estate away, drawn from a seed.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::files::Files;
use super::said::is_configuration;
use crate::estate::generator::random::Random;

/// An estate with something missing, and what is.
pub(super) struct Part {
    pub(super) what: String,
    pub(super) files: Files,
    /// Whether other inputs show that something is missing. What one file alone knows of, nobody
    /// can miss: then a rule may pass, and still nobody may be accused.
    pub(super) noticed: bool,
}

impl Part {
    /// Something of which nothing else says that it was there.
    pub(super) fn unnoticed(what: String, files: Files) -> Part {
        let noticed = false;
        Part {
            what,
            files,
            noticed,
        }
    }
}

/// A name, and which files it is the name of.
type Named = (&'static str, fn(&str) -> bool);

/// Kinds of input, each the files that hold it.
pub(super) const KINDS: [Named; 27] = [
    ("Vault logs", |name| device(name).is_some()),
    ("Vault policies", |name| name.contains("/policies/")),
    ("Vault roles", |name| name.contains("/role/")),
    ("Vault entities", |name| name.contains("/identity/entity/")),
    ("Vault groups", |name| name.contains("/identity/group/")),
    ("audit devices", |name| name.ends_with("/audit-list.json")),
    ("auth methods", |name| name.ends_with("/auth-list.json")),
    ("secrets engines", |name| {
        name.ends_with("/secrets-list.json")
    }),
    ("configuration of auth methods", |name| {
        name.contains("/auth/") && name.ends_with("/config.json")
    }),
    ("Google accounts of Vault", |name| {
        name.contains("/impersonated-account/")
    }),
    ("Vault configuration", |name| {
        name.starts_with("vault/config/")
    }),
    ("jobs", |name| of_project(name, "jobs.json")),
    ("pipelines", |name| of_project(name, "pipelines.json")),
    ("jobs and pipelines", |name| {
        of_project(name, "jobs.json") || of_project(name, "pipelines.json")
    }),
    ("protected branches", |name| {
        of_project(name, "protected_branches.json")
    }),
    ("traces", |name| name.contains("/trace")),
    ("GitLab audit events", |name| {
        name.contains("gitlab/audit_events")
    }),
    ("projects", |name| name == "gitlab/projects.json"),
    ("users", |name| name == "gitlab/users.json"),
    ("GitLab", |name| name.starts_with("gitlab/")),
    ("Admin Activity sink", |name| name.contains("/activity/")),
    ("Data Access sink", |name| name.contains("/data_access/")),
    ("Cloud Run requests", |name| name.contains("/requests/")),
    ("Google logs", |name| {
        name.starts_with("gcp/sink/") || name == "gcp/logging-read.json"
    }),
    ("Cloud Run services", |name| name.starts_with("gcp/run/")),
    ("IAM policies", |name| {
        name.ends_with("/iam-policy.json") || name.contains("asset-iam")
    }),
    ("service accounts", |name| {
        name.ends_with("/service-accounts.json")
    }),
];

fn of_project(name: &str, file: &str) -> bool {
    name.starts_with("gitlab/projects/") && name.ends_with(file)
}

/// The audit device that a file is a log of.
pub(super) fn device(name: &str) -> Option<&str> {
    let device = name.strip_prefix("vault/")?.split('/').next()?;
    (device != "config").then_some(device)
}

/// One input kind is missing.
pub(super) fn without(whole: &Files, (what, holds): (&str, fn(&str) -> bool)) -> Option<Part> {
    let files = keep(whole, |name| !holds(name));
    (files.len() < whole.len()).then(|| Part {
        what: format!("no {what}"),
        files,
        noticed: true,
    })
}

/// Something is missing; what, the seed decides.
pub(super) fn draw(whole: &Files, random: &mut Random) -> Part {
    match random.below(12) {
        0 => some_files(whole, random),
        1 => one_device(whole, random),
        2 | 3 => hours(whole, random),
        4 => days(whole, random),
        5 => tail(whole, random),
        6 => page(whole, random),
        7 => record_type(whole, random),
        8 => damaged(whole, random),
        9 => cut(whole, random),
        10 => project(whole, random),
        _ => two_kinds(whole, random),
    }
}

pub(super) fn keep(whole: &Files, holds: impl Fn(&str) -> bool) -> Files {
    let kept = whole
        .iter()
        .filter(|(name, _)| is_configuration(name) || holds(name));
    kept.map(|(name, bytes)| (name.clone(), bytes.clone()))
        .collect()
}

pub(super) fn pick<'v, T>(of: &'v [T], random: &mut Random) -> &'v T {
    &of[random.below(of.len() as u64) as usize]
}

fn inputs(whole: &Files) -> Vec<&String> {
    let names = whole.keys();
    names.filter(|name| !is_configuration(name)).collect()
}

fn some_files(whole: &Files, random: &mut Random) -> Part {
    let names = inputs(whole);
    let count = 1 + random.below(6);
    let gone: BTreeSet<&String> = (0..count).map(|_| *pick(&names, random)).collect();
    let list: Vec<&str> = gone.iter().map(|name| name.as_str()).collect();
    Part {
        what: format!("without {}", list.join(", ")),
        files: keep(whole, |name| !gone.iter().any(|gone| *gone == name)),
        noticed: true,
    }
}

fn one_device(whole: &Files, random: &mut Random) -> Part {
    let all: BTreeSet<&str> = whole.keys().filter_map(|name| device(name)).collect();
    let all: Vec<&str> = all.into_iter().collect();
    let gone = *pick(&all, random);
    Part {
        what: format!("without the device {gone}"),
        files: keep(whole, |name| device(name) != Some(gone)),
        noticed: true,
    }
}

fn project(whole: &Files, random: &mut Random) -> Part {
    let id = 101 + random.below(6);
    let below = format!("gitlab/projects/{id}/");
    Part {
        what: format!("without {below}"),
        files: keep(whole, |name| !name.starts_with(&below)),
        noticed: true,
    }
}

fn two_kinds(whole: &Files, random: &mut Random) -> Part {
    let (first, second) = (pick(&KINDS, random), pick(&KINDS, random));
    Part {
        what: format!("no {} and no {}", first.0, second.0),
        files: keep(whole, |name| !first.1(name) && !second.1(name)),
        noticed: true,
    }
}

/// Sources of dated records that go silent together.
const LOGS: [Named; 7] = [
    ("everything", |name| {
        device(name).is_some()
            || name.starts_with("gcp/sink/")
            || name == "gcp/logging-read.json"
            || of_project(name, "jobs.json")
    }),
    ("Vault", |name| device(name).is_some()),
    ("vault/file", |name| device(name) == Some("file")),
    ("vault/socket", |name| device(name) == Some("socket")),
    ("Google", |name| {
        name.starts_with("gcp/sink/") || name == "gcp/logging-read.json"
    }),
    ("Data Access", |name| {
        name.contains("/data_access/") || name == "gcp/logging-read.json"
    }),
    ("jobs", |name| of_project(name, "jobs.json")),
];

/// A log whose estate has it.
fn log(whole: &Files, random: &mut Random) -> Named {
    let there = |(_, holds): &(&str, fn(&str) -> bool)| whole.keys().any(|name| holds(name));
    let there: Vec<_> = LOGS.into_iter().filter(there).collect();
    *pick(&there, random)
}

/// A log is silent from one moment to another.
fn silent(whole: &Files, random: &mut Random, from: i64, to: i64) -> Part {
    let (name, holds) = log(whole, random);
    Part {
        what: format!(
            "{name} silent from {} to {}",
            super::moment::written(from),
            super::moment::written(to)
        ),
        files: sift(whole, holds, |record| {
            super::moment::of(record).is_none_or(|at| at < from || at >= to)
        }),
        noticed: true,
    }
}

fn hours(whole: &Files, random: &mut Random) -> Part {
    let from = super::moment::START + random.between(0, 29 * 24) * 3600;
    let length = random.between(2, 40) * 3600;
    silent(whole, random, from, from + length)
}

fn days(whole: &Files, random: &mut Random) -> Part {
    let from = super::moment::START + random.between(0, 25) * 86_400;
    let length = random.between(2, 9) * 86_400;
    silent(whole, random, from, from + length)
}

/// A log holds only its last, or first, days or hours.
fn tail(whole: &Files, random: &mut Random) -> Part {
    let length = [26 * 3600, 3 * 86_400, 10 * 86_400, 20 * 86_400];
    let length = *pick(&length, random);
    if random.below(2) == 0 {
        silent(whole, random, 0, super::moment::END - length)
    } else {
        silent(whole, random, super::moment::START + length, i64::MAX)
    }
}

/// The first rows of some lists, and everything else.
pub(super) fn first_rows(whole: &Files, holds: impl Fn(&str) -> bool, size: usize) -> Files {
    let mut files = whole.clone();
    for (_, bytes) in files.iter_mut().filter(|(name, _)| holds(name)) {
        if let Ok(Value::Array(mut rows)) = serde_json::from_slice(bytes) {
            rows.truncate(size);
            *bytes = serde_json::to_vec(&rows).unwrap();
        }
    }
    files
}

/// Only the first page of a list was saved.
fn page(whole: &Files, random: &mut Random) -> Part {
    let size = *pick(&[20usize, 50], random);
    let which = *pick(&["jobs.json", "pipelines.json"], random);
    let one = random.below(2) == 0;
    let id = 101 + random.below(6);
    let holds = |name: &str| of_project(name, which) && (!one || name.contains(&format!("/{id}/")));
    let files = first_rows(whole, holds, size);
    let whose = if one {
        format!("project {id}")
    } else {
        "each project".to_owned()
    };
    Part {
        what: format!("the first {size} rows of {which} of {whose}"),
        files,
        noticed: true,
    }
}

/// Records of one type are missing: of one log of Google.
fn record_type(whole: &Files, random: &mut Random) -> Part {
    let gone = *pick(
        &[
            "%2Factivity",
            "%2Fdata_access",
            "run.googleapis.com%2Frequests",
        ],
        random,
    );
    Part {
        what: format!("no record of {gone}"),
        files: sift(
            whole,
            |name| name.starts_with("gcp/"),
            |record| {
                record["logName"]
                    .as_str()
                    .is_none_or(|name| !name.contains(gone))
            },
        ),
        noticed: true,
    }
}

/// Lines of a log cannot be read.
fn damaged(whole: &Files, random: &mut Random) -> Part {
    let names: Vec<&String> = inputs(whole);
    let lines: Vec<&String> = names
        .into_iter()
        .filter(|name| whole[*name].split(|byte| *byte == b'\n').count() > 60)
        .filter(|name| device(name).is_some() || name.contains("/sink/"))
        .collect();
    let name = (*pick(&lines, random)).clone();
    let share = 3 + random.below(20);
    let mut files = whole.clone();
    let mut text = Vec::new();
    for line in whole[&name].split_inclusive(|byte| *byte == b'\n') {
        if random.below(share) == 0 {
            let half = line.len() / 2;
            text.extend_from_slice(&line[..half]);
            text.push(b'\n');
        } else {
            text.extend_from_slice(line);
        }
    }
    files.insert(name.clone(), text);
    Part {
        what: format!("one line in {share} of {name} is cut"),
        files,
        noticed: true,
    }
}

/// A file ends early.
fn cut(whole: &Files, random: &mut Random) -> Part {
    let names = inputs(whole);
    let big: Vec<&String> = names
        .into_iter()
        .filter(|name| whole[*name].len() > 600)
        .collect();
    let name = (*pick(&big, random)).clone();
    let mut files = whole.clone();
    let bytes = files.get_mut(&name).unwrap();
    let length = bytes.len() as u64;
    bytes.truncate((length / 10 + random.below(length * 8 / 10)) as usize);
    Part {
        what: format!("{name} ends after {} of {length} bytes", files[&name].len()),
        files,
        noticed: true,
    }
}

/// Keeps the records that a predicate likes, in the files it is meant for.
pub(super) fn sift(
    whole: &Files,
    holds: impl Fn(&str) -> bool,
    likes: impl Fn(&Value) -> bool,
) -> Files {
    let mut kept: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    for (name, bytes) in whole {
        if !holds(name) {
            kept.insert(name.clone(), bytes.clone());
            continue;
        }
        if let Ok(Value::Array(rows)) = serde_json::from_slice(bytes) {
            let rows: Vec<Value> = rows.into_iter().filter(|row| likes(row)).collect();
            kept.insert(name.clone(), serde_json::to_vec(&rows).unwrap());
            continue;
        }
        let mut text = Vec::new();
        for line in bytes.split_inclusive(|byte| *byte == b'\n') {
            let record: Option<Value> = serde_json::from_slice(line).ok();
            if record.is_none_or(|record| likes(&record)) {
                text.extend_from_slice(line);
            }
        }
        // A rotated file without a record would not be there.
        if !text.is_empty() {
            kept.insert(name.clone(), text);
        }
    }
    kept
}
