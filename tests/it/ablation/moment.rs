//! When a record was made, in seconds.

use piperoll::model::Timestamp;
use serde_json::Value;

/// The first second of the period.
pub(super) const START: i64 = 1_788_220_800;
/// The first second after it.
pub(super) const END: i64 = START + 30 * 86_400;

/// The moment that a record of any of the logs states.
pub(super) fn of(record: &Value) -> Option<i64> {
    let stated = ["time", "timestamp", "started_at", "created_at"];
    let text = stated.iter().find_map(|key| record[key].as_str())?;
    let at = Timestamp::parse(text)?;
    Some(at.0.div_euclid(1_000_000))
}

/// A moment in words.
pub(super) fn written(seconds: i64) -> String {
    let clamped = seconds.clamp(START - 86_400, END + 86_400);
    Timestamp(clamped * 1_000_000).to_string()
}
