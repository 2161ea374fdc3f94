//! What two packs say differently.
//!
//! A finding that is gone is no finding that was mended: where its rule did not look, or not at all
//! it looked at before, that is said beside it.

use std::collections::{BTreeMap, BTreeSet};

use super::contents::Contents;
use super::state::{ById, Cells, State};
use super::{Error, Provenance};
use crate::report::{Change, Difference, Report, Topic};

/// Fields of a finding that are compared.
const FINDING: &[&str] = &["severity", "confidence", "count", "status"];
/// Fields of a rule's answer.
const RULE: &[&str] = &["outcome", "reason", "population", "findings"];
/// Fields of a control.
const CONTROL: &[&str] = &[
    "state",
    "findings",
    "waived",
    "rules_assessed",
    "rules_mapped",
];

/// Compares two packs on disk.
///
/// # Errors
///
/// One of them cannot be read.
pub fn difference(old: &Contents, new: &Contents) -> Result<Difference, Error> {
    let (old, new) = (State::of_contents(old)?, State::of_contents(new)?);
    Ok(compare(&old, &new))
}

/// Compares an earlier pack with a report that is about to be written.
///
/// # Errors
///
/// The earlier pack cannot be read.
pub(super) fn since(
    previous: &Contents,
    report: &Report<'_>,
    provenance: &Provenance<'_>,
) -> Result<Difference, Error> {
    let mut old = State::of_contents(previous)?;
    let new = State::of_report(report, provenance).map_err(Error::at(super::MANIFEST))?;
    // The other tables are not written yet.
    old.rows.retain(|path, _| new.rows.contains_key(path));
    Ok(compare(&old, &new))
}

fn compare(old: &State, new: &State) -> Difference {
    let mut changes = Vec::new();
    values(Topic::Run, &old.run, &new.run, &mut changes);
    let period = |state: &State| format!("{} to {}", state.name.from, state.name.to);
    value(Topic::Run, "period", period(old), period(new), &mut changes);
    let interim = |state: &State| state.name.interim.clone();
    value(
        Topic::Run,
        "interim",
        interim(old),
        interim(new),
        &mut changes,
    );
    values(Topic::Setting, &old.settings, &new.settings, &mut changes);
    values(Topic::Logic, &old.logic, &new.logic, &mut changes);
    values(Topic::Input, &old.inputs, &new.inputs, &mut changes);
    values(Topic::Population, &rows(old), &rows(new), &mut changes);
    let unlisted = |_: &str, _: &Cells| String::new();
    table(
        Topic::Rule,
        (&old.rules, &new.rules),
        RULE,
        &unlisted,
        &mut changes,
    );
    table(
        Topic::Control,
        (&old.controls, &new.controls),
        CONTROL,
        &unlisted,
        &mut changes,
    );
    let note = |change: &str, finding: &Cells| said_of(change, finding, old, new);
    table(
        Topic::Finding,
        (&old.findings, &new.findings),
        FINDING,
        &note,
        &mut changes,
    );
    changes.sort();
    let both = old
        .findings
        .keys()
        .filter(|id| new.findings.contains_key(*id));
    let changed: BTreeSet<&str> = changes
        .iter()
        .filter(|change| change.topic == Topic::Finding && change.change == "changed")
        .map(|change| change.id.as_str())
        .collect();
    Difference {
        same_findings: (both.count() - changed.len()) as u64,
        old: old.name.clone(),
        new: new.name.clone(),
        changes,
    }
}

/// Rows of every table.
fn rows(state: &State) -> BTreeMap<String, String> {
    let rows = state.rows.iter();
    rows.map(|(path, rows)| (path.clone(), rows.to_string()))
        .collect()
}

/// What has to be known of a finding that is new or gone.
fn said_of(change: &str, finding: &Cells, old: &State, new: &State) -> String {
    let rule = cell(finding, "rule_id");
    let mut notes = Vec::new();
    let (then, other) = match change {
        "gone" => ("now", new),
        "new" => ("before", old),
        _ => return String::new(),
    };
    match other.rules.get(rule) {
        None => notes.push(format!("{rule} did not exist {then}")),
        Some(answer) => {
            let (outcome, reason) = (cell(answer, "outcome"), cell(answer, "reason"));
            if outcome == "not-assessed" {
                notes.push(format!("{rule} was not assessed {then}: {reason}"));
            } else if !reason.is_empty() {
                notes.push(format!("{rule} {then}: {reason}"));
            }
        }
    }
    if let (Some(one), Some(two)) = (old.logic.get(rule), new.logic.get(rule))
        && one != two
    {
        notes.push(format!("the text of {rule} changed"));
    }
    notes.join("; ")
}

/// Compares single values by name.
fn values(
    topic: Topic,
    old: &BTreeMap<String, String>,
    new: &BTreeMap<String, String>,
    changes: &mut Vec<Change>,
) {
    let names: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    for name in names {
        let of = |side: &BTreeMap<String, String>| side.get(name).cloned();
        let (change, field) = match (of(old), of(new)) {
            (Some(one), Some(two)) if one == two => continue,
            (Some(_), Some(_)) => ("changed", field_of(topic)),
            (Some(_), None) => ("gone", field_of(topic)),
            (None, _) => ("new", field_of(topic)),
        };
        changes.push(Change {
            topic,
            change,
            id: name.clone(),
            what: String::new(),
            field: field.to_owned(),
            old: of(old).unwrap_or_default(),
            new: of(new).unwrap_or_default(),
            note: String::new(),
        });
    }
}

/// What the value of a thing of this topic is.
fn field_of(topic: Topic) -> &'static str {
    match topic {
        Topic::Logic | Topic::Input => "sha256",
        Topic::Population => "rows",
        _ => "value",
    }
}

fn value(topic: Topic, name: &str, old: String, new: String, changes: &mut Vec<Change>) {
    let one = |value| BTreeMap::from([(name.to_owned(), value)]);
    values(topic, &one(old), &one(new), changes);
}

/// Compares the rows of a table.
fn table(
    topic: Topic,
    (old, new): (&ById, &ById),
    fields: &[&str],
    note: &dyn Fn(&str, &Cells) -> String,
    changes: &mut Vec<Change>,
) {
    let change = |change: &'static str, id: &str, row: &Cells| Change {
        topic,
        change,
        id: id.to_owned(),
        what: what(topic, row),
        field: String::new(),
        old: String::new(),
        new: String::new(),
        note: note(change, row),
    };
    let ids: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    for id in ids {
        match (old.get(id), new.get(id)) {
            (None, None) => {}
            (None, Some(row)) => changes.push(change("new", id, row)),
            (Some(row), None) => changes.push(change("gone", id, row)),
            (Some(before), Some(after)) => {
                for field in fields {
                    let (one, two) = (cell(before, field), cell(after, field));
                    if one != two {
                        changes.push(Change {
                            field: (*field).to_owned(),
                            old: one.to_owned(),
                            new: two.to_owned(),
                            ..change("changed", id, after)
                        });
                    }
                }
            }
        }
    }
}

/// A row in words.
fn what(topic: Topic, row: &Cells) -> String {
    match topic {
        Topic::Finding => {
            let [severity, rule, subject, object] =
                ["severity", "rule_id", "subject", "object"].map(|name| cell(row, name));
            format!("{severity} {rule} {subject} -> {object}")
        }
        _ => cell(row, "title").to_owned(),
    }
}

fn cell<'c>(row: &'c Cells, name: &str) -> &'c str {
    row.get(name).map_or("", String::as_str)
}
