//! What keeps an estate from being read.

use crate::source;
use crate::store::StoreError;
use crate::table::engine::EngineError;

use crate::model::{Failing, FailureKind};

/// A reading that could not be finished. What is wrong with single records or files is no error: it
/// is counted and reported.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The inputs cannot be used.
    #[error(transparent)]
    Source(#[from] source::Error),
    /// The table engine failed.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// What was kept of the inputs cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// What comes from a pipe cannot be kept for a second look.
    #[error(
        "what comes from a pipe could not be kept: {0}\n  help: set TMPDIR to a directory with room for it"
    )]
    Streams(std::io::Error),
    /// A fact was read at a place that is in no input.
    #[error("a record is said to be at line {line} of the input number {file}, which there is not\n  help: this is a fault of piperoll; please report it", line = place.line, file = place.file.0)]
    Place {
        /// The place.
        place: crate::model::Place,
    },
    /// An operation has another number in the log of operations than in the ledger.
    #[error(
        "operation {number} is not in the ledger\n  help: this is a fault of piperoll; please report it"
    )]
    Operation {
        /// Its number.
        number: u32,
    },
    /// The period is empty or reversed.
    #[error(
        "the period ends at {to}, not after its start {from}\n  help: the period is half-open, [from, to)"
    )]
    Period {
        /// Start.
        from: crate::model::Timestamp,
        /// End.
        to: crate::model::Timestamp,
    },
}

impl Failing for Error {
    fn kind(&self) -> FailureKind {
        match self {
            Error::Source(error) => error.kind(),
            Error::Store(error) => error.kind(),
            Error::Engine(EngineError::File { .. }) | Error::Streams(_) => FailureKind::Input,
            Error::Engine(_) | Error::Place { .. } | Error::Operation { .. } => {
                FailureKind::Internal
            }
            Error::Period { .. } => FailureKind::Usage,
        }
    }
}
