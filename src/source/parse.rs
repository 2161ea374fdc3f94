//! Reads the records of one block with the formats, and accounts for every one.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::value::RawValue;
use sha2::{Digest as _, Sha256};

use super::block::{Block, Cut, Shape};
use super::depth;
use super::guard::Guard;
use super::head::{self, json_part};
use super::journal;
use super::layout::{WRAPPERS, listed_text, position};
use super::line_header::unprefixed;
use super::repeated;
use super::searched::Searched;
use super::shipper::{self, Inner};
use super::surrogate;
use crate::model::{
    Digest, EvidenceKind, Extent, Format, Framing, Place, Record, Sample, Sink, Verdict, secret,
    unmarked,
};

/// What became of the records of one block.
#[derive(Debug, Default)]
pub struct Tally {
    /// Units read.
    pub parsed: u64,
    /// Units skipped, by reason.
    pub skipped: BTreeMap<Cow<'static, str>, u64>,
    /// Units damaged.
    pub rejected: Vec<Damage>,
    /// Further units of rejected records that took several.
    pub rejected_more: u64,
    /// Units read, by the source cell of the format that read them.
    pub sources: BTreeMap<&'static str, u64>,
}

/// A record that could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Damage {
    /// Where it stands.
    pub place: Place,
    /// Why, without quoting the content.
    pub reason: Cow<'static, str>,
}

/// The reason that blank lines are skipped for.
pub(super) const BLANK: &str = "blank";
/// The reason that records no format knows are skipped for.
pub const UNKNOWN: &str = "unknown record type";
/// The reason that files no format knows are skipped for.
pub(super) const UNKNOWN_FILE: &str = "not a kind of file that is read";

/// The reason that lines of a container are skipped for that are no records.
const BESIDE: &str = "a line that is no record";

/// Reads one block; `searched` is what the thread has searched for secrets before.
pub(super) fn parse_block(
    block: &Block,
    path: &str,
    formats: &[&dyn Format],
    sink: &mut dyn Sink,
    searched: &mut Searched,
) -> Tally {
    let mut guard = Guard::new(sink, block.origin.as_deref(), searched);
    let mut reader = Reader {
        block,
        path,
        formats,
        sink: &mut guard,
        tally: Tally::default(),
    };
    match &block.cut {
        Cut::Lines {
            line,
            byte,
            torn,
            prefixed,
        } => reader.lines(*line, *byte, *torn, *prefixed),
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
                if let Some(kind) = cutting.shape.evidence() {
                    let end = cutting.byte + cutting.length;
                    reader.sink.extent(Extent { end, kind });
                }
                let verdict = match &cutting.fault {
                    Some(fault) => Verdict::Rejected(Cow::Owned(fault.clone())),
                    None => match cutting.shape {
                        Shape::Json => reader.json(bytes, place, false),
                        Shape::Wrapped => reader.wrapped(bytes, place),
                        Shape::Text => reader.text(bytes, place),
                    },
                };
                reader.account(verdict, place, cutting.units);
            }
        }
        Cut::Uncut { lines: 0, .. } => {}
        Cut::Uncut { lines, reason } => {
            let reason = Cow::Borrowed(*reason);
            reader.tally.skipped.insert(reason, *lines);
        }
    }
    reader.tally
}

struct Reader<'r, 's> {
    block: &'r Block,
    path: &'r str,
    formats: &'r [&'r dyn Format],
    sink: &'r mut Guard<'s>,
    tally: Tally,
}

/// What becomes of several records in one: damaged if one is, else read if one is.
fn worse(whole: Verdict, verdict: Verdict) -> Verdict {
    let more = matches!(verdict, Verdict::Rejected(_))
        || (verdict == Verdict::Parsed && !matches!(whole, Verdict::Rejected(_)))
        || matches!(whole, Verdict::Skipped(_));
    if more { verdict } else { whole }
}

impl<'r> Reader<'r, '_> {
    fn primary(&self) -> Option<&'r dyn Format> {
        self.formats.get(self.block.format?).copied()
    }

    /// The file's format, where it reads lines of text.
    fn rows(&self) -> Option<&'r dyn Format> {
        let rows = |format: &&dyn Format| format.about().framing == Framing::Rows;
        self.primary().filter(rows)
    }

    fn lines(&mut self, first_line: u64, first_byte: u64, torn: bool, prefixed: bool) {
        let bytes = self.block.bytes.as_slice();
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
                let (byte, end, sha256) = match &self.block.origin {
                    Some(origin) => origin.line(byte),
                    None => {
                        let sha256 = Digest(Sha256::digest(text).into());
                        (byte, byte + text.len() as u64, sha256)
                    }
                };
                let kind = EvidenceKind::Line;
                self.sink.extent(Extent { end, kind });
                let place = Place {
                    file: self.block.file,
                    line,
                    byte,
                    sha256,
                };
                let verdict = self.line(text, place, torn && feed.is_none(), prefixed);
                self.account(verdict, place, 1);
            }
            line += 1;
            start += length + 1;
        }
    }

    /// Reads a line of a log. Where records stand by themselves, text before one is a program's:
    /// it may quote what it likes.
    fn line(&mut self, text: &[u8], place: Place, torn: bool, prefixed: bool) -> Verdict {
        let text = unmarked(text);
        if let Some(format) = self.rows() {
            if text.starts_with(b"{") {
                return self.wrapped_rows(format, text, place);
            }
            // Beside the lines of such a log stands what else its program says.
            return self.written(format, text, place, BESIDE);
        }
        if text.starts_with(b"{") || prefixed {
            return self.json(text, place, torn);
        }
        let bare = head::bare(text);
        if bare.starts_with(b"{") {
            return self.json(bare, place, torn);
        }
        if head::is_server_line(bare) || head::is_setting(text) {
            return Verdict::Skipped(Cow::Borrowed(BESIDE));
        }
        Verdict::Rejected(Cow::Borrowed(if torn { "truncated" } else { "not JSON" }))
    }

    /// Reads a text with its format; what that does not know is skipped for a reason.
    fn written(
        &mut self,
        format: &dyn Format,
        bytes: &[u8],
        place: Place,
        unknown: &'static str,
    ) -> Verdict {
        let record = Record {
            path: self.path,
            bytes,
            place,
        };
        let verdict = format.read(&record, self.sink);
        self.count_source(&verdict, format);
        match verdict {
            Verdict::Foreign => Verdict::Skipped(Cow::Borrowed(unknown)),
            verdict => verdict,
        }
    }

    /// Reads what a container wrote: a record, or a line of its own.
    fn wrapped(&mut self, bytes: &[u8], place: Place) -> Verdict {
        if let Some(format) = self.rows().filter(|_| !bytes.trim_ascii().is_empty()) {
            return self.written(format, bytes, place, BESIDE);
        }
        match std::str::from_utf8(bytes).map(unprefixed) {
            Ok(Some(record)) => self.json(record, place, false),
            Ok(None) if bytes.trim_ascii().is_empty() => Verdict::Skipped(Cow::Borrowed(BLANK)),
            Ok(None) => Verdict::Skipped(Cow::Borrowed(BESIDE)),
            Err(_) => Verdict::Rejected(Cow::Borrowed("invalid UTF-8")),
        }
    }

    /// Reads a line out of a wrapper that is no record: one of a log of lines, if the file is one.
    fn beside(&mut self, bytes: &[u8], place: Place) -> Verdict {
        match self.rows() {
            Some(format) => self.written(format, bytes, place, BESIDE),
            None => Verdict::Skipped(Cow::Borrowed(BESIDE)),
        }
    }

    /// Reads a record that should be JSON. `torn` says that the file ended inside it.
    fn json(&mut self, bytes: &[u8], place: Place, torn: bool) -> Verdict {
        if let Some(text) = listed_text(bytes) {
            return self.listed(text, place);
        }
        let Some(part) = json_part(bytes) else {
            if head::ends_as_server_line(bytes) || journal::stands_between(bytes) {
                return Verdict::Skipped(Cow::Borrowed(BESIDE));
            }
            return Verdict::Rejected(Cow::Borrowed(if torn { "truncated" } else { "not JSON" }));
        };
        if std::str::from_utf8(part).is_err() {
            return Verdict::Rejected(Cow::Borrowed("invalid UTF-8"));
        }
        if depth::exceeded(part) {
            return Verdict::Rejected(Cow::Borrowed("JSON nested deeper than 128"));
        }
        let part = part.trim_ascii_end();
        let verdict = self.one(part, place, WRAPPERS);
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

    /// Reads a text of an array: a line as it was logged. What is none is damage, as anything else in
    /// an array that is no object.
    fn listed(&mut self, text: String, place: Place) -> Verdict {
        let known = self.rows().is_some()
            || unprefixed(&text).is_some()
            || text.trim().is_empty()
            || head::ends_as_server_line(text.as_bytes());
        match known {
            true => self.contents(vec![Inner::Text(text)], place, WRAPPERS),
            false => Verdict::Rejected(Cow::Borrowed("not a JSON object")),
        }
    }

    /// Reads one JSON object: with the file's format first, then with whichever recognises it, then
    /// as the wrapper of others.
    fn one(&mut self, bytes: &[u8], place: Place, depth: usize) -> Verdict {
        let mended = surrogate::mended(bytes);
        let bytes = mended.as_deref().unwrap_or(bytes);
        let record = Record {
            path: self.path,
            bytes,
            place,
        };
        if let Some(format) = self.primary() {
            let verdict = self.once(format, &record);
            if verdict != Verdict::Foreign {
                self.count_source(&verdict, format);
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
        if let Some(format) = index.and_then(|index| self.formats.get(index)).copied() {
            let verdict = self.once(format, &record);
            self.count_source(&verdict, format);
            return if verdict == Verdict::Foreign {
                Verdict::Skipped(Cow::Borrowed(UNKNOWN))
            } else {
                verdict
            };
        }
        let Some(members) = value.as_object() else {
            return Verdict::Skipped(Cow::Borrowed(UNKNOWN));
        };
        if shipper::stands_beside(members) {
            return Verdict::Skipped(Cow::Borrowed(BESIDE));
        }
        match (depth.checked_sub(1), shipper::open(members)) {
            (_, None) | (None, _) => Verdict::Skipped(Cow::Borrowed(UNKNOWN)),
            (_, Some(Err(reason))) => Verdict::Rejected(Cow::Borrowed(reason)),
            (Some(depth), Some(Ok(contents))) => self.contents(contents, place, depth),
        }
    }

    /// Reads a record with its format. What configuration states twice is damage: nobody knows which
    /// of the two was in force.
    fn once(&mut self, format: &dyn Format, record: &Record<'_>) -> Verdict {
        let stated = format.about().source.is_configuration();
        let Some(name) = stated.then(|| repeated::member(record.bytes)).flatten() else {
            return format.read(record, self.sink);
        };
        match format.read(record, &mut repeated::Untold) {
            Verdict::Parsed => Verdict::Rejected(Cow::Owned(format!(
                "`{}` stands twice in one object",
                secret::redact(&name)
            ))),
            other => other,
        }
    }

    /// Reads the lines of a log of lines that a shipper wrapped; records in it are nobody's.
    fn wrapped_rows(&mut self, format: &dyn Format, bytes: &[u8], place: Place) -> Verdict {
        let value = (!depth::exceeded(bytes))
            .then(|| head::object(bytes))
            .flatten();
        let opened = value
            .as_ref()
            .and_then(|value| shipper::open(value.as_object()?));
        let mut whole = Verdict::Skipped(Cow::Borrowed(BESIDE));
        for inner in opened.and_then(Result::ok).unwrap_or_default() {
            if let Inner::Text(text) = inner {
                whole = worse(whole, self.written(format, text.as_bytes(), place, BESIDE));
            }
        }
        whole
    }

    /// Reads what stood in a wrapper. One damaged record makes it damaged, so that it is counted;
    /// else one record that is read makes it read.
    fn contents(&mut self, contents: Vec<Inner>, place: Place, depth: usize) -> Verdict {
        let mut whole = Verdict::Skipped(Cow::Borrowed(BESIDE));
        for inner in contents {
            let verdict = match inner {
                Inner::Object(members) => {
                    let text = serde_json::Value::Object(members).to_string();
                    self.one(text.as_bytes(), place, depth)
                }
                Inner::Text(text) => match unprefixed(&text) {
                    Some(part) if depth::exceeded(part) => {
                        Verdict::Rejected(Cow::Borrowed("JSON nested deeper than 128"))
                    }
                    Some(part) => self.one(part.trim_ascii_end(), place, depth),
                    None => self.beside(text.as_bytes(), place),
                },
            };
            whole = worse(whole, verdict);
        }
        whole
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
            let verdict = self.one(object.get().as_bytes(), place, WRAPPERS);
            if matches!(verdict, Verdict::Rejected(_)) || worst == Verdict::Parsed {
                worst = verdict;
            }
        }
        Some(worst)
    }

    fn text(&mut self, bytes: &[u8], place: Place) -> Verdict {
        let Some(format) = self.primary() else {
            return Verdict::Skipped(Cow::Borrowed(UNKNOWN_FILE));
        };
        self.written(format, bytes, place, UNKNOWN_FILE)
    }

    fn count_source(&mut self, verdict: &Verdict, format: &dyn Format) {
        if *verdict == Verdict::Parsed {
            *self
                .tally
                .sources
                .entry(format.about().source.name)
                .or_default() += 1;
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
                let reason = Cow::Owned(crate::model::secret::redact(&reason));
                self.tally.rejected.push(Damage { place, reason });
                self.tally.rejected_more += units.saturating_sub(1);
            }
        }
    }
}
