//! `data/rejected_lines.csv`: where a line could not be read and why, never what it says.

use std::io::{self, Write};

use super::cell::Table;
use super::{Report, ReportFormat, Written};

/// Writes `data/rejected_lines.csv`.
pub struct RejectedLines;

const HEADER: &[&str] = &["file", "line", "byte", "reason"];

impl ReportFormat for RejectedLines {
    fn path(&self) -> &'static str {
        "data/rejected_lines.csv"
    }

    fn write(&self, report: &Report<'_>, out: &mut dyn Write) -> io::Result<Written> {
        let mut table = Table::new(out, HEADER)?;
        for rejected in report.rejected {
            table.text(&rejected.path)?;
            table.number(rejected.line)?;
            table.number(rejected.byte)?;
            table.text(&rejected.reason)?;
            table.end()?;
        }
        table.finish()
    }
}
