//! Changes as one JSON document.

use std::io::{self, Write};

use serde_json::{Value, json};

use super::{Difference, PackName, Topic};
use crate::report::escaped;

/// Writes the changes as JSON.
///
/// # Errors
///
/// Fails when the writer fails.
pub fn difference_json(difference: &Difference, out: &mut dyn Write) -> io::Result<()> {
    let changes: Vec<Value> = difference
        .changes
        .iter()
        .map(|change| {
            json!({
                "topic": change.topic.as_str(),
                "change": change.change,
                "id": change.id,
                "what": change.what,
                "field": change.field,
                "old": change.old,
                "new": change.new,
                "note": change.note,
            })
        })
        .collect();
    let count = |change| difference.count(Topic::Finding, change);
    let document = json!({
        "schema": "piperoll/diff/1",
        "old": pack(&difference.old),
        "new": pack(&difference.new),
        "findings": {
            "new": count("new"),
            "gone": count("gone"),
            "changed": count("changed"),
            "same": difference.same_findings,
        },
        "changes": changes,
    });
    escaped::to_writer_pretty(out, &document)?;
    out.write_all(b"\n")
}

fn pack(name: &PackName) -> Value {
    json!({
        "report_id": name.report_id,
        "sha256sums_sha256": name.sha256sums_sha256,
        "from": name.from,
        "to": name.to,
        "interim": name.interim,
    })
}
