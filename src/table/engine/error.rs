//! What can go wrong between rows, files and SQL.

use std::path::{Path, PathBuf};

use polars::prelude::PolarsError;

use super::complaint;
use super::refusal::Refusal;

use crate::model::{Failing, FailureKind};
use crate::table::row::Lacking;

/// How much of a query a message shows, in characters.
const SHOWN: usize = 200;

/// A failure of the engine, with the query or the file it happened in.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// A query was refused or failed.
    #[error("{message}\n  in the query: {sql}\n  help: {help}")]
    Query {
        /// The beginning of the SQL.
        sql: String,
        /// What is wrong with it.
        message: String,
        /// What to do.
        help: String,
    },
    /// A query answered more rows than it may.
    #[error(
        "the answer has more than {rows} rows\n  help: add LIMIT, count instead of listing, or raise --max-rows"
    )]
    Rows {
        /// The most that it may have.
        rows: u32,
    },
    /// A query took more memory than it may.
    #[error(
        "the query takes more than {bytes} bytes of memory beside the tables\n  help: join on columns that say which rows belong together, select fewer columns, or raise --max-memory"
    )]
    Memory {
        /// The most that it may take.
        bytes: u64,
    },
    /// The engine broke down.
    #[error("the engine failed on a query: {sql}\n  help: please report it; no answer was given")]
    Broken {
        /// The beginning of the SQL.
        sql: String,
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
    #[error(
        "{}: {message}\n  help: large tables are kept in temporary files; name a directory with room that can be written to in TMPDIR",
        path.display()
    )]
    File {
        /// The file.
        path: PathBuf,
        /// What the engine or the system says.
        message: String,
    },
}

impl Failing for EngineError {
    fn kind(&self) -> FailureKind {
        match self {
            EngineError::Query { .. } | EngineError::Rows { .. } | EngineError::Memory { .. } => {
                FailureKind::Usage
            }
            EngineError::File { .. } => FailureKind::Input,
            EngineError::Table { .. } | EngineError::Broken { .. } => FailureKind::Internal,
        }
    }
}

impl EngineError {
    pub(super) fn query(sql: &str, error: &PolarsError) -> EngineError {
        EngineError::refused(sql, complaint::translate(sql, error))
    }

    pub(super) fn refused(sql: &str, refusal: Refusal) -> EngineError {
        EngineError::Query {
            sql: beginning(sql),
            message: refusal.reason,
            help: refusal.help,
        }
    }

    pub(super) fn broken(sql: &str) -> EngineError {
        EngineError::Broken {
            sql: beginning(sql),
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

impl From<Lacking> for EngineError {
    fn from(lacking: Lacking) -> EngineError {
        EngineError::table(lacking.table, &lacking)
    }
}

/// The beginning of a query, on one line.
fn beginning(sql: &str) -> String {
    let line = sql.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", line.get(..end).unwrap_or_default()),
        None => line,
    }
}
