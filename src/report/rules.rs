//! `data/rules.csv`: how every rule ran, those that could not look included.

use std::io::{self, Write};

use super::cell::Table;
use super::{Report, ReportFormat, Written};

/// Writes `data/rules.csv`.
pub struct Rules;

const HEADER: &[&str] = &[
    "rule_id",
    "title",
    "outcome",
    "reason",
    "population",
    "findings",
];

impl ReportFormat for Rules {
    fn path(&self) -> &'static str {
        "data/rules.csv"
    }

    fn write(&self, report: &Report<'_>, out: &mut dyn Write) -> io::Result<Written> {
        let mut table = Table::new(out, HEADER)?;
        for rule in report.rules {
            table.text(&rule.rule_id)?;
            table.text(&rule.title)?;
            table.text(rule.outcome.as_str())?;
            table.text(&rule.reason().unwrap_or_default())?;
            table.number(rule.population)?;
            table.number(rule.findings)?;
            table.end()?;
        }
        table.finish()
    }
}
