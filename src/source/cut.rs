//! Reads one file from front to back and cuts it into blocks of records.

use std::io;
use std::sync::Arc;

use memchr::{memchr_iter, memrchr};
use sha2::{Digest as _, Sha256};

use super::beside::Beside;
use super::block::{Block, Cut, Cutting, FileEnd, Shape};
use super::buffers::Buffers;
use super::elements::{Scan, Scanner, Step};
use super::envelope::{Envelope, Rejoined, Unwrapper};
use super::feed::{Feed, LONGEST_RECORD, LONGEST_TEXT, LONGEST_UTF16};
use super::frames::Frames;
use super::input::InputFile;
use super::layout::{Layout, contradiction, plan};
use super::open::{self, Opened};
use super::parse::UNKNOWN_FILE;
use super::printed;
use super::transcode::{Transcoded, Unicode};
use super::yaml;
use crate::model::{Digest, Format, unmarked};

/// Bytes in a block: large enough to amortise a hand-over, small enough to share out.
const BLOCK: usize = 1024 * 1024;
/// Bytes looked at before a layout is decided, unless they leave it open.
const HEAD: usize = 64 * 1024;
/// Bytes after which a file that is still undecided is of no kind that is read.
const LONGEST_HEAD: usize = 32 * 1024 * 1024;

/// Why a file that quotes records is skipped.
const QUOTING: &str = "records of another system quoted in a text that is not its log";
/// Why a text, a policy or a document that was not read to its end is rejected.
const TOO_LONG: &str = "longer than 128 MiB: not read";
/// Why a document is rejected from an element on.
const RECORD_TOO_LONG: &str = "an element longer than 128 MiB: it and what follows are not read";

/// Takes finished blocks.
type Emit<'e> = &'e mut dyn FnMut(Block);

/// Reads a file, emits its blocks in order, and tells how it ended. Never fails: what goes wrong
/// is part of the answer.
pub(super) fn cut_file(
    file: &InputFile,
    formats: &[&dyn Format],
    buffers: &Buffers,
    emit: Emit<'_>,
) -> FileEnd {
    // What lies at a path of theirs is missing from a format even where it cannot be opened.
    let hint = file.hint();
    let mut format = formats.iter().position(|format| format.owns(&hint));
    let mut end = FileEnd {
        file: file.id,
        bytes: 0,
        sha256: Digest(Sha256::digest([]).into()),
        torn: None,
        unreadable: file.refused.clone(),
        format,
        contradicts: None,
    };
    if end.unreadable.is_some() {
        return end;
    }
    let opened = match Opened::new(file.path.as_deref()) {
        Ok(opened) => opened,
        Err(error) => {
            end.unreadable = Some(error.to_string());
            return end;
        }
    };
    let mut feed = Feed::new(opened, file.id, buffers);
    let result = feed.cut(&hint, formats, &mut format, emit);
    end.torn = result
        .err()
        .map(|error| (format!("unreadable stream: {error}"), feed.line, feed.base));
    end.format = format;
    end.contradicts = feed.contradicts.take();
    match feed.finish() {
        Ok((bytes, sha256, changed)) => {
            (end.bytes, end.sha256) = (bytes, sha256);
            end.unreadable = changed.then(|| "the file changed while it was read".to_owned());
        }
        Err(error) => end.unreadable = Some(error.to_string()),
    }
    end
}

impl Feed<'_> {
    fn cut(
        &mut self,
        name: &str,
        formats: &[&dyn Format],
        format: &mut Option<usize>,
        emit: Emit<'_>,
    ) -> io::Result<()> {
        let mut wanted = HEAD;
        let mut torn = self.fill(wanted);
        if let Some(unicode) = Unicode::of(&self.buffer) {
            torn = torn.and_then(|()| self.fill(LONGEST_UTF16 + 1));
            if let Err(reason) = self.transcode(unicode) {
                return self.refuse(reason, None, emit).and(torn);
            }
        }
        if let Some(reason) = open::archive(&self.buffer) {
            return self.refuse(reason, None, emit).and(torn);
        }
        let plan = loop {
            // What a torn stream held is still cut; the error is reported at the end.
            let whole = self.ended || torn.is_err();
            let plan = plan(name, &self.buffer, whole, formats);
            if plan.layout != Layout::Undecided || whole || wanted >= LONGEST_HEAD {
                break plan;
            }
            wanted = self.buffer.len().max(wanted) * 2;
            torn = self.fill(wanted);
        };
        *format = plan.format;
        let whole = self.ended || torn.is_err();
        let other = contradiction(name, &self.buffer, whole, formats);
        self.contradicts = other.map(|other| (other, self.first_line()));
        let cut = match plan.layout {
            Layout::Lines { prefixed } => self.lines(prefixed, plan.format, emit),
            Layout::Wrapped(envelope) => self.wrapped(envelope, plan.format, emit),
            Layout::Elements => self.elements(Scanner::new, plan.format, emit),
            Layout::Pages => self.elements(Scanner::of_pages, plan.format, emit),
            Layout::Frames => self.pieces(&mut Frames::new(), Shape::Wrapped, plan.format, emit),
            Layout::Yaml => self.whole(plan.format, false, emit, Self::yaml),
            Layout::Text { by_line } => {
                self.whole(plan.format, by_line, emit, |feed, format, emit| {
                    feed.text(by_line, format, emit);
                })
            }
            Layout::Printed(reason) => self.refuse(reason, None, emit),
            Layout::Quoting => self.uncut(name, QUOTING, emit),
            Layout::Unrecognised | Layout::Undecided => self.uncut(name, UNKNOWN_FILE, emit),
        };
        cut.and(torn)
    }

    /// Reads to the end, then cuts; a torn stream is cut as far as it goes, and what is longer than
    /// is read is rejected whole.
    fn whole(
        &mut self,
        format: Option<usize>,
        by_line: bool,
        emit: Emit<'_>,
        cut: impl FnOnce(&mut Self, Option<usize>, Emit<'_>),
    ) -> io::Result<()> {
        let torn = self.fill(LONGEST_TEXT + 1);
        if self.buffer.len() > LONGEST_TEXT {
            let by_line = by_line.then_some(format).flatten();
            return self.refuse(TOO_LONG, by_line, emit);
        }
        cut(self, format, emit);
        torn
    }

    /// Rejects the whole file, by its lines where they are its units, and reads it to its end.
    fn refuse(
        &mut self,
        reason: &'static str,
        by_line: Option<usize>,
        emit: Emit<'_>,
    ) -> io::Result<()> {
        let mut hash = Sha256::new();
        let (line, byte) = (self.line, self.base);
        let mut lines = 0;
        let torn = self.drain(|bytes| {
            hash.update(bytes);
            lines += memchr_iter(b'\n', bytes).count() as u64;
        });
        let cutting = Cutting {
            start: 0,
            end: 0,
            line,
            byte,
            units: if by_line.is_some() { lines.max(1) } else { 1 },
            fault: Some(reason.to_owned()),
            length: 0,
            sha256: Some(Digest(hash.finalize().into())),
            shape: Shape::Text,
        };
        self.records(Vec::new(), vec![cutting], by_line, emit);
        torn
    }

    /// Turns the text of a file in UTF-16 into UTF-8, and keeps what leads back.
    fn transcode(&mut self, unicode: Unicode) -> Result<(), &'static str> {
        if self.buffer.len() > LONGEST_UTF16 {
            return Err("UTF-16 longer than 32 MiB: save it as UTF-8");
        }
        let stored = std::mem::take(&mut self.buffer);
        match Transcoded::new(unicode, stored) {
            Ok((text, transcoded)) => {
                self.buffer = text;
                self.origin = Some(Arc::new(transcoded));
                self.ended = true;
                Ok(())
            }
            Err((stored, reason)) => {
                self.buffer = stored;
                Err(reason)
            }
        }
    }

    fn records(
        &mut self,
        bytes: Vec<u8>,
        mut cuttings: Vec<Cutting>,
        format: Option<usize>,
        emit: Emit<'_>,
    ) {
        if let Some(origin) = &self.origin {
            for cutting in &mut cuttings {
                let (byte, end, sha256) = match cutting.shape {
                    Shape::Text => origin.whole(),
                    Shape::Json | Shape::Wrapped => origin.place(cutting.byte, cutting.length),
                };
                (cutting.byte, cutting.length) = (byte, end - byte);
                cutting.sha256 = Some(sha256);
            }
        }
        emit(Block {
            file: self.id,
            bytes,
            cut: Cut::Records(cuttings),
            format,
            origin: self.origin.clone(),
        });
    }

    /// The next lines of the file, its bytes and whether they are the last; one line that is too
    /// long for a record is rejected on the way.
    fn next_lines(
        &mut self,
        format: Option<usize>,
        emit: Emit<'_>,
    ) -> io::Result<Option<(Vec<u8>, bool)>> {
        let mut wanted = BLOCK;
        loop {
            let torn = self.fill(wanted);
            let last = self.ended || torn.is_err();
            let end = match memrchr(b'\n', &self.buffer) {
                _ if last => self.buffer.len(),
                Some(at) => at + 1,
                None if self.buffer.len() >= LONGEST_RECORD => {
                    self.too_long(format, emit)?;
                    wanted = BLOCK;
                    continue;
                }
                None => {
                    wanted = (self.buffer.len().max(BLOCK) * 2).min(LONGEST_RECORD);
                    continue;
                }
            };
            let bytes = self.take_front(end);
            if last {
                self.torn = torn.err();
            }
            return Ok(Some((bytes, last)));
        }
    }

    /// Rejects a line that is longer than a record may be; stands behind it afterwards.
    fn too_long(&mut self, format: Option<usize>, emit: Emit<'_>) -> io::Result<()> {
        let (line, byte) = (self.line, self.base);
        let (sha256, torn) = self.skip_line();
        self.line += 1;
        let cutting = Cutting {
            start: 0,
            end: 0,
            line,
            byte,
            units: 1,
            fault: Some("a line longer than 128 MiB".to_owned()),
            length: 0,
            sha256: Some(sha256),
            shape: Shape::Json,
        };
        self.records(Vec::new(), vec![cutting], format, emit);
        torn
    }

    fn lines(&mut self, prefixed: bool, format: Option<usize>, emit: Emit<'_>) -> io::Result<()> {
        while let Some((bytes, last)) = self.next_lines(format, emit)? {
            let torn = last && bytes.last().is_some_and(|&byte| byte != b'\n');
            let (line, byte) = (self.line, self.base - bytes.len() as u64);
            self.line += memchr_iter(b'\n', &bytes).count() as u64 + u64::from(torn);
            if !bytes.is_empty() {
                emit(Block {
                    file: self.id,
                    bytes,
                    cut: Cut::Lines {
                        line,
                        byte,
                        torn,
                        prefixed,
                    },
                    format,
                    origin: self.origin.clone(),
                });
            }
            if last {
                break;
            }
        }
        self.torn.take().map_or(Ok(()), Err)
    }

    fn wrapped(
        &mut self,
        envelope: Envelope,
        format: Option<usize>,
        emit: Emit<'_>,
    ) -> io::Result<()> {
        let mut unwrapper = Unwrapper::new(envelope);
        while let Some((bytes, last)) = self.next_lines(format, emit)? {
            let (line, byte) = (self.line, self.base - bytes.len() as u64);
            let open = last && bytes.last().is_some_and(|&byte| byte != b'\n');
            self.line += memchr_iter(b'\n', &bytes).count() as u64 + u64::from(open);
            self.unwrap(&mut unwrapper, &bytes, (line, byte), last, format, emit);
            self.buffers.give(bytes);
            if last {
                break;
            }
        }
        self.torn.take().map_or(Ok(()), Err)
    }

    fn unwrap(
        &mut self,
        unwrapper: &mut Unwrapper,
        bytes: &[u8],
        (mut line, mut byte): (u64, u64),
        last: bool,
        format: Option<usize>,
        emit: Emit<'_>,
    ) {
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
                length: record.length,
                units: record.units,
                fault: record.fault.map(str::to_owned),
                sha256: Some(record.sha256),
                shape: Shape::Wrapped,
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
        self.records(content, cuttings, format, emit);
    }

    fn elements(
        &mut self,
        scanner: fn(usize) -> Scanner,
        format: Option<usize>,
        emit: Emit<'_>,
    ) -> io::Result<()> {
        let mark = self.buffer.len() - unmarked(&self.buffer).len();
        self.pieces(&mut scanner(mark), Shape::Json, format, emit)
    }

    fn pieces(
        &mut self,
        scanner: &mut dyn Scan,
        shape: Shape,
        format: Option<usize>,
        emit: Emit<'_>,
    ) -> io::Result<()> {
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
                    length: (piece.end - piece.start) as u64,
                    units: 1,
                    fault: piece.fault.map(str::to_owned),
                    sha256: None,
                    shape,
                });
            }
            let done = scanner.consumed();
            let bytes = self.buffer.get(..done).unwrap_or(&[]);
            self.line += memchr_iter(b'\n', bytes).count() as u64;
            if !cuttings.is_empty() {
                self.records(bytes.to_vec(), cuttings, format, emit);
            }
            self.drop_front(done);
            scanner.dropped(done);
            torn?;
            if last {
                return Ok(());
            }
            if self.buffer.len() > LONGEST_RECORD {
                return self.refuse(RECORD_TOO_LONG, None, emit);
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
                length: source.len() as u64,
                units: 1,
                fault,
                sha256: Some(Digest(Sha256::digest(source).into())),
                shape: Shape::Json,
            });
        }
        self.records(content, cuttings, format, emit);
    }

    fn text(&mut self, by_line: bool, format: Option<usize>, emit: Emit<'_>) {
        let bytes = std::mem::take(&mut self.buffer);
        let cutting = Cutting {
            start: 0,
            end: bytes.len(),
            line: 1,
            byte: 0,
            length: bytes.len() as u64,
            units: if by_line { count_lines(&bytes) } else { 1 },
            fault: None,
            sha256: None,
            shape: Shape::Text,
        };
        self.records(bytes, vec![cutting], format, emit);
    }

    /// Passes over a file that nothing reads: for what printed it, where that is known.
    fn uncut(&mut self, name: &str, reason: &'static str, emit: Emit<'_>) -> io::Result<()> {
        let printed = printed::reason(&self.buffer);
        let mut beside = Beside::new(name, &self.buffer, self.ended);
        let (mut lines, mut last) = (0, b'\n');
        let torn = self.drain(|bytes| {
            lines += memchr_iter(b'\n', bytes).count() as u64;
            last = bytes.last().copied().unwrap_or(last);
            beside.see(bytes);
        });
        let reason = printed.or(beside.reason()).unwrap_or(reason);
        let lines = lines + u64::from(last != b'\n');
        self.line += lines;
        emit(Block {
            file: self.id,
            bytes: Vec::new(),
            cut: Cut::Uncut { lines, reason },
            format: None,
            origin: None,
        });
        torn
    }
}

/// Lines of a text, a last one without line feed included.
fn count_lines(bytes: &[u8]) -> u64 {
    let open = bytes.last().is_some_and(|&byte| byte != b'\n');
    memchr_iter(b'\n', bytes).count() as u64 + u64::from(open)
}
