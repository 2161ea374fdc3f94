//! A sample as one JSON document.

use std::io::{self, Write};

use serde_json::{Map, Value, json};

use super::{Item, SampledRecord, Sampling};
use crate::report::escaped;

/// Writes the sample as JSON.
///
/// # Errors
///
/// Fails when the writer fails.
pub fn sampling_json(sampling: &Sampling, out: &mut dyn Write) -> io::Result<()> {
    let strata: Vec<Value> = sampling
        .strata
        .iter()
        .map(|stratum| {
            json!({
                "from": stratum.from,
                "to": stratum.to,
                "rows": stratum.rows,
                "drawn": stratum.drawn,
            })
        })
        .collect();
    let items: Vec<Value> = sampling
        .items
        .iter()
        .map(|item| one(sampling, item))
        .collect();
    let document = json!({
        "schema": "piperoll/sample/1",
        "pack": {
            "report_id": sampling.report_id,
            "sha256sums_sha256": sampling.sha256sums_sha256,
            "from": sampling.from,
            "to": sampling.to,
        },
        "population": {
            "file": sampling.population,
            "sha256": sampling.population_sha256,
            "rows": sampling.rows,
            "time_column": sampling.time_column,
        },
        "size": sampling.size,
        "seed": sampling.seed,
        "seed_given": sampling.seed_given,
        "method": sampling.method(),
        "strata": strata,
        "items": items,
    });
    escaped::to_writer_pretty(out, &document)?;
    out.write_all(b"\n")
}

fn one(sampling: &Sampling, item: &Item) -> Value {
    let cells: Map<String, Value> = sampling
        .header
        .iter()
        .cloned()
        .zip(item.cells.iter().cloned().map(Value::String))
        .collect();
    let records: Vec<Value> = item.records.iter().map(record).collect();
    json!({ "row": item.row, "stratum": item.stratum, "cells": cells, "records": records })
}

fn record(record: &SampledRecord) -> Value {
    let place = record.place.as_ref().map(|place| {
        json!({
            "byte": place.byte,
            "end": place.end,
            "kind": place.kind.as_str(),
            "sha256": place.sha256,
        })
    });
    json!({
        "side": record.side,
        "file": record.file,
        "line": record.line,
        "place": place,
        "state": record.state.words(),
        "text": record.text,
        "fetch": record.fetch,
    })
}
