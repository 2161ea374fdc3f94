//! `json`: all of it, for programs; schema `piperoll/lint/1`. A baseline is such a file.

use std::io::{self, Write};

use serde_json::{Value, json};

use super::{Added, Fault, LintFormat, LintReport, Shown};
use crate::model::{RuleRun, Status};
use crate::report::escaped;

pub(super) struct Json;

/// The name of the schema.
pub(super) const SCHEMA: &str = "piperoll/lint/1";

impl LintFormat for Json {
    fn name(&self) -> &'static str {
        "json"
    }

    fn write(&self, report: &LintReport<'_>, out: &mut dyn Write) -> io::Result<()> {
        let document = json!({
            "schema": SCHEMA, "version": report.version, "as_of": report.as_of.to_string(),
            "fail_on": report.fail_on, "findings": each(report.findings, finding),
            "rules": each(report.rules, rule), "unreadable": each(report.broken, unreadable),
            "files": report.files, "notes": report.notes,
            "waivers_added": each(report.added, added),
        });
        escaped::to_writer_pretty(out, &document)?;
        out.write_all(b"\n")
    }
}

/// What `told` makes of each.
fn each<T>(all: &[T], told: fn(&T) -> Value) -> Vec<Value> {
    all.iter().map(told).collect()
}

/// How one rule ran.
fn rule(run: &RuleRun) -> Value {
    json!({
        "rule_id": run.rule_id, "title": run.title, "severity": run.severity,
        "outcome": run.outcome.as_str(), "reason": run.reason(), "population": run.population,
        "findings": run.findings,
    })
}

/// One file that cannot be read.
fn unreadable(fault: &Fault<'_>) -> Value {
    json!({
        "file": fault.file, "line": fault.line, "column": fault.column, "reason": fault.reason,
        "help": fault.help,
    })
}

/// One waiver that the change adds.
fn added(waiver: &Added<'_>) -> Value {
    json!({
        "file": waiver.file, "line": waiver.line, "rule_id": waiver.rule, "owner": waiver.owner,
        "reason": waiver.reason, "expires": waiver.expires.to_string(),
    })
}

/// One finding.
pub(super) fn finding(shown: &Shown<'_>) -> Value {
    let found = shown.finding;
    let waiver = match &found.status {
        Status::Open => Value::Null,
        Status::Waived(it) => json!({
            "owner": it.owner, "reason": it.reason, "expires": it.expires.to_string(),
            "ticket": it.ticket, "approved_by": it.approved_by,
            "approved_on": it.approved_on.map(|at| at.to_string()),
        }),
    };
    let evidence: Vec<Value> = found
        .evidence
        .iter()
        .map(|at| json!({"file": at.file, "line": at.line, "byte": at.byte, "sha256": at.sha256}))
        .collect();
    let snippet = shown.snippet.map(|snippet| {
        json!({
            "line": snippet.line, "column": snippet.column, "length": snippet.length,
            "offset": snippet.offset, "text": snippet.text,
        })
    });
    json!({
        "finding_id": found.id, "rule_id": found.rule_id, "severity": found.severity,
        "title": found.title, "subject": found.subject, "object": found.object,
        "state": shown.state(), "waiver": waiver, "message": found.message,
        "remediation": shown.remediation, "soc2": found.soc2, "iso27001": found.iso27001,
        "confidence": found.confidence.to_string(), "evidence": evidence, "snippet": snippet,
    })
}
