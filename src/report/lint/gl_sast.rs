//! `gl-sast`: GitLab's SAST report, schema 15.2.1, for the vulnerability report and the widget of a
//! merge request.
//!
//! Open findings only: the format knows no waiver. Its two times are the moment the lint speaks
//! from, so that equal runs are equal bytes.

use std::io::{self, Write};

use serde_json::{Value, json};

use super::{LintFormat, LintReport, Shown, tally};
use crate::model::Severity;
use crate::report::escaped;
use crate::report::visible::visible;

/// The version of the schema.
const SCHEMA: &str = "15.2.1";
/// Longest name and longest solution that the schema takes, in characters.
const NAME: usize = 255;
const SOLUTION: usize = 7000;

pub(super) struct GlSast;

impl LintFormat for GlSast {
    fn name(&self) -> &'static str {
        "gl-sast"
    }

    fn write(&self, report: &LintReport<'_>, out: &mut dyn Write) -> io::Result<()> {
        let tool = json!({
            "id": "piperoll",
            "name": "piperoll",
            "version": report.version,
            "vendor": {"name": "piperoll"},
        });
        // `2026-06-01T00:00:00`: the schema takes neither fractions nor a zone.
        let moment: String = report.as_of.to_string().chars().take(19).collect();
        let whole = report.broken.is_empty();
        let open = report.findings.iter().filter(|shown| shown.is_open());
        let document = json!({
            "version": SCHEMA,
            "scan": {
                "type": "sast",
                "status": if whole { "success" } else { "failure" },
                "start_time": moment,
                "end_time": moment,
                "analyzer": tool,
                "scanner": tool,
                "messages": messages(report),
            },
            "vulnerabilities": open.map(vulnerability).collect::<Vec<_>>(),
        });
        escaped::to_writer_pretty(out, &document)?;
        out.write_all(b"\n")
    }
}

/// What could not be read, what the change adds, and how many rules could not look.
fn messages(report: &LintReport<'_>) -> Vec<Value> {
    let message = |level: &str, text: &str| json!({"level": level, "value": visible(text)});
    let broken = report.broken.iter().map(|fault| {
        let text = format!("{}:{}: {}", fault.file, fault.line, fault.reason);
        message("fatal", &text)
    });
    let added = report.added.iter().map(|added| {
        let text = format!("{}:{}: {}", added.file, added.line, added.said());
        message("warn", &text)
    });
    let (_, _, not_assessed) = tally(report.rules);
    let left = format!(
        "{not_assessed} of {} rules were not assessed",
        report.rules.len()
    );
    broken
        .chain(added)
        .chain([message("info", &left)])
        .collect()
}

fn vulnerability(shown: &Shown<'_>) -> Value {
    let found = shown.finding;
    let (file, line) = shown.place();
    let severity = match found.severity {
        Severity::Crit => "Critical",
        Severity::High => "High",
        Severity::Med => "Medium",
        Severity::Low => "Low",
        Severity::Info => "Info",
    };
    let of = |text: &str, most: usize| visible(text).chars().take(most).collect::<String>();
    json!({
        "id": uuid(&found.id),
        "name": of(&found.title, NAME),
        "description": visible(&found.message),
        "severity": severity,
        "solution": of(shown.remediation, SOLUTION),
        "identifiers": [{
            "type": "piperoll_rule",
            "name": found.rule_id,
            "value": found.rule_id,
        }],
        "location": {"file": file, "start_line": line},
    })
}

/// A finding's id in the form that GitLab asks of an id.
fn uuid(id: &str) -> String {
    let mut text = String::new();
    for (at, sign) in id.chars().take(32).enumerate() {
        if [8, 12, 16, 20].contains(&at) {
            text.push('-');
        }
        text.push(sign);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::uuid;

    #[test]
    fn an_id_takes_the_form_of_a_uuid() {
        let id = uuid("0123456789abcdef0123456789abcdef");
        assert_eq!(id, "01234567-89ab-cdef-0123-456789abcdef");
    }
}
