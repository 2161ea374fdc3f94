//! `csv`: one row per finding.

use std::io::{self, Write};

use super::{LintFormat, LintReport};
use crate::report::cell::{FOUND, Table};

pub(super) struct Csv;

const HEADER: &[&str] = &[
    "finding_id",
    "rule_id",
    "severity",
    "state",
    "title",
    "subject",
    "object",
];

impl LintFormat for Csv {
    fn name(&self) -> &'static str {
        "csv"
    }

    fn write(&self, report: &LintReport<'_>, out: &mut dyn Write) -> io::Result<()> {
        let mut table = Table::new(out, &[HEADER, FOUND].concat())?;
        for shown in report.findings {
            let found = shown.finding;
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
            let digest = shown.lead.map_or("", |at| at.sha256.as_str());
            table.found(found, shown.place(), digest)?;
            table.end()?;
        }
        table.finish().map(|_| ())
    }
}
