//! A line without what nobody sees in it, so that a secret cut in pieces is whole again.
//!
//! Left out are control characters of both sets, control sequences, carriage returns, characters
//! without width or of direction, bytes that are no UTF-8, and the markers of sections, which GitLab
//! shows to nobody. A backspace takes back what stands before it.

use std::ops::Range;

use super::section;

/// The visible bytes of a line, and where each stood.
pub(super) struct Joined {
    pub(super) text: Vec<u8>,
    at: Vec<usize>,
}

impl Joined {
    /// The joined form of a line; `None` where it is the line itself.
    pub(super) fn new(line: &[u8]) -> Option<Joined> {
        if line
            .iter()
            .all(|byte| (0x20..0x7f).contains(byte) || *byte == b'\t')
        {
            return None;
        }
        let mut joined = Joined {
            text: Vec::with_capacity(line.len()),
            at: Vec::with_capacity(line.len()),
        };
        let mut start = 0;
        for chunk in line.utf8_chunks() {
            joined.push(chunk.valid(), start);
            start += chunk.valid().len() + chunk.invalid().len();
        }
        (joined.text.len() < line.len()).then_some(joined)
    }

    fn push(&mut self, text: &str, start: usize) {
        let mut from = 0;
        while let Some(c) = text.get(from..).and_then(|rest| rest.chars().next()) {
            let length = c.len_utf8();
            let rest = text.as_bytes().get(from..).unwrap_or_default();
            match c {
                '\u{1b}' => {
                    from += sequence(rest);
                    continue;
                }
                '\u{90}' | '\u{98}' | '\u{9d}'..='\u{9f}' => {
                    from += string(rest).unwrap_or(length);
                    continue;
                }
                '\u{8}' => {
                    self.text.pop();
                    self.at.pop();
                }
                's' => {
                    if let Some(marker) = section::length(rest) {
                        from += marker;
                        continue;
                    }
                }
                _ => {}
            }
            if !is_unseen(c) {
                let bytes = text.as_bytes().get(from..from + length).unwrap_or_default();
                self.text.extend_from_slice(bytes);
                self.at.extend(start + from..start + from + length);
            }
            from += length;
        }
    }

    /// Where a range of the joined text stands in the line.
    pub(super) fn raw(&self, range: &Range<usize>) -> Range<usize> {
        let start = self.at.get(range.start).copied().unwrap_or(0);
        let last = range.end.checked_sub(1).and_then(|last| self.at.get(last));
        start..last.copied().unwrap_or(start) + 1
    }
}

/// Length of the control sequence that `text` begins with; one that does not end is its first
/// byte.
fn sequence(text: &[u8]) -> usize {
    let ends = |from: usize, test: fn(&u8) -> bool| {
        let rest = text.get(from..).unwrap_or_default();
        rest.iter().position(test).map(|at| from + at + 1)
    };
    let length = match text.get(1) {
        Some(b'[') => ends(2, |byte| (0x40..=0x7e).contains(byte)),
        Some(b']' | b'P' | b'X' | b'^' | b'_') => ends(2, |byte| *byte == 0x07 || *byte == 0x1b)
            .map(|end| end + usize::from(text.get(end) == Some(&b'\\'))),
        _ => None,
    };
    length.unwrap_or(1)
}

/// Length of a string that a control character of eight bits begins, where it ends.
fn string(text: &[u8]) -> Option<usize> {
    const END: &[u8] = "\u{9c}".as_bytes();
    let end = text.windows(END.len()).position(|bytes| bytes == END);
    let bell = memchr::memchr(0x07, text).map(|at| at + 1);
    let ends = end.map(|at| at + END.len()).into_iter().chain(bell);
    ends.min()
}

fn is_unseen(c: char) -> bool {
    (c.is_control() && c != '\t')
        || matches!(
            c,
            '\u{ad}'
                | '\u{34f}'
                | '\u{61c}'
                | '\u{180e}'
                | '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{2800}'
                | '\u{3164}'
                | '\u{fe00}'..='\u{fe0f}'
                | '\u{feff}'
                | '\u{1d173}'..='\u{1d17a}'
                | '\u{e0000}'..='\u{e0fff}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_sees_is_left_out_and_places_are_kept() {
        for cut in [
            "\r",
            "\u{200b}",
            "\u{9b}",
            "\u{1b}[0m",
            "\u{1b}]0;x\u{7}",
            "x\u{8}",
            "\u{9d}0;x\u{9c}",
            "section_start:1788887720:x\r\u{1b}[0K",
            "section_end:1788887720:x[collapsed=true]\r",
            "\u{202e}",
            "\u{2800}",
        ] {
            let line = format!("a{cut}b");
            let joined = Joined::new(line.as_bytes()).unwrap();
            assert_eq!(joined.text, b"ab", "{cut:?}");
            assert_eq!(joined.raw(&(0..2)), 0..line.len());
        }
        let joined = Joined::new(b"a\xffb").unwrap();
        assert_eq!(
            (joined.text.as_slice(), joined.raw(&(1..2))),
            (&b"ab"[..], 2..3)
        );
        assert!(Joined::new(b"plain\ttext").is_none());
        assert!(Joined::new("grün".as_bytes()).is_none());
    }
}
