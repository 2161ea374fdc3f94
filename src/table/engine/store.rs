//! All tables of one run: rows in, SQL out.

use std::collections::BTreeMap;
use std::path::PathBuf;

use polars::prelude::*;
use polars::sql::SQLContext;
use tempfile::TempDir;

use super::{EngineError, ResultSet, frame, parquet};
use crate::table::row::{Batch, Schema as TableSchema, TABLES};

/// Stack of the thread that plans and runs a query.
const QUERY_STACK: usize = 64 << 20;

/// What is kept of one table: up to one full batch in memory, or everything in files.
#[derive(Default)]
struct Held {
    memory: Option<DataFrame>,
    parts: Vec<PathBuf>,
    rows: u64,
}

/// Every table of [`TABLES`], empty at first.
///
/// A table of up to one full batch stays in memory; a larger one lies in a private temporary
/// directory, so memory does not grow with the number of rows.
pub struct Store {
    tables: BTreeMap<&'static str, Held>,
    spill: Option<TempDir>,
    /// Rows of a table that stay in memory.
    in_memory: u64,
}

impl Default for Store {
    fn default() -> Store {
        Store::holding(Batch::FULL as u64)
    }
}

impl Store {
    /// A store of empty tables.
    #[must_use]
    pub fn new() -> Store {
        Store::default()
    }

    /// A store that keeps up to `rows` rows of each table in memory.
    #[must_use]
    pub fn holding(rows: u64) -> Store {
        Store {
            tables: BTreeMap::new(),
            spill: None,
            in_memory: rows,
        }
    }

    /// Appends a batch to its table; an empty one changes nothing.
    pub fn append(&mut self, batch: Batch) -> Result<(), EngineError> {
        if batch.is_empty() {
            return Ok(());
        }
        let name = batch.schema().name;
        let columns =
            frame::from_batch(&batch).map_err(|error| EngineError::table(name, &error))?;
        let rows = batch.len() as u64;
        drop(batch);
        let held = self.tables.entry(name).or_default();
        let table = |error: PolarsError| EngineError::table(name, &error);
        match &mut held.memory {
            None if held.parts.is_empty() => held.memory = Some(columns),
            Some(memory) if held.rows + rows <= self.in_memory => {
                memory.vstack_mut(&columns).map_err(table)?;
            }
            // Never both in memory and in files: Polars 0.55 cannot count a union of the two
            // without its 128-bit integers.
            first => {
                let spill = spill(&mut self.spill)?;
                for mut columns in first.take().into_iter().chain([columns]) {
                    let path = spill.join(format!("{name}-{:05}.parquet", held.parts.len()));
                    parquet::write(&path, &mut columns)?;
                    held.parts.push(path);
                }
            }
        }
        held.rows += rows;
        Ok(())
    }

    /// How many rows a table holds; 0 for a name that is no table.
    #[must_use]
    pub fn rows(&self, table: &str) -> u64 {
        self.tables.get(table).map_or(0, |held| held.rows)
    }

    /// The batches of a table in the order of their arrival.
    #[must_use]
    pub fn scan(&self, table: &'static TableSchema) -> Batches<'_> {
        let (memory, parts) = self.held(table.name);
        Batches {
            table,
            memory,
            parts: parts.iter(),
        }
    }

    /// Answers a query over all tables. Rows come in no particular order unless the query says.
    pub fn query(&self, sql: &str) -> Result<ResultSet, EngineError> {
        self.query_with(sql, None)
    }

    /// Answers a query over all tables and one more frame.
    pub(super) fn query_with(
        &self,
        sql: &str,
        extra: Option<(&str, DataFrame)>,
    ) -> Result<ResultSet, EngineError> {
        let mut context = SQLContext::new();
        for table in TABLES {
            context.register(table.name, self.lazy(table)?);
        }
        if let Some((name, frame)) = extra {
            context.register(name, frame.lazy());
        }
        // Polars plans by recursion: a thread of its own bounds the depth of a query by memory,
        // not by the stack the caller happens to have.
        let answer = std::thread::scope(|scope| {
            std::thread::Builder::new()
                .stack_size(QUERY_STACK)
                .spawn_scoped(scope, || context.execute(sql).and_then(LazyFrame::collect))
                .map_err(|error| polars_err!(ComputeError: "no thread for the query: {error}"))
                .and_then(|thread| {
                    let panicked = || polars_err!(ComputeError: "the query ended in a panic");
                    thread.join().unwrap_or_else(|_| Err(panicked()))
                })
        });
        answer
            .and_then(|frame| ResultSet::from_frame(&frame))
            .map_err(|error| EngineError::query(sql, &error))
    }

    pub(super) fn held(&self, table: &str) -> (Option<&DataFrame>, &[PathBuf]) {
        self.tables
            .get(table)
            .map_or((None, &[]), |held| (held.memory.as_ref(), &held.parts))
    }

    fn lazy(&self, table: &'static TableSchema) -> Result<LazyFrame, EngineError> {
        let (memory, parts) = self.held(table.name);
        if let Some(memory) = memory {
            return Ok(memory.clone().lazy());
        }
        if parts.is_empty() {
            return Ok(frame::empty(table).lazy());
        }
        let paths = parts
            .iter()
            .map(|path| PlRefPath::try_from_path(path))
            .collect::<PolarsResult<Vec<_>>>()
            .map_err(|error| EngineError::table(table.name, &error))?;
        let options = ScanArgsParquet {
            glob: false,
            ..ScanArgsParquet::default()
        };
        LazyFrame::scan_parquet_files(paths.into(), options)
            .map_err(|error| EngineError::table(table.name, &error))
    }
}

/// The private directory that large tables lie in, made when it is first needed.
fn spill(held: &mut Option<TempDir>) -> Result<PathBuf, EngineError> {
    if let Some(made) = held {
        return Ok(made.path().to_owned());
    }
    let made = tempfile::Builder::new()
        .prefix("piperoll-")
        .tempdir()
        .map_err(|error| EngineError::file(&std::env::temp_dir(), &error))?;
    Ok(held.insert(made).path().to_owned())
}

/// The batches of one table, read back one at a time.
pub struct Batches<'s> {
    table: &'static TableSchema,
    memory: Option<&'s DataFrame>,
    parts: std::slice::Iter<'s, PathBuf>,
}

impl Iterator for Batches<'_> {
    type Item = Result<Batch, EngineError>;

    fn next(&mut self) -> Option<Self::Item> {
        let table = self.table;
        if let Some(memory) = self.memory.take() {
            return Some(
                frame::to_batch(table, memory)
                    .map_err(|error| EngineError::table(table.name, &error)),
            );
        }
        let path = self.parts.next()?;
        Some(parquet::read(path).and_then(|columns| {
            frame::to_batch(table, &columns).map_err(|error| EngineError::file(path, &error))
        }))
    }
}
