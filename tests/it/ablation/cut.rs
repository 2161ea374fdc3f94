//! What somebody took from whole kinds of records: every log of some hours, hashes and cut names in
//! place of values, what is shown to administrators alone, and names that are nearly those of the
//! configuration. Each once let a rule pass plainly, or accused somebody.

use serde_json::Value;

use super::files::{self, Files};
use super::fine::rewrite;
use super::hold;
use super::part::{Part, sift};
use crate::estate::committed;

fn noticed(what: &str, files: Files) -> Part {
    Part {
        what: what.to_owned(),
        files,
        noticed: true,
    }
}

/// Holds what is said of some parts, each of which differs from the whole.
fn hold_all(whole: &Files, parts: Vec<Part>) {
    for part in &parts {
        assert!(part.files != *whole, "{}", part.what);
    }
    hold(whole, parts);
}

/// The configuration with one text in place of another.
fn written(whole: &Files, old: &str, new: &str) -> Files {
    let mut files = whole.clone();
    let text = String::from_utf8(whole["piperoll.toml"].clone()).unwrap();
    let text = text.replacen(old, new, 1);
    files.insert("piperoll.toml".to_owned(), text.into_bytes());
    files
}

/// A record without a member, wherever in it the member stands.
fn without_member(record: &mut Value, name: &str) {
    match record {
        Value::Object(members) => {
            members.remove(name);
            members.values_mut().for_each(|it| without_member(it, name));
        }
        Value::Array(values) => values.iter_mut().for_each(|it| without_member(it, name)),
        _ => {}
    }
}

/// The addresses in a record without their domains.
fn without_domains(record: &mut Value) {
    match record {
        Value::Object(members) => members.values_mut().for_each(without_domains),
        Value::Array(values) => values.iter_mut().for_each(without_domains),
        Value::String(text) => {
            let parts = text
                .split_once('@')
                .filter(|(_, domain)| domain.contains('.'));
            if let Some((name, _)) = parts.filter(|(name, _)| !name.contains([':', '/'])) {
                *text = name.to_owned();
            }
        }
        _ => {}
    }
}

/// The texts under some names as hashes, as who hands a log on may write them.
fn hashed(record: &mut Value, names: &[&str]) {
    match record {
        Value::Object(members) => {
            for (name, value) in members.iter_mut() {
                match value {
                    Value::String(text) if names.contains(&name.as_str()) && !text.is_empty() => {
                        let sum: u64 = text.bytes().fold(7, |sum, byte| {
                            sum.wrapping_mul(31).wrapping_add(u64::from(byte))
                        });
                        *text = format!("hmac-sha256:{sum:064x}");
                    }
                    other => hashed(other, names),
                }
            }
        }
        Value::Array(values) => values.iter_mut().for_each(|it| hashed(it, names)),
        _ => {}
    }
}

#[test]
fn what_is_missing_of_every_log_at_once_is_missing_of_each() {
    let whole = files::read(&committed("estate-beyond"));
    let spoke = |record: &Value| {
        let times = [
            "time",
            "published",
            "eventTime",
            "created_at",
            "start_date",
            "timestamp",
        ];
        let at = times.iter().find_map(|name| record[*name].as_str());
        at.is_none_or(|at| !("2026-09-06T19".."2026-09-08T01").contains(&at))
    };
    let silent = sift(&whole, |name| !name.ends_with(".toml"), spoke);
    hold_all(&whole, vec![noticed("30 hours of every log", silent)]);
}

#[test]
fn what_only_some_are_shown_and_what_is_nearly_right_lets_no_rule_pass_plainly() {
    let whole = files::read(&committed("estate-changes"));
    let jobs = |name: &str| name.ends_with("/jobs.json");
    let variables = |name: &str| name.ends_with("/variables.json");
    let google = |name: &str| name.starts_with("gcp/logs/");
    let domains = rewrite(&whole, google, without_domains);
    hold_all(
        &whole,
        vec![
            noticed(
                "jobs without their environments",
                rewrite(&whole, jobs, |job| without_member(job, "environment")),
            ),
            noticed(
                "jobs without their pipelines",
                rewrite(&whole, jobs, |job| without_member(job, "pipeline")),
            ),
            noticed(
                "variables that do not say whether they are masked",
                rewrite(&whole, variables, |it| without_member(it, "masked")),
            ),
            noticed(
                "production by another name",
                written(&whole, "\"production\"", "\"poduction\""),
            ),
            Part::unnoticed("accounts without their domains".to_owned(), domains),
        ],
    );
}

/// Whether Vault refused what a record is of.
fn is_refused(record: &Value) -> bool {
    record["error"]
        .as_str()
        .is_some_and(|error| !error.is_empty())
}

/// Every tenth record of the files that `holds` names.
fn one_in_ten(whole: &Files, holds: fn(&str) -> bool) -> Files {
    let count = std::cell::Cell::new(0_u64);
    sift(whole, holds, |_| {
        count.set(count.get() + 1);
        count.get().is_multiple_of(10)
    })
}

#[test]
fn refusals_alone_and_one_record_in_ten_of_vault_accuse_nobody_and_pass_nothing() {
    let whole = files::read(&committed("estate-changes"));
    let vault = |name: &str| name.starts_with("vault/") && name.ends_with(".log");
    hold_all(
        &whole,
        vec![
            noticed("refusals alone", sift(&whole, vault, is_refused)),
            noticed("one record in ten", one_in_ten(&whole, vault)),
        ],
    );
}

#[test]
fn texts_that_were_cut_accuse_nobody() {
    let whole = files::read(&committed("estate"));
    let vault = |name: &str| name.starts_with("vault/") && !name.starts_with("vault/config/");
    let google = |name: &str| name.starts_with("gcp/");
    hold_all(
        &whole,
        vec![
            noticed(
                "texts of Vault",
                rewrite(&whole, vault, |it| cut_to(it, 32)),
            ),
            noticed(
                "texts of Google",
                rewrite(&whole, google, |it| cut_to(it, 32)),
            ),
        ],
    );
}

/// Cuts every text in a record to a length.
fn cut_to(record: &mut Value, length: usize) {
    match record {
        Value::Object(members) => members.values_mut().for_each(|it| cut_to(it, length)),
        Value::Array(values) => values.iter_mut().for_each(|it| cut_to(it, length)),
        Value::String(text) => *text = text.chars().take(length).collect(),
        _ => {}
    }
}

#[test]
fn what_was_hashed_on_the_way_and_an_owner_in_other_letters_accuse_nobody() {
    let whole = files::read(&committed("estate"));
    let socket = |name: &str| name.starts_with("vault/socket/");
    let addresses = ["remote_address", "display_name", "id"];
    let people = ["entity_id", "user_login", "mount_point"];
    hold_all(
        &whole,
        vec![
            noticed(
                "hashed addresses of a device",
                rewrite(&whole, socket, |record| hashed(record, &addresses)),
            ),
            noticed(
                "hashed entities",
                rewrite(
                    &whole,
                    |name| name.starts_with("vault/file/") || socket(name),
                    |record| hashed(record, &["entity_id"]),
                ),
            ),
            noticed(
                "hashed entities of a device",
                rewrite(&whole, socket, |record| hashed(record, &people)),
            ),
            noticed(
                "an owner in capitals",
                written(
                    &whole,
                    "service = \"orders-api\"",
                    "service = \"ORDERS-API\"",
                ),
            ),
        ],
    );
}
