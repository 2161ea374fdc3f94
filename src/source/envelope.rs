//! Rejoins the parts of one line that container runtimes cut, file by file.
//!
//! Only what the runtime says is a part is one: CRI marks `P` and `F`, and so do the records that
//! Fluent Bit and Fluentd make of it (`_p`, `logtag`). Docker's `json-file` ends every line with a
//! line feed but those that it cut at 16 KiB; shippers that read it take the line feed away, and
//! then nothing is a part but a text of that length; journald marks what it cut. A row of an exported
//! table and an entry of the journal may take several lines too (`row_export`, `journal`). Everything
//! else about wrappers is `shipper`.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::arrows;
use super::fluentd;
use super::journal::{self, Field, Form};
use super::jsonx;
use super::row_export::RowExport;
use crate::model::Digest;

/// Where Docker cuts, less what replacing a cut character may cost.
const DOCKER_PART: usize = 16 * 1024 - 8;
/// The longest line that is put together again.
const LONGEST: usize = 64 * 1024 * 1024;
/// The entry of the journal that is being read, among what waits.
const ENTRY: &str = "";
/// What stands before the stream of an entry whose message goes on.
const PARTS: char = '\0';

/// The envelope of a file's lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Envelope {
    /// Records of a container's output: Docker `json-file`, Fluent Bit, Fluentd.
    Record {
        /// Whether whole lines end with a line feed in this file.
        fed: bool,
    },
    /// Kubernetes CRI.
    Cri,
    /// Lines that Fluent Bit prints.
    Arrows,
    /// Lines that Fluentd prints.
    Fluentd,
    /// Records as XML.
    Jsonx,
    /// Lines that are texts in JSON, as `jq -R` writes them.
    Quoted,
    /// Rows of a table of which one column holds the line.
    Rows(RowExport),
    /// Entries of the journal, of several lines each.
    Journal(Form),
}

/// `{"log":"...","stream":"stdout","time":"..."}` in all its spellings.
#[derive(Deserialize)]
struct Line<'a> {
    #[serde(borrow)]
    log: Option<Cow<'a, str>>,
    #[serde(borrow)]
    message: Option<Cow<'a, str>>,
    #[serde(borrow)]
    stream: Option<Cow<'a, str>>,
    #[serde(borrow)]
    time: Option<&'a RawValue>,
    #[serde(borrow, rename = "_p")]
    part: Option<Cow<'a, str>>,
    #[serde(borrow)]
    logtag: Option<Cow<'a, str>>,
    /// Docker's driver for Fluentd: `true` where the line came in parts, with what they have in
    /// common, and `true` in the last.
    #[serde(borrow)]
    partial_message: Option<Cow<'a, str>>,
    #[serde(borrow)]
    partial_id: Option<Cow<'a, str>>,
    #[serde(borrow)]
    partial_last: Option<Cow<'a, str>>,
    #[serde(borrow)]
    kubernetes: Option<&'a RawValue>,
    /// What journald calls `log`.
    #[serde(borrow, rename = "MESSAGE")]
    entry: Option<Cow<'a, str>>,
    #[serde(borrow, rename = "__REALTIME_TIMESTAMP")]
    realtime: Option<Cow<'a, str>>,
    #[serde(borrow, rename = "_LINE_BREAK")]
    line_break: Option<Cow<'a, str>>,
    #[serde(borrow, rename = "_STREAM_ID")]
    stream_id: Option<Cow<'a, str>>,
}

/// One line without its envelope.
struct Content<'a> {
    /// What its parts have in common.
    stream: Cow<'a, str>,
    text: Cow<'a, [u8]>,
    complete: bool,
}

impl Content<'_> {
    /// One that is no part of a longer line.
    fn whole(text: Vec<u8>) -> Self {
        Content {
            stream: Cow::Borrowed(""),
            text: Cow::Owned(text),
            complete: true,
        }
    }
}

impl Envelope {
    /// The envelope of a file that begins with these lines: it holds for the first that is not
    /// blank, and for most.
    pub(super) fn of<'l>(lines: impl Iterator<Item = &'l [u8]>) -> Option<Envelope> {
        let mut lines =
            lines.filter(|line| !line.trim_ascii().is_empty() && !journal::stands_between(line));
        let first = lines.next()?;
        if let Some(form) = journal::form(first) {
            return Some(Envelope::Journal(form));
        }
        if cri(first).is_some() {
            return most(lines, |line| cri(line).is_some()).then_some(Envelope::Cri);
        }
        if arrows::record(first).is_some() {
            return most(lines, |line| arrows::record(line).is_some()).then_some(Envelope::Arrows);
        }
        if fluentd::record(first).is_some() {
            return most(lines, |line| fluentd::record(line).is_some())
                .then_some(Envelope::Fluentd);
        }
        if jsonx::record(first).is_some() {
            return most(lines, |line| jsonx::record(line).is_some()).then_some(Envelope::Jsonx);
        }
        if quoted(first).is_some() {
            return most(lines, |line| quoted(line).is_some()).then_some(Envelope::Quoted);
        }
        let mut fed = ends_fed(&record(first)?);
        most(lines, |line| {
            let line = record(line);
            fed |= line.as_ref().is_some_and(ends_fed);
            line.is_some()
        })
        .then_some(Envelope::Record { fed })
    }

    fn open(self, line: &[u8]) -> Option<Content<'_>> {
        match self {
            Envelope::Cri => cri(line),
            Envelope::Arrows => arrows::record(line).map(Content::whole),
            Envelope::Fluentd => fluentd::record(line).map(Content::whole),
            Envelope::Jsonx => jsonx::record(line).map(Content::whole),
            Envelope::Quoted => quoted(line).map(Content::whole),
            Envelope::Rows(_) | Envelope::Journal(_) => None,
            Envelope::Record { fed } => {
                let line = record(line)?;
                let complete = is_complete(&line, fed);
                let stream = line.stream.or(line.stream_id).or(line.partial_id);
                let stream = match (stream, line.kubernetes) {
                    (stream, Some(of)) => Cow::Owned(format!("{stream:?} {}", of.get())),
                    (stream, None) => stream.unwrap_or_default(),
                };
                let text = line.log.or(line.message).or(line.entry)?;
                let text = match text {
                    Cow::Borrowed(text) => Cow::Borrowed(unfed(text).as_bytes()),
                    Cow::Owned(text) => Cow::Owned(unfed(&text).as_bytes().to_vec()),
                };
                Some(Content {
                    stream,
                    text,
                    complete,
                })
            }
        }
    }
}

/// Whether `test` holds for at least as many lines as not; the first line is in already.
fn most<'l>(lines: impl Iterator<Item = &'l [u8]>, mut test: impl FnMut(&[u8]) -> bool) -> bool {
    let (mut inside, mut outside) = (1u64, 0u64);
    for line in lines {
        if test(line) {
            inside += 1;
        } else {
            outside += 1;
        }
    }
    inside >= outside
}

/// The record of a line that is a text in JSON: `"{\"time\": ...}"`.
fn quoted(line: &[u8]) -> Option<Vec<u8>> {
    let line = line.trim_ascii();
    let text = line
        .starts_with(b"\"")
        .then(|| serde_json::from_slice::<String>(line).ok())??;
    text.trim_start()
        .starts_with('{')
        .then(|| text.into_bytes())
}

fn unfed(text: &str) -> &str {
    text.trim_end_matches(['\n', '\r'])
}

fn ends_fed(line: &Line<'_>) -> bool {
    line.log.as_deref().is_some_and(|log| log.ends_with('\n'))
}

/// A record of a container's output that may be a part: it names its stream, or marks parts.
fn record(line: &[u8]) -> Option<Line<'_>> {
    let line: Line<'_> = serde_json::from_slice(line.trim_ascii()).ok()?;
    let marked = line.part.is_some() || line.logtag.is_some() || line.partial_message.is_some();
    let docker = line.log.is_some() && line.stream.is_some() && line.time.is_some();
    let entry = line.entry.is_some() && line.realtime.is_some();
    ((marked && (line.log.is_some() || line.message.is_some())) || docker || entry).then_some(line)
}

fn is_complete(line: &Line<'_>, fed: bool) -> bool {
    if let Some(mark) = line.part.as_deref().or(line.logtag.as_deref()) {
        return mark.split(':').next() != Some("P");
    }
    if line.partial_message.as_deref() == Some("true") {
        return line.partial_last.as_deref() == Some("true");
    }
    if line.entry.is_some() {
        return line.line_break.as_deref() != Some("line-max");
    }
    let text = line.log.as_deref().unwrap_or("");
    if text.ends_with('\n') || !(fed || text.len() >= DOCKER_PART) {
        return true;
    }
    text.trim_start().starts_with('{')
        && serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok()
}

/// `2026-11-21T07:47:12.214239981Z stdout F text`.
fn cri(line: &[u8]) -> Option<Content<'_>> {
    let mut fields = line.splitn(4, |&byte| byte == b' ');
    let time = std::str::from_utf8(fields.next()?).ok()?;
    let stream = fields.next()?;
    let tag = fields.next()?.split(|&byte| byte == b':').next()?;
    let text = fields.next().unwrap_or(&[]);
    let known = stream == b"stdout" || stream == b"stderr";
    if !known || !(tag == b"F" || tag == b"P") {
        return None;
    }
    chrono::DateTime::parse_from_rfc3339(time).ok()?;
    Some(Content {
        stream: Cow::Borrowed(std::str::from_utf8(stream).ok()?),
        text: Cow::Borrowed(text),
        complete: tag == b"F",
    })
}

/// A record as it was before a runtime cut and wrapped it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Rejoined {
    /// The record's text.
    pub(super) text: Vec<u8>,
    /// Line of its first part.
    pub(super) line: u64,
    /// Byte of its first part.
    pub(super) byte: u64,
    /// Length of the first part as it stands in the file.
    pub(super) length: u64,
    /// Digest of the first part as it stands in the file.
    pub(super) sha256: Digest,
    /// How many lines it took.
    pub(super) units: u64,
    /// Why it is not whole.
    pub(super) fault: Option<&'static str>,
}

/// Opens the envelopes of a file's lines in order.
#[derive(Debug)]
pub(super) struct Unwrapper {
    envelope: Envelope,
    waiting: BTreeMap<String, Rejoined>,
    /// Whether the next line goes on with what this one began: a cell in quotes, a field.
    goes_on: bool,
    /// What the entry of the journal that is being read says of its message: that it goes on in
    /// another, and in which stream.
    cut: bool,
    stream: String,
}

impl Unwrapper {
    pub(super) fn new(envelope: Envelope) -> Unwrapper {
        Unwrapper {
            envelope,
            waiting: BTreeMap::new(),
            goes_on: false,
            cut: false,
            stream: String::new(),
        }
    }

    /// Takes one line; gives a record when it is complete. A line outside any envelope is a record
    /// by itself.
    pub(super) fn line(&mut self, bytes: &[u8], line: u64, byte: u64) -> Option<Rejoined> {
        let whole = |text: Vec<u8>| Rejoined {
            text,
            line,
            byte,
            length: bytes.len() as u64,
            sha256: Digest::of(bytes),
            units: 1,
            fault: None,
        };
        match self.envelope {
            Envelope::Rows(table) => return self.row(table, whole(bytes.to_vec())),
            Envelope::Journal(form) => return self.entry(form, whole(Vec::new()), bytes),
            Envelope::Record { .. }
            | Envelope::Cri
            | Envelope::Arrows
            | Envelope::Fluentd
            | Envelope::Jsonx
            | Envelope::Quoted => {}
        }
        let Some(content) = self.envelope.open(bytes) else {
            return Some(whole(bytes.to_vec()));
        };
        if content.complete && self.waiting.is_empty() {
            return Some(whole(content.text.into_owned()));
        }
        let stream = content.stream.into_owned();
        let record = self.joined(&stream, whole(content.text.into_owned()), b"");
        if content.complete || record.fault.is_some() {
            return Some(record);
        }
        self.waiting.insert(stream, record);
        None
    }

    /// What waits under a key, with its next part; one that has become too long is at fault.
    fn joined(&mut self, key: &str, part: Rejoined, between: &[u8]) -> Rejoined {
        let Some(mut record) = self.waiting.remove(key) else {
            return part;
        };
        record.text.extend_from_slice(between);
        record.text.extend_from_slice(&part.text);
        record.units += part.units;
        if record.text.len() > LONGEST {
            record.fault = Some("parts of one line that together are longer than 64 MiB");
            record.text = Vec::new();
        }
        record
    }

    /// Takes a line of a table: a row, or a part of one.
    fn row(&mut self, table: RowExport, part: Rejoined) -> Option<Rejoined> {
        self.goes_on = table.goes_on(&part.text, self.goes_on);
        let mut record = self.joined("", part, b"\n");
        if self.goes_on && record.fault.is_none() {
            self.waiting.insert(String::new(), record);
            return None;
        }
        if record.fault.is_none() && !record.text.trim_ascii().is_empty() {
            match table.cell(&record.text) {
                Some(text) => record.text = text,
                None => record.fault = Some("a row without the column that holds the records"),
            }
        }
        Some(record)
    }

    /// Takes a line of the journal: a field, or what ends an entry.
    fn entry(&mut self, form: Form, part: Rejoined, line: &[u8]) -> Option<Rejoined> {
        // The line with the time begins an entry; a blank one ends it.
        let begins = form == Form::Verbose && !line.starts_with(b" ") && !line.is_empty();
        if begins && let Some(before) = self.waiting.remove(ENTRY) {
            self.waiting.insert(ENTRY.to_owned(), part);
            return self.ended(before);
        }
        let mut record = self.joined(ENTRY, part, b"");
        if form == Form::Export && line.is_empty() && !self.goes_on {
            return self.ended(record);
        }
        let field = journal::field(form, line, self.goes_on);
        self.goes_on = field == Field::Follows;
        match field {
            Field::Message(text) => record.text = text.to_vec(),
            Field::LeftOut => record.fault = Some(journal::LEFT_OUT),
            Field::Cut => self.cut = true,
            Field::Stream(stream) => self.stream = String::from_utf8_lossy(stream).into_owned(),
            Field::Follows | Field::Other => {}
        }
        self.waiting.insert(ENTRY.to_owned(), record);
        None
    }

    /// Takes an entry of the journal that has ended: a record, or a part of one.
    fn ended(&mut self, entry: Rejoined) -> Option<Rejoined> {
        let stream = format!("{PARTS}{}", std::mem::take(&mut self.stream));
        let fault = entry.fault;
        let mut record = self.joined(&stream, entry, b"");
        record.fault = record.fault.or(fault);
        if std::mem::take(&mut self.cut) && record.fault.is_none() {
            self.waiting.insert(stream, record);
            return None;
        }
        Some(record)
    }

    /// Gives what still waits for its last part, in stream order.
    pub(super) fn finish(&mut self) -> Vec<Rejoined> {
        let entry = match self.envelope {
            Envelope::Journal(_) => self.waiting.remove(ENTRY),
            _ => None,
        };
        let last = entry.and_then(|entry| self.ended(entry));
        let mut left: Vec<Rejoined> = std::mem::take(&mut self.waiting).into_values().collect();
        left.extend(last);
        if let Envelope::Rows(_) = self.envelope {
            for row in &mut left {
                row.fault = Some("the file ends inside a cell in quotes");
            }
        }
        left
    }
}

#[cfg(test)]
#[path = "envelope_tests.rs"]
mod tests;
