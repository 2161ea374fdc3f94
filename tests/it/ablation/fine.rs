//! Finer ways to take something away: a row of a list, a field of a log, one half of the
//! operations, a page between others, what went to one mount or came from one address.

use std::collections::BTreeSet;

use serde_json::Value;

use super::files::Files;
use super::part::{Part, device, keep, pick, sift};
use crate::estate::generator::random::Random;

/// Fields that a log may lack, by whose records they are and where in the record they stand. Not
/// `error`: without it a refusal is a success, and nothing tells the two apart.
const FIELDS: [(&str, &str); 36] = [
    ("vault", "/auth/metadata"),
    ("vault", "/auth/entity_id"),
    ("vault", "/auth/accessor"),
    ("vault", "/auth/client_token"),
    ("vault", "/auth/policies"),
    ("vault", "/auth/token_policies"),
    ("vault", "/auth/policy_results"),
    ("vault", "/auth/display_name"),
    ("vault", "/auth/token_type"),
    ("vault", "/auth/token_issue_time"),
    ("vault", "/request/remote_address"),
    ("vault", "/request/client_token"),
    ("vault", "/request/client_token_accessor"),
    ("vault", "/request/mount_point"),
    ("vault", "/request/mount_type"),
    ("vault", "/request/mount_accessor"),
    ("vault", "/request/data"),
    ("vault", "/response"),
    ("vault", "/response/auth"),
    ("vault", "/response/data"),
    ("vault", "/response/secret"),
    (
        "google",
        "/protoPayload/authenticationInfo/principalSubject",
    ),
    (
        "google",
        "/protoPayload/authenticationInfo/serviceAccountDelegationInfo",
    ),
    ("google", "/protoPayload/methodName"),
    ("google", "/protoPayload/requestMetadata"),
    ("google", "/protoPayload/authorizationInfo"),
    ("google", "/protoPayload/status"),
    ("google", "/protoPayload/request"),
    ("google", "/resource/labels"),
    ("jobs", "/user"),
    ("jobs", "/pipeline"),
    ("jobs", "/runner"),
    ("jobs", "/environment"),
    ("jobs", "/started_at"),
    ("jobs", "/finished_at"),
    ("pipelines", "/user"),
];

/// Something fine is missing; what, the seed decides.
pub(super) fn draw(whole: &Files, random: &mut Random) -> Part {
    // An estate may have nothing of a kind: then another is drawn.
    loop {
        let part = match random.below(9) {
            0 | 1 => rows(whole, random),
            2 => granted(whole, random),
            3 => Some(field(whole, random)),
            4 => Some(half(whole, random)),
            5 => middle_page(whole, random),
            6 => Some(operation(whole, random)),
            7 => mount_or_address(whole, random),
            _ => one_export(whole, random),
        };
        if let Some(part) = part {
            return part;
        }
    }
}

fn some<'v, T>(of: &'v [T], random: &mut Random) -> Option<&'v T> {
    (!of.is_empty()).then(|| pick(of, random))
}

fn is_of(name: &str, system: &str) -> bool {
    match system {
        "vault" => device(name).is_some(),
        "google" => name.starts_with("gcp/sink/") || name == "gcp/logging-read.json",
        "jobs" => name.ends_with("/jobs.json"),
        _ => name.ends_with("/pipelines.json"),
    }
}

/// The lists of the exports, as rows.
fn lists(whole: &Files, holds: impl Fn(&str) -> bool) -> Vec<(&String, Vec<Value>)> {
    let lists = whole.iter().filter(|(name, _)| holds(name));
    let lists = lists.filter_map(|(name, bytes)| match serde_json::from_slice(bytes) {
        Ok(Value::Array(rows)) if rows.len() > 1 => Some((name, rows)),
        _ => None,
    });
    lists.collect()
}

/// Up to three rows of one list are missing, and nothing else.
fn rows(whole: &Files, random: &mut Random) -> Option<Part> {
    let which = *pick(
        &[
            "jobs.json",
            "pipelines.json",
            "users.json",
            "projects.json",
            "audit_events.json",
            ".json",
        ],
        random,
    );
    let lists_of_name = lists(whole, |name| name.ends_with(which));
    let (name, mut rows) = some(&lists_of_name, random)?.clone();
    let mut gone = Vec::new();
    for _ in 0..1 + random.below(3) {
        if !rows.is_empty() {
            let row = rows.remove(random.below(rows.len() as u64) as usize);
            gone.push(row["id"].to_string());
        }
    }
    let mut files = whole.clone();
    files.insert(name.clone(), serde_json::to_vec(&rows).unwrap());
    Some(Part::unnoticed(
        format!("without {} in {name}", gone.join(", ")),
        files,
    ))
}

/// One binding of an IAM policy is missing, or one of its members.
fn granted(whole: &Files, random: &mut Random) -> Option<Part> {
    let policies: Vec<&String> = whole
        .keys()
        .filter(|name| name.ends_with("/iam-policy.json"))
        .collect();
    let name = *some(&policies, random)?;
    let mut policy: Value = serde_json::from_slice(&whole[name]).unwrap();
    let bindings = policy["bindings"].as_array_mut();
    let Some(bindings) = bindings.filter(|bindings| !bindings.is_empty()) else {
        return rows(whole, random);
    };
    let position = random.below(bindings.len() as u64) as usize;
    let gone = bindings[position]["role"].to_string();
    let members = bindings[position]["members"].as_array_mut().unwrap();
    if members.len() > 1 && random.below(2) == 0 {
        let member = random.below(members.len() as u64) as usize;
        members.remove(member);
    } else {
        bindings.remove(position);
    }
    let mut files = whole.clone();
    files.insert(name.clone(), serde_json::to_vec(&policy).unwrap());
    Some(Part::unnoticed(
        format!("{name} grants less of {gone}"),
        files,
    ))
}

/// Removes what a pointer points at.
fn cut(record: &mut Value, pointer: &str) {
    let (parent, key) = pointer.rsplit_once('/').unwrap();
    if let Some(Value::Object(parent)) = record.pointer_mut(parent) {
        parent.remove(key);
    }
}

/// Rewrites the records of some files.
pub(super) fn rewrite(
    whole: &Files,
    holds: impl Fn(&str) -> bool,
    mut change: impl FnMut(&mut Value),
) -> Files {
    let mut files = whole.clone();
    for (name, bytes) in files.iter_mut().filter(|(name, _)| holds(name)) {
        if let Ok(Value::Array(mut rows)) = serde_json::from_slice(bytes) {
            rows.iter_mut().for_each(&mut change);
            *bytes = serde_json::to_vec(&rows).unwrap();
            continue;
        }
        let mut text = Vec::new();
        for line in bytes.split_inclusive(|byte| *byte == b'\n') {
            let Ok(mut record) = serde_json::from_slice::<Value>(line) else {
                text.extend_from_slice(line);
                continue;
            };
            change(&mut record);
            text.extend_from_slice(&serde_json::to_vec(&record).unwrap());
            text.push(b'\n');
        }
        assert!(!text.is_empty(), "{name}");
        *bytes = text;
    }
    files
}

/// A field is in no record: of all logs of the system, or of one device.
fn field(whole: &Files, random: &mut Random) -> Part {
    let (system, pointer) = *pick(&FIELDS, random);
    field_of(whole, system, pointer, random.below(2) == 0)
}

/// The same for a field that is named.
pub(super) fn field_of(whole: &Files, system: &str, pointer: &str, one: bool) -> Part {
    let one = one && system == "vault";
    let holds = |name: &str| match one {
        true => device(name) == Some("socket"),
        false => is_of(name, system),
    };
    let whose = if one { "vault/socket" } else { system };
    Part {
        what: format!("no {pointer} in {whose}"),
        files: rewrite(whole, holds, |record| cut(record, pointer)),
        noticed: true,
    }
}

/// All requests, or all responses, are missing: of all devices, or of one, or for some hours.
fn half(whole: &Files, random: &mut Random) -> Part {
    let kind = *pick(&["request", "response"], random);
    let one = random.below(2) == 0;
    let from = super::moment::START + random.between(0, 25 * 24) * 3600;
    let to = match random.below(2) {
        0 => i64::MAX,
        _ => from + random.between(2, 60) * 3600,
    };
    let from = if to == i64::MAX { 0 } else { from };
    let whose = if one { "vault/socket" } else { "Vault" };
    Part {
        what: format!(
            "no {kind} of {whose} from {} to {}",
            super::moment::written(from),
            super::moment::written(to)
        ),
        files: sift(
            whole,
            |name| device(name).is_some_and(|device| !one || device == "socket"),
            |record| {
                let at = super::moment::of(record);
                record["type"] != kind || at.is_none_or(|at| at < from || at >= to)
            },
        ),
        noticed: true,
    }
}

/// A list in pages, of which one is missing.
fn middle_page(whole: &Files, random: &mut Random) -> Option<Part> {
    let which = *pick(&["jobs", "pipelines"], random);
    let all = lists(whole, |name| {
        name.starts_with("gitlab/projects/") && name.ends_with(&format!("/{which}.json"))
    });
    let (name, rows) = some(&all, random)?;
    let size = *pick(&[20usize, 50], random);
    let pages: Vec<&[Value]> = rows.chunks(size).collect();
    let gone = random.below(pages.len() as u64) as usize;
    let folder = name.rsplit_once('/').unwrap().0;
    let mut files = whole.clone();
    files.remove(*name);
    for (number, page) in pages.iter().enumerate().filter(|(at, _)| *at != gone) {
        let page = serde_json::to_vec(page).unwrap();
        files.insert(format!("{folder}/{which}-page{}.json", number + 1), page);
    }
    Some(Part {
        what: format!("without page {} of {} of {name}", gone + 1, pages.len()),
        files,
        // A last page that was not full leaves full ones before it.
        noticed: pages.len() > 1,
    })
}

/// Some operations are missing from one device, or from all.
fn operation(whole: &Files, random: &mut Random) -> Part {
    let one = random.below(2) == 0;
    let share = 2 + random.below(60);
    let remainder = random.below(share);
    let gone = |record: &Value| {
        let id = record.pointer("/request/id").and_then(Value::as_str);
        let sum: u64 = id.unwrap_or_default().bytes().map(u64::from).sum();
        sum % share == remainder
    };
    let whose = if one { "vault/socket" } else { "Vault" };
    Part {
        what: format!("without one in {share} operations of {whose}"),
        files: sift(
            whole,
            |name| device(name).is_some_and(|device| !one || device == "socket"),
            |record| !gone(record),
        ),
        noticed: false,
    }
}

/// What went to one mount, or came from one address, is missing.
fn mount_or_address(whole: &Files, random: &mut Random) -> Option<Part> {
    let pointer = *pick(
        &[
            "/request/mount_point",
            "/request/remote_address",
            "/request/path",
        ],
        random,
    );
    let mut values: BTreeSet<String> = BTreeSet::new();
    for (name, bytes) in whole {
        if device(name).is_none() {
            continue;
        }
        for line in bytes.split(|byte| *byte == b'\n') {
            let record = serde_json::from_slice::<Value>(line).unwrap_or_default();
            values.extend(values_of(&record, pointer));
        }
    }
    let values: Vec<String> = values.into_iter().collect();
    let gone = some(&values, random)?.clone();
    Some(Part::unnoticed(
        format!("no record with {pointer} {gone}"),
        sift(
            whole,
            |name| device(name).is_some(),
            |record| values_of(record, pointer).as_ref() != Some(&gone),
        ),
    ))
}

fn values_of(record: &Value, pointer: &str) -> Option<String> {
    let value = record.pointer(pointer)?.as_str()?;
    Some(value.to_owned())
}

/// One file of configuration is missing: of each kind the same chance.
fn one_export(whole: &Files, random: &mut Random) -> Option<Part> {
    let kind = |name: &str| {
        let (folder, file) = name.rsplit_once('/').unwrap_or(("", name));
        match file {
            "config.json" | "iam-policy.json" | "trace.log" => file.to_owned(),
            _ if folder.is_empty() => file.to_owned(),
            _ => folder.to_owned(),
        }
    };
    let exports: Vec<&String> = whole
        .keys()
        .filter(|name| device(name).is_none() && !super::said::is_configuration(name))
        .filter(|name| !name.starts_with("gcp/sink/"))
        .collect();
    let kinds: BTreeSet<String> = exports.iter().map(|name| kind(name)).collect();
    let kinds: Vec<String> = kinds.into_iter().collect();
    let chosen = some(&kinds, random)?;
    let of: Vec<&String> = exports
        .into_iter()
        .filter(|name| kind(name) == *chosen)
        .collect();
    let gone = *some(&of, random)?;
    Some(Part::unnoticed(
        format!("without {gone}"),
        keep(whole, |name| name != gone),
    ))
}
