//! Reads the records of one block with the formats, and accounts for every one.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::value::RawValue;
use sha2::{Digest as _, Sha256};

use super::block::{Block, Cut};
use super::depth;
use super::layout::{json_part, position};
use crate::model::{Digest, FileId, Format, Framing, Place, Record, Sample, Sink, Verdict};

/// What became of the records of one block.
#[derive(Debug, Default)]
pub struct Tally {
    /// Units read.
    pub parsed: u64,
    /// Units skipped, by reason.
    pub skipped: BTreeMap<Cow<'static, str>, u64>,
    /// Units damaged: line, byte, reason.
    pub rejected: Vec<(u64, u64, Cow<'static, str>)>,
    /// Further units of rejected records that took several.
    pub rejected_more: u64,
    /// Units read, by the source cell of the format that read them.
    pub sources: BTreeMap<&'static str, u64>,
}

/// The reason that blank lines are skipped for.
pub(super) const BLANK: &str = "blank";
/// The reason that records no format knows are skipped for.
pub(super) const UNKNOWN: &str = "unknown record type";
/// The reason that files no format knows are skipped for.
pub(super) const UNKNOWN_FILE: &str = "not a kind of file that is read";

/// Reads one block.
pub(super) fn parse_block(
    block: &Block,
    path: &str,
    formats: &[&dyn Format],
    sink: &mut dyn Sink,
) -> Tally {
    let mut reader = Reader {
        file: block.file,
        path,
        formats,
        primary: block.format,
        sink,
        tally: Tally::default(),
    };
    match &block.cut {
        Cut::Lines { line, byte, torn } => reader.lines(&block.bytes, *line, *byte, *torn),
        Cut::Records(cuttings) => {
            for cutting in cuttings {
                let bytes = block.bytes.get(cutting.start..cutting.end).unwrap_or(&[]);
                let sha256 = cutting
                    .sha256
                    .unwrap_or_else(|| Digest(Sha256::digest(bytes).into()));
                let place = Place {
                    file: block.file,
                    line: cutting.line,
                    byte: cutting.byte,
                    sha256,
                };
                let verdict = match &cutting.fault {
                    Some(fault) => Verdict::Rejected(Cow::Owned(fault.clone())),
                    None if cutting.json => reader.json(bytes, place, false),
                    None => reader.text(bytes, place),
                };
                reader.account(verdict, place, cutting.units);
            }
        }
        Cut::Uncut { lines: 0 } => {}
        Cut::Uncut { lines } => {
            reader
                .tally
                .skipped
                .insert(Cow::Borrowed(UNKNOWN_FILE), *lines);
        }
    }
    reader.tally
}

struct Reader<'r> {
    file: FileId,
    path: &'r str,
    formats: &'r [&'r dyn Format],
    primary: Option<usize>,
    sink: &'r mut dyn Sink,
    tally: Tally,
}

impl Reader<'_> {
    fn lines(&mut self, bytes: &[u8], first_line: u64, first_byte: u64, torn: bool) {
        let mut line = first_line;
        let mut start = 0;
        while start < bytes.len() {
            let rest = bytes.get(start..).unwrap_or(&[]);
            let feed = memchr::memchr(b'\n', rest);
            let length = feed.unwrap_or(rest.len());
            let text = rest.get(..length).unwrap_or(&[]);
            let text = text.strip_suffix(b"\r").unwrap_or(text);
            let byte = first_byte + start as u64;
            if text.iter().all(u8::is_ascii_whitespace) {
                *self.tally.skipped.entry(Cow::Borrowed(BLANK)).or_default() += 1;
            } else {
                let sha256 = Digest(Sha256::digest(text).into());
                let place = Place {
                    file: self.file,
                    line,
                    byte,
                    sha256,
                };
                let verdict = self.json(text, place, torn && feed.is_none());
                self.account(verdict, place, 1);
            }
            line += 1;
            start += length + 1;
        }
    }

    /// Reads a record that should be JSON. `torn` says that the file ended inside it.
    fn json(&mut self, bytes: &[u8], place: Place, torn: bool) -> Verdict {
        let Some(part) = json_part(bytes) else {
            return Verdict::Rejected(Cow::Borrowed(if torn { "truncated" } else { "not JSON" }));
        };
        if std::str::from_utf8(part).is_err() {
            return Verdict::Rejected(Cow::Borrowed("invalid UTF-8"));
        }
        if depth::exceeded(part) {
            return Verdict::Rejected(Cow::Borrowed("JSON nested deeper than 128"));
        }
        let part = part.trim_ascii_end();
        let verdict = self.one(part, place);
        match verdict {
            Verdict::Rejected(reason) if !part.ends_with(b"}") => {
                let cut = if torn {
                    "truncated: the file ends inside the record"
                } else {
                    "truncated or not JSON"
                };
                let known = serde_json::from_slice::<serde::de::IgnoredAny>(part).is_ok();
                Verdict::Rejected(if known { reason } else { Cow::Borrowed(cut) })
            }
            Verdict::Rejected(reason) => self
                .several(part, place)
                .unwrap_or(Verdict::Rejected(reason)),
            other => other,
        }
    }

    /// Reads one JSON object: with the file's format first, then with whichever recognises it.
    fn one(&mut self, bytes: &[u8], place: Place) -> Verdict {
        let record = Record {
            path: self.path,
            bytes,
            place,
        };
        if let Some(format) = self.primary.and_then(|index| self.formats.get(index)) {
            let verdict = format.read(&record, self.sink);
            if verdict != Verdict::Foreign {
                self.count_source(&verdict, *format);
                return verdict;
            }
        }
        let value = match serde_json::from_slice::<serde_json::Value>(bytes) {
            Ok(value) => value,
            Err(_) => return Verdict::Rejected(Cow::Borrowed("invalid JSON")),
        };
        let sample = Sample {
            path: self.path,
            value: Some(&value),
            head: bytes,
        };
        let index = position(self.formats, &sample, &[Framing::Json]);
        match index.and_then(|index| self.formats.get(index)) {
            Some(format) => {
                let verdict = format.read(&record, self.sink);
                self.count_source(&verdict, *format);
                if verdict == Verdict::Foreign {
                    Verdict::Skipped(Cow::Borrowed(UNKNOWN))
                } else {
                    verdict
                }
            }
            None => Verdict::Skipped(Cow::Borrowed(UNKNOWN)),
        }
    }

    /// Reads a line that holds several objects after one another; `None` when it does not.
    fn several(&mut self, bytes: &[u8], place: Place) -> Option<Verdict> {
        let mut stream = serde_json::Deserializer::from_slice(bytes);
        let mut objects = Vec::new();
        loop {
            match <&RawValue>::deserialize(&mut stream) {
                Ok(object) => objects.push(object),
                Err(error) if error.is_eof() && !objects.is_empty() => break,
                Err(_) => return None,
            }
            if stream.end().is_ok() {
                break;
            }
        }
        if objects.len() < 2 {
            return None;
        }
        let mut worst = Verdict::Parsed;
        for object in objects {
            let verdict = self.one(object.get().as_bytes(), place);
            if matches!(verdict, Verdict::Rejected(_)) || worst == Verdict::Parsed {
                worst = verdict;
            }
        }
        Some(worst)
    }

    fn text(&mut self, bytes: &[u8], place: Place) -> Verdict {
        let Some(format) = self.primary.and_then(|index| self.formats.get(index)) else {
            return Verdict::Skipped(Cow::Borrowed(UNKNOWN_FILE));
        };
        let verdict = format.read(
            &Record {
                path: self.path,
                bytes,
                place,
            },
            self.sink,
        );
        self.count_source(&verdict, *format);
        if verdict == Verdict::Foreign {
            Verdict::Skipped(Cow::Borrowed(UNKNOWN_FILE))
        } else {
            verdict
        }
    }

    fn count_source(&mut self, verdict: &Verdict, format: &dyn Format) {
        if *verdict == Verdict::Parsed {
            *self.tally.sources.entry(format.source()).or_default() += 1;
        }
    }

    fn account(&mut self, verdict: Verdict, place: Place, units: u64) {
        match verdict {
            Verdict::Parsed => self.tally.parsed += units,
            Verdict::Skipped(reason) => *self.tally.skipped.entry(reason).or_default() += units,
            Verdict::Foreign => {
                *self
                    .tally
                    .skipped
                    .entry(Cow::Borrowed(UNKNOWN))
                    .or_default() += units
            }
            Verdict::Rejected(reason) => {
                self.tally.rejected.push((place.line, place.byte, reason));
                self.tally.rejected_more += units.saturating_sub(1);
            }
        }
    }
}
