//! All tables of one run: rows in, SQL out.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, mpsc};

use polars::prelude::*;
use polars::sql::SQLContext;

use super::asking::{Asking, Large};
use super::part_file::PartFile;
use super::scan::{Batches, Kept};
use super::spill::Spilling;
use super::{Bounds, EngineError, ResultSet, frame};
use crate::scratch::Scratch;
use crate::table::row::{Batch, Schema as TableSchema, TABLES};

/// Stack of the thread that plans and runs a query.
const QUERY_STACK: usize = 64 << 20;

/// How many batches go to one file: Polars opens every file for every query.
const BATCHES: usize = 8;

/// How many rows of a table stay in memory.
const IN_MEMORY: u64 = 16_384;

/// What is kept of one table: up to one full batch in memory, or everything in files.
#[derive(Default)]
struct Held {
    memory: Option<DataFrame>,
    parts: Vec<PathBuf>,
    /// The last of the files, if it takes more, and how many batches it has.
    filling: Option<(Arc<PartFile>, usize)>,
    rows: u64,
}

impl Held {
    /// The file that the next batch goes to, and whether that one fills it.
    fn file(&mut self, part: impl Fn(usize) -> PathBuf) -> (Arc<PartFile>, bool) {
        let open = self.filling.take().filter(|(file, _)| !file.is_ended());
        let (file, batches) = open.unwrap_or_else(|| {
            let path = part(self.parts.len());
            self.parts.push(path.clone());
            (Arc::new(PartFile::new(path)), 0)
        });
        let last = batches + 1 == BATCHES;
        if !last {
            self.filling = Some((Arc::clone(&file), batches + 1));
        }
        (file, last)
    }
}

/// Every table of [`TABLES`], empty at first.
///
/// A table of up to one full batch stays in memory; a larger one lies in a private temporary
/// directory, so memory does not grow with the number of rows.
pub struct Store {
    tables: BTreeMap<&'static str, Held>,
    spill: Option<Scratch>,
    spilling: Spilling,
    /// Rows of a table that stay in memory.
    in_memory: u64,
}

impl Default for Store {
    fn default() -> Store {
        Store::holding(IN_MEMORY)
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
            None if fits => {
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
                let (file, last) = held.file(part);
                self.spilling.batch(file, batch, last)?;
            }
        }
        held.rows += rows;
        Ok(())
    }

    /// Adds a file of rows, which is not this store's to remove.
    pub(super) fn lies_in(&mut self, table: &'static str, path: PathBuf, rows: u64) {
        let held = self.tables.entry(table).or_default();
        held.parts.push(path);
        held.rows += rows;
    }

    /// How many rows a table holds; 0 for a name that is no table.
    #[must_use]
    pub fn rows(&self, table: &str) -> u64 {
        self.tables.get(table).map_or(0, |held| held.rows)
    }

    /// How many rows all tables hold together.
    #[must_use]
    pub fn all_rows(&self) -> u64 {
        self.tables.values().map(|held| held.rows).sum()
    }

    /// The batches of a table in the order of their arrival.
    #[must_use]
    pub fn scan(&self, table: &'static TableSchema) -> Batches<'_> {
        Batches::new(table, 0..table.columns.len(), self.held(table.name))
    }

    /// The same, of some columns: nothing else of the table is read back.
    #[must_use]
    pub fn scan_columns(&self, table: &'static TableSchema, columns: &[usize]) -> Batches<'_> {
        let columns = columns.iter().copied();
        Batches::new(table, columns, self.held(table.name))
    }

    /// Answers a query over all tables. Rows come in any order unless the query says, and in another
    /// one each time.
    ///
    /// Whoever wrote the query, it reads the tables and nothing else.
    pub fn query(&self, sql: &str) -> Result<ResultSet, EngineError> {
        self.query_joining(sql, &[])
    }

    /// Answers a query over all tables and the rows of `views`, which may take so much and no more.
    /// Rows come in no particular order unless the query says, and in the same one each time.
    pub fn query_beside(
        &self,
        sql: &str,
        views: &[Batch],
        bounds: Bounds,
    ) -> Result<ResultSet, EngineError> {
        self.query_with(sql, frames(views)?, bounds, Engine::InMemory)
    }

    /// Answers a query over all tables and the rows of `views`, a few at a time where it joins by equal
    /// columns alone. Rows come in any order.
    pub fn query_joining(&self, sql: &str, views: &[Batch]) -> Result<ResultSet, EngineError> {
        self.query_with(sql, frames(views)?, Bounds::default(), Engine::Streaming)
    }

    /// Answers a query over all tables and some more frames, by the streaming engine where that
    /// takes it and is asked for.
    pub(super) fn query_with(
        &self,
        sql: &str,
        extra: Vec<(&'static str, DataFrame)>,
        bounds: Bounds,
        engine: Engine,
    ) -> Result<ResultSet, EngineError> {
        let context = SQLContext::new();
        let mut known: Vec<&'static str> = Vec::with_capacity(TABLES.len() + 1);
        let mut large = Large::new();
        for table in TABLES {
            let rows = self.lazy(table)?;
            if self.in_files(table.name) {
                large.insert(table.name, rows.clone());
            }
            context.register(table.name, rows);
            known.push(table.name);
        }
        for (name, frame) in extra {
            context.register(name, frame.lazy());
            large.remove(name);
            known.push(name);
        }
        let (told, answer) = mpsc::channel();
        let asked = sql.to_owned();
        // Polars plans by recursion: a thread of its own bounds the depth of a query by memory,
        // not by the stack the caller happens to have.
        std::thread::Builder::new()
            .name("query".to_owned())
            .stack_size(QUERY_STACK)
            .spawn(move || {
                // Whoever asked may have given up.
                let asking = Asking {
                    context,
                    large,
                    known: &known,
                    engine,
                };
                let _ = told.send(asking.answer(&asked, bounds.rows));
            })
            .map_err(|error| EngineError::table("query", &error))?;
        bounds
            .wait(&answer)?
            .unwrap_or_else(|| Err(EngineError::broken(sql)))
    }

    /// What is kept of a table, once everything on its way to a file has arrived.
    pub(super) fn held(&self, table: &str) -> Result<Kept<'_>, EngineError> {
        self.spilling.settle()?;
        let held = self.tables.get(table);
        if let Some((file, _)) = held.and_then(|held| held.filling.as_ref()) {
            file.end()?;
        }
        Ok(held.map_or((None, &[]), |held| (held.memory.as_ref(), &held.parts)))
    }

    /// Whether the rows of a table lie in files.
    fn in_files(&self, table: &str) -> bool {
        self.tables
            .get(table)
            .is_some_and(|held| !held.parts.is_empty())
    }

    pub(super) fn lazy(&self, table: &'static TableSchema) -> Result<LazyFrame, EngineError> {
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
pub(super) fn spill(held: &mut Option<Scratch>) -> Result<PathBuf, EngineError> {
    if let Some(made) = held {
        return Ok(made.path().to_owned());
    }
    let parent = std::env::temp_dir();
    let made = Scratch::new_in_swept(&parent, "piperoll-")
        .map_err(|error| EngineError::file(&parent, &error))?;
    Ok(held.insert(made).path().to_owned())
}

/// Rows that a query may ask beside the tables.
fn frames(views: &[Batch]) -> Result<Vec<(&'static str, DataFrame)>, EngineError> {
    let frames = views.iter().map(|view| {
        let name = view.schema().name;
        let frame = frame::from_batch(view).map_err(|error| EngineError::table(name, &error));
        frame.map(|frame| (name, frame))
    });
    frames.collect()
}
