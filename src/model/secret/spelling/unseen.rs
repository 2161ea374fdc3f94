//! Characters that nobody sees, and those that look like others.

use super::{Places, Reading};

/// The text without the characters that nobody sees, and with the letters that others look like.
pub(super) fn joined(text: &[u8]) -> Option<Reading> {
    let mut kept = Vec::with_capacity(text.len());
    let mut places = Vec::with_capacity(text.len() + 1);
    let mut at = 0;
    for chunk in text.utf8_chunks() {
        for (offset, c) in chunk.valid().char_indices() {
            if let Some(plain) = look_alike(c) {
                kept.push(plain);
                places.push(at + offset);
            } else if is_seen(c) {
                let bytes = &chunk.valid().as_bytes()[offset..offset + c.len_utf8()];
                kept.extend_from_slice(bytes);
                places.extend(std::iter::repeat_n(at + offset, bytes.len()));
            }
        }
        at += chunk.valid().len() + chunk.invalid().len();
    }
    places.push(text.len());
    (kept.len() < text.len()).then_some(Reading {
        text: kept,
        from: Places::Each(places),
    })
}

/// Whether a character shows, or moves what shows.
fn is_seen(c: char) -> bool {
    let hidden = matches!(c,
        '\u{00AD}' | '\u{0300}'..='\u{036F}' | '\u{061C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}'
        | '\u{180B}'..='\u{180E}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}'
        | '\u{2060}'..='\u{206F}' | '\u{3164}' | '\u{FFA0}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}'
        | '\u{FFF9}'..='\u{FFFD}' | '\u{E0000}'..='\u{E0FFF}');
    matches!(c, '\n' | '\t') || !(hidden || c.is_control())
}

/// The letter, digit or sign that a character is another form of: of full width, in a circle, of
/// another alphabet of mathematics; dots and dashes that stand for those of a token.
fn look_alike(c: char) -> Option<u8> {
    let code = u32::from(c);
    let of = |first: u32, letter: u8| u8::try_from(code - first).ok().map(|at| at + letter);
    let letter = |at: u32| {
        let at = u8::try_from(at % 52).ok()?;
        Some(if at < 26 { b'A' + at } else { b'a' + at - 26 })
    };
    match code {
        0xff01..=0xff5e => of(0xff01, b'!'),
        0x24b6..=0x24cf => of(0x24b6, b'A'),
        0x24d0..=0x24e9 => of(0x24d0, b'a'),
        0x1d400..=0x1d6a3 => letter(code - 0x1d400),
        0x1d7ce..=0x1d7ff => u8::try_from((code - 0x1d7ce) % 10).ok().map(|at| at + b'0'),
        0x2010..=0x2015 | 0x2212 | 0xfe58 | 0xfe63 => Some(b'-'),
        0x2024 | 0x3002 | 0xfe52 | 0xff61 => Some(b'.'),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_of_other_alphabets_are_read_as_what_they_look_like() {
        for (written, plain) in [
            ("\u{ff48}\u{ff56}\u{ff53}\u{ff0e}", "hvs."),
            ("\u{1d5c1}\u{1d5cf}\u{1d5ca}\u{1d7e2}", "hvq0"),
            ("\u{24d7}\u{24e5}\u{24e2}\u{3002}", "hvs."),
            ("glpat\u{2010}x", "glpat-x"),
            ("e\u{301}a", "ea"),
        ] {
            let read = joined(written.as_bytes()).unwrap();
            assert_eq!(String::from_utf8(read.text).unwrap(), plain, "{written}");
        }
        assert!(joined("gr\u{fc}n".as_bytes()).is_none());
    }
}
