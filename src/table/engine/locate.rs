//! From a place in an input file back to the record's byte and, of tables that have it, digest.

use std::collections::{BTreeMap, BTreeSet};

use polars::prelude::*;

use super::{Bounds, EngineError, Store, Value};
use crate::model::Evidence;
use crate::table::row::TABLES;

/// A record as a rule's row names it: file and line, and the byte where a line holds several.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Spot {
    /// Input file.
    pub file: String,
    /// Line, from 1.
    pub line: u64,
    /// Byte offset, where the row says.
    pub byte: Option<u64>,
}

impl Store {
    /// The evidence of each spot, looked up over all tables.
    ///
    /// A spot without a byte stands for the first record of its line. A spot that no table knows
    /// is missing from the answer.
    pub fn locate(&self, spots: &BTreeSet<Spot>) -> Result<BTreeMap<Spot, Evidence>, EngineError> {
        let lines: BTreeSet<(&str, u64)> = spots
            .iter()
            .map(|spot| (spot.file.as_str(), spot.line))
            .collect();
        if lines.is_empty() {
            return Ok(BTreeMap::new());
        }
        let files: StringChunked = lines.iter().map(|(file, _)| Some(*file)).collect();
        let numbers: Int64Chunked = lines
            .iter()
            .map(|(_, line)| i64::try_from(*line).ok())
            .collect();
        let wanted = DataFrame::new(
            lines.len(),
            vec![
                files.with_name("file".into()).into_column(),
                numbers.with_name("line".into()).into_column(),
            ],
        )
        .map_err(|error| EngineError::table("spot", &error))?;

        let mut known: BTreeMap<(String, u64), BTreeMap<u64, String>> = BTreeMap::new();
        // A row of coverage stands for its file: it answers only where no record does.
        let of_files = |name: &str| name == "coverage";
        let records = TABLES.iter().filter(|table| !of_files(table.name));
        let files = TABLES.iter().filter(|table| of_files(table.name));
        for table in records.chain(files) {
            if table.position("source_byte").is_none() || self.rows(table.name) == 0 {
                continue;
            }
            let digest = table
                .position("source_sha256")
                .map_or("NULL", |_| "t.source_sha256");
            let sql = format!(
                "SELECT t.source_file, t.source_line, t.source_byte, {digest} AS source_sha256 \
                 FROM \"{}\" t JOIN spot s ON t.source_file = s.file AND t.source_line = s.line",
                table.name
            );
            let found = self.query_with(&sql, vec![("spot", wanted.clone())], Bounds::default())?;
            let told: BTreeSet<(String, u64)> = if of_files(table.name) {
                known.keys().cloned().collect()
            } else {
                BTreeSet::new()
            };
            for row in found.rows {
                if let [Value::Text(file), Value::Int(line), byte, sha256] = row.as_slice() {
                    let number = |value: i64| u64::try_from(value).unwrap_or(0);
                    let spot = (file.clone(), number(*line));
                    if told.contains(&spot) {
                        continue;
                    }
                    known
                        .entry(spot)
                        .or_default()
                        .entry(number(byte.as_int().unwrap_or(0)))
                        .or_insert_with(|| sha256.as_text().unwrap_or("").to_owned());
                }
            }
        }
        let mut located = BTreeMap::new();
        for spot in spots {
            let Some(records) = known.get(&(spot.file.clone(), spot.line)) else {
                continue;
            };
            let record = match spot.byte {
                Some(byte) => records.get_key_value(&byte),
                None => records.first_key_value(),
            };
            if let Some((&byte, sha256)) = record {
                let evidence = Evidence {
                    file: spot.file.clone(),
                    line: spot.line,
                    byte,
                    sha256: sha256.clone(),
                };
                located.insert(spot.clone(), evidence);
            }
        }
        Ok(located)
    }
}
