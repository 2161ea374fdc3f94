//! What ends a run.

use crate::finding::FrameworkError;
use crate::rule::{RuleError, RunError};
use crate::table::engine::EngineError;
use crate::{pack, source};

/// A run that could not be finished. What is wrong with single records or files is no error: it
/// is counted and reported.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The inputs cannot be used.
    #[error(transparent)]
    Source(#[from] source::Error),
    /// The table engine failed.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// A rule file is wrong.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
    Rules(Vec<RuleError>),
    /// A rule cannot be run.
    #[error(transparent)]
    Rule(#[from] RunError),
    /// A framework file is wrong.
    #[error("{}: {}", .0.file, .0.message)]
    Framework(FrameworkError),
    /// The pack cannot be written.
    #[error(transparent)]
    Pack(#[from] pack::Error),
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
    /// A framework that is not in the box.
    #[error("`{0}` is no framework\n  help: one of soc2-2017, iso27001-2022")]
    UnknownFramework(String),
}

impl Error {
    /// The exit code: 2 for what the caller asked wrongly, 3 for inputs, 70 for what is our fault.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        match self {
            Error::Source(source::Error::Nothing(_) | source::Error::List { .. }) => 3,
            Error::Source(_) | Error::Period { .. } | Error::UnknownFramework(_) => 2,
            Error::Pack(error) => error.exit_code(),
            Error::Engine(error) | Error::Rule(RunError::Engine { error, .. })
                if error.exit_code() == 3 =>
            {
                3
            }
            Error::Engine(_) | Error::Rules(_) | Error::Rule(_) | Error::Framework(_) => 70,
        }
    }
}
