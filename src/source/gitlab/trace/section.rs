//! Sections of a trace: `section_start:<unix seconds>:<name>[options]` and `section_end:...`.
//!
//! The markers end at a carriage return, a newline, or both; files copied as text have the one
//! turned into the other. Users emit their own sections, nested and unclosed.

use std::collections::BTreeMap;

use memchr::memmem;

use super::line::Position;
use crate::model::Timestamp;

/// A section marker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Marker<'a> {
    pub(super) starts: bool,
    pub(super) at: Option<Timestamp>,
    pub(super) name: &'a str,
}

/// The marker with which `segment` ends, and the text before it.
///
/// A segment is what stands between carriage returns, without control sequences.
pub(super) fn marker(segment: &[u8]) -> Option<(&[u8], Marker<'_>)> {
    let found = memmem::find(segment, b"section_")?;
    let (before, rest) = segment.split_at_checked(found)?;
    let rest = std::str::from_utf8(rest).ok()?;
    let (starts, rest) = match rest.strip_prefix("section_start:") {
        Some(rest) => (true, rest),
        None => (false, rest.strip_prefix("section_end:")?),
    };
    let (seconds, rest) = rest.split_once(':')?;
    if seconds.is_empty() || !seconds.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let end = rest
        .find(|character: char| {
            !(character.is_ascii_alphanumeric() || matches!(character, '_' | '-' | '.'))
        })
        .unwrap_or(rest.len());
    let (name, options) = rest.split_at_checked(end)?;
    let closed = options.is_empty() || (options.starts_with('[') && options.ends_with(']'));
    if name.is_empty() || !closed {
        return None;
    }
    let marker = Marker {
        starts,
        at: seconds
            .parse::<i64>()
            .ok()
            .and_then(|seconds| seconds.checked_mul(1_000_000))
            .map(Timestamp)
            .filter(|at| *at <= Timestamp::MAX),
        name,
    };
    Some((before, marker))
}

/// Length of the marker that `text` begins with, up to its carriage return.
pub(super) fn length(text: &[u8]) -> Option<usize> {
    if !text.starts_with(b"section_") {
        return None;
    }
    let end = memchr::memchr(b'\r', text)?;
    marker(text.get(..end)?).map(|_| end + 1)
}

/// When a section began and ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) started_at: Option<Timestamp>,
    pub(super) finished_at: Option<Timestamp>,
    pub(super) closed: bool,
    /// Where its first start marker stands.
    pub(super) start: Position,
    /// Where its last end marker stands.
    pub(super) end: Position,
}

/// The sections seen so far, and those still open.
#[derive(Debug, Default)]
pub(super) struct Sections {
    open: Vec<String>,
    spans: BTreeMap<String, Span>,
}

impl Sections {
    /// Takes the next marker.
    pub(super) fn take(&mut self, marker: Marker<'_>, position: Position) {
        if marker.starts {
            self.open.push(marker.name.to_owned());
            let span = self
                .spans
                .entry(marker.name.to_owned())
                .or_insert_with(|| Span {
                    start: position,
                    ..Span::default()
                });
            span.started_at = span.started_at.or(marker.at);
            span.closed = false;
            return;
        }
        // What was opened inside and never closed ends with the section around it.
        if let Some(depth) = self.open.iter().rposition(|name| name == marker.name) {
            self.open.truncate(depth);
            if let Some(span) = self.spans.get_mut(marker.name) {
                span.finished_at = marker.at;
                span.end = position;
                span.closed = true;
            }
        }
    }

    /// The innermost open section, empty outside all.
    pub(super) fn current(&self) -> &str {
        self.open.last().map_or("", String::as_str)
    }

    /// Every section, by name.
    pub(super) fn spans(&self) -> &BTreeMap<String, Span> {
        &self.spans
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markers_are_read_with_options_and_text_before() {
        let (before, found) = marker(b"section_start:1540587170:prepare_script").unwrap();
        assert_eq!(
            (before, found.name, found.starts),
            (b"".as_slice(), "prepare_script", true)
        );
        let at = found.at.map(|at| at.to_string());
        assert_eq!(at.as_deref(), Some("2018-10-26T20:52:50.000000Z"));
        let (before, found) = marker(b"x section_end:1:a-b.c[collapsed=true,x=y]").unwrap();
        assert_eq!(
            (before, found.name, found.starts),
            (b"x ".as_slice(), "a-b.c", false)
        );
    }

    #[test]
    fn what_only_looks_like_a_marker_is_text() {
        for text in [
            "section_start:1:",
            "section_start::name",
            "section_start:`date +%s`:name",
            r"section_start:1:name\r",
            "section_start:1:name and more",
            "section_start:1:name[open",
            "section_other:1:name",
        ] {
            assert!(marker(text.as_bytes()).is_none(), "{text}");
        }
        let late = marker(b"section_end:999999999999999999999:x").map(|(_, found)| found.at);
        assert_eq!(late, Some(None));
    }

    #[test]
    fn unclosed_sections_end_with_the_one_around_them() {
        let mut sections = Sections::default();
        let mut step = |text: &str| {
            let (_, found) = marker(text.as_bytes()).unwrap();
            sections.take(found, Position::default());
            sections.current().to_owned()
        };
        assert_eq!(step("section_start:1:outer"), "outer");
        assert_eq!(step("section_start:2:inner"), "inner");
        assert_eq!(step("section_end:3:never"), "inner");
        assert_eq!(step("section_end:4:outer"), "");
        assert_eq!(
            sections.spans().get("inner").map(|span| span.closed),
            Some(false)
        );
        assert_eq!(
            sections.spans().get("outer").map(|span| span.closed),
            Some(true)
        );
    }
}
