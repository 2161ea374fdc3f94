//! Tells from a file's first bytes how it is cut into records and which format reads them.

use serde_json::Value;

use super::elements::{Scanner, Step};
use super::wrapper::{Envelope, Unwrapper};
use crate::model::{Format, Framing, Sample};

/// How many of a file's first lines are tried before it is taken for something else than JSON
/// lines: logs often begin with a torn line or a banner.
const LINES_TRIED: usize = 64;

/// How a file is cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Layout {
    /// One JSON object a line, perhaps behind a prefix.
    Lines,
    /// One line of a container runtime a line.
    Wrapped(Envelope),
    /// JSON in any other layout.
    Elements,
    /// YAML documents.
    Yaml,
    /// Text read whole; counted by line if true.
    Text {
        /// Whether the unit is the line.
        by_line: bool,
    },
    /// Nothing that is read.
    Unrecognised,
    /// More bytes are needed to tell.
    Undecided,
}

/// A file's layout and the format of its first record, as a position in the list of formats.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Plan {
    pub(super) layout: Layout,
    pub(super) format: Option<usize>,
}

/// Decides. `whole` says that `head` is the whole file.
pub(super) fn plan(path: &str, head: &[u8], whole: bool, formats: &[&dyn Format]) -> Plan {
    let head = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    let first = head.iter().position(|byte| !byte.is_ascii_whitespace());
    let Some(first) = first else {
        let layout = if whole {
            Layout::Unrecognised
        } else {
            Layout::Undecided
        };
        return Plan {
            layout,
            format: None,
        };
    };
    let json = |value: &Value| {
        let sample = Sample {
            path,
            value: Some(value),
            head,
        };
        position(formats, &sample, &[Framing::Json])
    };
    let text = || {
        let sample = Sample {
            path,
            value: None,
            head,
        };
        let format = position(formats, &sample, &[Framing::TextLines, Framing::TextFile])?;
        let by_line = formats
            .get(format)
            .is_some_and(|f| f.framing() == Framing::TextLines);
        Some(Plan {
            layout: Layout::Text { by_line },
            format: Some(format),
        })
    };
    // `[` also begins the tables of TOML and the sections of INI files.
    let after = head
        .iter()
        .skip(first + 1)
        .find(|byte| !byte.is_ascii_whitespace());
    let start = match head.get(first).copied().unwrap_or(0) {
        b'[' if !matches!(after, None | Some(b'{' | b'[' | b']' | b'"')) => b'#',
        start => start,
    };
    if start != b'[' {
        match lines(head, whole) {
            Lines::Plain(value) => {
                let format = json(&value);
                // A job trace that prints JSON, or YAML with a `{}`: text that holds JSON.
                if format.is_none() && start != b'{' {
                    if let Some(plan) = text() {
                        return plan;
                    }
                    match yaml_value(head, whole) {
                        Yaml::Mapping(value) => {
                            let format = json(&value);
                            return Plan {
                                layout: Layout::Yaml,
                                format,
                            };
                        }
                        Yaml::NeedMore => {
                            return Plan {
                                layout: Layout::Undecided,
                                format: None,
                            };
                        }
                        Yaml::Not => {}
                    }
                }
                return Plan {
                    layout: Layout::Lines,
                    format,
                };
            }
            Lines::Wrapped(envelope, value) => {
                let format = value.as_ref().and_then(json);
                return Plan {
                    layout: Layout::Wrapped(envelope),
                    format,
                };
            }
            Lines::Undecided if !matches!(start, b'{') => {
                return Plan {
                    layout: Layout::Undecided,
                    format: None,
                };
            }
            Lines::Undecided | Lines::Not => {}
        }
    }
    if start == b'{' || start == b'[' {
        match first_element(head.get(first..).unwrap_or(&[]), whole) {
            Element::Sound(value) => {
                return Plan {
                    layout: Layout::Elements,
                    format: json(&value),
                };
            }
            Element::NeedMore => {
                return Plan {
                    layout: Layout::Undecided,
                    format: None,
                };
            }
            Element::Not => {}
        }
    }
    if let Some(plan) = text() {
        return plan;
    }
    if start == b'{' || start == b'[' {
        // Damaged JSON stays JSON: its records are rejected by name, not passed over.
        return Plan {
            layout: Layout::Elements,
            format: None,
        };
    }
    match yaml_value(head, whole) {
        Yaml::Mapping(value) => Plan {
            layout: Layout::Yaml,
            format: json(&value),
        },
        Yaml::NeedMore => Plan {
            layout: Layout::Undecided,
            format: None,
        },
        Yaml::Not => Plan {
            layout: Layout::Unrecognised,
            format: None,
        },
    }
}

/// The first format of one of `framings` that recognises the sample.
pub(super) fn position(
    formats: &[&dyn Format],
    sample: &Sample<'_>,
    framings: &[Framing],
) -> Option<usize> {
    formats
        .iter()
        .position(|format| framings.contains(&format.framing()) && format.recognises(sample))
}

/// The JSON of a line: from its first `{`, so that syslog headers and prefixes do not matter.
pub(super) fn json_part(line: &[u8]) -> Option<&[u8]> {
    let start = memchr::memchr(b'{', line)?;
    line.get(start..)
}

enum Lines {
    Plain(Value),
    Wrapped(Envelope, Option<Value>),
    Undecided,
    Not,
}

fn lines(head: &[u8], whole: bool) -> Lines {
    let mut tried = 0;
    let mut rest = head;
    while tried < LINES_TRIED && !rest.is_empty() {
        let (line, next) = match memchr::memchr(b'\n', rest) {
            Some(at) => (
                rest.get(..at).unwrap_or(&[]),
                rest.get(at + 1..).unwrap_or(&[]),
            ),
            None if whole => (rest, &[][..]),
            None => return Lines::Undecided,
        };
        rest = next;
        let line = line.trim_ascii();
        if line.is_empty() {
            continue;
        }
        tried += 1;
        if let Some(envelope) = Envelope::of(line) {
            let mut unwrapper = Unwrapper::new(envelope);
            let all = head.split(|&byte| byte == b'\n').take(LINES_TRIED);
            let value = all
                .filter_map(|line| unwrapper.line(line, 0, 0))
                .find_map(|record| object(json_part(&record.text)?));
            return Lines::Wrapped(envelope, value);
        }
        if let Some(value) = json_part(line).and_then(object) {
            return Lines::Plain(value);
        }
        // `{` alone begins a pretty-printed object; its inner lines must not be tried.
        if tried == 1 && (line == b"{" || line.starts_with(b"{")) && !looks_torn(line) {
            return Lines::Not;
        }
    }
    Lines::Not
}

/// Whether a line that begins with `{` but does not parse is a torn JSON line rather than the
/// first line of a longer object: torn lines are long and hold several keys.
fn looks_torn(line: &[u8]) -> bool {
    line.len() > 80 && line.windows(3).filter(|window| window == b"\":\"").count() > 2
}

fn object(bytes: &[u8]) -> Option<Value> {
    serde_json::from_slice::<Value>(bytes)
        .ok()
        .filter(Value::is_object)
}

enum Element {
    Sound(Value),
    NeedMore,
    Not,
}

fn first_element(bytes: &[u8], whole: bool) -> Element {
    let mut scanner = Scanner::new(0);
    let mut faults = 0;
    loop {
        match scanner.step(bytes, whole) {
            Step::Piece(piece) => {
                let text = bytes.get(piece.start..piece.end).unwrap_or(&[]);
                if let Some(value) = piece.fault.is_none().then(|| object(text)).flatten() {
                    return Element::Sound(value);
                }
                faults += 1;
                if faults > LINES_TRIED {
                    return Element::Not;
                }
            }
            Step::NeedMore => return Element::NeedMore,
            Step::End => return Element::Not,
        }
    }
}

enum Yaml {
    Mapping(Value),
    NeedMore,
    Not,
}

fn yaml_value(head: &[u8], whole: bool) -> Yaml {
    let Ok(text) = std::str::from_utf8(head) else {
        return Yaml::Not;
    };
    // A YAML mapping has a `key:` in its first lines; prose and code are told apart cheaply.
    let keyed = text.lines().take(LINES_TRIED).any(|line| {
        let line = line.trim_start_matches("- ");
        line.split_once(':').is_some_and(|(key, rest)| {
            !key.is_empty()
                && !key.contains(char::is_whitespace)
                && (rest.is_empty() || rest.starts_with(' ') || rest.starts_with('\r'))
        })
    });
    if !keyed {
        return Yaml::Not;
    }
    if !whole {
        return Yaml::NeedMore;
    }
    super::yaml::documents(head)
        .into_iter()
        .find_map(|document| document.value.ok().filter(Value::is_object))
        .map_or(Yaml::Not, Yaml::Mapping)
}
