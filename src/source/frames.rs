//! Syslog over TCP as it came over the wire (RFC 6587, octet counting): `275 <134>1 2026-...`.
//!
//! A frame is as long as the number before it says, so that no line feed stands between frames but
//! where a message ends with one or a receiver adds it. A count that leads to no frame is damage: what
//! follows is passed over up to the next frame that measures itself.

use super::elements::{Piece, Scan, Step};
use super::feed::LONGEST_RECORD;

/// The longest header of a frame: its count, a blank, its priority.
const HEADER: usize = 16;

/// What the first bytes of a file say of frames.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Begins {
    /// Frames follow one another.
    Frames,
    /// More bytes are needed to tell.
    Undecided,
    /// Nothing of the kind.
    Not,
}

/// Whether `head`, which begins with no blank, is cut into frames.
pub(super) fn begins(head: &[u8], whole: bool) -> Begins {
    let Some(frame) = measured(head) else {
        return Begins::Not;
    };
    match head.get(frame.end..) {
        Some(rest) if leads_on(rest) => Begins::Frames,
        Some(_) => Begins::Not,
        None if whole => Begins::Frames,
        None => Begins::Undecided,
    }
}

/// A frame's message, by its header.
struct Measured {
    start: usize,
    end: usize,
}

/// What the header at the beginning of `text` measures.
fn measured(text: &[u8]) -> Option<Measured> {
    let head = text.get(..HEADER.min(text.len()))?;
    let blank = memchr::memchr(b' ', head)?;
    let count = std::str::from_utf8(head.get(..blank)?).ok()?;
    if count.starts_with('0') || !count.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let priority = head.get(blank + 1..)?.strip_prefix(b"<")?;
    let closed = memchr::memchr(b'>', priority)?;
    let digits = priority.get(..closed)?;
    if !(1..=3).contains(&closed) || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let count: usize = count.parse().ok()?;
    (count <= LONGEST_RECORD).then_some(Measured {
        start: blank + 1,
        end: blank + 1 + count,
    })
}

/// Whether what follows a frame is another one, or nothing.
fn leads_on(rest: &[u8]) -> bool {
    let rest = rest.trim_ascii_start();
    let cut = rest.len() < HEADER && rest.first().is_some_and(u8::is_ascii_digit);
    rest.is_empty() || cut || measured(rest).is_some()
}

/// A resumable scan over a growing buffer.
#[derive(Debug)]
pub(super) struct Frames {
    at: usize,
    line: u64,
}

impl Frames {
    /// A scan of a file from its first byte.
    pub(super) fn new() -> Frames {
        Frames { at: 0, line: 1 }
    }

    fn piece(
        &mut self,
        buffer: &[u8],
        from: usize,
        to: usize,
        fault: Option<&'static str>,
    ) -> Step {
        let feeds = |start: usize, end: usize| {
            let bytes = buffer.get(start..end).unwrap_or(&[]);
            memchr::memchr_iter(b'\n', bytes).count() as u64
        };
        let line = self.line + feeds(self.at, from);
        self.line += feeds(self.at, to);
        self.at = to;
        Step::Piece(Piece {
            start: from,
            end: to,
            line,
            fault,
        })
    }
}

impl Scan for Frames {
    fn consumed(&self) -> usize {
        self.at
    }

    fn dropped(&mut self, count: usize) {
        self.at -= count;
    }

    fn step(&mut self, buffer: &[u8], whole: bool) -> Step {
        let rest = buffer.get(self.at..).unwrap_or(&[]);
        let blank = rest.len() - rest.trim_ascii_start().len();
        let from = self.at + blank;
        let rest = rest.get(blank..).unwrap_or(&[]);
        if rest.is_empty() {
            return if whole { Step::End } else { Step::NeedMore };
        }
        if rest.len() < HEADER && !whole {
            return Step::NeedMore;
        }
        if let Some(frame) = measured(rest) {
            match rest.get(frame.end..) {
                None if whole => {
                    let fault = Some("truncated: the frame is shorter than its count");
                    return self.piece(buffer, from, buffer.len(), fault);
                }
                None => return Step::NeedMore,
                Some(after) if after.trim_ascii_start().len() < HEADER && !whole => {
                    return Step::NeedMore;
                }
                Some(after) if leads_on(after) => {
                    return self.piece(buffer, from + frame.start, from + frame.end, None);
                }
                Some(_) => {}
            }
        }
        let fault = Some("a frame of syslog that its count does not measure");
        let next = |at: &usize| {
            rest.get(*at..)
                .is_some_and(|text| begins(text, whole) == Begins::Frames)
        };
        let after_digits = |at: usize| {
            let digits = rest.get(..at).unwrap_or(&[]).iter().rev();
            at - digits.take_while(|byte| byte.is_ascii_digit()).count()
        };
        let starts = memchr::memmem::find_iter(rest, b" <").map(after_digits);
        match starts.filter(|at| *at > 0).find(next) {
            Some(at) => self.piece(buffer, from, from + at, fault),
            None if whole => self.piece(buffer, from, buffer.len(), fault),
            None => Step::NeedMore,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(message: &str) -> String {
        format!("{} {message}", message.len())
    }

    fn pieces(text: &str) -> Vec<(&str, u64, bool)> {
        let mut frames = Frames::new();
        let mut found = Vec::new();
        while let Step::Piece(piece) = frames.step(text.as_bytes(), true) {
            found.push((
                &text[piece.start..piece.end],
                piece.line,
                piece.fault.is_some(),
            ));
        }
        found
    }

    #[test]
    fn frames_are_as_long_as_they_say_with_line_feeds_and_without() {
        let (one, two) = (
            "<134>1 - h v 1 - - {\"a\": \"7 <1>\"}",
            "<134>1 - h v 1 - - {\n}\n",
        );
        for between in ["", "\n", "\r\n"] {
            let text = [frame(one), frame(two), frame(one)].join(between);
            assert_eq!(begins(text.as_bytes(), true), Begins::Frames, "{text}");
            let found = pieces(&text);
            let texts: Vec<&str> = found.iter().map(|(text, ..)| *text).collect();
            assert_eq!(texts, [one, two, one], "{text}");
            assert!(found.iter().all(|(_, _, fault)| !fault), "{text}");
            let feeds = if between.is_empty() { 0 } else { 1 };
            assert_eq!(found[2].1, 3 + 2 * feeds, "{text}");
        }
    }

    #[test]
    fn damage_ends_at_the_next_frame_that_measures_itself() {
        let one = frame("<134>1 - h v 1 - - {\"a\":1}");
        let torn = one.replacen("26", "29", 1);
        let text = format!("{torn}{one}{}", &one[..20]);
        let found: Vec<bool> = pieces(&text).iter().map(|(_, _, fault)| *fault).collect();
        assert_eq!(found, [true, false, true], "{text}");
    }

    #[test]
    fn a_number_before_a_text_is_no_frame() {
        for text in [
            "12 apples",
            "12 <b>bold</b>",
            "0 <1>",
            "9 <134>1 x and more text here",
            "",
        ] {
            assert_eq!(begins(text.as_bytes(), true), Begins::Not, "{text}");
        }
        assert_eq!(begins(b"900 <134>1 x", false), Begins::Undecided);
    }
}
