//! `codequality`: GitLab's Code Quality report, an array in the Code Climate format.
//!
//! Open findings only: the format knows no waiver. GitLab shows one of several issues with an
//! equal fingerprint, so a file that cannot be parsed has one by its reason.

use std::io::{self, Write};

use serde_json::{Value, json};

use super::{LintFormat, LintReport};
use crate::model::{Digest, Severity};
use crate::report::escaped;
use crate::report::visible::visible;

pub(super) struct CodeQuality;

impl LintFormat for CodeQuality {
    fn name(&self) -> &'static str {
        "codequality"
    }

    fn write(&self, report: &LintReport<'_>, out: &mut dyn Write) -> io::Result<()> {
        let broken = report.broken.iter().map(|fault| {
            let text = format!("cannot be parsed: {}", fault.reason);
            let mark = mark(&text, fault.file, fault.line);
            issue(
                &text,
                "unreadable",
                &mark,
                "blocker",
                (fault.file, fault.line),
            )
        });
        let open = report.findings.iter().filter(|shown| shown.is_open());
        let open = open.map(|shown| {
            let found = shown.finding;
            let text = format!("{}: {}", found.title, found.message);
            let severity = match found.severity {
                Severity::Crit => "blocker",
                Severity::High => "critical",
                Severity::Med => "major",
                Severity::Low => "minor",
                Severity::Info => "info",
            };
            issue(&text, &found.rule_id, &found.id, severity, shown.place())
        });
        let added = report.added.iter().map(|added| {
            let (text, place) = (added.said(), (added.file, added.line));
            let mark = mark(&text, added.file, added.line);
            issue(&text, "waiver-added", &mark, "major", place)
        });
        let issues: Vec<Value> = broken.chain(added).chain(open).collect();
        escaped::to_writer_pretty(out, &issues)?;
        out.write_all(b"\n")
    }
}

/// A fingerprint for what is no finding.
fn mark(text: &str, file: &str, line: u64) -> String {
    let digest = Digest::of(format!("{file}\0{text}\0{line}").as_bytes());
    format!("{digest:.32}")
}

fn issue(text: &str, check: &str, mark: &str, severity: &str, place: (&str, u64)) -> Value {
    let (path, line) = place;
    json!({
        "description": visible(text),
        "check_name": check,
        "fingerprint": mark,
        "severity": severity,
        "location": {"path": path, "lines": {"begin": line.max(1)}},
    })
}
