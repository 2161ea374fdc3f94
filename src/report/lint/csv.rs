//! `csv`: one row per finding.

use std::io::{self, Write};

use super::{LintFormat, LintReport};
use crate::report::cell::Table;

pub(super) struct Csv;

const HEADER: &[&str] = &[
    "finding_id",
    "rule_id",
    "severity",
    "state",
    "title",
    "subject",
    "object",
    "soc2",
    "iso27001",
    "message",
    "evidence_file",
    "evidence_line",
    "evidence_sha256",
];

impl LintFormat for Csv {
    fn name(&self) -> &'static str {
        "csv"
    }

    fn write(&self, report: &LintReport<'_>, out: &mut dyn Write) -> io::Result<()> {
        let mut table = Table::new(out, HEADER)?;
        for shown in report.findings {
            let found = shown.finding;
            let (file, line) = shown.place();
            for cell in [
                found.id.as_str(),
                &found.rule_id,
                found.severity.as_str(),
                shown.state(),
                &found.title,
                &found.subject,
                &found.object,
            ] {
                table.text(cell)?;
            }
            table.list(&found.soc2)?;
            table.list(&found.iso27001)?;
            table.text(&found.message)?;
            table.text(file)?;
            table.number(line)?;
            table.text(shown.lead.map_or("", |at| at.sha256.as_str()))?;
            table.end()?;
        }
        table.finish().map(|_| ())
    }
}
