//! Digests of what is read, by pieces that fit a cache.

use std::io::{self, ErrorKind, Read};

use sha2::{Digest as _, Sha256};

/// Bytes that are asked for at once.
const PIECE: usize = 1 << 16;

/// Takes all that a reader has left into a digest, and says how many bytes that was.
///
/// # Errors
///
/// It cannot be read.
pub fn digest_rest(mut reader: impl Read, digest: &mut Sha256) -> io::Result<u64> {
    let mut piece = vec![0; PIECE];
    let mut all = 0;
    loop {
        let read = match reader.read(&mut piece) {
            Ok(0) => return Ok(all),
            Ok(read) => read,
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        // At most what was asked for, by the contract of `Read`.
        digest.update(piece.get(..read).unwrap_or_default());
        all += read as u64;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    /// Gives a few bytes at a time, and is interrupted before each.
    struct Halting(Cursor<Vec<u8>>, bool);

    impl Read for Halting {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            self.1 = !self.1;
            if self.1 {
                return Err(ErrorKind::Interrupted.into());
            }
            let some = buffer.len().min(7);
            self.0.read(&mut buffer[..some])
        }
    }

    #[test]
    fn however_it_is_read_the_digest_is_that_of_all_bytes() {
        for length in [0, 1, 7, PIECE, PIECE + 1, 3 * PIECE - 5] {
            let bytes: Vec<u8> = (0..length).map(|at| (at % 251) as u8).collect();
            let whole = Sha256::digest(&bytes);
            for halting in [false, true] {
                let mut digest = Sha256::new();
                let reader = Cursor::new(bytes.clone());
                let read = if halting {
                    digest_rest(Halting(reader, false), &mut digest)
                } else {
                    digest_rest(reader, &mut digest)
                };
                assert_eq!(read.unwrap(), length as u64);
                assert_eq!(digest.finalize(), whole, "{length}");
            }
        }
    }

    #[test]
    fn what_cannot_be_read_is_an_error() {
        struct Broken;
        impl Read for Broken {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                Err(ErrorKind::PermissionDenied.into())
            }
        }
        assert!(digest_rest(Broken, &mut Sha256::new()).is_err());
    }
}
