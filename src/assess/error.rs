//! What keeps rules from being run.

use super::RunError;
use crate::finding::ChoiceError;
use crate::table::engine::EngineError;

use crate::model::{Failing, FailureKind};

/// An assessment that could not be finished.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A rule cannot be run.
    #[error(transparent)]
    Rule(#[from] RunError),
    /// The tables cannot be read back.
    #[error(transparent)]
    Table(#[from] EngineError),
    /// The frameworks asked for cannot be had.
    #[error(transparent)]
    Frameworks(#[from] ChoiceError),
}

impl Failing for Error {
    fn kind(&self) -> FailureKind {
        match self {
            Error::Frameworks(error) => error.kind(),
            Error::Rule(RunError::Unasked { .. }) => FailureKind::Usage,
            Error::Rule(RunError::Engine {
                error: EngineError::File { .. },
                ..
            })
            | Error::Table(EngineError::File { .. }) => FailureKind::Input,
            Error::Rule(_) | Error::Table(_) => FailureKind::Internal,
        }
    }
}
