//! The walk over one table, batch by batch.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::{self, JoinHandle};

use polars::prelude::DataFrame;

use super::spill::join;
use super::{EngineError, frame, parquet};
use crate::table::row::{Batch, Schema};

/// A table as it is kept: its rows in memory, or the files they are in.
pub(super) type Kept<'s> = (Option<&'s DataFrame>, &'s [PathBuf]);

/// The batches of one table, read back one at a time. While the caller works on one batch, the
/// next is read on a thread of its own.
pub struct Batches<'s> {
    table: &'static Schema,
    columns: Arc<[usize]>,
    memory: Option<&'s DataFrame>,
    parts: std::slice::Iter<'s, PathBuf>,
    ahead: Option<Ahead>,
    /// Why the table cannot be read at all.
    fault: Option<EngineError>,
}

/// Rows on their way: so many of a file, from one of its rows on.
struct Ahead {
    path: PathBuf,
    from: usize,
    reading: JoinHandle<Result<Piece, EngineError>>,
}

/// Some rows of a file, and how many the whole of it has.
struct Piece {
    batch: Batch,
    of: usize,
}

impl<'s> Batches<'s> {
    /// A walk that reads back `columns` and no others.
    pub(super) fn new(
        table: &'static Schema,
        columns: impl IntoIterator<Item = usize>,
        kept: Result<Kept<'s>, EngineError>,
    ) -> Batches<'s> {
        let (kept, fault) = match kept {
            Ok(kept) => (kept, None),
            Err(fault) => ((None, &[] as &[PathBuf]), Some(fault)),
        };
        let mut batches = Batches {
            table,
            // In the order of the table, each once.
            columns: columns
                .into_iter()
                .collect::<BTreeSet<_>>()
                .into_iter()
                .collect(),
            memory: kept.0,
            parts: kept.1.iter(),
            ahead: None,
            fault,
        };
        batches.read_ahead(None);
        batches
    }

    /// Begins to read what comes next of a file that is not read to its end, else of the next one.
    fn read_ahead(&mut self, rest: Option<(PathBuf, usize)>) {
        let next = || Some((self.parts.next()?.clone(), 0));
        let Some((path, from)) = rest.or_else(next) else {
            return;
        };
        let (table, columns, file) = (self.table, Arc::clone(&self.columns), path.clone());
        self.ahead = Some(Ahead {
            path,
            from,
            reading: thread::spawn(move || read(table, &columns, &file, from)),
        });
    }
}

impl Iterator for Batches<'_> {
    type Item = Result<Batch, EngineError>;

    fn next(&mut self) -> Option<Self::Item> {
        if let Some(fault) = self.fault.take() {
            return Some(Err(fault));
        }
        let table = self.table;
        if let Some(memory) = self.memory.take() {
            return Some(
                frame::to_batch(table, &self.columns, memory)
                    .map_err(|error| EngineError::table(table.name, &error)),
            );
        }
        let Ahead {
            path,
            from,
            reading,
        } = self.ahead.take()?;
        let read = join(reading).map(|piece| {
            let to = from + Batch::FULL;
            self.read_ahead((to < piece.of).then_some((path, to)));
            piece.batch
        });
        Some(read)
    }
}

/// Reads some rows of a file: what was written as one batch, and no more of it than that.
fn read(
    table: &'static Schema,
    columns: &[usize],
    path: &Path,
    from: usize,
) -> Result<Piece, EngineError> {
    let wanted = columns.iter().filter_map(|&at| table.columns.get(at));
    let names = wanted.map(|column| column.name.to_owned()).collect();
    let (frame, of) = parquet::read_rows(path, names, (from, Batch::FULL))?;
    let batch = frame::to_batch(table, columns, &frame);
    let batch = batch.map_err(|error| EngineError::file(path, &error))?;
    Ok(Piece { batch, of })
}
