//! Tables as folders of Parquet files: export for other engines, import.

use std::fs;
use std::path::{Path, PathBuf};

use polars::prelude::DataFrame;

use super::parquet::{read, write};
use super::{EngineError, Store, frame};
use crate::scratch;
use crate::table::row::{Schema as TableSchema, TABLES};

/// A file that [`Store::keep`] wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptPart {
    /// The table that its rows are of.
    pub table: &'static str,
    /// Its name.
    pub file: String,
    /// How many rows it has.
    pub rows: u64,
}

impl Store {
    /// Writes the rows of every table to new files `dir/<table>-<n>.parquet`, for good: packed, and with
    /// what an engine needs to pass over what a question is not about.
    pub fn keep(&self, dir: &Path) -> Result<Vec<KeptPart>, EngineError> {
        let mut kept = Vec::new();
        for table in TABLES {
            let mut keep = |mut rows: DataFrame| {
                let file = format!("{}-{:05}.parquet", table.name, kept.len());
                kept.push(KeptPart {
                    table: table.name,
                    file: file.clone(),
                    rows: rows.height() as u64,
                });
                write(&dir.join(file), &mut rows)
            };
            let (memory, parts) = self.held(table.name)?;
            memory.cloned().map_or(Ok(()), &mut keep)?;
            for part in parts {
                keep(read(part)?)?;
            }
        }
        Ok(kept)
    }

    /// Tables that lie in files which stay: of what table they are, where, and how many rows they have;
    /// none where one is of no table.
    #[must_use]
    pub fn of_files<'f>(files: impl IntoIterator<Item = (&'f str, PathBuf, u64)>) -> Option<Store> {
        let mut store = Store::new();
        for (name, path, rows) in files {
            let table = TABLES.iter().find(|table| table.name == name)?;
            store.lies_in(table.name, path, rows);
        }
        Some(store)
    }

    /// Writes every table as `dir/<table>/part-<n>.parquet`, empty tables included.
    pub fn export(&self, dir: &Path) -> Result<(), EngineError> {
        for table in TABLES {
            let folder = dir.join(table.name);
            scratch::create_directories(&folder)
                .map_err(|error| EngineError::file(&folder, &error))?;
            let part = |number: usize| folder.join(format!("part-{number:05}.parquet"));
            let (memory, parts) = self.held(table.name)?;
            let mut first = memory.cloned().unwrap_or_else(|| frame::empty(table));
            write(&part(0), &mut first)?;
            for (number, from) in parts.iter().enumerate() {
                let to = part(number + 1);
                fs::copy(from, &to).map_err(|error| EngineError::file(&to, &error))?;
            }
        }
        Ok(())
    }

    /// Appends what [`Store::export`] wrote; a table without a folder stays as it is.
    pub fn import(&mut self, dir: &Path) -> Result<(), EngineError> {
        for table in TABLES {
            for path in part_files(&dir.join(table.name))? {
                let frame = read(&path)?;
                check(table, &frame, &path)?;
                let all: Vec<usize> = (0..table.columns.len()).collect();
                let batch = frame::to_batch(table, &all, &frame)
                    .map_err(|error| EngineError::file(&path, &error))?;
                self.append(batch)?;
            }
        }
        Ok(())
    }
}

/// The Parquet files of a folder by name; none when there is no folder.
fn part_files(folder: &Path) -> Result<Vec<PathBuf>, EngineError> {
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let entries = fs::read_dir(folder).map_err(|error| EngineError::file(folder, &error))?;
    let mut files = Vec::new();
    for entry in entries {
        let path = entry
            .map_err(|error| EngineError::file(folder, &error))?
            .path();
        if path.extension().is_some_and(|end| end == "parquet") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// Refuses a file whose columns are not the table's.
pub(super) fn check(
    table: &TableSchema,
    frame: &DataFrame,
    path: &Path,
) -> Result<(), EngineError> {
    for (name, expected) in frame::schema(table).iter() {
        let found = frame.schema().get(name).cloned();
        if found.as_ref() != Some(expected) {
            let found = found.map_or("is missing".to_owned(), |kind| format!("is {kind}"));
            let message = format!(
                "column `{name}` of table `{}` {found}, not {expected}\n\
                 help: export the tables with the same version that imports them",
                table.name
            );
            return Err(EngineError::file(path, &message));
        }
    }
    Ok(())
}
