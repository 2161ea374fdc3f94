//! The walk over one table, batch by batch.

use std::path::{Path, PathBuf};
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
    memory: Option<&'s DataFrame>,
    parts: std::slice::Iter<'s, PathBuf>,
    ahead: Option<JoinHandle<Result<Batch, EngineError>>>,
    /// Why the table cannot be read at all.
    fault: Option<EngineError>,
}

impl<'s> Batches<'s> {
    pub(super) fn new(table: &'static Schema, kept: Result<Kept<'s>, EngineError>) -> Batches<'s> {
        let (kept, fault) = match kept {
            Ok(kept) => (kept, None),
            Err(fault) => ((None, &[] as &[PathBuf]), Some(fault)),
        };
        let mut batches = Batches {
            table,
            memory: kept.0,
            parts: kept.1.iter(),
            ahead: None,
            fault,
        };
        batches.read_ahead();
        batches
    }

    fn read_ahead(&mut self) {
        let table = self.table;
        self.ahead = self
            .parts
            .next()
            .cloned()
            .map(|path| thread::spawn(move || read(table, &path)));
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
                frame::to_batch(table, memory)
                    .map_err(|error| EngineError::table(table.name, &error)),
            );
        }
        let ahead = self.ahead.take()?;
        self.read_ahead();
        Some(join(ahead))
    }
}

fn read(table: &'static Schema, path: &Path) -> Result<Batch, EngineError> {
    let columns = parquet::read(path)?;
    frame::to_batch(table, &columns).map_err(|error| EngineError::file(path, &error))
}
