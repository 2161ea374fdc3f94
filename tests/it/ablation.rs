//! Knowing less is never greener: parts of an estate are taken away, and what is said of the rest
//! is held against what was said of the whole.
//!
//! No rule goes from a finding to a plain pass, none from not-assessed to a pass, no control gets
//! greener, and no finding of high or above appears that the whole does not have. `ABLATIONS=200`
//! draws that many parts of each estate; `SEED=7` draws others.

mod beyond;
mod cut;
mod files;
mod fine;
mod form;
mod joins;
mod lost;
mod misspelt;
mod moment;
mod part;
mod renamed;
mod said;
mod stanzas;
mod unused;
mod written;

use std::collections::BTreeMap;
use std::env;
use std::path::Path;

use piperoll::model::Timestamp;

use crate::estate::generator::{hard, random::Random};
use crate::hard_estate::variants;
use files::Files;
use part::Part;
use said::{Answer, Kind, Said, rules, say, say_of};

/// Parts drawn of each estate where nobody asks for more.
const DRAWN: u64 = 5;
const SEED: u64 = 11;
fn asked(name: &str, otherwise: u64) -> u64 {
    env::var(name).map_or(otherwise, |text| text.parse().unwrap())
}

/// Says every fault of every part, and fails if there is one.
fn hold(whole: &Files, parts: Vec<Part>) {
    let rules = rules();
    let all = say(whole, &rules).unwrap();
    let mut tally: BTreeMap<Kind, u64> = BTreeMap::new();
    let count = parts.len();
    for Part {
        what,
        files,
        noticed,
    } in parts
    {
        let Some(less) = say(&files, &rules) else {
            continue;
        };
        let mut faults = all.faults(&less);
        // A hole that nothing shows accuses nobody all the same.
        faults.retain(|(kind, _)| noticed || matches!(kind, Kind::Accused | Kind::LearnedFromLess));
        if !faults.is_empty() {
            println!("== {what}");
        }
        for (kind, words) in faults {
            println!("   {kind:?}: {words}");
            *tally.entry(kind).or_default() += 1;
        }
    }
    println!("{count} parts: {tally:?}");
    assert!(tally.is_empty(), "{count} parts: {tally:?}");
}

fn drawn(whole: &Files) -> Vec<Part> {
    let mut random = Random::new(asked("SEED", SEED));
    let count = asked("ABLATIONS", DRAWN);
    (0..count).map(|_| part::draw(whole, &mut random)).collect()
}

fn drawn_finely(whole: &Files) -> Vec<Part> {
    let mut random = Random::new(asked("SEED", SEED));
    let count = asked("ABLATIONS", DRAWN);
    (0..count).map(|_| fine::draw(whole, &mut random)).collect()
}

fn estate() -> Files {
    files::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/estate"))
}

fn hard_estate() -> Files {
    let (_, options) = variants(1_500, 5)
        .into_iter()
        .find(|(name, _)| *name == "retries")
        .unwrap();
    let folder = tempfile::tempdir().unwrap();
    let (root, truth) = (
        folder.path().join("estate"),
        folder.path().join("truth.ndjson"),
    );
    hard::write(&options, &root, &truth).unwrap();
    files::read(&root)
}

#[test]
fn an_estate_without_one_kind_of_input_is_never_greener() {
    let whole = estate();
    let kinds = part::KINDS.into_iter();
    let parts = kinds.filter_map(|kind| part::without(&whole, kind));
    hold(&whole, parts.collect());
}

#[test]
fn a_part_of_the_estate_is_never_greener() {
    let whole = estate();
    let parts = drawn(&whole);
    hold(&whole, parts);
}

#[test]
fn a_part_of_a_hard_estate_is_never_greener() {
    let whole = hard_estate();
    let parts = drawn(&whole);
    hold(&whole, parts);
}

#[test]
fn a_row_a_field_or_a_half_less_of_the_estate_accuses_nobody() {
    let whole = estate();
    let parts = drawn_finely(&whole);
    hold(&whole, parts);
}

#[test]
fn a_row_a_field_or_a_half_less_of_a_hard_estate_accuses_nobody() {
    let whole = hard_estate();
    let parts = drawn_finely(&whole);
    hold(&whole, parts);
}

#[test]
fn a_description_of_a_service_that_is_cut_makes_no_rule_greener() {
    let whole = hard_estate();
    let names = whole.keys().filter(|name| name.starts_with("gcp/run/v2/"));
    let parts = names.map(|name| {
        let mut files = whole.clone();
        let bytes = files.get_mut(name).unwrap();
        bytes.truncate(bytes.len() / 2);
        Part {
            what: format!("{name} ends early"),
            files,
            noticed: true,
        }
    });
    hold(&whole, parts.collect());
}

/// Services and projects that other inputs name and that no export describes any more. What one
/// file alone knows of, nobody can miss.
#[test]
fn an_estate_without_one_description_or_one_policy_is_never_greener() {
    let whole = hard_estate();
    let named_elsewhere = |name: &&String| {
        let stem = name.rsplit('/').next().unwrap().trim_end_matches(".json");
        let mut others = whole.iter().filter(|(other, _)| other != name);
        stem == "iam-policy"
            || others.any(|(_, bytes)| bytes.windows(stem.len()).any(|at| at == stem.as_bytes()))
    };
    let names = whole
        .keys()
        .filter(|name| name.starts_with("gcp/run/") || name.ends_with("/iam-policy.json"))
        .filter(named_elsewhere);
    let parts = names.map(|name| {
        let mut files = whole.clone();
        files.remove(name);
        Part {
            what: format!("without {name}"),
            files,
            noticed: true,
        }
    });
    hold(&whole, parts.collect());
}

/// What one file alone holds of what a rule looks at, and other inputs show to be missing.
#[test]
fn a_rule_says_that_a_file_it_looks_at_is_missing() {
    let whole = estate();
    let rules = rules();
    for (file, rule) in [
        ("gcp/asset-iam-policies.jsonl", "GCP-EVT-007"),
        ("gcp/logging-read.json", "GCP-EVT-006"),
        (
            "gcp/sink/cloudaudit.googleapis.com/data_access/2026/09/S0.json",
            "GCP-EVT-007",
        ),
        ("gitlab/projects/101/jobs/88089/trace.log", "GLB-001"),
        ("gcp/run/v2/thumbs.json", "GCP-RUN-002"),
        ("vault/config/audit-list.json", "VLT-MNT-002"),
        ("vault/config/auth-list.json", "VLT-MNT-002"),
        ("vault/config/auth/gitlab/role/billing.json", "VLT-POL-005"),
        ("vault/config/auth/run/config.json", "VLT-ROL-007"),
    ] {
        let mut files = whole.clone();
        assert!(files.remove(file).is_some(), "{file}");
        let said = say(&files, &rules).unwrap();
        let (answer, why) = &said.rules[rule];
        assert!(
            !matches!(answer, Answer::Plain | Answer::Finding),
            "{rule} without {file}: {answer:?} {why}"
        );
    }
}

/// The estate without the files, or the records, that a name says.
fn cut(whole: &Files, what: &str) -> Files {
    let vault = |name: &str| name.starts_with("vault/") && !name.starts_with("vault/config/");
    let gone = |name: &str| match what {
        "one audit device" => name.starts_with("vault/socket/"),
        "Data Access" => name.contains("/data_access/") || name == "gcp/logging-read.json",
        "Vault policies" => name.contains("/policies/"),
        "IAM policies" => name.ends_with("iam-policy.json") || name.contains("asset-iam"),
        _ => false,
    };
    let last = |record: &serde_json::Value| {
        moment::of(record).is_none_or(|at| at >= moment::END - 26 * 3_600)
    };
    match what {
        "all but the last day of Vault" => part::sift(whole, vault, last),
        _ => {
            let kept = whole.iter().filter(|(name, _)| !gone(name));
            kept.map(|(name, bytes)| (name.clone(), bytes.clone()))
                .collect()
        }
    }
}

/// Holds that no rule among `ids` passes plainly over a part, and that nobody is accused by it.
fn is_said(all: &Said, said: &Said, what: &str, ids: &[&str]) {
    for id in ids {
        let (answer, why) = &said.rules[*id];
        assert!(*answer != Answer::Plain, "{what}: {id}: {why}");
    }
    let faults = all.faults(said);
    assert!(faults.is_empty(), "{what}: {faults:?}");
}

/// The examples that the law was made for: what used to pass plainly, and whom it accused.
#[test]
fn what_is_missing_lets_no_rule_of_it_pass_and_accuses_nobody() {
    let whole = estate();
    let rules = rules();
    let all = say(&whole, &rules).unwrap();
    let last_day = ["VLT-EVT-001", "VLT-ROL-011", "INT-001", "INT-002"];
    let data_access = ["GCP-EVT-006", "GCP-EVT-007"];
    let policies = [
        "VLT-POL-001",
        "VLT-POL-005",
        "VLT-POL-011",
        "VLT-POL-014",
        "VLT-USE-002",
    ];
    for (what, ids) in [
        ("all but the last day of Vault", &last_day[..]),
        ("one audit device", &["INT-001", "JOI-022", "JOI-023"]),
        ("Data Access", &data_access),
        ("Vault policies", &policies),
        ("IAM policies", &["INT-005", "GCP-IAM-001", "GCP-RUN-004"]),
    ] {
        let part = cut(&whole, what);
        assert!(part != whole, "{what}");
        is_said(&all, &say(&part, &rules).unwrap(), what, ids);
    }
}

/// Parts of which each once let a rule pass plainly, or accused somebody: all roles of one mount, what
/// one role grants, one service's log and one sink that end early, and a day's jobs with their
/// pipelines.
#[test]
fn what_one_mount_one_service_and_one_sink_lack_is_said_and_accuses_nobody() {
    let whole = estate();
    let rules = rules();
    let all = say(&whole, &rules).unwrap();
    let silent = |holds: fn(&str) -> bool, from: i64, to: i64| {
        part::sift(&whole, holds, |record| {
            moment::of(record).is_none_or(|at| at < from || at >= to)
        })
    };
    let (day, hour) = (86_400, 3_600);
    let roles = |name: &str| name.starts_with("vault/config/auth/gitlab/role/");
    let role = "vault/config/auth/gitlab/role/vault-config.json";
    let mut granted = whole.clone();
    let mut text: serde_json::Value = serde_json::from_slice(&whole[role]).unwrap();
    text["data"]
        .as_object_mut()
        .unwrap()
        .remove("token_policies");
    granted.insert(role.to_owned(), serde_json::to_vec(&text).unwrap());
    let (from, worked) = (moment::START + 14 * day, moment::START + 3 * day);
    for (what, part, ids) in [
        (
            "roles of a mount",
            part::keep(&whole, |name| !roles(name)),
            &["VLT-POL-005", "VLT-ROL-010"][..],
        ),
        ("what a role grants", granted, &["VLT-POL-005"]),
        (
            "log of one service",
            silent(|name| name == "gcp/logging-read.json", from, from + 8 * day),
            &["GCP-EVT-006"],
        ),
        (
            "a sink",
            silent(
                |name| name.contains("gcp/sink/"),
                moment::START + day,
                i64::MAX,
            ),
            &["GCP-EVT-007"],
        ),
        (
            "jobs of a day",
            silent(
                |name| name.starts_with("gitlab/projects/"),
                worked + 8 * hour,
                worked + 17 * hour,
            ),
            &[],
        ),
    ] {
        assert!(part != whole, "{what}");
        is_said(&all, &say(&part, &rules).unwrap(), what, ids);
    }
}

/// A silence in the middle, the jobs of half a month and all pages but the first: said by the rules
/// that look there, and nobody is accused by it.
#[test]
fn a_silence_a_page_and_half_of_the_jobs_are_said_and_accuse_nobody() {
    let whole = estate();
    let rules = rules();
    let all = say(&whole, &rules).unwrap();
    let vault = |name: &str| name.starts_with("vault/") && !name.starts_with("vault/config/");
    let jobs = |name: &str| name.ends_with("/jobs.json");
    let from = moment::START + 14 * 86_400 + 6 * 3_600;
    let spoke = |record: &serde_json::Value| {
        moment::of(record).is_none_or(|at| at < from || at >= from + 32 * 3_600)
    };
    let later = |record: &serde_json::Value| {
        moment::of(record).is_none_or(|at| at >= moment::START + 15 * 86_400)
    };
    let silence = part::sift(&whole, vault, spoke);
    let half = part::sift(&whole, jobs, later);
    let page = part::first_rows(&whole, jobs, 20);
    for (what, part, ids) in [
        ("silence", silence, &["VLT-EVT-002", "VLT-EVT-006"][..]),
        ("half of the jobs", half, &["JOI-001", "JOI-026"]),
        ("first page", page, &["JOI-001", "JOI-026"]),
    ] {
        assert!(part != whole, "{what}");
        let said = say(&part, &rules).unwrap();
        for id in ids {
            let (answer, why) = &said.rules[*id];
            assert!(*answer != Answer::Plain, "{what}: {id}: {why}");
        }
        if what == "silence" {
            assert_eq!(said.rules["INT-002"].0, Answer::Finding);
        }
        let faults = all.faults(&said);
        assert!(faults.is_empty(), "{what}: {faults:?}");
    }
}

fn at(seconds: i64) -> Timestamp {
    Timestamp(seconds * 1_000_000)
}

/// What is whole is not doubted: an estate without a hole passes without a word. The estate's
/// configuration has owners of paths that nobody used, which are named.
#[test]
fn a_whole_estate_passes_plainly() {
    let whole = hard_estate();
    // The generator ends in the small hours of the 28th.
    let period = (at(moment::START), at(moment::START + 27 * 86_400));
    let said = say_of(&whole, &rules(), Some(period)).unwrap();
    let doubted: Vec<String> = ["VLT-EVT-001", "VLT-EVT-002", "VLT-EVT-006", "VLT-EVT-009"]
        .into_iter()
        .chain([
            "INT-001", "INT-003", "JOI-001", "JOI-003", "JOI-005", "JOI-007",
        ])
        .filter(|id| said.rules[*id].0 != Answer::Plain)
        .filter(|id| {
            !said.rules[*id]
                .1
                .starts_with("in part: `owner.prefix` names")
        })
        .map(|id| format!("{id}: {:?}", said.rules[id]))
        .collect();
    assert!(doubted.is_empty(), "{}", doubted.join("\n"));
}
