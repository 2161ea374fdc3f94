//! Equal (rule, subject, object) is one finding.

use std::collections::{BTreeMap, BTreeSet};

use super::Naming;
use crate::model::{Band, Confidence, Ended, Evidence, Finding, Severity, Status, Timestamp};
use crate::rule::{Observation, Rule, UNDATED, message};

/// How many different details a message spells out; the rest is counted.
const DETAILS_SHOWN: usize = 5;

/// The findings of one rule.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Merged {
    /// Findings in output order.
    pub findings: Vec<Finding>,
    /// Pieces of evidence below 0.30, which are not reported.
    pub dropped: u64,
}

/// Merges what one rule saw. The order of `observations` changes nothing, and neither does seeing
/// one of them twice.
///
/// A finding stands as firmly as its best piece of evidence, and each piece as firmly as the
/// weakest edge of its chain: weak evidence beside strong never makes a finding milder.
#[must_use]
pub fn merge(rule: &Rule, observations: Vec<Observation>, naming: &Naming<'_>) -> Merged {
    let mut merged = Merged::default();
    let mut groups = Groups::new();
    for row in observations {
        if row.confidence.band().is_none() {
            merged.dropped += 1;
            continue;
        }
        let key = (row.subject.clone(), row.object.clone(), naming.scope(&row));
        groups.entry(key).or_default().push(row);
    }
    for ((subject, object, scope), rows) in with_logs(groups) {
        let id = rows
            .iter()
            .map(|row| naming.fingerprint(&rule.id, row, &scope));
        let id = id.min().unwrap_or_default();
        merged
            .findings
            .push(finding(rule, id, (subject, object), &rows));
    }
    sort(&mut merged.findings);
    merged
}

/// Rows by subject, object and scope.
type Groups = BTreeMap<(String, String, String), Vec<Observation>>;

/// Rows that no file states, from logs, belong to the first file that states the same.
fn with_logs(groups: Groups) -> Groups {
    let mut all = Groups::new();
    let mut logged: BTreeMap<(String, String), Vec<Observation>> = BTreeMap::new();
    for ((subject, object, scope), rows) in groups {
        if scope.is_empty() {
            logged.insert((subject, object), rows);
            continue;
        }
        let own = logged.remove(&(subject.clone(), object.clone()));
        let rows = rows.into_iter().chain(own.into_iter().flatten());
        all.insert((subject, object, scope), rows.collect());
    }
    for ((subject, object), rows) in logged {
        all.insert((subject, object, String::new()), rows);
    }
    all
}

/// Puts findings into output order: worst first, then rule, subject, object.
pub fn sort(findings: &mut [Finding]) {
    findings.sort_by(|a, b| {
        (b.severity.cmp(&a.severity))
            .then_with(|| a.rule_id.cmp(&b.rule_id))
            .then_with(|| a.subject.cmp(&b.subject))
            .then_with(|| a.object.cmp(&b.object))
            .then_with(|| a.evidence.cmp(&b.evidence))
    });
}

fn finding(
    rule: &Rule,
    id: String,
    (subject, object): (String, String),
    rows: &[Observation],
) -> Finding {
    let best = rows.iter().map(|row| row.confidence).max();
    let confidence = best.unwrap_or(Confidence::CERTAIN);
    let severity = rows.iter().map(|row| severity(rule, row)).max();
    let occurrences: BTreeSet<_> = rows.iter().map(occurrence).collect();
    let evidence: BTreeSet<_> = rows.iter().map(|row| row.evidence.clone()).collect();
    let first_seen = rows.iter().filter_map(|row| row.at).min();
    let last_seen = rows.iter().filter_map(|row| row.at).max();
    let time = |at: Option<Timestamp>| at.map_or(UNDATED.to_owned(), second);
    let values = BTreeMap::from([
        ("subject", subject.clone()),
        ("object", object.clone()),
        ("count", occurrences.len().to_string()),
        ("first_seen", time(first_seen)),
        ("last_seen", time(last_seen)),
        ("detail", details(rows)),
    ]);
    let title = match confidence.band() {
        Some(Band::Established) => rule.title.clone(),
        _ => format!("suspected: {}", rule.title),
    };
    Finding {
        id,
        rule_id: rule.id.clone(),
        severity: severity.unwrap_or(rule.severity),
        confidence,
        title,
        message: message(&rule.message, &values),
        subject,
        object,
        first_seen,
        last_seen,
        count: occurrences.len() as u64,
        days: rows.iter().filter_map(|row| row.at).map(day).collect(),
        ended: ended(rows),
        status: Status::Open,
        soc2: rule.soc2.clone(),
        iso27001: rule.iso27001.clone(),
        evidence: evidence.into_iter().collect(),
    }
}

/// What a row is an occurrence of: what it names, else its own record at its own time.
fn occurrence(row: &Observation) -> (Option<&str>, Option<(Option<Timestamp>, &Evidence)>) {
    match &row.occurrence {
        Some(named) => (Some(named), None),
        None => (None, Some((row.at, &row.evidence))),
    }
}

/// The day in UTC, counted from 1970-01-01.
fn day(at: Timestamp) -> i64 {
    at.0.div_euclid(24 * 3_600 * 1_000_000)
}

/// The last end; none while a single occurrence has none.
fn ended(rows: &[Observation]) -> Option<Ended> {
    let ends: Option<Vec<&Ended>> = rows.iter().map(|row| row.ended.as_ref()).collect();
    ends?.into_iter().max().cloned()
}

/// A moment to the second: a message is read, and its record has the rest.
fn second(at: Timestamp) -> String {
    let text = at.to_string();
    match text.split_once('.') {
        Some((second, _)) => format!("{second}Z"),
        None => text,
    }
}

/// How severe an observation of a rule is, by what its evidence is worth.
///
/// The band's rule: probable is one severity milder, possible is at most medium. So whatever a
/// rule says, only an established edge (K1 to K3) carries a critical finding.
#[must_use]
pub fn severity(rule: &Rule, row: &Observation) -> Severity {
    let severity = row.severity.unwrap_or(rule.severity);
    match row.confidence.band() {
        Some(Band::Established) => severity,
        Some(Band::Probable) => severity.milder(),
        Some(Band::Possible) | None => severity.min(Severity::Med),
    }
}

fn details(rows: &[Observation]) -> String {
    let all: BTreeSet<&str> = rows
        .iter()
        .map(|row| row.detail.as_str())
        .filter(|detail| !detail.is_empty())
        .collect();
    let shown: Vec<&str> = all.iter().copied().take(DETAILS_SHOWN).collect();
    let text = shown.join("; ");
    match all.len().saturating_sub(DETAILS_SHOWN) {
        0 => text,
        more => format!("{text}; and {more} more"),
    }
}
