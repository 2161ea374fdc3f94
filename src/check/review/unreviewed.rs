//! INT-007: findings that nobody decided about in time, and access that nobody reviewed.

use std::collections::BTreeMap;

use super::{Check, Known, Verdict};
use crate::model::{Confidence, Timestamp};
use crate::posture::{Posture, Thing};
use crate::rule::Observation;

pub(in crate::check) struct Unreviewed;

/// Microseconds of a day.
const DAY: i64 = 86_400_000_000;
/// What is left of certainty where nothing says since when a finding stands.
const UNDATED: Confidence = Confidence(60);

impl Check for Unreviewed {
    fn name(&self) -> &'static str {
        "unreviewed"
    }

    fn run(&self, input: &Posture<'_>, _: &Known<'_>) -> Verdict {
        let of = |kind: &str| input.things.of(kind).collect::<Vec<Thing<'_>>>();
        let (exceptions, access) = (of("reviewed-exception"), of("reviewed-access"));
        if exceptions.is_empty() && access.is_empty() {
            let reason = "the worksheets of a review have no rows";
            return Verdict::NotAssessed(reason.to_owned());
        }
        if input.as_of == Timestamp::UNKNOWN {
            let reason = "nothing tells the moment from which a decision is late";
            return Verdict::NotAssessed(reason.to_owned());
        }
        let grave: Vec<&Thing<'_>> = exceptions.iter().filter(|row| is_grave(row)).collect();
        let sheets = by_worksheet(&access);
        let population = grave.len() + sheets.len();
        let mut observations = Vec::new();
        for row in grave {
            observations.extend(undecided(input, row));
        }
        for (name, rows) in &sheets {
            observations.extend(stale(input, name, rows));
        }
        let missing = match (exceptions.is_empty(), access.is_empty()) {
            (true, _) => Some(
                "no `exceptions.csv` came back: whether findings were decided about is not judged",
            ),
            (_, true) => {
                Some("no worksheet of access came back: whether access was reviewed is not judged")
            }
            _ => None,
        };
        let population = u64::try_from(population).unwrap_or(u64::MAX);
        Verdict::looked(population, observations, missing.map(str::to_owned))
    }
}

fn is_grave(row: &Thing<'_>) -> bool {
    matches!(row.value("severity"), Some("crit" | "high"))
}

/// The moment so many days before the one that the run speaks from.
fn before(input: &Posture<'_>, threshold: &str, otherwise: i64) -> Timestamp {
    let days = input.threshold(threshold).unwrap_or(otherwise);
    input
        .as_of
        .plus_micros(days.saturating_mul(DAY).saturating_neg())
}

/// A grave finding that is older than decisions may take, and lacks one.
fn undecided(input: &Posture<'_>, row: &Thing<'_>) -> Option<Observation> {
    let lacks = lacking(row)?;
    let seen = row.value("first_seen").and_then(Timestamp::parse);
    if seen.is_some_and(|seen| seen > before(input, "decide_days", 30)) {
        return None;
    }
    let rule = row.value("rule_id").unwrap_or("unknown");
    let told = Observation::of(
        row.object,
        format!("rule:{rule}"),
        input.evidence(row.place()?),
    );
    let mut told = told.with_detail(match seen {
        Some(seen) => format!("seen since {}, {lacks}", seen.date()),
        None => format!("{lacks}; nothing says since when it stands"),
    });
    if seen.is_none() {
        told.confidence = UNDATED;
    }
    told.at = seen;
    Some(told)
}

/// What a decision lacks: what it is, who made it, when, and why.
fn lacking(row: &Thing<'_>) -> Option<&'static str> {
    let any = |names: [&str; 2]| names.iter().any(|name| row.has(name));
    let decided = row.value("disposition").is_some_and(|word| word != "open");
    match () {
        () if !decided => Some("nobody decided what becomes of it"),
        () if !any(["owner", "reviewed_by"]) => Some("nobody answers for the decision"),
        () if !any(["reviewed_at", "expires"]) => Some("the decision has no date"),
        () if !any(["response", "cause"]) => Some("the decision has no reason"),
        () => None,
    }
}

/// Rows of access by the worksheet that they stand in.
fn by_worksheet<'t>(access: &[Thing<'t>]) -> BTreeMap<&'t str, Vec<Thing<'t>>> {
    let mut sheets: BTreeMap<&str, Vec<Thing<'_>>> = BTreeMap::new();
    for row in access {
        let name = row.value("worksheet").unwrap_or_default();
        sheets.entry(name).or_default().push(*row);
    }
    sheets
}

/// A worksheet of access in which nobody decided anything in the last quarter, or not everything.
fn stale(input: &Posture<'_>, name: &str, rows: &[Thing<'_>]) -> Option<Observation> {
    let from = before(input, "review_days", 92);
    let is_decided = |row: &&Thing<'_>| {
        let at = row
            .value("decided_at")
            .and_then(Timestamp::parse_date_or_time);
        row.has("reviewer") && row.has("decision") && at.is_some_and(|at| at >= from)
    };
    let decided = rows.iter().filter(is_decided).count();
    let first = rows.iter().find(|row| !is_decided(row))?;
    let told = Observation::of(
        format!("worksheet:{name}"),
        "access:review",
        input.evidence(first.place()?),
    );
    let left = rows.len() - decided;
    Some(told.with_detail(format!(
        "{left} of {} rows have no decision since {}",
        rows.len(),
        from.date()
    )))
}
