//! The unit of work between the reader of files and the parsers: some records of one file.

use std::sync::Arc;

use super::transcode::Transcoded;
use crate::model::{Digest, EvidenceKind, FileId, Place};

/// Some consecutive records of one file.
#[derive(Debug)]
pub(super) struct Block {
    /// The file.
    pub(super) file: FileId,
    /// The bytes the records stand in.
    pub(super) bytes: Vec<u8>,
    /// How the bytes are cut.
    pub(super) cut: Cut,
    /// Position of the format that the file's first record is of.
    pub(super) format: Option<usize>,
    /// What the bytes were made of, where that is not what is stored.
    pub(super) origin: Option<Arc<Transcoded>>,
}

/// How a block's bytes are cut into records.
#[derive(Debug)]
pub(super) enum Cut {
    /// A record a line.
    Lines {
        /// Number of the first line in the file, from 1.
        line: u64,
        /// Byte of the first line in the file, from 0.
        byte: u64,
        /// Whether the last line ends with the file instead of a line feed.
        torn: bool,
        /// Whether text stands before the record on every line.
        prefixed: bool,
    },
    /// Records already found.
    Records(Vec<Cutting>),
    /// No record at all: lines of a file that nothing reads.
    Uncut {
        /// How many lines.
        lines: u64,
        /// Why.
        reason: &'static str,
    },
}

/// One record inside a block.
#[derive(Debug)]
pub(super) struct Cutting {
    /// First byte in the block.
    pub(super) start: usize,
    /// Byte after the last in the block.
    pub(super) end: usize,
    /// Line of the record in the file, from 1.
    pub(super) line: u64,
    /// Byte of the record in the file, from 0.
    pub(super) byte: u64,
    /// Length of the evidence in the file.
    pub(super) length: u64,
    /// How many units of coverage it is.
    pub(super) units: u64,
    /// Why it cannot be read, known from cutting.
    pub(super) fault: Option<String>,
    /// Digest of its bytes in the file, where the block holds something else (an envelope's
    /// content, JSON made of YAML).
    pub(super) sha256: Option<Digest>,
    /// What it is.
    pub(super) shape: Shape,
}

/// What a record is cut out of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// A JSON object.
    Json,
    /// What a container wrote: a record, or a line of something else.
    Wrapped,
    /// A whole text.
    Text,
}

impl Shape {
    /// What a record is as evidence; a text is cited whole or by its lines.
    pub(super) fn evidence(self) -> Option<EvidenceKind> {
        match self {
            Shape::Json => Some(EvidenceKind::Record),
            Shape::Wrapped => Some(EvidenceKind::Line),
            Shape::Text => None,
        }
    }
}

/// What is known at the end of a file.
#[derive(Debug)]
pub(super) struct FileEnd {
    /// The file.
    pub(super) file: FileId,
    /// Size as stored.
    pub(super) bytes: u64,
    /// Digest as stored.
    pub(super) sha256: Digest,
    /// Why reading stopped before the end, and after how many lines and bytes.
    pub(super) torn: Option<(String, u64, u64)>,
    /// Why the file could not be opened at all.
    pub(super) unreadable: Option<String>,
    /// Position of the format that the file's first record is of.
    pub(super) format: Option<usize>,
    /// Position of another format whose records the file begins with, against what its path says,
    /// and where they begin.
    pub(super) contradicts: Option<(usize, Place)>,
}
