//! Why a pack could not be written or looked at.

use std::io;
use std::path::PathBuf;

use crate::model::{Failing, FailureKind};

/// Why a pack could not be written or looked at.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Evidence is never overwritten.
    #[error("{} exists already\nhelp: evidence is never overwritten; name a directory that is empty or does not exist", .0.display())]
    Exists(PathBuf),
    /// The directory to verify is not there.
    #[error("{} is not a directory\nhelp: name the directory that `piperoll report -o DIR` wrote", .0.display())]
    Missing(PathBuf),
    /// A pack to work with is not what was written.
    #[error(
        "{} is not the pack that was written: {mismatches} mismatch(es), first {first}\n  help: `piperoll verify {}` names them all; work with an unchanged copy", directory.display(), directory.display()
    )]
    Changed {
        /// The pack.
        directory: PathBuf,
        /// How many things do not fit.
        mismatches: usize,
        /// The first of them.
        first: String,
    },
    /// A population that the pack does not have.
    #[error("the pack has no population `{name}`\n  help: it has {known}")]
    NoPopulation {
        /// What was asked for.
        name: String,
        /// What there is.
        known: String,
    },
    /// A worksheet of a review that cannot be meant.
    #[error("{}:{line}: {what}\n  help: fill in a table of a pack that has the columns reviewer and decision, such as data/user_access_review.csv, and leave its row_id as it is; or data/exceptions.csv, and leave its exception_id", path.display())]
    Worksheet {
        /// The worksheet.
        path: PathBuf,
        /// The line, from 1.
        line: u64,
        /// What is wrong with it.
        what: String,
    },
    /// A name that cannot be a new directory, such as `/` or `..`.
    #[error("{} cannot name a new directory\nhelp: end the path with the name of the pack", .0.display())]
    NoName(PathBuf),
    /// Reading or writing failed.
    #[error("{}: {source}{}", path.display(), hint(source))]
    Io {
        /// The file or directory.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The tables cannot be read back.
    #[cfg(feature = "tables")]
    #[error(transparent)]
    Engine(#[from] crate::table::engine::EngineError),
    /// A key or signature that is not there or of no known form.
    #[error(
        "{} is no key or signature that can be used\n  help: sign with `minisign -Sm DIR/SHA256SUMS` or `ssh-keygen -Y sign -n file -f KEY DIR/SHA256SUMS`, and name the public key with --key", .0.display()
    )]
    NoSignature(PathBuf),
    /// Evidence cannot be read again.
    #[cfg(feature = "tables")]
    #[error(transparent)]
    Citation(#[from] crate::estate::CitationError),
    /// A file of the pack would have a name that its checksum list cannot carry.
    #[error(
        "`{0}` cannot be the name of a file in a pack\nhelp: use relative paths with `/`, no `..`, no backslash or control character"
    )]
    Name(String),
}

impl Error {
    /// Names the path an I/O error happened at.
    pub(super) fn at(path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Error {
        let path = path.into();
        move |source| Error::Io { path, source }
    }
}

impl Failing for Error {
    fn kind(&self) -> FailureKind {
        match self {
            Error::Exists(_)
            | Error::Missing(_)
            | Error::NoName(_)
            | Error::NoPopulation { .. }
            | Error::Worksheet { .. }
            | Error::NoSignature(_) => FailureKind::Usage,
            Error::Changed { .. } => FailureKind::Mismatch,
            Error::Io { .. } => FailureKind::Input,
            #[cfg(feature = "tables")]
            Error::Engine(crate::table::engine::EngineError::File { .. }) => FailureKind::Input,
            #[cfg(feature = "tables")]
            Error::Engine(_) => FailureKind::Internal,
            #[cfg(feature = "tables")]
            Error::Citation(error) => error.kind(),
            Error::Name(_) => FailureKind::Internal,
        }
    }
}

/// What to do about a failure of the system.
fn hint(source: &io::Error) -> &'static str {
    match source.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            "\n  help: make room on this disk, or name a directory on another one; nothing half-written was left"
        }
        io::ErrorKind::FileTooLarge => {
            "\n  help: raise the limit of file sizes (ulimit -f); nothing half-written was left"
        }
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            "\n  help: name a directory that can be written to"
        }
        _ => "",
    }
}
