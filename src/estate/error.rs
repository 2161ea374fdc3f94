//! What keeps an estate from being read.

use crate::source;
use crate::table::engine::EngineError;

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

impl Error {
    /// The exit code: 2 for what the caller asked wrongly, 3 for inputs, 70 for what is our fault.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        match self {
            Error::Source(source::Error::Nothing(_) | source::Error::List { .. })
            | Error::Engine(EngineError::File { .. }) => 3,
            Error::Source(_) | Error::Period { .. } => 2,
            Error::Engine(_) => 70,
        }
    }
}
