//! `sarif`: SARIF 2.1.0, waived and known findings included as suppressed or unchanged.

use std::io::{self, Write};

use serde_json::{Value, json};

use super::{LintFormat, LintReport, Shown, Snippet};
use crate::model::{RuleOutcome, RuleRun, Severity, Status};
use crate::report::escaped;
use crate::report::visible::visible;

pub(super) struct Sarif;

impl LintFormat for Sarif {
    fn name(&self) -> &'static str {
        "sarif"
    }

    fn write(&self, report: &LintReport<'_>, out: &mut dyn Write) -> io::Result<()> {
        let results: Vec<Value> = report
            .findings
            .iter()
            .map(|s| result(s, report.rules))
            .collect();
        let rules: Vec<Value> = report.rules.iter().map(rule).collect();
        let mut notifications: Vec<Value> = report
            .broken
            .iter()
            .map(|fault| {
                json!({
                    "level": "error",
                    "message": {"text": format!("cannot be parsed: {}", visible(fault.reason))},
                    "locations": [location(fault.file, fault.line, fault.snippet)],
                })
            })
            .collect();
        notifications.extend(report.added.iter().map(|added| {
            json!({
                "level": "warning",
                "message": {"text": visible(&added.said())},
                "locations": [location(added.file, added.line, None)],
            })
        }));
        for run in report.rules {
            if let RuleOutcome::NotAssessed(reason) = &run.outcome {
                notifications.push(json!({
                    "level": "note",
                    "message": {"text": format!("{} was not assessed: {}", run.rule_id, visible(reason))},
                    "associatedRule": {"id": run.rule_id},
                }));
            } else if let Some(missing) = &run.partly {
                notifications.push(json!({
                    "level": "note",
                    "message": {"text": format!("{} was assessed in part: {}", run.rule_id, visible(missing))},
                    "associatedRule": {"id": run.rule_id},
                }));
            }
        }
        let document = json!({
            "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
            "version": "2.1.0",
            "runs": [{
                "tool": {"driver": {
                    "name": "piperoll", "version": report.version,
                    "semanticVersion": report.version, "rules": rules,
                }},
                "automationDetails": {"id": "piperoll/lint/"},
                "columnKind": "unicodeCodePoints",
                "invocations": [{
                    "executionSuccessful": report.broken.is_empty(),
                    "toolExecutionNotifications": notifications,
                }],
                "results": results,
            }],
        });
        escaped::to_writer_pretty(out, &document)?;
        out.write_all(b"\n")
    }
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Crit | Severity::High => "error",
        Severity::Med => "warning",
        Severity::Low | Severity::Info => "note",
    }
}

/// The number by which consumers of SARIF rank security findings.
fn score(severity: Severity) -> &'static str {
    match severity {
        Severity::Crit => "9.5",
        Severity::High => "8.0",
        Severity::Med => "5.0",
        Severity::Low => "3.0",
        Severity::Info => "0.0",
    }
}

fn rule(run: &RuleRun) -> Value {
    let mut tags = vec!["security".to_owned()];
    tags.extend(run.soc2.iter().map(|id| format!("SOC2/{id}")));
    tags.extend(run.iso27001.iter().map(|id| format!("ISO27001/{id}")));
    json!({
        "id": run.rule_id,
        "name": run.rule_id.replace('-', ""),
        "shortDescription": {"text": run.title},
        "fullDescription": {"text": run.logic},
        "help": {"text": run.remediation},
        "defaultConfiguration": {"level": level(run.severity)},
        "properties": {"tags": tags, "security-severity": score(run.severity)},
    })
}

fn result(shown: &Shown<'_>, rules: &[RuleRun]) -> Value {
    let found = shown.finding;
    let index = rules.iter().position(|run| run.rule_id == found.rule_id);
    let (file, line) = shown.place();
    let first = location(file, line, shown.snippet);
    let more = shown.more().map(|at| location(&at.file, at.line, None));
    let locations: Vec<Value> = std::iter::once(first).chain(more).collect();
    let mut result = json!({
        "ruleId": found.rule_id,
        "level": level(found.severity),
        "message": {"text": visible(&found.message)},
        "locations": locations,
        "partialFingerprints": {"piperoll/finding/1": found.id},
        "baselineState": if shown.known { "unchanged" } else { "new" },
        "properties": {
            "severity": found.severity, "security-severity": score(found.severity),
            "subject": visible(&found.subject), "object": visible(&found.object),
        },
    });
    let Some(fields) = result.as_object_mut() else {
        return result;
    };
    if let Some(index) = index {
        fields.insert("ruleIndex".to_owned(), json!(index));
    }
    if let Status::Waived { owner, reason, .. } = &found.status {
        let justification = visible(&format!("{reason} ({owner})")).into_owned();
        let suppression = json!([{
            "kind": "external", "status": "accepted", "justification": justification,
        }]);
        fields.insert("suppressions".to_owned(), suppression);
    }
    result
}

fn location(file: &str, line: u64, snippet: Option<Snippet<'_>>) -> Value {
    let region = match snippet {
        Some(snippet) => json!({
            "startLine": snippet.line, "startColumn": snippet.column,
            "endColumn": snippet.column + snippet.length,
            "snippet": {"text": visible(snippet.text)},
        }),
        None => json!({"startLine": line.max(1)}),
    };
    json!({"physicalLocation": {"artifactLocation": {"uri": uri(file)}, "region": region}})
}

/// A path as a relative URI reference (RFC 3986): everything but unreserved characters and `/` is
/// escaped.
fn uri(path: &str) -> String {
    let mut uri = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                uri.push(char::from(byte));
            }
            other => uri.push_str(&format!("%{other:02X}")),
        }
    }
    uri
}
