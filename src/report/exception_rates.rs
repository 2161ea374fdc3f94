//! `data/exception_rates.csv`: rate, concentration and spread of the findings of each rule.

use std::io::{self, Write};

use super::cell::Table;
use super::spread::spreads;
use super::{Report, ReportFormat, Written};

/// Writes `data/exception_rates.csv`.
pub struct ExceptionRates;

const HEADER: &[&str] = &[
    "rule_id",
    "findings",
    "occurrences",
    "population",
    "rate_percent",
    "subjects",
    "largest_subject",
    "largest_occurrences",
    "concentration_percent",
    "objects",
    "days",
    "first_seen",
    "last_seen",
    "ended",
];

impl ReportFormat for ExceptionRates {
    fn path(&self) -> &'static str {
        "data/exception_rates.csv"
    }

    fn write(&self, report: &Report<'_>, out: &mut dyn Write) -> io::Result<Written> {
        let mut table = Table::new(out, HEADER)?;
        for (rule, spread) in spreads(report) {
            table.text(rule)?;
            table.number(spread.findings)?;
            table.number(spread.occurrences)?;
            table.number(spread.population)?;
            table.raw(&spread.rate().unwrap_or_default())?;
            table.number(spread.subjects())?;
            let (subject, most) = spread.largest().unwrap_or_default();
            table.text(subject)?;
            table.number(most)?;
            table.raw(&spread.concentration().unwrap_or_default())?;
            table.number(spread.objects())?;
            table.number(spread.days())?;
            table.time(spread.first_seen)?;
            table.time(spread.last_seen)?;
            table.number(spread.ended)?;
            table.end()?;
        }
        table.finish()
    }
}
