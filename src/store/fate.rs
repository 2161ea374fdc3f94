//! What became of an input file, and why it was read or not.

/// Why a file was read, or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fate {
    /// Read: the store did not have it.
    New,
    /// Read: it has grown, and begins with what it held.
    Grown,
    /// Read: its content is another, and what it held before is replaced.
    Changed,
    /// Read: it is named otherwise now that inputs lie elsewhere too.
    Renamed,
    /// Read: another version of piperoll had read it.
    Outdated,
    /// Read: it could not be read to its end before.
    Retried,
    /// Not read: the file system says that nobody wrote to it.
    Unchanged,
    /// Not read: it was written to, and its digest is the same.
    Same,
    /// Not there any more; what was read out of it stays.
    Gone,
    /// Not named this time; what was read out of it stays.
    Kept,
}

impl Fate {
    /// The word used in every output.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Fate::New => "new",
            Fate::Grown => "grown",
            Fate::Changed => "changed",
            Fate::Renamed => "renamed",
            Fate::Outdated => "outdated",
            Fate::Retried => "retried",
            Fate::Unchanged => "unchanged",
            Fate::Same => "same",
            Fate::Gone => "gone",
            Fate::Kept => "kept",
        }
    }

    /// Whether the file was read.
    #[must_use]
    pub fn is_read(self) -> bool {
        self < Fate::Unchanged
    }
}

/// What became of one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// The file as it is named in the evidence.
    pub name: String,
    /// Why it was read, or not.
    pub fate: Fate,
    /// Size as stored.
    pub bytes: u64,
    /// Units read out of it, where it was read.
    pub records: u64,
    /// Whether it is read again by each report, as its text may hold secrets.
    pub by_reference: bool,
    /// Where and why it could not be read on, where it was read in part.
    pub torn: Option<String>,
    /// Why it could not be read.
    pub unreadable: Option<String>,
}
