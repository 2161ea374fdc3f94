//! Files in UTF-16, as Windows PowerShell redirects: read as UTF-8, evidence stays that of the file.

use crate::model::Digest;

/// What a byte order mark says, or the zeros between the letters of a text without one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unicode {
    Utf16Le,
    Utf16Be,
    /// Without a mark.
    BareLe,
    /// Without a mark.
    BareBe,
    /// Named, not read.
    Utf32,
}

impl Unicode {
    /// What the first bytes of a file say; `None` for UTF-8 and what is no text.
    pub(super) fn of(head: &[u8]) -> Option<Unicode> {
        match head {
            [0xff, 0xfe, 0, 0, ..] | [0, 0, 0xfe, 0xff, ..] => Some(Unicode::Utf32),
            [0xff, 0xfe, ..] => Some(Unicode::Utf16Le),
            [0xfe, 0xff, ..] => Some(Unicode::Utf16Be),
            [a, 0, b, 0, c, 0, d, 0, ..] if are_letters([a, b, c, d]) => Some(Unicode::BareLe),
            [0, a, 0, b, 0, c, 0, d, ..] if are_letters([a, b, c, d]) => Some(Unicode::BareBe),
            _ => None,
        }
    }

    /// How many bytes its mark has.
    fn mark(self) -> usize {
        match self {
            Unicode::BareLe | Unicode::BareBe => 0,
            _ => 2,
        }
    }
}

/// Whether bytes are those of a text: of a binary file no four are, each beside a zero.
fn are_letters(bytes: [&u8; 4]) -> bool {
    let letter = |byte: &u8| byte.is_ascii_graphic() || byte.is_ascii_whitespace();
    bytes.into_iter().all(letter)
}

/// The stored bytes of a file that was turned into UTF-8, and the way back to them.
#[derive(Debug)]
pub(super) struct Transcoded {
    stored: Vec<u8>,
    /// Where each line begins: byte in the text, byte in what is stored.
    lines: Vec<(u64, u64)>,
    text: Vec<u8>,
}

/// A file that is no sound text, as it was stored, and why.
type Refused = (Vec<u8>, &'static str);

impl Transcoded {
    /// Turns a file into UTF-8; gives it back with the reason where it is no sound UTF-16.
    pub(super) fn new(unicode: Unicode, stored: Vec<u8>) -> Result<(Vec<u8>, Transcoded), Refused> {
        let unit = match unicode {
            Unicode::Utf16Le | Unicode::BareLe => u16::from_le_bytes,
            Unicode::Utf16Be | Unicode::BareBe => u16::from_be_bytes,
            Unicode::Utf32 => return Err((stored, "UTF-32: save it as UTF-8")),
        };
        if stored.len() % 2 == 1 {
            return Err((stored, "UTF-16 that ends inside a character"));
        }
        let mark = unicode.mark();
        let pairs = stored.get(mark..).unwrap_or(&[]).chunks_exact(2);
        let units = pairs.map(|pair| match pair {
            [first, second] => unit([*first, *second]),
            _ => 0,
        });
        let mut text = String::with_capacity(stored.len() / 2);
        let mut lines = vec![(0, mark as u64)];
        let mut at = mark as u64;
        let mut sound = true;
        for character in char::decode_utf16(units) {
            let character = character.unwrap_or_else(|_| {
                sound = false;
                char::REPLACEMENT_CHARACTER
            });
            at += 2 * character.len_utf16() as u64;
            text.push(character);
            if character == '\n' {
                lines.push((text.len() as u64, at));
            }
        }
        // What begins so and goes on otherwise is no such text.
        let wide = text
            .chars()
            .filter(|character| !character.is_ascii())
            .count();
        if unicode.mark() == 0 && 2 * wide > text.chars().count() {
            sound = false;
        }
        if !sound {
            return Err((stored, "no sound UTF-16: save it as UTF-8"));
        }
        let text = text.into_bytes();
        let transcoded = Transcoded {
            stored,
            lines,
            text: text.clone(),
        };
        Ok((text, transcoded))
    }

    /// First byte, end and digest, in what is stored, of `length` bytes of the text from `byte` on.
    pub(super) fn place(&self, byte: u64, length: u64) -> (u64, u64, Digest) {
        let (start, end) = (self.stored_at(byte), self.stored_at(byte + length));
        (start, end, self.digest(start, end))
    }

    /// First byte, end and digest of the line that begins at `byte` of the text, without its terminator.
    pub(super) fn line(&self, byte: u64) -> (u64, u64, Digest) {
        self.place(byte, self.line_at(byte).len() as u64)
    }

    /// The same in the text itself: what who reads only the text takes for the evidence.
    pub(super) fn line_in_text(&self, byte: u64) -> (u64, Digest) {
        (byte, Digest::of(self.line_at(byte)))
    }

    fn line_at(&self, byte: u64) -> &[u8] {
        let from = usize::try_from(byte).unwrap_or(usize::MAX);
        let rest = self.text.get(from..).unwrap_or(&[]);
        let line = rest
            .get(..memchr::memchr(b'\n', rest).unwrap_or(rest.len()))
            .unwrap_or(&[]);
        line.strip_suffix(b"\r").unwrap_or(line)
    }

    /// First byte, end and digest of the whole file, its mark included.
    pub(super) fn whole(&self) -> (u64, u64, Digest) {
        let end = self.stored.len() as u64;
        (0, end, self.digest(0, end))
    }

    fn digest(&self, start: u64, end: u64) -> Digest {
        let at = |byte: u64| usize::try_from(byte).unwrap_or(usize::MAX);
        let bytes = self.stored.get(at(start)..at(end)).unwrap_or(&[]);
        Digest::of(bytes)
    }

    fn stored_at(&self, byte: u64) -> u64 {
        let behind = self.lines.partition_point(|(text, _)| *text <= byte);
        // The first line begins at the first byte of the text.
        let (text, stored) = self
            .lines
            .get(behind.saturating_sub(1))
            .copied()
            .unwrap_or_default();
        let at = |byte: u64| usize::try_from(byte).unwrap_or(usize::MAX);
        let before = self.text.get(at(text)..at(byte)).unwrap_or(&[]);
        let units: usize = String::from_utf8_lossy(before)
            .chars()
            .map(char::len_utf16)
            .sum();
        stored + 2 * units as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utf16(text: &str, little: bool) -> Vec<u8> {
        let units = std::iter::once(0xfeff).chain(text.encode_utf16());
        units
            .flat_map(|unit: u16| {
                if little {
                    unit.to_le_bytes()
                } else {
                    unit.to_be_bytes()
                }
            })
            .collect()
    }

    #[test]
    fn the_evidence_is_that_of_the_stored_bytes() {
        for little in [true, false] {
            let stored = utf16("a\u{1f600}b\r\nsecond é\n", little);
            let unicode = Unicode::of(&stored).unwrap();
            let (text, transcoded) = Transcoded::new(unicode, stored.clone()).unwrap();
            assert_eq!(text, "a\u{1f600}b\r\nsecond é\n".as_bytes());
            let digest = |bytes: &[u8]| Digest::of(bytes);
            // A mark, a, a pair, b, CR, LF.
            assert_eq!(transcoded.line(8), (14, 30, digest(&stored[14..30])));
            assert_eq!(transcoded.line(0), (2, 10, digest(&stored[2..10])));
            assert_eq!(
                transcoded.whole(),
                (0, stored.len() as u64, digest(&stored))
            );
        }
    }

    #[test]
    fn a_text_without_a_mark_is_told_by_its_zeros() {
        for little in [true, false] {
            let stored = utf16("{\"a\": \"\u{e9}\"}\n{}\n", little)[2..].to_vec();
            let unicode = Unicode::of(&stored).unwrap();
            let (text, transcoded) = Transcoded::new(unicode, stored.clone()).unwrap();
            assert_eq!(text, "{\"a\": \"\u{e9}\"}\n{}\n".as_bytes());
            assert_eq!(transcoded.line(0), (0, 20, Digest::of(&stored[..20])));
            assert_eq!(transcoded.line(12), (22, 26, Digest::of(&stored[22..26])));
        }
        for binary in [
            &b"PK\x03\x04\0\0\0\0"[..],
            b"a\0b\0\x01\0c\0",
            b"{\0\0\0\"\0a\0",
            b"{\0\"\0",
        ] {
            assert_eq!(Unicode::of(binary), None);
        }
        let hidden = [
            &b"a\0b\0c\0d\0"[..],
            &b"path \"*\" { capabilities = [\"sudo\"] } "[..],
        ]
        .concat();
        let unicode = Unicode::of(&hidden).unwrap();
        assert!(Transcoded::new(unicode, hidden).is_err());
    }

    #[test]
    fn what_is_no_sound_utf16_is_named() {
        for (bytes, reason) in [
            (&[0xff, 0xfe, 0x41][..], "ends inside"),
            (&[0xff, 0xfe, 0x00, 0xd8, 0x41, 0x00][..], "sound"),
            (&[0xff, 0xfe, 0, 0, 0x41, 0, 0, 0][..], "UTF-32"),
        ] {
            let fault = Transcoded::new(Unicode::of(bytes).unwrap(), bytes.to_vec()).unwrap_err();
            assert!(fault.1.contains(reason), "{}", fault.1);
        }
        assert_eq!(Unicode::of(b"\xef\xbb\xbfpath"), None);
    }
}
