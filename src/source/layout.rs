//! Tells from a file's first bytes how it is cut into records and which format reads them.
//!
//! What is text is asked about first, unless the first line that is not blank is a record itself:
//! a job that prints a record of another system stays a job, a policy with one in a comment stays
//! a policy. What lies where a trace lies is a trace whatever it holds. While nothing is sure, more
//! bytes are asked for, up to a bound.

use serde_json::Value;

use super::elements::{Scan, Scanner, Step};
use super::envelope::Envelope;
use super::frames::{self, Frames};
use super::head::{self, Lines, NotARecord, Recognise, object};
use super::line_header::unprefixed;
use super::mended;
use super::page::{Begins, begins_list};
use super::printed;
use super::shipper::{self, Inner};
use crate::model::{Format, Framing, Sample, unmarked, unpacked};

/// Elements that are tried before a document is taken for damaged, and lines in which a key shows
/// that a text is YAML.
const TRIED: usize = 64;
/// Deepest nesting of wrappers that is followed.
pub(super) const WRAPPERS: usize = 6;

/// How a file is cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Layout {
    /// One JSON object a line.
    Lines {
        /// Whether text stands before it on every line.
        prefixed: bool,
    },
    /// One line of a container runtime a line.
    Wrapped(Envelope),
    /// Frames of syslog, each as long as it says.
    Frames,
    /// JSON in any other layout.
    Elements,
    /// JSON objects that hold a list of records each.
    Pages,
    /// YAML documents.
    Yaml,
    /// Text read whole; counted by line if true.
    Text {
        /// Whether the unit is the line.
        by_line: bool,
    },
    /// What a tool printed that no longer says what was logged, for this reason.
    Printed(&'static str),
    /// Nothing that is read.
    Unrecognised,
    /// A text that quotes records of a system whose log it is not.
    Quoting,
    /// More bytes are needed to tell.
    Undecided,
}

/// A file's layout and the format of its first record, as a position in the list of formats.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Plan {
    pub(super) layout: Layout,
    pub(super) format: Option<usize>,
}

const fn plain(layout: Layout) -> Plan {
    Plan {
        layout,
        format: None,
    }
}

/// Decides. `whole` says that `head` is the whole file.
pub(super) fn plan(path: &str, head: &[u8], whole: bool, formats: &[&dyn Format]) -> Plan {
    let head = unmarked(head);
    let Some(first) = head.iter().position(|byte| !is_blank(byte)) else {
        return plain(if whole {
            Layout::Unrecognised
        } else {
            Layout::Undecided
        });
    };
    if let Some(format) = formats.iter().position(|format| format.owns(path)) {
        return text(formats, format);
    }
    let plan = by_content(path, head, first, whole, formats);
    // Whoever proposes a policy chooses what stands in its file.
    if is_of_language(path) && plan.format.is_some_and(|format| is_log(formats, format)) {
        return plain(Layout::Quoting);
    }
    match plan {
        Plan {
            layout: Layout::Wrapped(envelope),
            format,
        } => {
            // A container may write a log of lines; what it begins with tells.
            let text = head::texts(envelope, head, whole);
            let sample = Sample {
                path,
                value: None,
                head: &text,
            };
            let rows = (!text.trim_ascii_start().starts_with(b"{"))
                .then(|| position(formats, &sample, &[Framing::Rows]));
            let format = rows.flatten().or(format);
            Plan { format, ..plan }
        }
        plan => plan,
    }
}

/// Whether a file's name says that it is written in the language of policies or of Terraform.
fn is_of_language(path: &str) -> bool {
    let name = unpacked(path);
    [".hcl", ".tf", ".tofu"]
        .iter()
        .any(|end| name.ends_with(end))
}

/// Whether a format reads records of a log.
fn is_log(formats: &[&dyn Format], format: usize) -> bool {
    let about = formats.get(format).map(|format| format.about());
    about.is_some_and(|about| !about.source.is_configuration())
}

/// The format of records that a file begins with whose path says that it is of another.
pub(super) fn contradiction(
    path: &str,
    head: &[u8],
    whole: bool,
    formats: &[&dyn Format],
) -> Option<usize> {
    let own = formats.iter().position(|format| format.owns(path));
    if own.is_none() && !is_of_language(path) {
        return None;
    }
    let head = unmarked(head);
    let first = head.iter().position(|byte| !is_blank(byte))?;
    let of_content = by_content(path, head, first, whole, formats).format?;
    let records = formats.get(of_content)?.about().framing == Framing::Json;
    let other = own.map_or(is_log(formats, of_content), |own| own != of_content);
    (records && other).then_some(of_content)
}

/// Whether a text that begins with `[[` names a table: `[[waiver]]`, `[["a.b"]]`.
fn is_toml_table(text: &[u8]) -> bool {
    let line = text.split(|&byte| byte == b'\n').next().unwrap_or(&[]);
    let line = line.trim_ascii();
    let inner = line.strip_prefix(b"[[").unwrap_or(line);
    let named = inner.iter().find(|byte| !is_blank(byte));
    let name =
        |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'"' | b'\'');
    let words: [&[u8]; 3] = [b"true", b"false", b"null"];
    let closed = memchr::memmem::find(inner, b"]]").and_then(|end| inner.get(..end));
    named.is_some_and(name)
        && closed.is_some_and(|inner| {
            let inner = inner.trim_ascii();
            !words.contains(&inner)
                && !inner.iter().all(u8::is_ascii_digit)
                && !inner.contains(&b',')
        })
}

fn is_blank(byte: &u8) -> bool {
    byte.is_ascii_whitespace() || matches!(*byte, 0 | 0x1e)
}

/// Decides by what stands in the file, from its first byte that is not blank on.
fn by_content(path: &str, head: &[u8], first: usize, whole: bool, formats: &[&dyn Format]) -> Plan {
    let sample = |value| Sample { path, value, head };
    let recognise = |value: &Value| record(value, path, head, formats, WRAPPERS);
    // `[` also begins the tables of TOML and the sections of INI files.
    let after = head.iter().skip(first + 1).find(|byte| !is_blank(byte));
    let structured = match head.get(first) {
        Some(b'{') => true,
        Some(b'[') => match after {
            // `[[name]]` is a table of TOML, `[[{` and `[["` are lists.
            Some(b'[') => !is_toml_table(head.get(first..).unwrap_or(&[])),
            after => matches!(after, None | Some(b'{' | b']' | b'"')),
        },
        _ => false,
    };
    if structured {
        let from = head.get(first..).unwrap_or(&[]);
        return pages(from, whole, formats, &sample)
            .or_else(|| json(from, whole, &recognise))
            .or_else(|| Some(text(formats, position(formats, &sample(None), &TEXTS)?)))
            .or_else(|| printed::reason(from).map(|reason| plain(Layout::Printed(reason))))
            // Damaged JSON stays JSON: its records are rejected by name, not passed over. What it
            // begins with tells whose they are.
            .unwrap_or_else(|| Plan {
                layout: Layout::Elements,
                format: mended::closed(from).and_then(|value| recognise(&value).ok()),
            });
    }
    if let Some(plan) = in_pieces(head, first, whole, &recognise) {
        return plan;
    }
    if let Some(plan) = written(formats, &sample(None)) {
        return plan;
    }
    if is_binary(head) {
        return plain(Layout::Unrecognised);
    }
    if let Some(Lines::Wrapped(envelope, format)) = head::rows(head, whole, &recognise) {
        let layout = Layout::Wrapped(envelope);
        return Plan { layout, format };
    }
    let quoting = match head::of_text(head, whole, &recognise) {
        Lines::Records { format, prefixed } => {
            let layout = Layout::Lines { prefixed };
            return Plan { layout, format };
        }
        Lines::Quoted => true,
        _ => false,
    };
    if !whole {
        return plain(Layout::Undecided);
    }
    yaml(head, quoting, &recognise)
}

/// The plan of a text that may be YAML. A document may quote a record too, in an annotation; it is
/// what it is. What is damaged at its end is of a kind that knows its beginning, or nothing that is read.
fn yaml(head: &[u8], quoting: bool, recognise: Recognise<'_>) -> Plan {
    let of = |value: &Value| recognise(value).ok();
    let value = yaml_value(head);
    let format = match &value {
        Some(value) => of(value),
        None => mended::without_last_line(head).and_then(|head| of(&yaml_value(head)?)),
    };
    let layout = match value {
        Some(_) if !quoting => Layout::Yaml,
        _ if format.is_some() => Layout::Yaml,
        _ if quoting => Layout::Quoting,
        _ => Layout::Unrecognised,
    };
    Plan { layout, format }
}

/// The plan of a file of lists of records, where a format knows the first record of one by itself,
/// or the file as one that lists nothing.
fn pages<'v>(
    head: &'v [u8],
    whole: bool,
    formats: &[&dyn Format],
    sample: &dyn Fn(Option<&'v Value>) -> Sample<'v>,
) -> Option<Plan> {
    match begins_list(head) {
        Begins::List(_) => {}
        Begins::Perhaps if !whole => return Some(plain(Layout::Undecided)),
        Begins::Perhaps | Begins::Not => return None,
    }
    let found = |value: &Value| {
        let asked = Sample {
            value: Some(value),
            ..sample(None)
        };
        position(formats, &asked, &[Framing::Json])
    };
    let pages = |format| Plan {
        layout: Layout::Pages,
        format: Some(format),
    };
    match element(Scanner::of_pages(0), head, whole) {
        Element::Sound(value) => found(&value).map(pages),
        Element::NeedMore => Some(plain(Layout::Undecided)),
        Element::Not => found(&object(head)?).map(pages),
    }
}

/// Text that is read whole.
const TEXTS: [Framing; 2] = [Framing::TextLines, Framing::TextFile];

/// The plan of a text that a format knows: read whole, or a record a line.
fn written(formats: &[&dyn Format], sample: &Sample<'_>) -> Option<Plan> {
    if let Some(format) = position(formats, sample, &TEXTS) {
        return Some(text(formats, format));
    }
    let format = position(formats, sample, &[Framing::Rows])?;
    Some(Plan {
        layout: Layout::Lines { prefixed: false },
        format: Some(format),
    })
}

fn text(formats: &[&dyn Format], format: usize) -> Plan {
    let by_line = formats
        .get(format)
        .is_some_and(|format| format.about().framing == Framing::TextLines);
    Plan {
        layout: Layout::Text { by_line },
        format: Some(format),
    }
}

/// The layout of a file that begins as JSON; none where it is no JSON.
fn json(head: &[u8], whole: bool, recognise: Recognise<'_>) -> Option<Plan> {
    if head.starts_with(b"{") {
        match head::of_json(head, whole, recognise) {
            Lines::Records { format, prefixed } => {
                let layout = Layout::Lines { prefixed };
                return Some(Plan { layout, format });
            }
            Lines::Wrapped(envelope, format) => {
                let layout = Layout::Wrapped(envelope);
                return Some(Plan { layout, format });
            }
            Lines::Quoted => return Some(plain(Layout::Quoting)),
            Lines::Undecided | Lines::Not => {}
        }
    }
    if let Some(format) = head::behind_a_text(head, whole, recognise) {
        return Some(Plan {
            layout: Layout::Lines { prefixed: true },
            format: Some(format),
        });
    }
    match first_element(head, whole) {
        Element::Sound(value) => Some(Plan {
            layout: Layout::Elements,
            format: recognise(&value).ok(),
        }),
        Element::NeedMore => Some(plain(Layout::Undecided)),
        Element::Not => None,
    }
}

/// The format of a JSON object: its own, or that of what stands in the wrapper that it is.
fn record(
    value: &Value,
    path: &str,
    head: &[u8],
    formats: &[&dyn Format],
    depth: usize,
) -> Result<usize, NotARecord> {
    let sample = Sample {
        path,
        value: Some(value),
        head,
    };
    if let Some(found) = position(formats, &sample, &[Framing::Json]) {
        return Ok(found);
    }
    let Some(members) = value.as_object() else {
        return Err(NotARecord::Unknown);
    };
    if shipper::stands_beside(members) {
        return Err(NotARecord::Server);
    }
    let (Some(depth), Some(Ok(contents))) = (depth.checked_sub(1), shipper::open(members)) else {
        return Err(NotARecord::Unknown);
    };
    let mut best = Err(NotARecord::Unknown);
    for inner in contents {
        let found = match inner {
            Inner::Object(members) => record(&Value::Object(members), path, head, formats, depth),
            Inner::Text(text) => match unprefixed(&text).and_then(object) {
                Some(value) => record(&value, path, head, formats, depth),
                // Beside its records a server writes lines; the next one may tell.
                None => {
                    let sample = Sample {
                        path,
                        value: None,
                        head: text.as_bytes(),
                    };
                    position(formats, &sample, &[Framing::Rows]).ok_or(NotARecord::Server)
                }
            },
        };
        match found {
            Ok(_) => return found,
            Err(NotARecord::Server) => best = found,
            Err(NotARecord::Unknown) => {}
        }
    }
    best
}

/// The first format of one of `framings` that recognises the sample.
pub(super) fn position(
    formats: &[&dyn Format],
    sample: &Sample<'_>,
    framings: &[Framing],
) -> Option<usize> {
    formats
        .iter()
        .position(|format| framings.contains(&format.about().framing) && format.recognises(sample))
}

/// Whether a head holds zero bytes, which no text does.
fn is_binary(head: &[u8]) -> bool {
    memchr::memchr(0, head).is_some()
}

/// The layout of a file of frames of syslog, or of what a container's runtime wrote.
fn in_pieces(head: &[u8], first: usize, whole: bool, recognise: Recognise<'_>) -> Option<Plan> {
    let from = head.get(first..).unwrap_or(&[]);
    match frames::begins(from, whole) {
        frames::Begins::Frames => Some(Plan {
            layout: Layout::Frames,
            format: first_framed(from, whole, recognise),
        }),
        frames::Begins::Undecided => Some(plain(Layout::Undecided)),
        frames::Begins::Not => match head::wrapped(head, whole, recognise)? {
            Lines::Wrapped(envelope, format) => Some(Plan {
                layout: Layout::Wrapped(envelope),
                format,
            }),
            _ => None,
        },
    }
}

/// The format of the first record in a frame that is one.
fn first_framed(head: &[u8], whole: bool, recognise: Recognise<'_>) -> Option<usize> {
    let mut frames = Frames::new();
    std::iter::from_fn(|| match frames.step(head, whole) {
        Step::Piece(piece) => Some(piece),
        Step::NeedMore | Step::End => None,
    })
    .find_map(|piece| {
        let text = std::str::from_utf8(head.get(piece.start..piece.end)?).ok()?;
        recognise(&object(unprefixed(text)?)?).ok()
    })
}

enum Element {
    Sound(Value),
    NeedMore,
    Not,
}

/// A text that is an element of an array.
pub(super) fn listed_text(element: &[u8]) -> Option<String> {
    let quoted = element.starts_with(b"\"");
    quoted.then(|| serde_json::from_slice(element).ok())?
}

fn first_element(bytes: &[u8], whole: bool) -> Element {
    element(Scanner::new(0), bytes, whole)
}

fn element(mut scanner: Scanner, bytes: &[u8], whole: bool) -> Element {
    let mut faults = 0;
    loop {
        match scanner.step(bytes, whole) {
            Step::Piece(piece) => {
                let text = bytes.get(piece.start..piece.end).unwrap_or(&[]);
                let value = || match listed_text(text) {
                    Some(text) => object(unprefixed(&text)?),
                    None => object(text),
                };
                if let Some(value) = piece.fault.is_none().then(value).flatten() {
                    return Element::Sound(value);
                }
                faults += 1;
                if faults > TRIED {
                    return Element::Not;
                }
            }
            Step::NeedMore => return Element::NeedMore,
            Step::End => return Element::Not,
        }
    }
}

/// The first mapping of a whole YAML file.
fn yaml_value(head: &[u8]) -> Option<Value> {
    let text = std::str::from_utf8(head).ok()?;
    // A YAML mapping has a `key:` in its first lines; prose and code are told apart cheaply.
    let written = |line: &&str| !line.trim().is_empty() && !line.trim_start().starts_with('#');
    let keyed = text.lines().filter(written).take(TRIED).any(|line| {
        let line = line.trim_start_matches("- ");
        line.split_once(':').is_some_and(|(key, rest)| {
            !key.is_empty()
                && !key.contains(char::is_whitespace)
                && (rest.is_empty() || rest.starts_with(' ') || rest.starts_with('\r'))
        })
    });
    if !keyed {
        return None;
    }
    super::yaml::documents(head)
        .into_iter()
        .find_map(|document| document.value.ok().filter(Value::is_object))
}

#[cfg(test)]
#[path = "layout_tests.rs"]
mod tests;
