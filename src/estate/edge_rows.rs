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
    row.text(edge::EDGE, found.edge)
        .text(edge::LEFT_ID, &found.left)
        .text(edge::RIGHT_ID, &found.right)
        .text(edge::KEY, found.key.as_str())
        .text(edge::KEY_NAME, found.key_name)
        .int(edge::CONFIDENCE, i64::from(found.confidence.0))
        .text(edge::BAND, band)
        .text(edge::WHY_LOST, found.why_lost)
        .text(edge::LEFT_EVIDENCE, &pointer(found.left_place, files)?)
        .text(edge::RIGHT_EVIDENCE, &pointer(found.right_place, files)?)
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
        .text(edge::SOURCE_FILE, file_name(files, found.right_place)?)
        .int(
            edge::SOURCE_LINE,
            whole(found.right_place.line, found.right_place)?,
        );
    for alternative in &found.alternatives {
        row.item(edge::ALTERNATIVES, alternative);
    }
    Ok(())
}
