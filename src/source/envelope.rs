//! Rejoins the parts of one line that container runtimes cut, file by file.
//!
//! Only what the runtime says is a part is one: CRI marks `P` and `F`, and so do the records that
//! Fluent Bit and Fluentd make of it (`_p`, `logtag`). Docker's `json-file` ends every line with a
//! line feed but those that it cut at 16 KiB; shippers that read it take the line feed away, and
//! then nothing is a part but a text of that length. Everything else about wrappers is `shipper`.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::model::Digest;

/// Where Docker cuts, less what replacing a cut character may cost.
const DOCKER_PART: usize = 16 * 1024 - 8;
/// The longest line that is put together again.
const LONGEST: usize = 64 * 1024 * 1024;

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
    #[serde(borrow)]
    kubernetes: Option<&'a RawValue>,
}

/// One line without its envelope.
struct Content<'a> {
    /// What its parts have in common.
    stream: Cow<'a, str>,
    text: Cow<'a, [u8]>,
    complete: bool,
}

impl Envelope {
    /// The envelope of a file that begins with these lines: it holds for the first that is not
    /// blank, and for most.
    pub(super) fn of<'l>(lines: impl Iterator<Item = &'l [u8]>) -> Option<Envelope> {
        let mut lines = lines.filter(|line| !line.trim_ascii().is_empty());
        let first = lines.next()?;
        if cri(first).is_some() {
            return most(lines, |line| cri(line).is_some()).then_some(Envelope::Cri);
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
            Envelope::Record { fed } => {
                let line = record(line)?;
                let complete = is_complete(&line, fed);
                let stream = match (line.stream, line.kubernetes) {
                    (stream, Some(of)) => Cow::Owned(format!("{stream:?} {}", of.get())),
                    (stream, None) => stream.unwrap_or_default(),
                };
                let text = line.log.or(line.message)?;
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

fn unfed(text: &str) -> &str {
    text.trim_end_matches(['\n', '\r'])
}

fn ends_fed(line: &Line<'_>) -> bool {
    line.log.as_deref().is_some_and(|log| log.ends_with('\n'))
}

/// A record of a container's output that may be a part: it names its stream, or marks parts.
fn record(line: &[u8]) -> Option<Line<'_>> {
    let line: Line<'_> = serde_json::from_slice(line.trim_ascii()).ok()?;
    let marked = line.part.is_some() || line.logtag.is_some();
    let docker = line.log.is_some() && line.stream.is_some() && line.time.is_some();
    ((marked && (line.log.is_some() || line.message.is_some())) || docker).then_some(line)
}

fn is_complete(line: &Line<'_>, fed: bool) -> bool {
    if let Some(mark) = line.part.as_deref().or(line.logtag.as_deref()) {
        return mark.split(':').next() != Some("P");
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
}

impl Unwrapper {
    pub(super) fn new(envelope: Envelope) -> Unwrapper {
        Unwrapper {
            envelope,
            waiting: BTreeMap::new(),
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
        let Some(content) = self.envelope.open(bytes) else {
            return Some(whole(bytes.to_vec()));
        };
        if content.complete && self.waiting.is_empty() {
            return Some(whole(content.text.into_owned()));
        }
        let mut record = match self.waiting.remove(content.stream.as_ref()) {
            None => whole(content.text.into_owned()),
            Some(mut begun) => {
                begun.text.extend_from_slice(&content.text);
                begun.units += 1;
                begun
            }
        };
        if record.text.len() > LONGEST {
            record.fault = Some("parts of one line that together are longer than 64 MiB");
            record.text = Vec::new();
            return Some(record);
        }
        if content.complete {
            return Some(record);
        }
        self.waiting.insert(content.stream.into_owned(), record);
        None
    }

    /// Gives what still waits for its last part, in stream order.
    pub(super) fn finish(&mut self) -> Vec<Rejoined> {
        std::mem::take(&mut self.waiting).into_values().collect()
    }
}

#[cfg(test)]
#[path = "envelope_tests.rs"]
mod tests;
