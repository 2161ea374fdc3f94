//! The rows of the page's tables.

use serde::Serialize;

use super::words;
use crate::model::{Collection, FileCoverage, RejectedLine, RuleRun};
use crate::report::JoinReadiness;

/// How many input files the page lists; the rest is counted and in `data/coverage.csv`.
const FILES: usize = 300;
/// How many rejected lines the page lists; the rest is counted and in `data/rejected_lines.csv`.
const REJECTED: usize = 20;

/// The first rows of a list, with what is left out said.
#[derive(Serialize)]
pub(super) struct Capped<T> {
    rows: Vec<T>,
    total: String,
    hidden: u64,
}

fn capped<T, U>(all: &[T], most: usize, row: impl FnMut(&T) -> U) -> Capped<U> {
    let rows: Vec<U> = all.iter().take(most).map(row).collect();
    Capped {
        total: words::number(all.len() as u64),
        hidden: (all.len() - rows.len()) as u64,
        rows,
    }
}

#[derive(Serialize)]
pub(super) struct InputRow {
    path: String,
    source: String,
    first: String,
    last: String,
    lines: u64,
    parsed: u64,
    skipped: u64,
    rejected: u64,
    duplicates: u64,
    in_period: u64,
    outside_period: u64,
    silence: String,
    silence_s: u64,
    bytes: u64,
    sha256: String,
    sha256_short: String,
    skip_reasons: String,
}

pub(super) fn files(files: &[FileCoverage]) -> Capped<InputRow> {
    capped(files, FILES, |file| {
        let sha256 = file.sha256.to_string();
        InputRow {
            path: words::clip(&file.path, 400),
            source: file.source.clone(),
            first: words::optional_time(file.first_at),
            last: words::optional_time(file.last_at),
            lines: file.lines,
            parsed: file.parsed,
            skipped: file.skipped,
            rejected: file.rejected,
            duplicates: file.duplicates,
            in_period: file.in_period,
            outside_period: file.outside_period,
            silence: if file.is_log {
                words::duration(file.longest_silence_s)
            } else {
                String::new()
            },
            silence_s: file.longest_silence_s,
            bytes: file.bytes,
            sha256_short: sha256.get(..8).unwrap_or_default().to_owned(),
            sha256,
            skip_reasons: file
                .skip_reasons
                .iter()
                .map(|(reason, lines)| format!("{reason} {lines}"))
                .collect::<Vec<_>>()
                .join(", "),
        }
    })
}

#[derive(Serialize)]
pub(super) struct CollectedRow {
    path: String,
    at: String,
    by: String,
    from: String,
    command: String,
    files: u64,
    records: u64,
    expected: String,
    differs: bool,
}

/// Who collected which inputs, when, where and how.
pub(super) fn collected(declared: &[Collection]) -> Capped<CollectedRow> {
    capped(declared, FILES, |one| {
        let from = [&one.system, &one.instance, &one.environment];
        let from: Vec<&str> = from.into_iter().map(String::as_str).collect();
        let from: Vec<&str> = from.into_iter().filter(|part| !part.is_empty()).collect();
        CollectedRow {
            path: words::clip(&one.path, 400),
            at: words::optional_time(one.at),
            by: words::clip(&one.by, 200),
            from: words::clip(&from.join(", "), 400),
            command: words::clip(&one.command, 400),
            files: one.files,
            records: one.records,
            expected: one.expected.map_or_else(String::new, words::number),
            differs: one.expected.is_some_and(|expected| expected != one.records),
        }
    })
}

#[derive(Serialize)]
pub(super) struct RejectedRow {
    path: String,
    line: u64,
    byte: u64,
    reason: String,
}

pub(super) fn rejected(rejected: &[RejectedLine]) -> Capped<RejectedRow> {
    capped(rejected, REJECTED, |line| RejectedRow {
        path: words::clip(&line.path, 400),
        line: line.line,
        byte: line.byte,
        reason: words::clip(&line.reason, 300),
    })
}

#[derive(Serialize)]
pub(super) struct RuleRow {
    id: String,
    title: String,
    severity: &'static str,
    rank: u8,
    outcome: &'static str,
    reason: String,
    population: u64,
    findings: u64,
    question: String,
    logic: String,
    controls: String,
}

pub(super) fn rules(runs: &[RuleRun]) -> Vec<RuleRow> {
    runs.iter()
        .map(|run| RuleRow {
            id: run.rule_id.clone(),
            title: run.title.clone(),
            severity: run.severity.as_str(),
            rank: run.severity as u8,
            outcome: run.outcome.as_str(),
            reason: run
                .reason()
                .map_or_else(String::new, |reason| words::clip(&reason, 400)),
            population: run.population,
            findings: run.findings,
            question: run.question.clone(),
            logic: run.logic.clone(),
            controls: run.soc2.join(" "),
        })
        .collect()
}

#[derive(Serialize)]
pub(super) struct Readiness {
    role: String,
    mount_class: String,
    logins: u64,
    established: u64,
    ambiguous: u64,
    unjoined: u64,
    share: String,
    missing: String,
    remedy: String,
}

pub(super) fn readiness(rows: &[JoinReadiness]) -> Vec<Readiness> {
    rows.iter()
        .map(|row| Readiness {
            role: words::clip(&row.role, 300),
            mount_class: row.mount_class.clone(),
            logins: row.logins,
            established: row.established,
            ambiguous: row.ambiguous,
            unjoined: row.unjoined,
            share: words::share(row.established, row.logins),
            missing: row.missing_claims.join(", "),
            remedy: row.remedy.clone(),
        })
        .collect()
}
