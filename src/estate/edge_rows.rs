//! Rows of the table `edge`.

use super::Error;
use super::fact_rows::{file_name, whole};
use crate::identity::Edge;
use crate::model::{Period, Place};
use crate::table::row::{Batch, edge};

/// `file:line` of a place.
pub(super) fn pointer(place: Place, files: &[String]) -> Result<String, Error> {
    Ok(format!("{}:{}", file_name(files, place)?, place.line))
}

/// Adds an edge.
pub(super) fn edge_row(
    batch: &mut Batch,
    found: &Edge,
    files: &[String],
    period: Period,
) -> Result<(), Error> {
    let inside = period.contains(found.left_at) || period.contains(found.right_at);
    let band = found
        .confidence
        .band()
        .map_or("", crate::model::Band::as_str);
    let mut row = batch.row();
    row.clean(edge::EDGE, found.edge)
        .clean(edge::LEFT_ID, &found.left)
        // A request is the right end of one edge, as a rule.
        .unique(edge::RIGHT_ID, &found.right)
        .clean(edge::KEY, found.key.as_str())
        .clean(edge::KEY_NAME, found.key_name)
        .int(edge::CONFIDENCE, i64::from(found.confidence.0))
        .clean(edge::BAND, band)
        .clean(edge::WHY_LOST, found.why_lost)
        .clean(edge::LEFT_EVIDENCE, &pointer(found.left_place, files)?)
        .unique(edge::RIGHT_EVIDENCE, &pointer(found.right_place, files)?)
        .int(
            edge::LEFT_BYTE,
            whole(found.left_place.byte, found.left_place)?,
        )
        .int(
            edge::RIGHT_BYTE,
            whole(found.right_place.byte, found.right_place)?,
        )
        .int(edge::AT, found.right_at.0)
        .int(edge::IN_PERIOD, i64::from(inside))
        .clean(edge::SOURCE_FILE, file_name(files, found.right_place)?)
        .int(
            edge::SOURCE_LINE,
            whole(found.right_place.line, found.right_place)?,
        );
    for alternative in &found.alternatives {
        row.item(edge::ALTERNATIVES, alternative);
    }
    Ok(())
}
