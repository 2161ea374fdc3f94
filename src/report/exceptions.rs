//! `data/exceptions.csv`: what became of every finding, for the response that an auditor reports.

use std::collections::BTreeMap;
use std::io::{self, Write};

use super::answer::Answer;
use super::cell::{EVIDENCE, Table};
use super::{Report, ReportFormat, Written};
use crate::model::{Ended, Finding, Timestamp};

/// Writes `data/exceptions.csv`.
pub struct Exceptions;

const HEADER: &[&str] = &[
    "exception_id",
    "rule_id",
    "severity",
    "confidence",
    "band",
    "condition",
    "criteria",
    "identity_id",
    "object",
    "first_seen",
    "last_seen",
    "count",
    "population",
];

/// Columns behind the evidence.
const RESPONSE: &[&str] = &[
    "disposition",
    "owner",
    "response",
    "ticket",
    "expires",
    "cause",
    "effect",
    "reviewed_by",
    "reviewed_at",
    "root_cause",
    "ended_at",
    "ended_file",
    "ended_line",
    "ended_byte",
    "days",
];

impl ReportFormat for Exceptions {
    fn path(&self) -> &'static str {
        "data/exceptions.csv"
    }

    fn write(&self, report: &Report<'_>, out: &mut dyn Write) -> io::Result<Written> {
        let mut table = Table::new(out, &[HEADER, EVIDENCE, RESPONSE].concat())?;
        let mut behind: BTreeMap<usize, &str> = BTreeMap::new();
        for cause in report.causes {
            behind.extend(cause.findings.iter().map(|at| (*at, cause.id.as_str())));
        }
        for (at, (finding, evidence)) in report.findings.iter().zip(report.evidence).enumerate() {
            let rule = report
                .rules
                .iter()
                .find(|rule| rule.rule_id == finding.rule_id);
            let evidence = evidence.first().ok_or_else(|| {
                io::Error::other(format!("finding {} has no evidence", finding.id))
            })?;
            table.text(&finding.id)?;
            table.text(&finding.rule_id)?;
            table.raw(finding.severity.as_str())?;
            table.confidence(Some(finding.confidence))?;
            table.text(&finding.message)?;
            let criteria = finding.soc2.iter().map(|id| format!("soc2:{id}"));
            let iso = finding.iso27001.iter().map(|id| format!("iso27001:{id}"));
            table.list(&criteria.chain(iso).collect::<Vec<_>>())?;
            table.text(&finding.subject)?;
            table.text(&finding.object)?;
            table.time(finding.first_seen)?;
            table.time(finding.last_seen)?;
            table.number(finding.count)?;
            match rule {
                Some(rule) => table.number(rule.population)?,
                None => table.raw("")?,
            }
            table.evidence(evidence)?;
            let response = report.responses.get(&finding.id);
            answer(&mut table, &Answer::of(&finding.status, response))?;
            table.text(behind.get(&at).copied().unwrap_or_default())?;
            end(&mut table, finding.ended.as_ref())?;
            table.list(&days(finding))?;
            table.end()?;
        }
        table.finish()
    }
}

/// Disposition, owner, response, ticket, expiry; then what no log tells: whoever answers for the
/// control writes it.
fn answer(table: &mut Table<'_>, answer: &Answer<'_>) -> io::Result<()> {
    table.raw(answer.disposition.as_str())?;
    table.text(answer.owner)?;
    table.text(answer.response)?;
    table.text(answer.ticket)?;
    table.time(answer.expires)?;
    table.text(answer.cause)?;
    table.text(answer.effect)?;
    table.text(answer.reviewed_by)?;
    table.text(&answer.reviewed_at)
}

/// The days on which it was seen, as dates.
fn days(finding: &Finding) -> Vec<String> {
    let midnight = |day: &i64| Timestamp::UNKNOWN.plus_micros(day.saturating_mul(86_400_000_000));
    finding
        .days
        .iter()
        .map(|day| midnight(day).date())
        .collect()
}

/// What ended it: time, file, line and byte.
fn end(table: &mut Table<'_>, ended: Option<&Ended>) -> io::Result<()> {
    let Some(ended) = ended else {
        return (0..4).try_for_each(|_| table.raw(""));
    };
    table.time(Some(ended.at))?;
    table.text(&ended.file)?;
    table.number(ended.line)?;
    table.number(ended.byte)
}
