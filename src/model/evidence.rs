//! Where a fact was read: the pointer an auditor follows.

use std::fmt;

use serde::de::Visitor;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest as _, Sha256};

/// The SHA-256 digest of some bytes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest(pub [u8; 32]);

impl Digest {
    /// The digest of `bytes`.
    #[must_use]
    pub fn of(bytes: impl AsRef<[u8]>) -> Digest {
        Digest(Sha256::digest(bytes).into())
    }

    /// The digest that 64 hexadecimal digits are, as [`Digest`] is shown.
    #[must_use]
    pub fn parse(text: &str) -> Option<Digest> {
        let digits = text.as_bytes();
        let mut digest = [0; 32];
        if digits.len() != 64 {
            return None;
        }
        for (byte, pair) in digest.iter_mut().zip(digits.chunks_exact(2)) {
            for digit in pair {
                let value = match digit {
                    b'0'..=b'9' => digit - b'0',
                    b'a'..=b'f' => digit - b'a' + 10,
                    _ => return None,
                };
                *byte = *byte << 4 | value;
            }
        }
        Some(Digest(digest))
    }
}

/// Hexadecimal where people read, bytes elsewhere.
impl Serialize for Digest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            serializer.collect_str(self)
        } else {
            serializer.serialize_bytes(&self.0)
        }
    }
}

/// Takes the bytes of a digest at once.
struct Bytes;

impl Visitor<'_> for Bytes {
    type Value = Digest;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the 32 bytes of a digest")
    }

    fn visit_bytes<E: serde::de::Error>(self, bytes: &[u8]) -> Result<Digest, E> {
        let digest = <[u8; 32]>::try_from(bytes);
        digest
            .map(Digest)
            .map_err(|_| E::invalid_length(bytes.len(), &self))
    }
}

impl<'de> Deserialize<'de> for Digest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Digest, D::Error> {
        if !deserializer.is_human_readable() {
            return deserializer.deserialize_bytes(Bytes);
        }
        let text = String::deserialize(deserializer)?;
        Digest::parse(&text).ok_or_else(|| serde::de::Error::custom("no SHA-256 digest"))
    }
}

/// Hexadecimal, in lower case; a precision gives the first digits alone: `{digest:.16}`.
impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digit = |value: u8| char::from(b"0123456789abcdef"[usize::from(value & 0xf)]);
        let digits = self
            .0
            .iter()
            .flat_map(|byte| [digit(byte >> 4), digit(*byte)]);
        f.pad(&digits.collect::<String>())
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The number of an input file in the run's sorted list of inputs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct FileId(pub u32);

/// The place of one record: file, line, byte, and the digest of the record's exact bytes.
///
/// `line` counts from 1 and `byte` from 0, both in the decompressed stream. The digest covers the
/// whole line without its terminator, or the exact bytes of the element in a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Place {
    /// The input file.
    pub file: FileId,
    /// Line in the decompressed stream, from 1.
    pub line: u64,
    /// Byte offset in the decompressed stream, from 0.
    pub byte: u64,
    /// SHA-256 of the record's bytes.
    pub sha256: Digest,
}

#[cfg(test)]
impl Place {
    /// A line of the first file, for tests that look at nothing else of it.
    pub(crate) fn of_line(line: u64) -> Place {
        Place {
            file: FileId(0),
            line,
            byte: 0,
            sha256: Digest([0; 32]),
        }
    }
}

/// A place with the file named, as it is printed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Evidence {
    /// Path relative to the deepest directory that contains all inputs, with `/`.
    pub file: String,
    /// Line in the decompressed stream, from 1.
    pub line: u64,
    /// Byte offset in the decompressed stream, from 0.
    pub byte: u64,
    /// SHA-256 of the record's bytes, in lower-case hexadecimal.
    pub sha256: String,
}

impl Evidence {
    /// The cell form, `file:line`.
    #[must_use]
    pub fn pointer(&self) -> String {
        format!("{}:{}", self.file, self.line)
    }
}

/// Where the bytes end that a record was read out of, and what they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extent {
    /// The byte after the last, in the decompressed stream.
    pub end: u64,
    /// What they are.
    pub kind: EvidenceKind,
}

/// What the bytes of a piece of evidence are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EvidenceKind {
    /// One line, without its terminator.
    Line,
    /// One record of a document.
    Record,
    /// The whole file, as it is stored.
    File,
}

impl EvidenceKind {
    /// The word used in every output.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            EvidenceKind::Line => "line",
            EvidenceKind::Record => "record",
            EvidenceKind::File => "file",
        }
    }
}

/// Evidence as it is shown: exactly these bytes, and their digest.
///
/// `byte` and `end` count in the decompressed stream, but for a whole file: there they are 0 and
/// the size of what is stored, compressed where it is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cited {
    /// Path relative to the deepest directory that contains all inputs, with `/`.
    pub file: String,
    /// Line on which it begins, from 1.
    pub line: u64,
    /// Its first byte, from 0.
    pub byte: u64,
    /// The byte after its last.
    pub end: u64,
    /// What the bytes are.
    pub kind: EvidenceKind,
    /// SHA-256 of exactly these bytes.
    pub sha256: Digest,
}

impl Cited {
    /// The cell form, `file:line`.
    #[must_use]
    pub fn pointer(&self) -> String {
        format!("{}:{}", self.file, self.line)
    }
}
