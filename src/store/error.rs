//! What can go wrong with a store.

use std::io;
use std::path::{Path, PathBuf};

use super::Shard;
use crate::model::{Failing, FailureKind};
use crate::source;
use crate::table::engine::EngineError;

/// A store that cannot be used, or not be written.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// There is no store.
    #[error("`{}` is no store: {reason}\n  help: `piperoll ingest INPUT... --store {}` makes one", .directory.display(), .directory.display())]
    None {
        /// The directory.
        directory: PathBuf,
        /// Why not.
        reason: String,
    },
    /// The directory holds something else.
    #[error("`{}` holds other files and no store\n  help: name an empty directory, or one that does not exist", .0.display())]
    Foreign(PathBuf),
    /// Another version wrote it.
    #[error(
        "`{}` is a store of another kind: `{found}`, not `{expected}`\n  help: make a new one: `piperoll ingest INPUT... --store DIR`",
        .directory.display()
    )]
    Schema {
        /// The directory.
        directory: PathBuf,
        /// The schema that it names.
        found: String,
        /// The schema that this version writes.
        expected: &'static str,
    },
    /// Another version of the program read the inputs.
    #[error(
        "`{}` was filled by piperoll {found}, and this is {expected}: what it reads out of the inputs may differ\n  help: `piperoll ingest INPUT... --store {}` reads them again",
        .directory.display(), .directory.display()
    )]
    Reader {
        /// The directory.
        directory: PathBuf,
        /// The version that filled it.
        found: String,
        /// This version.
        expected: &'static str,
    },
    /// It is one of several that together hold the inputs.
    #[error(
        "`{}` is shard {shard}: what it says of the inputs is not all\n  help: `piperoll ingest --from-shards DIR... --store DIR` makes one store of all shards",
        .directory.display()
    )]
    Part {
        /// The directory.
        directory: PathBuf,
        /// Which it is.
        shard: Shard,
    },
    /// It does not belong to the shards that it is put together with.
    #[error("`{}` does not fit: {reason}\n  help: all shards of a store are made of the same inputs, by `piperoll ingest INPUT... --shard NUMBER/COUNT --store DIR`", .directory.display())]
    Shards {
        /// The directory.
        directory: PathBuf,
        /// Why not.
        reason: String,
    },
    /// Not all shards are there.
    #[error(
        "shard {number}/{of} is not there: without it a report would know less, and not say so\n  help: `piperoll ingest INPUT... --shard {number}/{of} --store DIR` makes it"
    )]
    Missing {
        /// Which.
        number: u32,
        /// Of how many.
        of: u32,
    },
    /// Somebody else is at it.
    #[error("`{}` is in use by another run of piperoll: {what}\n  help: wait until it has ended", .directory.display())]
    Locked {
        /// The directory.
        directory: PathBuf,
        /// What this run wanted.
        what: &'static str,
    },
    /// A file of the store is not what was written.
    #[error("`{}` is damaged: {reason}\n  help: take the store back from a copy, or make a new one: `piperoll ingest INPUT... --store DIR`", .path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// A file that is read again each time is not there as it was.
    #[error(
        "`{name}` is kept by reference, as its text may hold secrets, and cannot be read as it was: {reason}\n  help: put the file back at `{path}`, or run `piperoll ingest` again without it"
    )]
    Reference {
        /// The file as it is named in the evidence.
        name: String,
        /// Where it lay.
        path: String,
        /// What is wrong.
        reason: String,
    },
    /// A file of the store cannot be read or written.
    #[error("`{}`: {source}\n  help: the store needs a disk with room that this account may write to; what was kept before is unharmed", .path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// What comes from a pipe cannot be kept until it is read.
    #[error(
        "what comes from a pipe could not be kept: {0}\n  help: set TMPDIR to a directory with room for it"
    )]
    Streams(io::Error),
    /// The inputs cannot be used.
    #[error(transparent)]
    Source(#[from] source::Error),
    /// The table engine failed.
    #[error(transparent)]
    Engine(#[from] EngineError),
}

impl StoreError {
    pub(super) fn io(path: &Path) -> impl FnOnce(io::Error) -> StoreError + use<'_> {
        move |source| StoreError::Io {
            path: path.to_owned(),
            source,
        }
    }

    pub(super) fn damaged(path: &Path, reason: impl std::fmt::Display) -> StoreError {
        StoreError::Damaged {
            path: path.to_owned(),
            reason: reason.to_string(),
        }
    }
}

impl Failing for StoreError {
    fn kind(&self) -> FailureKind {
        match self {
            StoreError::None { .. }
            | StoreError::Foreign(_)
            | StoreError::Part { .. }
            | StoreError::Shards { .. } => FailureKind::Usage,
            StoreError::Source(error) => error.kind(),
            StoreError::Engine(EngineError::File { .. }) => FailureKind::Input,
            StoreError::Engine(error) => error.kind(),
            _ => FailureKind::Input,
        }
    }
}
