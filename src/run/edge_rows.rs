//! Rows of the table `edge`, and the walk over them that a report makes.

use std::io;

use crate::identity::Edge;
use crate::model::{Confidence, Period, Place};
use crate::report::{EdgeRow, Edges};
use crate::table::engine::Store;
use crate::table::row::{Batch, edge};

/// `file:line` of a place.
pub(super) fn pointer(place: Place, files: &[String]) -> String {
    format!(
        "{}:{}",
        files.get(place.file.0 as usize).map_or("", String::as_str),
        place.line
    )
}

/// Adds an edge.
pub(super) fn edge_row(batch: &mut Batch, found: &Edge, files: &[String], period: Period) {
    let inside = period.contains(found.left_at) || period.contains(found.right_at);
    let band = found
        .confidence
        .band()
        .map_or("", crate::model::Band::as_str);
    let mut row = batch.row();
    row.text(edge::EDGE, found.edge)
        .text(edge::LEFT_ID, &found.left)
        .text(edge::RIGHT_ID, &found.right)
        .text(edge::KEY, found.key.as_str())
        .text(edge::KEY_NAME, found.key_name)
        .int(edge::CONFIDENCE, i64::from(found.confidence.0))
        .text(edge::BAND, band)
        .text(edge::WHY_LOST, found.why_lost)
        .text(edge::LEFT_EVIDENCE, &pointer(found.left_place, files))
        .text(edge::RIGHT_EVIDENCE, &pointer(found.right_place, files))
        .int(edge::AT, found.right_at.0)
        .int(edge::IN_PERIOD, i64::from(inside))
        .text(
            edge::SOURCE_FILE,
            files
                .get(found.right_place.file.0 as usize)
                .map_or("", String::as_str),
        )
        .int(
            edge::SOURCE_LINE,
            i64::try_from(found.right_place.line).ok(),
        );
    for alternative in &found.alternatives {
        row.item(edge::ALTERNATIVES, alternative);
    }
}

/// The edges of a store, as a report walks them.
pub(super) struct StoredEdges<'s>(pub(super) &'s Store);

impl Edges for StoredEdges<'_> {
    fn count(&self) -> u64 {
        self.0.rows("edge")
    }

    fn each(&self, visit: &mut dyn FnMut(&EdgeRow<'_>) -> io::Result<()>) -> io::Result<()> {
        for batch in self.0.scan(&edge::SCHEMA) {
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
                })?;
            }
        }
        Ok(())
    }
}

/// A confidence as it is stored.
pub(super) fn hundredths(value: Option<i64>) -> Option<Confidence> {
    value
        .and_then(|value| u8::try_from(value).ok())
        .map(Confidence)
}
