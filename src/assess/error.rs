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
    #[error(
        "`{0}` is no framework\n  help: one of soc2-2017, iso27001-2022, nist80053-r5, cis-8.1"
    )]
    UnknownFramework(String),
    /// A control of the entity that answers to none of any framework.
    #[error(
        "{file}: [[control]] `{control}` answers to `{from}`, which is no control of SOC 2 or ISO 27001\n  help: write ids as data/control_map.csv has them, e.g. from = [\"CC6.3\", \"5.18\"]"
    )]
    UnknownControl {
        /// The configuration file.
        file: String,
        /// The control.
        control: String,
        /// What it is said to answer to.
        from: String,
    },
}

impl Failing for Error {
    fn kind(&self) -> FailureKind {
        match self {
            Error::UnknownFramework(_) | Error::UnknownControl { .. } => FailureKind::Usage,
            Error::Rule(RunError::Engine {
                error: EngineError::File { .. },
                ..
            })
            | Error::Table(EngineError::File { .. }) => FailureKind::Input,
            Error::Rule(_) | Error::Table(_) | Error::Framework(_) => FailureKind::Internal,
        }
    }
}
