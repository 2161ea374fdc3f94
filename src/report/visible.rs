//! Text from a log, made safe to look at: characters that hide, reorder or break a line are shown
//! as a token such as `⟨U+202E⟩` instead of acting.

use std::borrow::Cow;
use std::fmt::Write as _;

pub(super) use crate::model::is_hidden;

/// The text with every control, bidi and invisible character replaced by its visible token.
///
/// Logs are written by attackers; a right-to-left override can make `nimda` read `admin`
/// (CVE-2021-42574), a line feed can fake a second row, a zero-width space can break a search.
#[must_use]
pub fn visible(text: &str) -> Cow<'_, str> {
    if is_plain(text) || !text.chars().any(is_hidden) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        if is_hidden(character) {
            push_token(&mut shown, character);
        } else {
            shown.push(character);
        }
    }
    Cow::Owned(shown)
}

/// Whether the text is printable ASCII, as nearly all of a log is: nothing hides there.
#[must_use]
pub(super) fn is_plain(text: &str) -> bool {
    // No early end: without a branch in the loop, sixteen bytes and more are looked at at once.
    let odd = text
        .bytes()
        .fold(0, |odd, byte| odd | u8::from(!matches!(byte, 0x20..=0x7E)));
    odd == 0
}

/// Appends the token of one hidden character.
pub(super) fn push_token(out: &mut String, character: char) {
    // Writing to a String cannot fail.
    let _ = write!(out, "\u{27E8}U+{:04X}\u{27E9}", u32::from(character));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bidi_controls_and_line_breaks_are_shown_and_plain_text_is_untouched() {
        assert_eq!(visible("a\u{202E}b\r\nc"), "a⟨U+202E⟩b⟨U+000D⟩⟨U+000A⟩c");
        assert_eq!(visible("\u{0}\u{85}\u{2066}"), "⟨U+0000⟩⟨U+0085⟩⟨U+2066⟩");
        assert!(matches!(visible("Zoë 東京 e\u{301}"), Cow::Borrowed(_)));
    }
}
