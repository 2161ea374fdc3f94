//! What keeps rules from being run.

use super::RunError;
use crate::finding::FrameworkError;
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
    /// A framework file is wrong.
    #[error("{}: {}", .0.file, .0.message)]
    Framework(FrameworkError),
    /// A framework that is not in the box.
    #[error("`{0}` is no framework\n  help: one of soc2-2017, iso27001-2022")]
    UnknownFramework(String),
}

impl Failing for Error {
    fn kind(&self) -> FailureKind {
        match self {
            Error::UnknownFramework(_) => FailureKind::Usage,
            Error::Rule(RunError::Engine {
                error: EngineError::File { .. },
                ..
            })
            | Error::Table(EngineError::File { .. }) => FailureKind::Input,
            Error::Rule(_) | Error::Table(_) | Error::Framework(_) => FailureKind::Internal,
        }
    }
}
