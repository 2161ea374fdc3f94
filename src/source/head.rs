//! What the first lines of a file say: records, records behind a prefix, a server's own lines.

use serde_json::Value;

use super::envelope::Envelope;
use super::journal;
use super::line_header::unprefixed;
use super::row_export::RowExport;
use crate::model::unmarked;

/// How many of a file's first lines tell whether an envelope holds for most.
const LINES_TRIED: usize = 64;
/// Lines of the whole head in which a record is looked for by parsing.
const PARSED: usize = 4096;

/// Braces before a record in which it is looked for.
const BRACES: usize = 16;
/// Bytes before a server's own line in which it is looked for.
const PREFIX: usize = 256;

/// Of so many lines of a log that does not begin with a record one may be a program's.
const PROSE: u64 = 10;

/// Why a JSON object is no record that is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NotARecord {
    /// It is a line that the server writes about itself beside its records.
    Server,
    /// Nothing knows it.
    Unknown,
}

/// Tells the format of a JSON object, wrapped or not.
pub(super) type Recognise<'r> = &'r dyn Fn(&Value) -> Result<usize, NotARecord>;

/// What the lines of a head are.
pub(super) enum Lines {
    /// A record a line; its format, if one is known. `prefixed` says that text stands before it.
    Records {
        format: Option<usize>,
        prefixed: bool,
    },
    /// Lines of a container runtime.
    Wrapped(Envelope, Option<usize>),
    /// Records of a format inside a text that is not its log.
    Quoted,
    /// The head ends before the first line does.
    Undecided,
    /// Nothing of the kind.
    Not,
}

/// The complete lines of a head; the last one only if the file ends with it.
fn lines(head: &[u8], whole: bool) -> impl Iterator<Item = &[u8]> + Clone {
    let end = if whole {
        head.len()
    } else {
        memchr::memrchr(b'\n', head).map_or(0, |at| at + 1)
    };
    let lines = head.get(..end).unwrap_or(&[]).split(|&byte| byte == b'\n');
    lines.map(bare)
}

/// The complete lines of a head that are not blank, without what journalctl writes between entries.
fn complete(head: &[u8], whole: bool) -> impl Iterator<Item = &[u8]> + Clone {
    lines(head, whole).filter(|line| !line.is_empty() && !journal::stands_between(line))
}

/// A line without blanks, without the zero bytes that a log truncated while it is written leaves,
/// without the mark before a text of a JSON sequence (RFC 7464), and without that of an encoding,
/// which some programs write before every line.
pub(super) fn bare(line: &[u8]) -> &[u8] {
    let line = line.trim_ascii();
    let marks = |byte: &&u8| matches!(byte, 0 | 0x1e);
    let zeros = line.iter().take_while(marks).count();
    let line = line.get(zeros..).unwrap_or(&[]);
    unmarked(line).trim_ascii()
}

/// The JSON of a line, behind whatever stands before it. Labels (`{app="vault"}`) and structured
/// data may hold braces: an object's first member is quoted.
pub(super) fn json_part(line: &[u8]) -> Option<&[u8]> {
    let object = |at: &usize| {
        let inside = line.get(at + 1..).unwrap_or(&[]).trim_ascii_start();
        inside.starts_with(b"\"")
    };
    let first = memchr::memchr(b'{', line)?;
    let quoted = memchr::memchr_iter(b'{', line).take(BRACES).find(object);
    let part = line.get(quoted.unwrap_or(first)..)?;
    // Fluent Bit prints the record as the last element of a list: `[0] tag: [[time, {}], {...}]` to
    // its standard output, `tag: [time, {...}]` to a file.
    let before = line.get(..line.len() - part.len()).unwrap_or(&[]);
    let listed = before.trim_ascii_end().ends_with(b",") && before.contains(&b'[');
    let listed = listed.then(|| part.trim_ascii_end().strip_suffix(b"]"));
    Some(listed.flatten().unwrap_or(part))
}

/// Whether a line is one that the server writes about itself, behind whatever a tool writes first.
pub(super) fn ends_as_server_line(line: &[u8]) -> bool {
    let head = line.get(..PREFIX.min(line.len())).unwrap_or(&[]);
    let blanks = memchr::memchr_iter(b' ', head).map(|at| at + 1);
    blanks
        .chain([0])
        .any(|at| line.get(at..).is_some_and(is_server_line))
}

/// Whether a line is one that Vault, OpenBao or another program of their house logs about itself:
/// `2026-11-21T07:47:12.214Z [INFO]  core: ...`, or of the banner that they print at first.
pub(super) fn is_server_line(line: &[u8]) -> bool {
    // A message of syslog may begin with a mark of its encoding.
    let line = unmarked(line);
    const LEVELS: [&[u8]; 5] = [b"[TRACE]", b"[DEBUG]", b"[INFO]", b"[WARN]", b"[ERROR]"];
    if line.starts_with(b"==> ") {
        return true;
    }
    let Some(space) = memchr::memchr(b' ', line.get(..40.min(line.len())).unwrap_or(&[])) else {
        return false;
    };
    let (time, rest) = line.split_at(space);
    let dated = std::str::from_utf8(time)
        .is_ok_and(|time| chrono::DateTime::parse_from_rfc3339(time).is_ok());
    let rest = rest.trim_ascii_start();
    dated && LEVELS.iter().any(|level| rest.starts_with(level))
}

/// Whether a line is a setting of the banner that a server prints when it starts: a name far from the
/// margin, a colon, a value.
pub(super) fn is_setting(line: &[u8]) -> bool {
    let name = line.trim_ascii_start();
    let word = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b' ';
    let end = name.iter().position(|byte| !word(byte));
    let colon = end.and_then(|end| name.get(end..));
    line.starts_with(b"   ") && colon.is_some_and(|rest| rest.starts_with(b": "))
}

/// Tells what the lines of `head` are, for a file whose first non-blank line begins with `{`.
pub(super) fn of_json(head: &[u8], whole: bool, recognise: Recognise<'_>) -> Lines {
    if let Some(wrapped) = wrapped(head, whole, recognise) {
        return wrapped;
    }
    let mut lines = complete(head, whole);
    let Some(first) = lines.next() else {
        return Lines::Undecided;
    };
    let Some(value) = object(first) else {
        return torn(first, lines, recognise);
    };
    if let Ok(format) = recognise(&value) {
        let lines = Counted::of(complete(head, whole));
        return match lines.prose > lines.bare {
            true => Lines::Quoted,
            false => Lines::Records {
                format: Some(format),
                prefixed: false,
            },
        };
    }
    // A file of another program's records: some of ours among them make it no log of ours.
    let (mut known, mut other, mut format) = (0u64, 1u64, None);
    for line in lines.take(PARSED) {
        match object(line).map(|value| recognise(&value)) {
            Some(Ok(found)) => {
                known += 1;
                format.get_or_insert(found);
            }
            Some(Err(NotARecord::Server)) => {}
            Some(Err(NotARecord::Unknown)) => other += 1,
            None => {}
        }
    }
    match format {
        Some(_) if known < other => Lines::Quoted,
        format => Lines::Records {
            format,
            prefixed: false,
        },
    }
}

/// A first line that begins with `{` and is no record: torn, if records follow it; else the
/// beginning of a longer object, whose inner lines must not be tried.
fn torn<'l>(
    first: &[u8],
    lines: impl Iterator<Item = &'l [u8]>,
    recognise: Recognise<'_>,
) -> Lines {
    let keys = first.windows(3).filter(|window| window == b"\":\"").count();
    if first.len() <= 80 || keys <= 2 {
        return Lines::Not;
    }
    let mut values = lines.take(LINES_TRIED).filter_map(object);
    values.next().map_or(Lines::Not, |value| Lines::Records {
        format: recognise(&value).ok(),
        prefixed: false,
    })
}

/// Lines by what they are.
#[derive(Default)]
struct Counted {
    all: u64,
    /// Lines that begin with a record, or with what is left of one.
    bare: u64,
    /// Lines that hold a record, whatever stands before it.
    braced: u64,
    /// Lines that are neither a record nor a server's own.
    prose: u64,
}

impl Counted {
    fn of<'l>(lines: impl Iterator<Item = &'l [u8]>) -> Counted {
        let mut counted = Counted::default();
        // Between its first headline and the next a server lists its settings.
        let mut settings = false;
        for line in lines {
            let first = counted.all == 0;
            counted.all += 1;
            counted.braced += u64::from(json_part(line).is_some());
            if line.starts_with(b"==> ") {
                settings = memchr::memmem::find(line, b"configuration").is_some();
            }
            // A log that was cut begins within a record.
            let torn = first && line.ends_with(b"}") && !json_part(line).is_some_and(is_object);
            let own = is_server_line(line) || (settings && line.contains(&b':'));
            if line.starts_with(b"{") || torn {
                counted.bare += 1;
            } else if !own {
                counted.prose += 1;
            }
        }
        counted
    }
}

fn is_object(text: &[u8]) -> bool {
    object(text).is_some()
}

/// Whether what stands before a record may be a log's: a time, a name, a label. Marks alone quote, and
/// so do words with a colon; a runner's stamp stands before what a job printed.
fn is_prefix(text: &[u8]) -> bool {
    let text = text.trim_ascii_end();
    let stamp = text.rsplit(|byte| *byte == b' ').next().unwrap_or(&[]);
    let stamped = match stamp {
        [a, b, b'O' | b'E'] | [a, b, b'O' | b'E', b'+'] => {
            a.is_ascii_hexdigit() && b.is_ascii_hexdigit()
        }
        _ => false,
    };
    let digits = text.iter().filter(|byte| byte.is_ascii_digit()).count();
    let named = text.iter().any(u8::is_ascii_alphanumeric);
    let marked = text.starts_with(b"[") || text.starts_with(b"@");
    named && !stamped && (digits >= 4 || marked || !text.ends_with(b":"))
}

/// Whether the same text stands before the record of every line, but for a server's own: an audit
/// device's `prefix`. Two records at least that differ, since one may be quoted.
fn same_before<'l>(lines: impl Iterator<Item = &'l [u8]>) -> bool {
    let mut first: Option<&[u8]> = None;
    let (mut one, mut differ): (Option<&[u8]>, bool) = (None, false);
    for line in lines.filter(|line| !line.is_empty() && !ends_as_server_line(line)) {
        let Some(part) = json_part(line).filter(|part| part.ends_with(b"}")) else {
            return false;
        };
        let before = line.get(..line.len() - part.len()).unwrap_or(&[]);
        if !may_stand_before(before) || *first.get_or_insert(before) != before {
            return false;
        }
        differ |= *one.get_or_insert(part) != part;
    }
    differ
}

/// Whether the number of its line stands before the record of every line, as `grep -n` writes it:
/// `12:{...}`, behind the name of the file if there is one. Two records at least.
fn numbered<'l>(lines: impl Iterator<Item = &'l [u8]>) -> bool {
    let mut last: Option<(&[u8], u64)> = None;
    let mut records = 0u64;
    for line in lines {
        let Some(part) = json_part(line).filter(|part| part.ends_with(b"}")) else {
            return false;
        };
        let before = line.get(..line.len() - part.len()).unwrap_or(&[]);
        let Some(before) = before.strip_suffix(b":").or(before.strip_suffix(b"-")) else {
            return false;
        };
        let digits = before.iter().rev().take_while(|byte| byte.is_ascii_digit());
        let (name, number) = before.split_at(before.len() - digits.count());
        let number = std::str::from_utf8(number)
            .ok()
            .and_then(|it| it.parse().ok());
        let follows = |(of, before): (&[u8], u64)| of == name && Some(before) < number;
        let Some(number) = number.filter(|_| last.is_none_or(follows)) else {
            return false;
        };
        last = Some((name, number));
        records += 1;
    }
    records > 1
}

/// Marks that a comment or a quotation begins with: what stands behind them is quoted, in however many
/// lines. So is what stands behind a single mark.
const QUOTING: [&[u8]; 5] = [b"//", b"--", b"/*", b"<!--", b"\"\"\""];

/// Whether a text may be what a device writes before each of its records: a name, or several marks
/// (`##`, `>>>`).
fn may_stand_before(text: &[u8]) -> bool {
    let marks = text.trim_ascii();
    let named = marks.iter().any(u8::is_ascii_alphanumeric);
    named || (marks.len() > 1 && !QUOTING.contains(&marks))
}

/// The format of the records behind the same text on every line, of a file that begins with a brace
/// (`{audit} {...}`) and whose lines are no JSON.
pub(super) fn behind_a_text(head: &[u8], whole: bool, recognise: Recognise<'_>) -> Option<usize> {
    let mut lines = complete(head, whole).filter(|line| !ends_as_server_line(line));
    if !same_before(complete(head, whole)) {
        return None;
    }
    recognise(&object(json_part(lines.next()?)?)?).ok()
}

/// Tells what the lines of `head` are, for a file whose first non-blank line does not begin with a
/// record and that no text format takes.
pub(super) fn of_text(head: &[u8], whole: bool, recognise: Recognise<'_>) -> Lines {
    let lines = complete(head, whole);
    let counted = Counted::of(lines.clone());
    let (mut known, mut other, mut format, mut leads) = (0u64, 0u64, None, false);
    let told = lines
        .enumerate()
        .filter(|(at, line)| *at == 0 || line.starts_with(b"{"));
    for (at, line) in told.take(PARSED) {
        let Some(part) = json_part(line) else {
            continue;
        };
        let before = line.get(..line.len() - part.len()).unwrap_or(&[]);
        match object(part).map(|value| recognise(&value)) {
            Some(Ok(found)) => {
                leads |= at == 0 && is_prefix(before);
                known += 1;
                format.get_or_insert(found);
            }
            Some(Err(NotARecord::Unknown)) => other += 1,
            Some(Err(NotARecord::Server)) | None => {}
        }
    }
    if format.is_none() {
        return Lines::Not;
    }
    let leads = leads && counted.braced * 2 >= counted.all;
    if leads || same_before(complete(head, whole)) || numbered(complete(head, whole)) {
        return Lines::Records {
            format,
            prefixed: true,
        };
    }
    // The records stand by themselves, and nearly all of the rest is the server's.
    if known >= other && counted.prose * PROSE <= counted.all {
        return Lines::Records {
            format,
            prefixed: false,
        };
    }
    Lines::Quoted
}

/// The envelope of the lines, and the format of what stands in it.
pub(super) fn wrapped(head: &[u8], whole: bool, recognise: Recognise<'_>) -> Option<Lines> {
    let envelope = Envelope::of(complete(head, whole).take(LINES_TRIED))?;
    let format = first_of(envelope, head, whole, recognise);
    Some(Lines::Wrapped(envelope, format))
}

/// The rows of a table that was exported as text, and the format of what stands in its column.
pub(super) fn rows(head: &[u8], whole: bool, recognise: Recognise<'_>) -> Option<Lines> {
    let is_record = |cell: &[u8]| {
        let value = std::str::from_utf8(cell).ok().and_then(unprefixed);
        let value = value.and_then(object);
        value.is_some_and(|value| !matches!(recognise(&value), Err(NotARecord::Unknown)))
    };
    let envelope = Envelope::Rows(RowExport::of(complete(head, whole), is_record)?);
    let format = first_of(envelope, head, whole, recognise)?;
    Some(Lines::Wrapped(envelope, Some(format)))
}

/// The first texts in an envelope, a line each.
pub(super) fn texts(envelope: Envelope, head: &[u8], whole: bool) -> Vec<u8> {
    let mut unwrapper = super::envelope::Unwrapper::new(envelope);
    let found = lines(head, whole)
        .filter_map(|line| unwrapper.line(line, 0, 0))
        .take(LINES_TRIED);
    let texts: Vec<Vec<u8>> = found.map(|record| record.text).collect();
    texts.join(&b'\n')
}

/// The format of the first record in an envelope that is one.
fn first_of(
    envelope: Envelope,
    head: &[u8],
    whole: bool,
    recognise: Recognise<'_>,
) -> Option<usize> {
    let mut unwrapper = super::envelope::Unwrapper::new(envelope);
    lines(head, whole)
        .take(PARSED)
        .filter_map(|line| unwrapper.line(line, 0, 0))
        .find_map(|record| {
            let text = std::str::from_utf8(bare(&record.text)).ok()?;
            recognise(&object(unprefixed(text)?)?).ok()
        })
}

pub(super) fn object(bytes: &[u8]) -> Option<Value> {
    serde_json::from_slice::<Value>(bytes)
        .ok()
        .filter(Value::is_object)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_record_of_a_line_is_found_behind_labels_and_lists() {
        let part = |line: &str| json_part(line.as_bytes()).map(<[u8]>::to_vec);
        let record = br#"{"a": {"b": 1}}"#;
        for before in [
            "",
            "@cee: ",
            "t {app=\"vault\"} ",
            "<1>1 [x a=\"b{c}\"] ",
            "{} ",
        ] {
            let line = format!("{before}{}", String::from_utf8_lossy(record));
            assert_eq!(part(&line).as_deref(), Some(&record[..]), "{line}");
        }
        for listed in [
            r#"[0] tag: [[1.5, {}], {"a": {"b": 1}}]"#,
            r#"kube.vault: [1788775200.120000000, {"a": {"b": 1}}]"#,
        ] {
            assert_eq!(part(listed).as_deref(), Some(&record[..]), "{listed}");
        }
        assert_eq!(part("none"), None);
        assert!(ends_as_server_line(
            b"[pod/vault-0] 2026-11-21T07:47:12.214Z [INFO]  core: x"
        ));
        assert!(!ends_as_server_line(b"[pod/vault-0] [INFO]  core: x"));
    }

    #[test]
    fn a_servers_own_lines_are_known() {
        for line in [
            "2026-11-21T07:47:12.214Z [INFO]  core: vault is unsealed",
            "2026-11-21T07:47:12.214+0200 [WARN]  x",
            "==> Vault server configuration:",
        ] {
            assert_eq!(
                is_server_line(line.as_bytes()),
                !line.contains("+0200"),
                "{line}"
            );
        }
        for line in ["2026-11-21 [INFO] x", "[INFO] x", "", "{\"a\":1}"] {
            assert!(!is_server_line(line.as_bytes()), "{line}");
        }
        for line in [
            "             Api Address: http://10.0.0.9:8200",
            "              Listener 1: tcp (addr: \"0.0.0.0:8200\")",
        ] {
            assert!(is_setting(line.as_bytes()), "{line}");
        }
        for line in [
            "Api Address: x",
            "    {\"a\": 1}",
            "   \"a\": 1",
            "    x",
            "",
        ] {
            assert!(!is_setting(line.as_bytes()), "{line}");
        }
    }
}
