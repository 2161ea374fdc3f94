//! The walk over the edges of a store that a report makes.

use std::io;

use crate::model::Confidence;
use crate::report::{EdgeRow, Edges};
use crate::table::engine::Store;
use crate::table::row::edge;

/// The edges of a store, as a report walks them.
pub(super) struct StoredEdges<'s>(pub(super) &'s Store);

/// What the rows of a report are made of.
const COLUMNS: [usize; 10] = [
    edge::EDGE,
    edge::LEFT_ID,
    edge::RIGHT_ID,
    edge::KEY,
    edge::CONFIDENCE,
    edge::ALTERNATIVES,
    edge::LEFT_EVIDENCE,
    edge::RIGHT_EVIDENCE,
    edge::LEFT_BYTE,
    edge::RIGHT_BYTE,
];

impl Edges for StoredEdges<'_> {
    fn count(&self) -> u64 {
        self.0.rows("edge")
    }

    fn each(&self, visit: &mut dyn FnMut(&EdgeRow<'_>) -> io::Result<()>) -> io::Result<()> {
        for batch in self.0.scan_columns(&edge::SCHEMA, &COLUMNS) {
            let batch = batch.map_err(io::Error::other)?;
            for row in 0..batch.len() {
                let text = |column| batch.text(row, column);
                let alternatives = batch.texts(row, edge::ALTERNATIVES);
                visit(&EdgeRow {
                    edge: text(edge::EDGE),
                    left_id: text(edge::LEFT_ID),
                    right_id: text(edge::RIGHT_ID),
                    key: text(edge::KEY),
                    confidence: hundredths(batch.int(row, edge::CONFIDENCE))
                        .unwrap_or(Confidence(0)),
                    alternatives: &alternatives,
                    left_evidence: text(edge::LEFT_EVIDENCE),
                    right_evidence: text(edge::RIGHT_EVIDENCE),
                    left_byte: whole(batch.int(row, edge::LEFT_BYTE)),
                    right_byte: whole(batch.int(row, edge::RIGHT_BYTE)),
                })?;
            }
        }
        Ok(())
    }
}

/// A line or byte as it is stored.
pub(super) fn whole(value: Option<i64>) -> u64 {
    value
        .and_then(|value| u64::try_from(value).ok())
        .unwrap_or(0)
}

/// A confidence as it is stored.
pub(super) fn hundredths(value: Option<i64>) -> Option<Confidence> {
    value
        .and_then(|value| u8::try_from(value).ok())
        .map(Confidence)
}
