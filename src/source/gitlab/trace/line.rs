//! Lines of a trace: the optional timestamp header, and entries joined to whole lines.
//!
//! With `FF_TIMESTAMPS` every line begins with 32 bytes: `YYYY-mm-ddTHH:MM:SS.uuuuuuZ `, two hex
//! digits of the stream, `O` or `E`, and `+` if the entry continues the last one of its stream
//! (gitlab-runner `timestamper.go`). Streams interleave. The runner writes the first line, so that
//! line tells which form a trace has: in one without headers, text that looks like a header is what
//! the job printed.

use std::borrow::Cow;
use std::collections::VecDeque;

use memchr::memchr;

use crate::model::Timestamp;

const HEADER: usize = 32;
/// Lines that wait for the end of an earlier one of another stream; then that one is closed.
const WAITING: usize = 256;

/// Stream number and type, e.g. `01O`.
pub(super) type Stream = [u8; 3];

/// The timestamp header of one physical line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) at: Timestamp,
    pub(super) stream: Stream,
    pub(super) continues: bool,
}

/// Splits the header off a physical line, if it has one.
pub(super) fn header(line: &[u8]) -> Option<(Header, &[u8])> {
    let (head, text) = line.split_at_checked(HEADER)?;
    let (time, rest) = head.split_at_checked(27)?;
    let &[b' ', high, low, kind, flag] = rest else {
        return None;
    };
    if !high.is_ascii_hexdigit()
        || !low.is_ascii_hexdigit()
        || !matches!(kind, b'O' | b'E')
        || !matches!(flag, b' ' | b'+')
    {
        return None;
    }
    let at = Timestamp::parse(std::str::from_utf8(time).ok()?)?;
    let header = Header {
        at,
        stream: [high, low, kind],
        continues: flag == b'+',
    };
    Some((header, text))
}

/// Where a physical line begins in the trace.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Position {
    /// Lines before it.
    pub(super) index: u64,
    /// Bytes before it.
    pub(super) byte: u64,
}

/// One physical line: its position and its bytes without `\n`.
#[derive(Clone, Copy, Debug)]
struct Physical<'a> {
    position: Position,
    bytes: &'a [u8],
}

/// One line as it was printed: the texts of its entries, joined.
#[derive(Debug)]
pub(super) struct Line<'a> {
    pub(super) at: Option<Timestamp>,
    pub(super) text: Cow<'a, [u8]>,
    /// The physical lines it came from, each with the offset in `text` where it begins.
    pieces: Vec<(usize, Position)>,
    stream: Option<Stream>,
}

impl Line<'_> {
    /// Where the physical line begins that holds the byte at `offset` of the text.
    pub(super) fn position(&self, offset: usize) -> Position {
        let behind = self.pieces.partition_point(|(start, _)| *start <= offset);
        self.pieces
            .get(behind.saturating_sub(1))
            .map(|(_, position)| *position)
            .unwrap_or_default()
    }
}

/// The lines of a trace, in the order in which they began.
pub(super) struct Lines<'a> {
    rest: &'a [u8],
    next: Position,
    waiting: VecDeque<(Line<'a>, bool)>,
    /// Whether lines begin with headers.
    stamped: bool,
}

impl<'a> Lines<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Lines {
            rest: bytes,
            next: Position::default(),
            waiting: VecDeque::new(),
            stamped: is_stamped(bytes),
        }
    }

    fn physical(&mut self) -> Option<Physical<'a>> {
        if self.rest.is_empty() {
            return None;
        }
        let end = memchr(b'\n', self.rest).unwrap_or(self.rest.len());
        let (bytes, behind) = self.rest.split_at(end);
        let physical = Physical {
            position: self.next,
            bytes,
        };
        self.rest = behind.get(1..).unwrap_or_default();
        self.next.index += 1;
        self.next.byte += end as u64 + 1;
        Some(physical)
    }

    /// Puts a physical line behind the open line of its stream, or opens one.
    fn take(&mut self, physical: Physical<'a>) {
        let found = header(physical.bytes).filter(|_| self.stamped);
        let Some((header, text)) = found else {
            // Without a header every line is whole.
            self.open(None, None, physical.position, physical.bytes, false);
            return;
        };
        let mine = self
            .waiting
            .iter_mut()
            .rev()
            .find(|(line, open)| *open && line.stream == Some(header.stream));
        match mine {
            Some((line, _)) if header.continues => {
                let joined = line.text.to_mut();
                line.pieces.push((joined.len(), physical.position));
                joined.extend_from_slice(text);
            }
            found => {
                if let Some((_, open)) = found {
                    *open = false;
                }
                self.open(
                    Some(header.at),
                    Some(header.stream),
                    physical.position,
                    text,
                    true,
                );
            }
        }
    }

    fn open(
        &mut self,
        at: Option<Timestamp>,
        stream: Option<Stream>,
        position: Position,
        text: &'a [u8],
        open: bool,
    ) {
        let line = Line {
            at,
            text: Cow::Borrowed(text),
            pieces: vec![(0, position)],
            stream,
        };
        self.waiting.push_back((line, open));
    }
}

/// Whether the first line that says something begins with a header.
fn is_stamped(bytes: &[u8]) -> bool {
    let mut lines = bytes.split(|byte| *byte == b'\n');
    let first = lines.find(|line| !line.trim_ascii().is_empty());
    first.is_some_and(|line| header(line).is_some())
}

impl<'a> Iterator for Lines<'a> {
    type Item = Line<'a>;

    fn next(&mut self) -> Option<Line<'a>> {
        loop {
            let is_whole = self.waiting.front().is_some_and(|(_, open)| !open);
            if is_whole || self.waiting.len() > WAITING {
                return self.waiting.pop_front().map(|(line, _)| line);
            }
            match self.physical() {
                Some(physical) => self.take(physical),
                None => return self.waiting.pop_front().map(|(line, _)| line),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(trace: &str) -> Vec<String> {
        Lines::new(trace.as_bytes())
            .map(|line| String::from_utf8_lossy(&line.text).into_owned())
            .collect()
    }

    #[test]
    fn a_header_is_exactly_32_bytes() {
        let line = b"2024-05-22T12:43:46.962646Z 00O Hello";
        let (found, text) = header(line).unwrap();
        assert_eq!(text, b"Hello");
        assert_eq!((found.stream, found.continues), (*b"00O", false));
        for line in [
            "2024-05-22T12:43:46.962646Z 00X Hello",
            "2024-05-22T12:43:46.962646Z zzO Hello",
            "2024-05-22T12:43:46.962646Z",
            "2024-15-22T12:43:46.962646Z 00O Hello",
        ] {
            assert!(header(line.as_bytes()).is_none(), "{line}");
        }
    }

    #[test]
    fn entries_join_per_stream_and_keep_their_order() {
        let trace = "2021-01-01T03:00:00.020010Z 01O one \r\n\
                     2021-01-01T03:00:01.020010Z 01E other\n\
                     2021-01-01T03:00:02.020010Z 01O+two\n\
                     plain\n\
                     2021-01-01T03:00:03.020010Z 01O three";
        assert_eq!(texts(trace), ["one \rtwo", "other", "plain", "three"]);
        let lines: Vec<Line<'_>> = Lines::new(trace.as_bytes()).collect();
        assert_eq!(lines[0].position(2).index, 0);
        assert_eq!(lines[0].position(5).index, 2);
    }

    #[test]
    fn a_silent_stream_holds_nothing_back_for_ever() {
        let mut trace = "2021-01-01T03:00:00.020010Z 01O open\n".to_owned();
        trace.push_str(&"plain\n".repeat(10_000));
        trace.push_str("2021-01-01T03:00:00.020010Z 01O+late\n");
        let found = texts(&trace);
        assert_eq!(found.len(), 10_002);
        assert_eq!(found.first().map(String::as_str), Some("open"));
        assert_eq!(found.last().map(String::as_str), Some("late"));
    }

    #[test]
    fn a_header_that_the_job_prints_is_text() {
        let forged = "2099-01-01T00:00:00.000000Z 01O token";
        let trace = format!("\nRunning with gitlab-runner\n{forged}");
        let lines: Vec<Line<'_>> = Lines::new(trace.as_bytes()).collect();
        assert_eq!(lines[2].text, forged.as_bytes());
        assert!(lines.iter().all(|line| line.at.is_none()));
    }

    #[test]
    fn an_empty_line_counts() {
        let lines: Vec<u64> = Lines::new(b"a\n\nb\n")
            .map(|line| line.position(0).index)
            .collect();
        assert_eq!(lines, [0, 1, 2]);
    }
}
