//! What was read of every input file, and what was not.

use super::{Digest, FileId, Timestamp};

/// The accounting of one input file: `parsed + skipped + rejected = lines`, always.
///
/// The unit is the line in line formats, the record in documents, the file in single-configuration
/// formats.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileCoverage {
    /// The file.
    pub file: FileId,
    /// Path relative to the deepest directory that contains all inputs, with `/`.
    pub path: String,
    /// `vault`, `gitlab-jobs`, ...: the closed list of [`crate::model::Source`].
    pub source: String,
    /// Earliest event.
    pub first_at: Option<Timestamp>,
    /// Latest event.
    pub last_at: Option<Timestamp>,
    /// Units in the file.
    pub lines: u64,
    /// Units read, duplicates and those outside the period included.
    pub parsed: u64,
    /// Units that are blank or of a kind that is not read.
    pub skipped: u64,
    /// Units that are damaged.
    pub rejected: u64,
    /// Parsed units already seen, here or in an earlier file.
    pub duplicates: u64,
    /// Size as stored, in bytes.
    pub bytes: u64,
    /// Digest of the file as stored.
    pub sha256: Digest,
    /// The longest time between two consecutive events, in whole seconds.
    pub longest_silence_s: u64,
    /// Events inside the period.
    pub in_period: u64,
    /// Events outside the period.
    pub outside_period: u64,
    /// Events per UTC hour, in time order.
    pub hours: Vec<(Timestamp, u64)>,
    /// Why units were skipped, with counts, in text order.
    pub skip_reasons: Vec<(String, u64)>,
    /// Whether a log (a stream of events) or a configuration export.
    pub is_log: bool,
}

#[cfg(test)]
impl FileCoverage {
    /// A log of which `rows` records were read, for tests that look at nothing else of it.
    pub(crate) fn of_rows(path: &str, source: &str, rows: u64) -> FileCoverage {
        FileCoverage {
            file: FileId(0),
            path: path.to_owned(),
            source: source.to_owned(),
            first_at: None,
            last_at: None,
            lines: rows,
            parsed: rows,
            skipped: 0,
            rejected: 0,
            duplicates: 0,
            bytes: 1,
            sha256: Digest([0; 32]),
            longest_silence_s: 0,
            in_period: rows,
            outside_period: 0,
            hours: Vec::new(),
            skip_reasons: Vec::new(),
            is_log: true,
        }
    }
}

/// One line that could not be read. The content is never kept.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RejectedLine {
    /// Path of the file.
    pub path: String,
    /// Line in the decompressed stream, from 1.
    pub line: u64,
    /// Byte offset in the decompressed stream, from 0.
    pub byte: u64,
    /// Why.
    pub reason: String,
    /// SHA-256 of the record's bytes; of the file as stored where the record cannot be had.
    pub sha256: Digest,
}
