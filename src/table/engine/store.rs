//! All tables of one run: rows in, SQL out.

use std::collections::BTreeMap;
use std::path::PathBuf;

use polars::prelude::*;
use polars::sql::SQLContext;
use tempfile::TempDir;

use super::scan::Batches;
use super::spill::Spilling;
use super::{EngineError, ResultSet, frame};
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

/// A table as it is kept: its rows in memory, or the files they are in.
pub(super) type Kept<'s> = (Option<&'s DataFrame>, &'s [PathBuf]);

/// Every table of [`TABLES`], empty at first.
///
/// A table of up to one full batch stays in memory; a larger one lies in a private temporary
/// directory, so memory does not grow with the number of rows.
pub struct Store {
    tables: BTreeMap<&'static str, Held>,
    spill: Option<TempDir>,
    spilling: Spilling,
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
            spilling: Spilling::default(),
            in_memory: rows,
        }
    }

    /// Appends a batch to its table; an empty one changes nothing.
    ///
    /// A batch that goes to a file is written on a thread of its own: what fails there is the
    /// error of the next call that spills or reads.
    pub fn append(&mut self, batch: Batch) -> Result<(), EngineError> {
        if batch.is_empty() {
            return Ok(());
        }
        let name = batch.schema().name;
        let rows = batch.len() as u64;
        let held = self.tables.entry(name).or_default();
        let table = |error: PolarsError| EngineError::table(name, &error);
        let fits = held.parts.is_empty() && held.rows + rows <= self.in_memory;
        match &mut held.memory {
            None if held.parts.is_empty() => {
                held.memory = Some(frame::from_batch(&batch).map_err(table)?);
            }
            Some(memory) if fits => {
                let columns = frame::from_batch(&batch).map_err(table)?;
                memory.vstack_mut(&columns).map_err(table)?;
            }
            // Never both in memory and in files: Polars 0.55 cannot count a union of the two
            // without its 128-bit integers.
            first => {
                let spill = spill(&mut self.spill)?;
                let part = |number: usize| spill.join(format!("{name}-{number:05}.parquet"));
                if let Some(columns) = first.take() {
                    held.parts.push(part(0));
                    self.spilling.frame(part(0), columns)?;
                }
                let path = part(held.parts.len());
                held.parts.push(path.clone());
                self.spilling.batch(path, batch)?;
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
        Batches::new(table, self.held(table.name))
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

    /// What is kept of a table, once everything on its way to a file has arrived.
    pub(super) fn held(&self, table: &str) -> Result<Kept<'_>, EngineError> {
        self.spilling.settle()?;
        let held = self.tables.get(table);
        Ok(held.map_or((None, &[]), |held| (held.memory.as_ref(), &held.parts)))
    }

    fn lazy(&self, table: &'static TableSchema) -> Result<LazyFrame, EngineError> {
        let (memory, parts) = self.held(table.name)?;
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
