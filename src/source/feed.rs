//! The bytes of one file on their way to being cut: read on demand, in bounded amounts.

use std::io::{self, Read};
use std::sync::Arc;

use memchr::memchr;
use sha2::{Digest as _, Sha256};

use super::buffers::Buffers;
use super::open::Opened;
use super::transcode::Transcoded;
use crate::model::{Digest, FileId, Place};

/// The longest record, in bytes.
pub(super) const LONGEST_RECORD: usize = 128 * 1024 * 1024;
/// The longest file that is read whole: a trace, a policy, a YAML document.
pub(super) const LONGEST_TEXT: usize = 128 * 1024 * 1024;
/// The longest file in UTF-16.
pub(super) const LONGEST_UTF16: usize = 32 * 1024 * 1024;
/// How much is read at once.
const DRAINED: usize = 1024 * 1024;

/// A file being read: the bytes from `base` on that were not handed over yet.
pub(super) struct Feed<'b> {
    opened: Opened,
    pub(super) buffers: &'b Buffers,
    pub(super) id: FileId,
    pub(super) buffer: Vec<u8>,
    pub(super) base: u64,
    pub(super) line: u64,
    pub(super) ended: bool,
    /// Why the stream could not be read further, where that is said after what it held.
    pub(super) torn: Option<io::Error>,
    /// What the text was made of, where it is not what is stored.
    pub(super) origin: Option<Arc<Transcoded>>,
    /// The format that the content is of against what the path says, and its first line.
    pub(super) contradicts: Option<(usize, Place)>,
}

impl<'b> Feed<'b> {
    pub(super) fn new(opened: Opened, id: FileId, buffers: &'b Buffers) -> Feed<'b> {
        Feed {
            opened,
            buffers,
            id,
            buffer: buffers.take(),
            base: 0,
            line: 1,
            ended: false,
            torn: None,
            origin: None,
            contradicts: None,
        }
    }

    /// Where the first line is that is not blank, as far as the buffer goes.
    pub(super) fn first_line(&self) -> Place {
        let blank = self
            .buffer
            .iter()
            .take_while(|byte| byte.is_ascii_whitespace());
        let blank = blank.count();
        let (before, rest) = self.buffer.split_at(blank);
        let end = memchr(b'\n', rest).unwrap_or(rest.len());
        let feeds = before.iter().filter(|byte| **byte == b'\n').count();
        Place {
            file: self.id,
            line: self.line + feeds as u64,
            byte: self.base + blank as u64,
            sha256: Digest(Sha256::digest(rest.get(..end).unwrap_or(rest)).into()),
        }
    }

    /// Reads until the buffer holds `wanted` bytes or the stream ends.
    ///
    /// A torn compressed stream first yields what it held: the error comes when the buffer is
    /// asked to grow again.
    pub(super) fn fill(&mut self, wanted: usize) -> io::Result<()> {
        while self.buffer.len() < wanted && !self.ended {
            let before = self.buffer.len();
            self.buffer.resize(wanted.min(before + DRAINED), 0);
            let free = self.buffer.get_mut(before..).unwrap_or(&mut []);
            let read = self.opened.read(free);
            self.buffer
                .truncate(before + read.as_ref().map_or(0, |read| *read));
            match read {
                Ok(read) => self.ended = read == 0,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// The first `count` bytes, in the memory that they were read to; what follows them is moved.
    pub(super) fn take_front(&mut self, count: usize) -> Vec<u8> {
        let mut rest = self.buffers.take();
        rest.extend_from_slice(self.buffer.get(count..).unwrap_or(&[]));
        let mut front = std::mem::replace(&mut self.buffer, rest);
        front.truncate(count);
        self.base += count as u64;
        front
    }

    pub(super) fn drop_front(&mut self, count: usize) {
        self.buffer.drain(..count);
        self.base += count as u64;
    }

    /// Shows `seen` all that is left of the stream and keeps nothing of it.
    pub(super) fn drain(&mut self, mut seen: impl FnMut(&[u8])) -> io::Result<()> {
        loop {
            let torn = self.fill(DRAINED);
            seen(&self.buffer);
            self.drop_front(self.buffer.len());
            if self.ended || torn.is_err() {
                return torn;
            }
        }
    }

    /// Passes over the line that the buffer begins with; gives its digest.
    pub(super) fn skip_line(&mut self) -> (Digest, io::Result<()>) {
        let mut hash = Sha256::new();
        loop {
            let feed = memchr(b'\n', &self.buffer);
            hash.update(
                self.buffer
                    .get(..feed.unwrap_or(self.buffer.len()))
                    .unwrap_or(&[]),
            );
            self.drop_front(feed.map_or(self.buffer.len(), |at| at + 1));
            let torn = match feed {
                None if !self.ended => self.fill(DRAINED),
                _ => Ok(()),
            };
            if feed.is_some() || self.ended || torn.is_err() {
                return (Digest(hash.finalize().into()), torn);
            }
        }
    }

    /// Size and digest of what is stored, and whether it changed meanwhile.
    pub(super) fn finish(self) -> io::Result<(u64, Digest, bool)> {
        self.buffers.give(self.buffer);
        self.opened.finish()
    }
}
