//! The byte order mark that some programs write before a text: no part of what it says.

/// The mark; in UTF-8 three bytes.
pub const BYTE_ORDER_MARK: &str = "\u{feff}";

/// A text without the mark that it may begin with.
#[must_use]
pub fn unmarked_text(text: &str) -> &str {
    text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text)
}

/// The bytes of a text without the mark that they may begin with.
#[must_use]
pub fn unmarked(text: &[u8]) -> &[u8] {
    text.strip_prefix(BYTE_ORDER_MARK.as_bytes())
        .unwrap_or(text)
}
