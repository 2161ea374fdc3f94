//! What the records of one block said, as rows: the sink that `ingest` pushes into.

use std::collections::BTreeMap;

use crate::model::{Event, Export, Exports, Extent, Sink, Timestamp};
use crate::table::row::{Batch, record};

/// Where rows of records lie: by source, and by the UTC day of the record, in days since 1970.
pub(super) type Shelf = (&'static str, i64);

/// Microseconds of a day.
const DAY: i64 = 86_400_000_000;

/// Everything the records of one block said.
#[derive(Debug, Default)]
pub(super) struct Recorded {
    pub(super) rows: BTreeMap<Shelf, Batch>,
    pub(super) exports: Exports,
    events: usize,
    extent: Option<Extent>,
}

impl Sink for Recorded {
    fn event(&mut self, event: &Event<'_>) {
        let log = event.system.log(event.kind);
        let source = log.split_once('/').map_or(log, |(source, _)| source);
        let shelf = (source, event.at.0.div_euclid(DAY));
        let rows = self.rows.entry(shelf);
        let rows = rows.or_insert_with(|| Batch::new(&record::SCHEMA));
        record::write(rows.row(), self.events, event, self.extent);
        self.events += 1;
    }

    fn extent(&mut self, extent: Extent) {
        self.extent = Some(extent);
    }

    fn export(&mut self, export: Export) {
        self.exports.add(export);
    }
}

/// The day of a shelf as it is written in a path; `other` for one that no calendar has.
pub(super) fn day(day: i64) -> String {
    let text = day.checked_mul(DAY).map(|at| Timestamp(at).to_string());
    let text = text.unwrap_or_default();
    match text.get(..10) {
        Some(date) if date.bytes().all(|c| c.is_ascii_digit() || c == b'-') => date.to_owned(),
        _ => OTHER.to_owned(),
    }
}

/// The day of records that are on no day of their own.
pub(super) const OTHER: &str = "other";
