//! `data/reconciliation.csv`: from the records of each source to what is judged.

use std::io::{self, Write};

use super::cell::Table;
use super::{Report, ReportFormat, Written};

/// Writes `data/reconciliation.csv`.
pub struct Reconciliation;

const HEADER: &[&str] = &[
    "source",
    "records",
    "repeated",
    "pairs_merged",
    "operations_merged",
    "pieces_merged",
    "things",
    "outside_period",
    "undated",
    "in_period",
    "unexplained",
];

impl ReportFormat for Reconciliation {
    fn path(&self) -> &'static str {
        "data/reconciliation.csv"
    }

    fn write(&self, report: &Report<'_>, out: &mut dyn Write) -> io::Result<Written> {
        let mut table = Table::new(out, HEADER)?;
        for (source, bridge) in report.bridges {
            table.text(source)?;
            for count in [
                bridge.records,
                bridge.repeated,
                bridge.pairs,
                bridge.operations,
                bridge.pieces,
                bridge.things,
                bridge.outside,
                bridge.undated,
                bridge.inside(),
            ] {
                table.number(count)?;
            }
            table.raw(&bridge.unexplained().to_string())?;
            table.end()?;
        }
        table.finish()
    }
}
