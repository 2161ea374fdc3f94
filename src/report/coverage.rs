//! `data/coverage.csv`: the accounting of every input file: parsed + skipped + rejected = lines.

use std::io::{self, Write};

use super::cell::Table;
use super::{Report, ReportFormat, Written};

/// Writes `data/coverage.csv`.
pub struct Coverage;

const HEADER: &[&str] = &[
    "source",
    "file",
    "first_at",
    "last_at",
    "lines",
    "parsed",
    "skipped",
    "rejected",
    "duplicates",
    "bytes",
    "sha256",
    "longest_silence_s",
    "in_period",
    "outside_period",
];

impl ReportFormat for Coverage {
    fn path(&self) -> &'static str {
        "data/coverage.csv"
    }

    fn write(&self, report: &Report<'_>, out: &mut dyn Write) -> io::Result<Written> {
        let mut table = Table::new(out, HEADER)?;
        for file in report.coverage {
            table.text(&file.source)?;
            table.text(&file.path)?;
            table.time(file.first_at)?;
            table.time(file.last_at)?;
            table.number(file.lines)?;
            table.number(file.parsed)?;
            table.number(file.skipped)?;
            table.number(file.rejected)?;
            table.number(file.duplicates)?;
            table.number(file.bytes)?;
            table.text(&file.sha256.to_string())?;
            table.number(file.longest_silence_s)?;
            table.number(file.in_period)?;
            table.number(file.outside_period)?;
            table.end()?;
        }
        table.finish()
    }
}
