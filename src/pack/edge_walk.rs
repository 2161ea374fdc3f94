//! The walk over the edges of a store that a report makes.

use std::io;

use super::stored_row::StoredRow;
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
                let stored = StoredRow {
                    table: &edge::SCHEMA,
                    batch: &batch,
                    row,
                };
                let sure = stored.confidence(edge::CONFIDENCE)?;
                visit(&EdgeRow {
                    edge: stored.text(edge::EDGE),
                    left_id: stored.text(edge::LEFT_ID),
                    right_id: stored.text(edge::RIGHT_ID),
                    key: stored.text(edge::KEY),
                    confidence: sure.ok_or_else(|| stored.lacks(edge::CONFIDENCE))?,
                    alternatives: &stored.texts(edge::ALTERNATIVES),
                    left_evidence: stored.text(edge::LEFT_EVIDENCE),
                    right_evidence: stored.text(edge::RIGHT_EVIDENCE),
                    left_byte: stored.whole(edge::LEFT_BYTE)?,
                    right_byte: stored.whole(edge::RIGHT_BYTE)?,
                })?;
            }
        }
        Ok(())
    }
}
