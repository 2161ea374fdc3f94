//! Rows of one table that become one Parquet file, and the rows of such a file.

use std::io::Cursor;
use std::path::Path;

use polars::prelude::{DataFrame, ParquetReader, PolarsError, SerReader as _};

use super::{EngineError, frame, parquet};
use crate::table::row::{Batch, Schema};

/// Rows on their way to one file.
#[derive(Debug, Default)]
pub struct Part {
    columns: Option<DataFrame>,
}

impl Part {
    /// Adds the rows of a batch, all of one table.
    pub fn append(&mut self, batch: &Batch) -> Result<(), EngineError> {
        let table = |error: PolarsError| EngineError::table(batch.schema().name, &error);
        let columns = frame::from_batch(batch).map_err(table)?;
        match &mut self.columns {
            Some(first) => {
                first.vstack_mut(&columns).map_err(table)?;
            }
            None => self.columns = Some(columns),
        }
        Ok(())
    }

    /// How many rows there are.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.columns.as_ref().map_or(0, DataFrame::height)
    }

    /// Writes them to a new file.
    pub fn write(self, path: &Path) -> Result<(), EngineError> {
        let mut columns = self.columns.unwrap_or_default();
        columns.rechunk_mut();
        parquet::write(path, &mut columns)
    }

    /// The rows that `bytes`, read from the file at `path`, hold of `table`.
    pub fn read(table: &'static Schema, path: &Path, bytes: &[u8]) -> Result<Batch, EngineError> {
        let columns = ParquetReader::new(Cursor::new(bytes))
            .finish()
            .map_err(|error| EngineError::file(path, &error))?;
        super::export::check(table, &columns, path)?;
        frame::to_batch(
            table,
            &(0..table.columns.len()).collect::<Vec<_>>(),
            &columns,
        )
        .map_err(|error| EngineError::file(path, &error))
    }
}
