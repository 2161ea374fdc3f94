//! What can go wrong before a single record is read.

use std::path::PathBuf;

use crate::model::{Failing, FailureKind};

/// An input that cannot be used at all.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A path or glob names nothing.
    #[error("`{}` does not exist\n  help: INPUT is a file, a directory, a glob or `-` for standard input", .0.display())]
    Missing(PathBuf),
    /// A glob is malformed.
    #[error(
        "`{pattern}` is not a valid glob: {reason}\n  help: quote the pattern; `*` stays within a directory, `**` crosses them"
    )]
    Glob {
        /// The pattern as given.
        pattern: String,
        /// What the glob parser says.
        reason: String,
    },
    /// A directory cannot be listed.
    #[error("cannot list `{}`: {reason}\n  help: check the permissions of the directory", path.display())]
    List {
        /// The directory.
        path: PathBuf,
        /// What the system says.
        reason: String,
    },
    /// There is no file in any input.
    #[error(
        "no input: {0} hold no file\n  help: name files or directories that hold exported logs, or set `[input] paths` in piperoll.toml"
    )]
    Nothing(String),
    /// No input was named anywhere.
    #[error(
        "no input was named\n  help: `piperoll report DIR`, or set `[input] paths` in piperoll.toml"
    )]
    Unnamed,
}

impl Failing for Error {
    fn kind(&self) -> FailureKind {
        match self {
            Error::Nothing(_) | Error::List { .. } => FailureKind::Input,
            Error::Missing(_) | Error::Glob { .. } | Error::Unnamed => FailureKind::Usage,
        }
    }
}
