//! Which input files a store holds: the catalogue, replaced as a whole, and one account per file,
//! never changed.

use std::collections::BTreeMap;
use std::fmt;
use std::fs::Metadata;

use serde::{Deserialize, Serialize};

use super::Shard;
use crate::model::{Digest, Place};

/// The name and version of the layout.
pub(super) const SCHEMA: &str = "piperoll/store/1";
/// The version of the program, which says what is read out of an input.
pub(super) const READER: &str = env!("CARGO_PKG_VERSION");

/// All files of a store.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Catalogue {
    pub(super) schema: String,
    /// The version of piperoll that read the files.
    pub(super) reader: String,
    /// The directories that inputs were named in; files are named from the deepest that contains
    /// all of them.
    pub(super) bases: Vec<String>,
    /// Which share of the inputs it holds, where it is not all of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) shard: Option<Shard>,
    /// The files, by name.
    pub(super) files: Vec<Entry>,
}

impl Default for Catalogue {
    fn default() -> Catalogue {
        Catalogue {
            schema: SCHEMA.to_owned(),
            reader: READER.to_owned(),
            bases: Vec::new(),
            shard: None,
            files: Vec::new(),
        }
    }
}

/// One input file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Entry {
    /// Its name in the evidence.
    pub(super) name: String,
    /// Where it lay; none for a pipe, or where the path is no text.
    pub(super) path: Option<String>,
    /// Where it lies, if a link leads out of the inputs.
    pub(super) outside: Option<String>,
    /// What the file system said of it when it was read; none where it must be read again.
    pub(super) state: Option<State>,
    /// Size as stored.
    pub(super) bytes: u64,
    /// Digest as stored.
    pub(super) sha256: Digest,
    /// Its account, below `file/`.
    pub(super) account: String,
    /// Digest of the account.
    pub(super) account_sha256: Digest,
}

/// What the file system says of a file: while it says the same, the content is the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct State {
    pub(super) bytes: u64,
    pub(super) modified_ns: i128,
    pub(super) changed_ns: i128,
    pub(super) inode: u64,
    pub(super) device: u64,
}

impl State {
    /// Of a file; none where the system says too little.
    #[cfg(unix)]
    pub(super) fn of(found: &Metadata) -> Option<State> {
        use std::os::unix::fs::MetadataExt as _;
        let nanos =
            |seconds: i64, nanos: i64| i128::from(seconds) * 1_000_000_000 + i128::from(nanos);
        Some(State {
            bytes: found.len(),
            modified_ns: nanos(found.mtime(), found.mtime_nsec()),
            changed_ns: nanos(found.ctime(), found.ctime_nsec()),
            inode: found.ino(),
            device: found.dev(),
        })
    }

    #[cfg(not(unix))]
    pub(super) fn of(_: &Metadata) -> Option<State> {
        None
    }
}

/// What was read out of one input file.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Account {
    pub(super) schema: String,
    pub(super) name: String,
    pub(super) bytes: u64,
    pub(super) sha256: Digest,
    /// Source of the format that its first record is of.
    pub(super) source: Option<String>,
    /// Why reading stopped early.
    pub(super) torn: Option<Torn>,
    /// Why it could not be opened.
    pub(super) unreadable: Option<String>,
    /// The kinds that its path and its content say, where they contradict each other.
    pub(super) contradiction: Option<Contradicting>,
    /// Whether it holds text that the store may not hold: it is read again each time.
    pub(super) by_reference: bool,
    /// The blocks that it was read in.
    pub(super) blocks: Vec<BlockAccount>,
    /// Where their rows are.
    pub(super) runs: Vec<Run>,
}

/// Why and where reading stopped.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Torn {
    pub(super) reason: String,
    pub(super) line: u64,
    pub(super) byte: u64,
}

impl fmt::Display for Torn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.reason)
    }
}

/// A file that is not what its path says.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Contradicting {
    pub(super) path: String,
    pub(super) content: String,
    pub(super) place: Place,
}

/// What became of the units of one block.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct BlockAccount {
    pub(super) parsed: u64,
    pub(super) skipped: BTreeMap<String, u64>,
    pub(super) rejected: u64,
    pub(super) rejected_more: u64,
    pub(super) sources: BTreeMap<String, u64>,
}

/// Some consecutive blocks, whose rows lie in files of their own.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Run {
    /// The first block.
    pub(super) first: u64,
    /// How many.
    pub(super) blocks: u64,
    pub(super) parts: Vec<PartAccount>,
}

/// One Parquet file.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PartAccount {
    /// `record`, `stated` or `damaged`.
    pub(super) table: String,
    /// Where it lies in the store.
    pub(super) path: String,
    pub(super) rows: u64,
    pub(super) bytes: u64,
    pub(super) sha256: Digest,
}
