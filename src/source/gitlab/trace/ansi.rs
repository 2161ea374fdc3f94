//! Terminal control sequences of a trace, taken out by a state machine (ECMA-48).

use std::borrow::Cow;

const ESC: u8 = 0x1b;
const BEL: u8 = 0x07;

#[derive(Clone, Copy)]
enum State {
    Text,
    /// Behind ESC, and behind intermediate bytes.
    Escape,
    /// Inside `ESC [ ...`, up to a final byte.
    Csi,
    /// Inside an OSC, DCS, SOS, PM or APC string, up to BEL or `ESC \`.
    String,
    /// Behind an ESC inside such a string.
    StringEscape,
}

/// `text` without control sequences and control characters other than tab and carriage return.
///
/// A sequence that is not terminated swallows the rest of `text`, as it would on a terminal; so
/// secrets are searched in the raw bytes as well.
pub(super) fn visible(text: &[u8]) -> Cow<'_, [u8]> {
    if !text.iter().any(|byte| is_control(*byte)) {
        return Cow::Borrowed(text);
    }
    let mut out = Vec::with_capacity(text.len());
    let mut state = State::Text;
    for byte in text.iter().copied() {
        state = match (state, byte) {
            (State::Text, ESC) => State::Escape,
            (State::Text, byte) => {
                if !is_control(byte) {
                    out.push(byte);
                }
                State::Text
            }
            (State::Escape, b'[') => State::Csi,
            (State::Escape, b']' | b'P' | b'X' | b'^' | b'_') => State::String,
            (State::Escape, 0x20..=0x2f) => State::Escape,
            (State::Escape | State::Csi, ESC) => State::Escape,
            (State::Escape, _) => State::Text,
            (State::Csi, 0x40..=0x7e) => State::Text,
            (State::Csi, b'\r') => {
                out.push(b'\r');
                State::Text
            }
            (State::Csi, 0x80..) => {
                out.push(byte);
                State::Text
            }
            (State::Csi, _) => State::Csi,
            (State::String, BEL) => State::Text,
            (State::String, ESC) => State::StringEscape,
            (State::String, _) => State::String,
            (State::StringEscape, b'\\' | BEL) => State::Text,
            (State::StringEscape, ESC) => State::StringEscape,
            (State::StringEscape, _) => State::String,
        };
    }
    Cow::Owned(out)
}

fn is_control(byte: u8) -> bool {
    (byte < 0x20 && byte != b'\t' && byte != b'\r') || byte == 0x7f
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sequences_disappear_and_text_stays() {
        for (raw, shown) in [
            ("\x1b[0KRunning\x1b[0;m", "Running"),
            ("\x1b[32;1m$ cmd\x1b[0;m", "$ cmd"),
            ("\x1b]8;;https://x\x1b\\link\x1b]8;;\x07!", "link!"),
            ("\x1b(Bplain\x1b=", "plain"),
            ("a\x08b\x00c\td", "abc\td"),
            ("grün", "grün"),
            ("\x1b[31mé\x1b[0m", "é"),
        ] {
            assert_eq!(visible(raw.as_bytes()), shown.as_bytes(), "{raw:?}");
        }
    }

    #[test]
    fn an_unterminated_sequence_ends_with_the_text() {
        for raw in [
            "a\x1b",
            "a\x1b[",
            "a\x1b[31;",
            "a\x1b]0;title",
            "a\x1bPx\x1b",
        ] {
            assert_eq!(visible(raw.as_bytes()), b"a".as_slice(), "{raw:?}");
        }
    }
}
