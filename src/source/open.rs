//! Opens an input read-only, hashes its bytes as stored, and decompresses them.

use std::cell::RefCell;
use std::fs::File;
use std::io::{self, BufReader, Chain, Cursor, Read};
use std::path::Path;
use std::rc::Rc;

use flate2::bufread::MultiGzDecoder;
use sha2::{Digest as _, Sha256};

use crate::model::Digest;

const GZIP: [u8; 2] = [0x1f, 0x8b];
const ZSTD: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];
/// How much is read from storage at once.
const STORED_BLOCK: usize = 256 * 1024;

/// What is known of the stored bytes read so far.
#[derive(Default)]
struct Tally {
    hash: Sha256,
    bytes: u64,
}

/// A reader that hashes what passes through it.
struct Hashing<R> {
    inner: R,
    tally: Rc<RefCell<Tally>>,
}

impl<R: Read> Read for Hashing<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        let mut tally = self.tally.borrow_mut();
        tally.hash.update(buffer.get(..count).unwrap_or(&[]));
        tally.bytes += count as u64;
        Ok(count)
    }
}

type Stored = BufReader<Chain<Cursor<Vec<u8>>, Hashing<Box<dyn Read>>>>;

enum Decoder {
    Plain(Stored),
    Gzip(Box<MultiGzDecoder<Stored>>),
    Zstd(Box<zstd::stream::read::Decoder<'static, Stored>>),
}

/// An open input: a reader of its decompressed bytes.
pub(super) struct Opened {
    decoder: Decoder,
    tally: Rc<RefCell<Tally>>,
}

impl Opened {
    /// Opens a file, or standard input for `None`. Compression is told by its magic bytes, never
    /// by the name; gzip members and zstd frames may follow one another.
    pub(super) fn new(path: Option<&Path>) -> io::Result<Opened> {
        let inner: Box<dyn Read> = match path {
            Some(path) => {
                let file = File::open(path)?;
                if file.metadata()?.is_dir() {
                    return Err(io::Error::new(
                        io::ErrorKind::IsADirectory,
                        "is a directory",
                    ));
                }
                Box::new(file)
            }
            None => Box::new(io::stdin()),
        };
        let tally = Rc::new(RefCell::new(Tally::default()));
        let mut hashing = Hashing {
            inner,
            tally: Rc::clone(&tally),
        };
        let mut magic = Vec::new();
        hashing.by_ref().take(4).read_to_end(&mut magic)?;
        let (gzip, zstd) = (magic.starts_with(&GZIP), magic.starts_with(&ZSTD));
        let stored = BufReader::with_capacity(STORED_BLOCK, Cursor::new(magic).chain(hashing));
        let decoder = if gzip {
            Decoder::Gzip(Box::new(MultiGzDecoder::new(stored)))
        } else if zstd {
            Decoder::Zstd(Box::new(zstd::stream::read::Decoder::with_buffer(stored)?))
        } else {
            Decoder::Plain(stored)
        };
        Ok(Opened { decoder, tally })
    }

    /// Reads what the decoder has not asked for, so that the digest covers the whole file, and
    /// returns size and digest of the stored bytes.
    pub(super) fn finish(self) -> io::Result<(u64, Digest)> {
        let mut rest = match self.decoder {
            Decoder::Plain(stored) => stored,
            Decoder::Gzip(decoder) => decoder.into_inner(),
            Decoder::Zstd(decoder) => decoder.finish(),
        };
        io::copy(&mut rest, &mut io::sink())?;
        drop(rest);
        let tally = self.tally.take();
        Ok((tally.bytes, Digest(tally.hash.finalize().into())))
    }
}

impl Read for Opened {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match &mut self.decoder {
            Decoder::Plain(stored) => stored.read(buffer),
            Decoder::Gzip(decoder) => decoder.read(buffer),
            Decoder::Zstd(decoder) => decoder.read(buffer),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn read(stored: &[u8]) -> (Vec<u8>, u64, Digest) {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(stored).unwrap();
        let mut opened = Opened::new(Some(file.path())).unwrap();
        let mut out = Vec::new();
        opened.read_to_end(&mut out).unwrap();
        let (bytes, digest) = opened.finish().unwrap();
        (out, bytes, digest)
    }

    fn gzip(text: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn all_gzip_members_are_read_and_the_digest_is_of_the_stored_bytes() {
        let stored = [gzip(b"one\n"), gzip(b"two\n")].concat();
        let (text, bytes, digest) = read(&stored);
        assert_eq!(text, b"one\ntwo\n");
        assert_eq!(bytes, stored.len() as u64);
        assert_eq!(digest, Digest(Sha256::digest(&stored).into()));
    }

    #[test]
    fn several_zstd_frames_are_read() {
        let frame = |text: &[u8]| zstd::encode_all(text, 3).unwrap();
        let stored = [frame(b"one\n"), frame(b"two\n")].concat();
        assert_eq!(read(&stored).0, b"one\ntwo\n");
    }

    #[test]
    fn short_plain_files_are_not_taken_for_compressed_ones() {
        for text in [&b""[..], b"a", b"abc", b"{}\n"] {
            assert_eq!(read(text).0, text);
        }
    }

    #[test]
    fn a_truncated_gzip_stream_yields_its_start_and_an_error() {
        let whole = gzip(&b"line\n".repeat(10_000));
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(&whole[..whole.len() - 12]).unwrap();
        let mut opened = Opened::new(Some(file.path())).unwrap();
        let mut out = Vec::new();
        assert!(opened.read_to_end(&mut out).is_err());
        assert!(!out.is_empty());
    }
}
