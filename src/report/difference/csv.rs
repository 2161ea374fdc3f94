//! Changes as a table, on standard output and as `data/changes_since_previous.csv`.

use std::io::{self, Write};

use super::Difference;
use crate::report::{CsvTable, Report, ReportFormat, Written};

const HEADER: &[&str] = &[
    "topic", "change", "id", "what", "field", "old", "new", "note",
];

/// Writes `data/changes_since_previous.csv` of a report that knows its previous pack.
pub struct ChangesSincePrevious;

impl ReportFormat for ChangesSincePrevious {
    fn path(&self) -> &'static str {
        "data/changes_since_previous.csv"
    }

    fn applies(&self, report: &Report<'_>) -> bool {
        report.previous.is_some()
    }

    fn write(&self, report: &Report<'_>, out: &mut dyn Write) -> io::Result<Written> {
        match report.previous {
            Some(difference) => difference_csv(difference, out),
            None => Ok(Written::default()),
        }
    }
}

/// Writes the changes as CSV.
///
/// # Errors
///
/// Fails when the writer fails.
pub fn difference_csv(difference: &Difference, out: &mut dyn Write) -> io::Result<Written> {
    let mut table = CsvTable::new(out, HEADER)?;
    for change in &difference.changes {
        table.raw(change.topic.as_str())?;
        table.raw(change.change)?;
        for cell in [
            &change.id,
            &change.what,
            &change.field,
            &change.old,
            &change.new,
            &change.note,
        ] {
            table.text(cell)?;
        }
        table.end()?;
    }
    table.finish()
}
