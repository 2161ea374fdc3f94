//! Records read again in an input that a pack cites, long after the run.

use std::collections::BTreeSet;
use std::io;
use std::path::Path;

use super::Formats;
use crate::model::{Cited, Digest, EvidenceKind};
use crate::source::{InputFile, Sought, cite, extract};

/// A record as it stands in its input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reread {
    /// Exactly where.
    pub cited: Cited,
    /// Its bytes; empty for a whole file.
    pub bytes: Vec<u8>,
}

/// The records of one input at each line and byte, in their order, by the formats of the run that
/// read it; `None` where the input has none.
///
/// # Errors
///
/// The file cannot be read, or is not the one of this size and digest.
pub fn reread(
    name: &str,
    path: &Path,
    (bytes, sha256): (u64, Digest),
    places: &[(u64, u64)],
    known: &Formats,
) -> io::Result<Vec<Option<Reread>>> {
    let file = InputFile::at(name, path);
    let sought = |&(line, byte): &(u64, u64)| Sought {
        line,
        byte,
        sha256: String::new(),
    };
    let all: BTreeSet<Sought> = places.iter().map(sought).collect();
    let found = cite(&file, (bytes, sha256), &known.all(), &all)?;
    let cited: Vec<Option<&Cited>> = places.iter().map(|at| found.get(&sought(at))).collect();
    let parts = cited.iter().flatten();
    let parts = parts.filter(|cited| cited.kind != EvidenceKind::File);
    let ranges: Vec<(u64, u64)> = parts.map(|cited| (cited.byte, cited.end)).collect();
    let mut texts = extract(&file, &ranges)?.into_iter();
    Ok(cited
        .into_iter()
        .map(|cited| {
            let cited = cited?;
            let bytes = match cited.kind {
                EvidenceKind::File => Vec::new(),
                _ => texts.next()?,
            };
            Some(Reread {
                cited: cited.clone(),
                bytes,
            })
        })
        .collect())
}
