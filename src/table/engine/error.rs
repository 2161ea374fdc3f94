//! What can go wrong between rows, files and SQL.

use std::path::{Path, PathBuf};

use polars::prelude::PolarsError;

/// A failure of the engine, with the query or the file it happened in.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// A query was refused or failed.
    #[error("{message}\n  in the query: {sql}\nhelp: `piperoll tables` lists tables and columns")]
    Query {
        /// The SQL as given.
        sql: String,
        /// What the engine says.
        message: String,
    },
    /// A column could not be built.
    #[error("table `{table}`: {message}")]
    Table {
        /// The table.
        table: String,
        /// What the engine says.
        message: String,
    },
    /// A Parquet file could not be read or written.
    #[error("{}: {message}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the engine or the system says.
        message: String,
    },
}

impl EngineError {
    pub(super) fn query(sql: &str, error: &PolarsError) -> EngineError {
        EngineError::Query {
            sql: sql.trim().to_owned(),
            message: error.to_string(),
        }
    }

    pub(super) fn table(table: &str, error: &impl std::fmt::Display) -> EngineError {
        EngineError::Table {
            table: table.to_owned(),
            message: error.to_string(),
        }
    }

    pub(super) fn file(path: &Path, error: &impl std::fmt::Display) -> EngineError {
        EngineError::File {
            path: path.to_owned(),
            message: error.to_string(),
        }
    }
}
