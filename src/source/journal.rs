//! Entries of the journal in the two forms of several lines (systemd, `docs/JOURNAL_EXPORT_FORMATS`
//! and `output_verbose` of `src/shared/logs-show.c`).
//!
//! `journalctl -o export`: one field a line, a blank line behind each entry; a field whose value is
//! no printable text is its name alone on a line, then eight bytes of length and the value.
//! `journalctl -o verbose`: a line with the time and the cursor, then the fields, indented. What
//! journald cut (`LineMax=`) says so with `_LINE_BREAK=line-max`, and its parts share a stream.

/// Bytes that tell the length of a value in binary form.
const LENGTH: usize = 8;

/// Why a record is missing from an entry that is there.
pub(super) const LEFT_OUT: &str = "journalctl left out the message: export it with --all";

/// How entries are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// `-o export`.
    Export,
    /// `-o verbose`.
    Verbose,
}

/// How a file that begins with this line is written, if it is of the journal.
pub(super) fn form(line: &[u8]) -> Option<Form> {
    let export = [&b"__CURSOR=s="[..], b"__REALTIME_TIMESTAMP="];
    if export.iter().any(|name| line.starts_with(name)) {
        return Some(Form::Export);
    }
    let cursor = memchr::memmem::find(line, b" [s=")?;
    let dated = line.get(..cursor)?.iter().filter(|byte| **byte == b':');
    (line.ends_with(b"]") && dated.count() == 2).then_some(Form::Verbose)
}

/// Whether a line is one that journalctl writes between entries: `-- Boot 5f0c... --`,
/// `-- Logs begin at ... --`, `-- No entries --`.
pub(super) fn stands_between(line: &[u8]) -> bool {
    line.starts_with(b"-- ") && line.trim_ascii_end().ends_with(b" --")
}

/// What a line says of its entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Field<'l> {
    /// It is the message.
    Message(&'l [u8]),
    /// The message was not written.
    LeftOut,
    /// The next line is the message, behind its length.
    Follows,
    /// The message goes on in a further entry of its stream.
    Cut,
    /// The stream whose output the entry is.
    Stream(&'l [u8]),
    /// It is another field, or goes on with one.
    Other,
}

/// Reads a line of an entry; `follows` says that the line before announced the message.
pub(super) fn field(form: Form, line: &[u8], follows: bool) -> Field<'_> {
    if follows {
        return Field::Message(line.get(LENGTH..).unwrap_or(&[]));
    }
    let line = match form {
        Form::Export => line,
        Form::Verbose => line.strip_prefix(b"    ").unwrap_or(&[]),
    };
    if line == b"MESSAGE" && form == Form::Export {
        return Field::Follows;
    }
    if line == b"_LINE_BREAK=line-max" {
        return Field::Cut;
    }
    if let Some(stream) = line.strip_prefix(b"_STREAM_ID=") {
        return Field::Stream(stream);
    }
    match line.strip_prefix(b"MESSAGE=") {
        Some(text) if form == Form::Verbose && is_blob(text) => Field::LeftOut,
        Some(text) => Field::Message(text),
        None => Field::Other,
    }
}

/// What stands for a value that is not shown: `[4.1K blob data]`.
fn is_blob(text: &[u8]) -> bool {
    text.starts_with(b"[") && text.ends_with(b" blob data]")
}
