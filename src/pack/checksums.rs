//! `SHA256SUMS`: digests in the format that `sha256sum -c` reads.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{self, Read, Write};
use std::path::Path;

use sha2::{Digest as _, Sha256};

use crate::disk;
use crate::model::Digest;

/// What stands where a secret was: see [`crate::model::secret`].
const REDACTED: &[u8] = b"****[sha256:";

/// Passes bytes on, counting and hashing them.
pub(super) struct Hashing<W> {
    inner: W,
    sha256: Sha256,
    bytes: u64,
    redactions: u64,
    /// The last bytes, in which a mark of a redaction may begin.
    tail: Vec<u8>,
}

impl<W: Write> Hashing<W> {
    pub(super) fn new(inner: W) -> Hashing<W> {
        Hashing {
            inner,
            sha256: Sha256::new(),
            bytes: 0,
            redactions: 0,
            tail: Vec::with_capacity(2 * REDACTED.len()),
        }
    }

    /// How many places hold the mark of a redaction.
    pub(super) fn redactions(&self) -> u64 {
        self.redactions
    }

    /// Counts marks, also one that two writes share.
    fn count(&mut self, bytes: &[u8]) {
        let most = REDACTED.len() - 1;
        let count = |text: &[u8]| memchr::memmem::find_iter(text, REDACTED).count() as u64;
        self.redactions += count(bytes);
        let head = bytes.get(..most).unwrap_or(bytes);
        // Neither half is as long as a mark: what is found lies across.
        self.tail.extend_from_slice(head);
        self.redactions += count(&self.tail);
        if bytes.len() > most {
            let last = bytes.get(bytes.len() - most..).unwrap_or_default();
            self.tail.clear();
            self.tail.extend_from_slice(last);
        } else {
            let gone = self.tail.len().saturating_sub(most);
            self.tail.drain(..gone);
        }
    }

    /// The writer, the bytes that went through it and their digest.
    pub(super) fn finish(self) -> (W, u64, Digest) {
        (
            self.inner,
            self.bytes,
            Digest(self.sha256.finalize().into()),
        )
    }
}

impl<W: Write> Write for Hashing<W> {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(buffer)?;
        // `written` is at most the length of the buffer, by the contract of `Write`.
        let taken = buffer.get(..written).unwrap_or(buffer);
        self.sha256.update(taken);
        self.count(taken);
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

/// The digest of some bytes.
pub(super) fn digest(bytes: &[u8]) -> Digest {
    Digest::of(bytes)
}

/// Size and digest of everything a reader has left.
pub(super) fn digest_of(reader: impl Read) -> io::Result<(u64, Digest)> {
    let mut sha256 = Sha256::new();
    let bytes = disk::digest_rest(reader, &mut sha256)?;
    Ok((bytes, Digest(sha256.finalize().into())))
}

/// The digest of a file, in hexadecimal.
///
/// # Errors
///
/// It cannot be read.
pub fn file_sha256(path: &Path) -> io::Result<String> {
    let (_, sha256) = digest_of(disk::open_file(path)?)?;
    Ok(sha256.to_string())
}

/// Whether a file of a pack may have this name: relative, inside the pack, and one that
/// `sha256sum` writes without escapes.
pub(super) fn is_plain(path: &str) -> bool {
    !path.contains('\\')
        && !path.chars().any(char::is_control)
        && path
            .split('/')
            .all(|part| !part.is_empty() && part != "." && part != "..")
}

/// The text of the list.
pub(super) fn render(sums: &BTreeMap<String, Digest>) -> String {
    sums.iter().fold(String::new(), |mut text, (path, sha256)| {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{sha256}  {path}");
        text
    })
}

/// Reads the list; the error is the first line that is not of the format, from 1.
pub(super) fn parse(text: &str) -> Result<BTreeMap<String, String>, usize> {
    let mut sums = BTreeMap::new();
    for (index, line) in text.split_terminator('\n').enumerate() {
        let entry = line.split_once("  ").filter(|(sha256, path)| {
            sha256.len() == 64
                && sha256
                    .bytes()
                    .all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
                && is_plain(path)
        });
        let Some((sha256, path)) = entry else {
            return Err(index + 1);
        };
        if sums.insert(path.to_owned(), sha256.to_owned()).is_some() {
            return Err(index + 1);
        }
    }
    // Sorted, a line feed after every line, nothing else: what is written and no other spelling.
    let written: String = sums
        .iter()
        .map(|(path, sha256)| format!("{sha256}  {path}\n"))
        .collect();
    if written != text {
        let same = written
            .bytes()
            .zip(text.bytes())
            .take_while(|(a, b)| a == b);
        let before = text.as_bytes().get(..same.count()).unwrap_or_default();
        return Err(before.iter().filter(|byte| **byte == b'\n').count() + 1);
    }
    Ok(sums)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_reads_back_and_the_digest_is_sha256() {
        let empty = digest(b"");
        assert!(empty.to_string().starts_with("e3b0c44298fc1c14"));
        let sums = BTreeMap::from([("data/a.csv".to_owned(), empty)]);
        let text = render(&sums);
        assert_eq!(text, format!("{empty}  data/a.csv\n"));
        assert_eq!(parse(&text).unwrap()["data/a.csv"], empty.to_string());
    }

    #[test]
    fn redactions_are_counted_however_they_are_written() {
        let text = b"hvs.****[sha256:4a5559c9] and ****[sha256:0], ***[sha256:1], ****[sha256:";
        for piece in 1..text.len() {
            let mut out = Hashing::new(Vec::new());
            for part in text.chunks(piece) {
                out.write_all(part).unwrap();
            }
            assert_eq!(out.redactions(), 3, "by {piece}");
        }
    }

    #[test]
    fn a_list_that_leaves_the_pack_or_repeats_a_name_is_refused() {
        let sha = "0".repeat(64);
        for bad in [
            format!("{sha}  ../etc/passwd\n"),
            format!("{sha}  /etc/passwd\n"),
            format!("{sha} a\n"),
            format!("{}  a\n", "0".repeat(63)),
            format!("{sha}  a\n{sha}  a\n"),
            format!("{sha}  a\r\n"),
            format!("{sha}  a"),
            format!("{sha}  a\n\n"),
            format!("{sha}  b\n{sha}  a\n"),
            format!("{sha}  a\n{sha}  a\u{85}\n"),
        ] {
            assert!(parse(&bad).is_err(), "{bad}");
        }
    }
}
