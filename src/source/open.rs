//! Opens an input read-only, hashes its bytes as stored, and decompresses them.

use std::cell::RefCell;
use std::fs::File;
use std::io::{self, BufReader, Chain, Cursor, Read};
use std::path::Path;
use std::rc::Rc;
use std::time::SystemTime;

use flate2::bufread::MultiGzDecoder;
use sha2::{Digest as _, Sha256};

use crate::disk;
use crate::model::Digest;

const GZIP: [u8; 2] = [0x1f, 0x8b];
const ZSTD: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];
/// How much is read from storage at once.
const STORED_BLOCK: usize = 256 * 1024;

/// What packs files in a way that is not opened here, by the bytes that it begins with.
const PACKED: [(&[u8], &str); 20] = [
    (b"PK\x03\x04", "a zip archive: unpack it"),
    (b"PK\x05\x06", "a zip archive: unpack it"),
    (b"PK\x07\x08", "a zip archive: unpack it"),
    (b"Rar!\x1a\x07", "a RAR archive: unpack it"),
    (b"\x1f\x9d", "compressed with compress: unpack it"),
    (b"\x04\x22\x4d\x18", "compressed with lz4: unpack it"),
    (b"LZIP", "compressed with lzip: unpack it"),
    (b"\xff\x06\0\0sNaPpY", "compressed with Snappy: unpack it"),
    (b"BZh", "compressed with bzip2: unpack it"),
    (b"\xfd7zXZ\0", "compressed with xz: unpack it"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive: unpack it"),
    (b"!<arch>\n", "an ar archive: unpack it"),
    (b"MSCF\0\0\0\0", "a cabinet archive: unpack it"),
    (b"xar!", "a xar archive: unpack it"),
    (b"hsqs", "a SquashFS image: unpack it"),
    (b"\x89LZO\0", "compressed with lzop: unpack it"),
    (b"PAR1", "a Parquet file: export it as JSON"),
    (b"Obj\x01", "an Avro file: export it as JSON"),
    (&GZIP, "compressed twice: unpack it once"),
    (&ZSTD, "compressed twice: unpack it once"),
];
/// Where the mark of a tar archive stands.
const TAR: usize = 257;

/// Why a file of which `head` is the beginning is not read: it packs other files.
pub(super) fn archive(head: &[u8]) -> Option<&'static str> {
    let packed = PACKED.iter().find(|(magic, _)| head.starts_with(magic));
    let tar = || {
        let mark = head.get(TAR..)?.starts_with(b"ustar");
        mark.then_some("a tar archive: unpack it")
    };
    let cpio = || is_cpio(head).then_some("a cpio archive: unpack it");
    packed.map(|(_, reason)| *reason).or_else(tar).or_else(cpio)
}

/// Whether what begins so is a cpio archive: digits that say so, and the numbers of the first file.
fn is_cpio(head: &[u8]) -> bool {
    let texts: [(&[u8], usize); 3] = [(b"070701", 110), (b"070702", 110), (b"070707", 76)];
    let text = texts.into_iter().any(|(mark, length)| {
        let header = head.get(..length).filter(|head| head.starts_with(mark));
        header.is_some_and(|header| header.iter().all(u8::is_ascii_hexdigit))
    });
    let bytes = [b"\xc7\x71", b"\x71\xc7"];
    text || bytes.into_iter().any(|mark| head.starts_with(mark))
}

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
    /// The file again, and what it was like when it was opened.
    watched: Option<(File, State)>,
}

/// What tells that a file is written while it is read.
#[derive(Clone, Copy, PartialEq, Eq)]
struct State {
    length: u64,
    modified: Option<SystemTime>,
}

impl State {
    fn of(file: &File) -> io::Result<State> {
        let metadata = file.metadata()?;
        Ok(State {
            length: metadata.len(),
            modified: metadata.modified().ok(),
        })
    }
}

impl Opened {
    /// Opens a file, or standard input for `None`. Compression is told by its magic bytes, never
    /// by the name; gzip members and zstd frames may follow one another.
    pub(super) fn new(path: Option<&Path>) -> io::Result<Opened> {
        let mut watched = None;
        let inner: Box<dyn Read> = match path {
            Some(path) => {
                let disk::Found { file, is_file } = disk::open(path)?;
                if is_file {
                    watched = Some((file.try_clone()?, State::of(&file)?));
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
        Ok(Opened {
            decoder,
            tally,
            watched,
        })
    }

    /// Reads what the decoder has not asked for, so that the digest covers the whole file, and
    /// returns size and digest of the stored bytes, and whether the file was written meanwhile.
    pub(super) fn finish(self) -> io::Result<(u64, Digest, bool)> {
        let mut rest = match self.decoder {
            Decoder::Plain(stored) => stored,
            Decoder::Gzip(decoder) => decoder.into_inner(),
            Decoder::Zstd(decoder) => decoder.finish(),
        };
        io::copy(&mut rest, &mut io::sink())?;
        drop(rest);
        let tally = self.tally.take();
        let changed = match &self.watched {
            Some((file, before)) => State::of(file)? != *before || tally.bytes != before.length,
            None => false,
        };
        Ok((tally.bytes, Digest(tally.hash.finalize().into()), changed))
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
        let (bytes, digest, changed) = opened.finish().unwrap();
        assert!(!changed);
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
    fn what_packs_files_is_told_by_its_bytes() {
        let mut tar = vec![b'a'; 512];
        tar[257..262].copy_from_slice(b"ustar");
        assert_eq!(archive(&tar), Some("a tar archive: unpack it"));
        assert_eq!(archive(b"PK\x03\x04rest"), Some("a zip archive: unpack it"));
        assert_eq!(
            archive(&gzip(b"x")),
            Some("compressed twice: unpack it once")
        );
        for (mark, length) in [("070701", 110), ("070702", 110), ("070707", 76)] {
            let header = format!("{mark:0<length$}");
            let reason = Some("a cpio archive: unpack it");
            assert_eq!(archive(header.as_bytes()), reason, "{mark}");
            assert_eq!(archive(format!("{mark} is a date").as_bytes()), None);
        }
        assert_eq!(archive(b"{\"a\":1}"), None);
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

    #[test]
    fn a_file_that_is_written_while_it_is_read_is_marked() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(b"one\n").unwrap();
        let mut opened = Opened::new(Some(file.path())).unwrap();
        opened.read_to_end(&mut Vec::new()).unwrap();
        file.write_all(b"two\n").unwrap();
        assert!(opened.finish().unwrap().2);
    }
}
