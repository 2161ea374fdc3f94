//! Cuts JSON that is not one object per line: arrays, concatenated and pretty-printed objects.
//!
//! Arrays are flattened wherever they stand at the top, so pages of pages and several arrays after
//! one another (`curl` appending API pages) need no care, nor do what stands between the messages of
//! GELF (a zero byte) and the texts of a JSON sequence (RFC 7464). A text in an array is an element
//! too: `jq -R` and log stores write lines so. The scan is one pass; it validates nothing but braces
//! and strings, the reader of the element does the rest.

use memchr::memchr_iter;

use super::page::{After, Begins, Page, begins_list};
use super::quotes::Quotes;
use crate::model::unmarked;

/// Arrays inside one another that are followed.
const DEEPEST: u64 = 128;

/// What stands before each text of a JSON sequence.
const SEQUENCE: u8 = 0x1e;

/// The length of the mark of an encoding that a text begins with, if it does.
fn marked(text: &[u8]) -> Option<usize> {
    let length = text.len() - unmarked(text).len();
    (length > 0).then_some(length)
}

/// A piece of the buffer that the scanner cut out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Piece {
    /// First byte, in the scanner's buffer.
    pub(super) start: usize,
    /// Byte after the last.
    pub(super) end: usize,
    /// Line of the first byte, from 1.
    pub(super) line: u64,
    /// What is wrong with it, if it is no object.
    pub(super) fault: Option<&'static str>,
}

/// What a step of the scan gave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// An element, sound or not.
    Piece(Piece),
    /// The buffer ends inside an element.
    NeedMore,
    /// Nothing is left.
    End,
}

/// A resumable scan over a growing buffer.
pub(super) trait Scan {
    /// Where the unread part of the buffer begins: all before may be dropped.
    fn consumed(&self) -> usize;
    /// Tells the scan that `count` bytes were dropped from the front of the buffer.
    fn dropped(&mut self, count: usize);
    /// The next piece. `whole` says that the buffer will not grow.
    fn step(&mut self, buffer: &[u8], whole: bool) -> Step;
}

/// The scan of JSON.
#[derive(Debug, Default)]
pub(super) struct Scanner {
    at: usize,
    line: u64,
    arrays: u64,
    open: Option<Open>,
    /// Whether objects that hold a list of records are opened, and what of one is being read.
    pages: Option<Page>,
}

/// How the scan went on at an object around records.
enum Passed {
    /// Behind what stood there.
    On,
    /// More bytes are needed to tell.
    NeedMore,
}

/// The object being scanned.
#[derive(Debug)]
struct Open {
    start: usize,
    line: u64,
    scanned: usize,
    depth: u64,
    quotes: Quotes,
    /// Line starts inside it that begin with `{`: where it would resume were it broken.
    restarts: Vec<usize>,
}

impl Open {
    /// An object of which nothing is scanned.
    fn at(start: usize, line: u64) -> Open {
        Open {
            start,
            line,
            scanned: start,
            depth: 0,
            quotes: Quotes::default(),
            restarts: Vec::new(),
        }
    }

    /// Scans on; the byte behind the object's last brace, where the buffer has it.
    #[inline]
    fn end(&mut self, buffer: &[u8]) -> Option<usize> {
        let rest = buffer.get(self.scanned..).unwrap_or(&[]);
        for (offset, &byte) in rest.iter().enumerate() {
            if self.quotes.hold(byte) {
                continue;
            }
            match byte {
                b'{' => {
                    let at = self.scanned + offset;
                    if at > self.start && buffer.get(at - 1) == Some(&b'\n') {
                        self.restarts.push(at);
                    }
                    self.depth += 1;
                }
                b'}' => {
                    self.depth -= 1;
                    if self.depth == 0 {
                        return Some(self.scanned + offset + 1);
                    }
                }
                _ => {}
            }
        }
        self.scanned = buffer.len();
        None
    }
}

impl Scan for Scanner {
    fn consumed(&self) -> usize {
        self.open.as_ref().map_or(self.at, |open| open.start)
    }

    fn dropped(&mut self, count: usize) {
        self.at -= count;
        if let Some(open) = &mut self.open {
            open.start -= count;
            open.scanned -= count;
            open.restarts
                .iter_mut()
                .for_each(|restart| *restart -= count);
        }
    }

    fn step(&mut self, buffer: &[u8], whole: bool) -> Step {
        loop {
            if self.open.is_some() {
                return self.finish_object(buffer, whole);
            }
            let Some(&byte) = buffer.get(self.at) else {
                let open = self.arrays > 0 || self.pages.is_some_and(Page::is_open);
                if whole && open {
                    return self.unclosed();
                }
                return if whole { Step::End } else { Step::NeedMore };
            };
            if let Some(page) = self.pages {
                match self.page(page, buffer, byte, whole) {
                    Some(Passed::On) => continue,
                    Some(Passed::NeedMore) => return Step::NeedMore,
                    None => {}
                }
            }
            match byte {
                b'\n' => self.line += 1,
                b'[' if self.arrays >= DEEPEST => return self.too_deep(buffer, whole),
                b'[' => self.arrays += 1,
                b']' => self.arrays = self.arrays.saturating_sub(1),
                b',' | b' ' | b'\t' | b'\r' | 0 | SEQUENCE => {}
                b'{' => {
                    self.open = Some(Open::at(self.at, self.line));
                    continue;
                }
                b'"' if self.arrays > 0 => return self.text(buffer, whole),
                _ => match marked(buffer.get(self.at..).unwrap_or(&[])) {
                    Some(length) => {
                        self.at += length;
                        continue;
                    }
                    None => return self.stray(buffer, whole),
                },
            }
            self.at += 1;
        }
    }
}

impl Scanner {
    /// A scan that starts at `at`, on line 1.
    pub(super) fn new(at: usize) -> Scanner {
        Scanner {
            at,
            line: 1,
            arrays: 0,
            open: None,
            pages: None,
        }
    }

    /// The same, for a file of objects that hold lists of records: each record is an element.
    pub(super) fn of_pages(at: usize) -> Scanner {
        Scanner {
            pages: Some(Page::Outside),
            ..Scanner::new(at)
        }
    }

    /// The fault of a file that ends inside a list.
    fn unclosed(&mut self) -> Step {
        self.arrays = 0;
        self.pages = self.pages.map(|_| Page::Outside);
        Step::Piece(Piece {
            start: self.at,
            end: self.at,
            line: self.line,
            fault: Some("truncated: the array is not closed"),
        })
    }

    /// What stands at the scan's place, where it is of an object around records: it is passed over.
    /// `None` where it is none.
    fn page(&mut self, page: Page, buffer: &[u8], byte: u8, whole: bool) -> Option<Passed> {
        match (page, byte) {
            (Page::After(after), byte) => {
                self.pages = Some(after.take(byte));
                self.at += 1;
                self.line += u64::from(byte == b'\n');
                Some(Passed::On)
            }
            (Page::Listed, b']') if self.arrays == 1 => {
                self.arrays = 0;
                self.pages = Some(Page::After(After::default()));
                self.at += 1;
                Some(Passed::On)
            }
            (Page::Outside, b'{') if self.arrays == 0 => {
                let text = buffer.get(self.at..).unwrap_or(&[]);
                match begins_list(text) {
                    Begins::List(length) => {
                        let begun = text.get(..length).unwrap_or(&[]);
                        self.line += memchr_iter(b'\n', begun).count() as u64;
                        self.at += length;
                        self.arrays = 1;
                        self.pages = Some(Page::Listed);
                        Some(Passed::On)
                    }
                    Begins::Perhaps if !whole => Some(Passed::NeedMore),
                    Begins::Perhaps | Begins::Not => None,
                }
            }
            _ => None,
        }
    }

    /// Brackets beyond what is followed, up to the first byte that is none: one fault, and the scan
    /// begins anew behind them.
    fn too_deep(&mut self, buffer: &[u8], whole: bool) -> Step {
        let rest = buffer.get(self.at..).unwrap_or(&[]);
        let bracket = |byte: &u8| matches!(byte, b'[' | b']' | b',') || byte.is_ascii_whitespace();
        let length = rest.iter().take_while(|byte| bracket(byte)).count();
        if length == rest.len() && !whole {
            return Step::NeedMore;
        }
        let (start, line) = (self.at, self.line);
        self.arrays = 0;
        Step::Piece(self.cut(
            buffer,
            start,
            start + length,
            line,
            Some("JSON nested deeper than 128"),
        ))
    }

    /// A text of an array, its quotes included; one that no quote ends is none.
    fn text(&mut self, buffer: &[u8], whole: bool) -> Step {
        let mut quotes = Quotes::default();
        let rest = buffer.get(self.at..).unwrap_or(&[]);
        let held = rest
            .iter()
            .take_while(|&&byte| quotes.hold(byte) && quotes.open());
        let length = held.count() + 1;
        match rest.get(length - 1) {
            Some(b'"') if length > 1 => {
                let (start, line) = (self.at, self.line);
                Step::Piece(self.cut(buffer, start, start + length, line, None))
            }
            None if !whole => Step::NeedMore,
            _ => self.stray(buffer, whole),
        }
    }

    /// Text between elements that is no object: up to the next line, or comma of an array.
    fn stray(&mut self, buffer: &[u8], whole: bool) -> Step {
        let rest = buffer.get(self.at..).unwrap_or(&[]);
        let stop = rest
            .iter()
            .position(|&byte| byte == b'\n' || (self.arrays > 0 && matches!(byte, b',' | b']')));
        let length = match stop {
            Some(length) => length,
            None if whole => rest.len(),
            None => return Step::NeedMore,
        };
        let start = self.at;
        self.at += length;
        Step::Piece(Piece {
            start,
            end: self.at,
            line: self.line,
            fault: Some("not a JSON object"),
        })
    }

    fn finish_object(&mut self, buffer: &[u8], whole: bool) -> Step {
        let Some(open) = &mut self.open else {
            return Step::NeedMore;
        };
        if let Some(end) = open.end(buffer) {
            let (start, line) = (open.start, open.line);
            self.open = None;
            return Step::Piece(self.cut(buffer, start, end, line, None));
        }
        if whole {
            self.give_up(buffer)
        } else {
            Step::NeedMore
        }
    }

    /// The object is never closed: gives up the part before the next line that looks like a new one.
    fn give_up(&mut self, buffer: &[u8]) -> Step {
        let Some(open) = self.open.take() else {
            return Step::NeedMore;
        };
        let fault = Some("truncated: the object is not closed");
        let (start, line, mut restarts) = (open.start, open.line, open.restarts);
        if restarts.is_empty() {
            self.arrays = 0;
            let end = buffer.len();
            return Step::Piece(self.cut(buffer, start, end, line, fault));
        }
        let next = restarts.remove(0);
        let piece = self.cut(buffer, start, next, line, fault);
        self.open = Some(Open {
            scanned: buffer.len(),
            depth: 1,
            ..Open::at(next, self.line)
        });
        self.rescan(buffer, next, restarts);
        Step::Piece(piece)
    }

    /// Scans again behind a broken object, but only up to the next restart: every byte is looked
    /// at twice at most.
    fn rescan(&mut self, buffer: &[u8], from: usize, restarts: Vec<usize>) {
        let limit = restarts.first().copied().unwrap_or(buffer.len());
        let part = buffer.get(..limit).unwrap_or(buffer);
        let mut probe = Scanner {
            at: from,
            line: 1,
            arrays: 0,
            open: None,
            pages: None,
        };
        let closes = matches!(
            probe.step(part, true),
            Step::Piece(Piece { fault: None, .. })
        );
        if closes {
            self.open = None;
            self.at = from;
        } else if let Some(open) = &mut self.open {
            open.restarts = restarts;
        }
    }

    fn cut(
        &mut self,
        buffer: &[u8],
        start: usize,
        end: usize,
        line: u64,
        fault: Option<&'static str>,
    ) -> Piece {
        let text = buffer.get(start..end).unwrap_or(&[]);
        self.line = line + memchr_iter(b'\n', text).count() as u64;
        self.at = end;
        Piece {
            start,
            end,
            line,
            fault,
        }
    }
}

#[cfg(test)]
#[path = "elements_tests.rs"]
mod tests;
