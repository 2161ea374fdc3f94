//! From a place in an input file back to the record's byte and, of tables that have it, digest.

use std::collections::{BTreeMap, BTreeSet};

use polars::prelude::*;

use super::{Bounds, EngineError, Store, Value};
use crate::model::Evidence;
use crate::table::row::{Schema, TABLES};

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
        let wanted = frame(&lines)?;
        let mut known = Records::new();
        for table in TABLES.iter().filter(|table| table.name != COVERAGE) {
            self.find_records(table, &wanted, &mut known)?;
        }
        // A row of coverage stands for its file: it answers only where no record does.
        let mut files = Records::new();
        for table in TABLES.iter().filter(|table| table.name == COVERAGE) {
            self.find_records(table, &wanted, &mut files)?;
        }
        for (line, records) in files {
            known.entry(line).or_insert(records);
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

    /// Adds the records of a table that stand on the wanted lines, where it says which byte.
    fn find_records(
        &self,
        table: &Schema,
        wanted: &DataFrame,
        known: &mut Records,
    ) -> Result<(), EngineError> {
        if table.position("source_byte").is_none() || self.rows(table.name) == 0 {
            return Ok(());
        }
        let digest = table
            .position("source_sha256")
            .map_or("NULL", |_| "t.source_sha256");
        let sql = format!(
            "SELECT t.source_file, t.source_line, t.source_byte, {digest} AS source_sha256 \
             FROM \"{}\" t JOIN spot s ON t.source_file = s.file AND t.source_line = s.line",
            table.name
        );
        let spots = vec![("spot", wanted.clone())];
        let found = self.query_with(&sql, spots, Bounds::default(), Engine::Streaming)?;
        for row in found.rows {
            if let [
                Value::Text(file),
                Value::Int(line),
                Value::Int(byte),
                sha256,
            ] = row.as_slice()
                && let (Ok(line), Ok(byte)) = (u64::try_from(*line), u64::try_from(*byte))
            {
                known
                    .entry((file.clone(), line))
                    .or_default()
                    .entry(byte)
                    .or_insert_with(|| sha256.as_text().unwrap_or("").to_owned());
            }
        }
        Ok(())
    }
}

/// The table whose rows stand for files.
const COVERAGE: &str = "coverage";

/// Digests of records by byte, by file and line.
type Records = BTreeMap<(String, u64), BTreeMap<u64, String>>;

/// Files and lines, to be joined.
fn frame(lines: &BTreeSet<(&str, u64)>) -> Result<DataFrame, EngineError> {
    let files: StringChunked = lines.iter().map(|(file, _)| Some(*file)).collect();
    let numbers: Int64Chunked = lines
        .iter()
        .map(|(_, line)| i64::try_from(*line).ok())
        .collect();
    let columns = vec![
        files.with_name("file".into()).into_column(),
        numbers.with_name("line".into()).into_column(),
    ];
    DataFrame::new(lines.len(), columns).map_err(|error| EngineError::table("spot", &error))
}
