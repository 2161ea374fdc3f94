//! The export format of the journal (`journalctl -o export`): one field a line, a blank line behind
//! each entry (systemd, `docs/JOURNAL_EXPORT_FORMATS`).
//!
//! A field whose value is no printable text is its name alone on a line, then eight bytes of length
//! and the value.

/// Bytes that tell the length of a value in binary form.
const LENGTH: usize = 8;

/// Whether a file that begins with this line is such an export.
pub(super) fn begins(line: &[u8]) -> bool {
    [&b"__CURSOR=s="[..], b"__REALTIME_TIMESTAMP="]
        .iter()
        .any(|name| line.starts_with(name))
}

/// What a line says of the message of its entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Field<'l> {
    /// It is the message.
    Message(&'l [u8]),
    /// The next line is, behind its length.
    Follows,
    /// It is another field.
    Other,
}

/// Reads a line of an entry; `follows` says that the line before announced the message.
pub(super) fn field(line: &[u8], follows: bool) -> Field<'_> {
    if follows {
        return Field::Message(line.get(LENGTH..).unwrap_or(&[]));
    }
    match line.strip_prefix(b"MESSAGE") {
        Some([]) => Field::Follows,
        Some([b'=', message @ ..]) => Field::Message(message),
        _ => Field::Other,
    }
}
