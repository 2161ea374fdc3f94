//! From a place that is cited back to its bytes: where they end, what they are, and their digest.
//!
//! A file is cut again as it was when it was read, so that a record is what it was then. Lines of a
//! plain file that are whole records are read where they stand, without the rest.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};

use super::block::{Block, Cut, Cutting};
use super::buffers::Buffers;
use super::cut::cut_file;
use super::input::InputFile;
use super::open::Opened;
use super::transcode::{Transcoded, Unicode};
use crate::disk;
use crate::model::{Cited, Digest, EvidenceKind, Format};

/// A place that something cites, as it was noted when it was read.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Sought {
    /// Line, from 1.
    pub line: u64,
    /// Byte offset, from 0.
    pub byte: u64,
    /// Digest that was noted; empty where none was.
    pub sha256: String,
}

/// What each place of a file of this size and digest is; a place that the file does not have is missing from the answer.
///
/// # Errors
///
/// The file cannot be read, or is not the one that was read before.
pub fn cite(
    file: &InputFile,
    stored: (u64, Digest),
    formats: &[&dyn Format],
    sought: &BTreeSet<Sought>,
) -> io::Result<BTreeMap<Sought, Cited>> {
    let mut citing = Citing {
        name: &file.name,
        stored,
        sought,
        found: BTreeMap::new(),
    };
    citing.whole_files();
    if citing.is_done() {
        return Ok(citing.found);
    }
    citing.lines_in_place(file)?;
    if citing.is_done() {
        return Ok(citing.found);
    }
    let end = cut_file(file, formats, &Buffers::default(), &mut |block| {
        citing.block(&block)
    });
    if let Some(reason) = end.unreadable {
        return Err(io::Error::other(reason));
    }
    if end.sha256 != stored.1 {
        return Err(changed());
    }
    if !citing.is_done() {
        citing.plain_lines(file)?;
    }
    Ok(citing.found)
}

fn changed() -> io::Error {
    io::Error::other("the file is not the one that was read: it changed meanwhile")
}

/// Finds what is sought in one file.
struct Citing<'c> {
    name: &'c str,
    /// Size and digest of the file that was read.
    stored: (u64, Digest),
    sought: &'c BTreeSet<Sought>,
    found: BTreeMap<Sought, Cited>,
}

impl<'c> Citing<'c> {
    fn is_done(&self) -> bool {
        self.found.len() == self.sought.len()
    }

    fn cited(
        &self,
        line: u64,
        (byte, end): (u64, u64),
        kind: EvidenceKind,
        sha256: Digest,
    ) -> Cited {
        Cited {
            file: self.name.to_owned(),
            line,
            byte,
            end,
            kind,
            sha256,
        }
    }

    /// What is sought on a line.
    fn on_line(&self, line: u64) -> impl Iterator<Item = &'c Sought> + use<'c> {
        let first = |line| Sought {
            line,
            byte: 0,
            sha256: String::new(),
        };
        self.sought
            .range(first(line)..first(line.saturating_add(1)))
    }

    fn whole_file(&self) -> Cited {
        let (bytes, sha256) = self.stored;
        self.cited(1, (0, bytes), EvidenceKind::File, sha256)
    }

    /// What was noted with the digest of the file is the file.
    fn whole_files(&mut self) {
        let whole = self.stored.1.to_string();
        for sought in self.sought.iter().filter(|sought| sought.sha256 == whole) {
            self.found.insert(sought.clone(), self.whole_file());
        }
    }

    /// Lines of a plain file that hold one whole object each are records wherever they stand.
    fn lines_in_place(&mut self, file: &InputFile) -> io::Result<()> {
        let Some(path) = file.path.as_deref().filter(|path| path.is_file()) else {
            return Ok(());
        };
        let mut reader = BufReader::new(disk::open_file(path)?);
        if reader.get_ref().metadata()?.len() != self.stored.0 {
            return Err(changed());
        }
        let head = reader.fill_buf()?;
        if !head.starts_with(b"{") || Unicode::of(head).is_some() {
            return Ok(());
        }
        let mut line = Vec::new();
        for sought in self.sought {
            if self.found.contains_key(sought) {
                continue;
            }
            let before = sought.byte.saturating_sub(1);
            reader.seek(SeekFrom::Start(before))?;
            let mut feed = [b'\n'];
            if sought.byte > 0 {
                reader.read_exact(&mut feed)?;
            }
            line.clear();
            reader.read_until(b'\n', &mut line)?;
            let text = without_terminator(&line);
            let is_object = text.starts_with(b"{")
                && serde_json::from_slice::<serde::de::IgnoredAny>(text).is_ok();
            if feed != *b"\n" || !is_object {
                continue;
            }
            let extent = (sought.byte, sought.byte + text.len() as u64);
            let cited = self.cited(sought.line, extent, EvidenceKind::Line, Digest::of(text));
            self.found.insert(sought.clone(), cited);
        }
        Ok(())
    }

    fn block(&mut self, block: &Block) {
        match &block.cut {
            Cut::Lines { line, byte, .. } => {
                self.lines(&block.bytes, (*line, *byte), block.origin.as_deref());
            }
            Cut::Records(cuttings) => {
                for cutting in cuttings {
                    self.record(block, cutting);
                }
            }
            Cut::Uncut { .. } => {}
        }
    }

    /// The lines among `bytes`, which begin with line `first` at `byte`, that are sought.
    fn lines(&mut self, bytes: &[u8], (first, mut byte): (u64, u64), origin: Option<&Transcoded>) {
        for (line, whole) in (first..).zip(bytes.split_inclusive(|&byte| byte == b'\n')) {
            for sought in self.on_line(line) {
                if self.found.contains_key(sought) {
                    continue;
                }
                let text = without_terminator(whole);
                let (at, end, sha256) = match origin {
                    Some(origin) => origin.line(byte),
                    None => (byte, byte + text.len() as u64, Digest::of(text)),
                };
                let cited = self.cited(line, (at, end), EvidenceKind::Line, sha256);
                self.found.insert(sought.clone(), cited);
            }
            byte += whole.len() as u64;
        }
    }

    fn record(&mut self, block: &Block, cutting: &Cutting) {
        let bytes = block.bytes.get(cutting.start..cutting.end).unwrap_or(&[]);
        let Some(kind) = cutting.shape.evidence() else {
            return self.text(cutting, bytes, block.origin.as_deref());
        };
        let mut sha256 = cutting.sha256;
        for sought in self.on_line(cutting.line) {
            if sought.byte != cutting.byte && self.found.contains_key(sought) {
                continue;
            }
            let sha256 = *sha256.get_or_insert_with(|| Digest::of(bytes));
            let extent = (cutting.byte, cutting.byte + cutting.length);
            let cited = self.cited(cutting.line, extent, kind, sha256);
            self.found.insert(sought.clone(), cited);
        }
    }

    /// A text is cited as a whole, or by its lines.
    fn text(&mut self, cutting: &Cutting, bytes: &[u8], origin: Option<&Transcoded>) {
        let whole = cutting
            .sha256
            .unwrap_or_else(|| Digest::of(bytes))
            .to_string();
        for sought in self.sought.iter().filter(|sought| sought.sha256 == whole) {
            self.found.insert(sought.clone(), self.whole_file());
        }
        self.lines(bytes, (1, 0), origin);
    }

    /// Lines inside records: what is left is cited by its line.
    fn plain_lines(&mut self, file: &InputFile) -> io::Result<()> {
        let mut reader = BufReader::new(Opened::new(file.path.as_deref())?);
        let (mut line, mut byte) = (1, 0);
        let mut whole = Vec::new();
        while reader.read_until(b'\n', &mut whole)? > 0 {
            let text = without_terminator(&whole);
            for sought in self.on_line(line) {
                if !self.found.contains_key(sought) {
                    let extent = (byte, byte + text.len() as u64);
                    let cited = self.cited(line, extent, EvidenceKind::Line, Digest::of(text));
                    self.found.insert(sought.clone(), cited);
                }
            }
            (line, byte) = (line + 1, byte + whole.len() as u64);
            whole.clear();
        }
        Ok(())
    }
}

/// The same of lines of a text that is at hand.
pub fn cite_text(name: &str, text: &str, sought: &BTreeSet<Sought>) -> BTreeMap<Sought, Cited> {
    let mut found = BTreeMap::new();
    let mut byte = 0;
    for (line, whole) in (1..).zip(text.as_bytes().split_inclusive(|&byte| byte == b'\n')) {
        let text = without_terminator(whole);
        for sought in sought.iter().filter(|sought| sought.line == line) {
            let cited = Cited {
                file: name.to_owned(),
                line,
                byte,
                end: byte + text.len() as u64,
                kind: EvidenceKind::Line,
                sha256: Digest::of(text),
            };
            found.insert(sought.clone(), cited);
        }
        byte += whole.len() as u64;
    }
    found
}

/// A line without what ends it.
pub(super) fn without_terminator(line: &[u8]) -> &[u8] {
    let text = line.strip_suffix(b"\n").unwrap_or(line);
    text.strip_suffix(b"\r").unwrap_or(text)
}
