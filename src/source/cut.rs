//! Reads one file from front to back and cuts it into blocks of records.

use std::io::{self, Read};

use memchr::{memchr_iter, memrchr};
use sha2::{Digest as _, Sha256};

use super::block::{Block, Cut, Cutting, FileEnd};
use super::elements::{Scanner, Step};
use super::input::InputFile;
use super::layout::{Layout, plan};
use super::open::Opened;
use super::wrapper::{Envelope, Rejoined, Unwrapper};
use super::yaml;
use crate::model::{Digest, FileId, Format};

/// Bytes in a block: large enough to amortise a hand-over, small enough to share out.
const BLOCK: usize = 1024 * 1024;
/// Bytes looked at before a layout is decided, unless the first record is longer.
const HEAD: usize = 64 * 1024;

/// Takes finished blocks.
type Emit<'e> = &'e mut dyn FnMut(Block);

/// Reads a file, emits its blocks in order, and tells how it ended. Never fails: what goes wrong
/// is part of the answer.
pub(super) fn cut_file(file: &InputFile, formats: &[&dyn Format], emit: Emit<'_>) -> FileEnd {
    let opened = match Opened::new(file.path.as_deref()) {
        Ok(opened) => opened,
        Err(error) => {
            return FileEnd {
                file: file.id,
                bytes: 0,
                sha256: Digest(Sha256::digest([]).into()),
                torn: None,
                unreadable: Some(error.to_string()),
                format: None,
            };
        }
    };
    let mut feed = Feed {
        opened,
        id: file.id,
        buffer: Vec::new(),
        base: 0,
        line: 1,
        ended: false,
    };
    let mut format = None;
    let result = feed.cut(&file.name, formats, &mut format, emit);
    let torn = result
        .err()
        .map(|error| (format!("unreadable stream: {error}"), feed.line, feed.base));
    match feed.opened.finish() {
        Ok((bytes, sha256)) => FileEnd {
            file: file.id,
            bytes,
            sha256,
            torn,
            unreadable: None,
            format,
        },
        Err(error) => FileEnd {
            file: file.id,
            bytes: 0,
            sha256: Digest(Sha256::digest([]).into()),
            torn,
            unreadable: Some(error.to_string()),
            format,
        },
    }
}

/// A file being read: the bytes from `base` on that were not handed over yet.
struct Feed {
    opened: Opened,
    id: FileId,
    buffer: Vec<u8>,
    base: u64,
    line: u64,
    ended: bool,
}

impl Feed {
    /// Reads until the buffer holds `wanted` bytes or the stream ends.
    ///
    /// A torn compressed stream first yields what it held: the error comes when the buffer is
    /// asked to grow again.
    fn fill(&mut self, wanted: usize) -> io::Result<()> {
        while self.buffer.len() < wanted && !self.ended {
            let missing = (wanted - self.buffer.len()) as u64;
            let read = self
                .opened
                .by_ref()
                .take(missing)
                .read_to_end(&mut self.buffer)?;
            self.ended = read == 0;
        }
        Ok(())
    }

    fn drop_front(&mut self, count: usize) {
        self.buffer.drain(..count);
        self.base += count as u64;
    }

    fn cut(
        &mut self,
        name: &str,
        formats: &[&dyn Format],
        format: &mut Option<usize>,
        emit: Emit<'_>,
    ) -> io::Result<()> {
        let mut wanted = HEAD;
        let mut torn = self.fill(wanted);
        let plan = loop {
            // What a torn stream held is still cut; the error is reported at the end.
            let whole = self.ended || torn.is_err();
            let plan = plan(name, &self.buffer, whole, formats);
            if plan.layout != Layout::Undecided || whole {
                break plan;
            }
            wanted = self.buffer.len().max(wanted) * 2;
            torn = self.fill(wanted);
        };
        *format = plan.format;
        let cut = match plan.layout {
            Layout::Lines => self.lines(None, plan.format, emit),
            Layout::Wrapped(envelope) => self.lines(Some(envelope), plan.format, emit),
            Layout::Elements => self.elements(plan.format, emit),
            Layout::Yaml => self.whole(|feed| feed.yaml(plan.format, emit)),
            Layout::Text { by_line } => self.whole(|feed| feed.text(by_line, plan.format, emit)),
            Layout::Unrecognised | Layout::Undecided => self.uncut(emit),
        };
        cut.and(torn)
    }

    /// Reads to the end, then cuts; a torn stream is cut as far as it goes.
    fn whole(&mut self, cut: impl FnOnce(&mut Feed)) -> io::Result<()> {
        let torn = self.fill(usize::MAX);
        cut(self);
        torn
    }

    fn lines(
        &mut self,
        envelope: Option<Envelope>,
        format: Option<usize>,
        emit: Emit<'_>,
    ) -> io::Result<()> {
        let mut unwrapper = envelope.map(Unwrapper::new);
        let mut wanted = BLOCK;
        loop {
            let torn = self.fill(wanted);
            let last = self.ended || torn.is_err();
            let end = match memrchr(b'\n', &self.buffer) {
                _ if last => self.buffer.len(),
                Some(at) => at + 1,
                None => {
                    wanted = self.buffer.len().max(BLOCK) * 2;
                    continue;
                }
            };
            wanted = BLOCK;
            let bytes = self.buffer.get(..end).unwrap_or(&[]).to_vec();
            let feeds = memchr_iter(b'\n', &bytes).count() as u64;
            let torn_line = last && bytes.last().is_some_and(|&byte| byte != b'\n');
            let (line, byte) = (self.line, self.base);
            self.drop_front(end);
            self.line += feeds + u64::from(torn_line);
            match &mut unwrapper {
                None if !bytes.is_empty() => {
                    let cut = Cut::Lines {
                        line,
                        byte,
                        torn: torn_line,
                    };
                    emit(Block {
                        file: self.id,
                        bytes,
                        cut,
                        format,
                    });
                }
                None => {}
                Some(unwrapper) => emit(self.unwrap(unwrapper, &bytes, line, byte, last, format)),
            }
            torn?;
            if last {
                return Ok(());
            }
        }
    }

    fn unwrap(
        &self,
        unwrapper: &mut Unwrapper,
        bytes: &[u8],
        mut line: u64,
        mut byte: u64,
        last: bool,
        format: Option<usize>,
    ) -> Block {
        let mut content = Vec::new();
        let mut cuttings = Vec::new();
        let mut take = |record: Rejoined| {
            let start = content.len();
            content.extend_from_slice(&record.text);
            cuttings.push(Cutting {
                start,
                end: content.len(),
                line: record.line,
                byte: record.byte,
                units: record.units,
                fault: None,
                sha256: Some(Digest(Sha256::digest(&record.first).into())),
                json: true,
            });
        };
        for whole in bytes.split_inclusive(|&byte| byte == b'\n') {
            let text = whole.strip_suffix(b"\n").unwrap_or(whole);
            let text = text.strip_suffix(b"\r").unwrap_or(text);
            if let Some(record) = unwrapper.line(text, line, byte) {
                take(record);
            }
            line += 1;
            byte += whole.len() as u64;
        }
        if last {
            unwrapper.finish().into_iter().for_each(take);
        }
        Block {
            file: self.id,
            bytes: content,
            cut: Cut::Records(cuttings),
            format,
        }
    }

    fn elements(&mut self, format: Option<usize>, emit: Emit<'_>) -> io::Result<()> {
        let mark = if self.buffer.starts_with(b"\xef\xbb\xbf") {
            3
        } else {
            0
        };
        let mut scanner = Scanner::new(mark);
        let mut wanted = BLOCK;
        loop {
            let torn = self.fill(wanted);
            let last = self.ended || torn.is_err();
            let mut cuttings = Vec::new();
            while let Step::Piece(piece) = scanner.step(&self.buffer, last) {
                cuttings.push(Cutting {
                    start: piece.start,
                    end: piece.end,
                    line: piece.line,
                    byte: self.base + piece.start as u64,
                    units: 1,
                    fault: piece.fault.map(str::to_owned),
                    sha256: None,
                    json: true,
                });
            }
            let done = scanner.consumed();
            if !cuttings.is_empty() {
                let bytes = self.buffer.get(..done).unwrap_or(&[]).to_vec();
                emit(Block {
                    file: self.id,
                    bytes,
                    cut: Cut::Records(cuttings),
                    format,
                });
            }
            self.line += memchr_iter(b'\n', self.buffer.get(..done).unwrap_or(&[])).count() as u64;
            self.drop_front(done);
            scanner.dropped(done);
            torn?;
            if last {
                return Ok(());
            }
            wanted = (self.buffer.len() * 2).max(BLOCK);
        }
    }

    fn yaml(&mut self, format: Option<usize>, emit: Emit<'_>) {
        let mut content = Vec::new();
        let mut cuttings = Vec::new();
        for document in yaml::documents(&self.buffer) {
            let start = content.len();
            let fault = match document.value {
                Ok(value) => {
                    content.extend_from_slice(value.to_string().as_bytes());
                    None
                }
                Err(reason) => Some(reason),
            };
            let source = self.buffer.get(document.start..document.end).unwrap_or(&[]);
            cuttings.push(Cutting {
                start,
                end: content.len(),
                line: document.line,
                byte: document.start as u64,
                units: 1,
                fault,
                sha256: Some(Digest(Sha256::digest(source).into())),
                json: true,
            });
        }
        emit(Block {
            file: self.id,
            bytes: content,
            cut: Cut::Records(cuttings),
            format,
        });
    }

    fn text(&mut self, by_line: bool, format: Option<usize>, emit: Emit<'_>) {
        let bytes = std::mem::take(&mut self.buffer);
        let units = if by_line { count_lines(&bytes) } else { 1 };
        let cutting = Cutting {
            start: 0,
            end: bytes.len(),
            line: 1,
            byte: 0,
            units,
            fault: None,
            sha256: None,
            json: false,
        };
        emit(Block {
            file: self.id,
            bytes,
            cut: Cut::Records(vec![cutting]),
            format,
        });
    }

    fn uncut(&mut self, emit: Emit<'_>) -> io::Result<()> {
        let mut lines = 0;
        let mut open = false;
        loop {
            let torn = self.fill(BLOCK);
            lines += memchr_iter(b'\n', &self.buffer).count() as u64;
            open = self.buffer.last().map_or(open, |&byte| byte != b'\n');
            let last = self.ended || torn.is_err();
            self.drop_front(self.buffer.len());
            if last {
                let lines = lines + u64::from(open);
                self.line += lines;
                emit(Block {
                    file: self.id,
                    bytes: Vec::new(),
                    cut: Cut::Uncut { lines },
                    format: None,
                });
                return torn;
            }
        }
    }
}

/// Lines of a text, a last one without line feed included.
fn count_lines(bytes: &[u8]) -> u64 {
    let open = bytes.last().is_some_and(|&byte| byte != b'\n');
    memchr_iter(b'\n', bytes).count() as u64 + u64::from(open)
}
