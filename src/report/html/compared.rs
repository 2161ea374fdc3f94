//! Which systems the records name, what one source says of another, and Vault's audit devices against
//! each other.

use serde::Serialize;

use super::words;
use crate::model::{AuditDevice, Timestamp};
use crate::report::{Population, PopulationRow, Report};

/// Rows of one of these tables on the page; its file has them all.
const SHOWN: usize = 60;

/// One row of a population that counts records: three things that they say, and how many say so.
#[derive(Serialize)]
pub(super) struct Counted {
    what: Vec<String>,
    records: String,
    first: String,
    last: String,
    pointer: String,
}

/// Such a population as the page shows it.
#[derive(Serialize)]
pub(super) struct CountedTable {
    rows: Vec<Counted>,
    hidden: u64,
}

/// One audit device.
#[derive(Serialize)]
pub(super) struct DeviceRow {
    folder: String,
    requests: u64,
    both: u64,
    request_only: u64,
    response_only: u64,
    absent: u64,
    alone: u64,
}

/// The population of this id.
pub(super) fn counted(report: &Report<'_>, id: &str) -> CountedTable {
    let found = report.populations.iter().find(|found| found.id == id);
    let rows = found.map_or(&[][..], |found| found.rows.as_slice());
    CountedTable {
        rows: rows.iter().take(SHOWN).map(row).collect(),
        hidden: rows.len().saturating_sub(SHOWN) as u64,
    }
}

fn row(row: &PopulationRow) -> Counted {
    let cell = |at: usize| row.cells.get(at).map_or("", String::as_str);
    let number = cell(3)
        .parse()
        .map_or_else(|_| cell(3).to_owned(), words::number);
    Counted {
        what: (0..3).map(|at| words::clip(cell(at), 200)).collect(),
        records: number,
        first: moment(cell(4)),
        last: moment(cell(5)),
        pointer: words::clip(&row.evidence.pointer(), 400),
    }
}

/// A moment of a cell as the page writes it.
fn moment(cell: &str) -> String {
    Timestamp::parse(cell).map_or_else(|| cell.to_owned(), words::time)
}

/// The audit devices.
pub(super) fn devices(devices: &[AuditDevice]) -> Vec<DeviceRow> {
    let row = |device: &AuditDevice| DeviceRow {
        folder: words::clip(&device.folder, 400),
        requests: device.both + device.request_only + device.response_only,
        both: device.both,
        request_only: device.request_only,
        response_only: device.response_only,
        absent: device.absent,
        alone: device.alone,
    };
    devices.iter().take(SHOWN).map(row).collect()
}

/// Populations that the page shows whole elsewhere.
pub(super) fn is_shown(population: &Population) -> bool {
    matches!(population.id, "second_source" | "source_systems")
}
