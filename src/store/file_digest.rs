//! The digest of a file, and of what it begins with.

use std::fs::File;
use std::io;
use std::path::Path;

use sha2::{Digest as _, Sha256};

use crate::model::Digest;

/// The digests of the first `length` bytes of a file and of all of it.
pub(super) fn digests(path: &Path, length: u64) -> io::Result<(Digest, Digest)> {
    let mut file = File::open(path)?;
    let mut hash = Hashing(Sha256::new());
    io::copy(&mut io::Read::take(&mut file, length), &mut hash)?;
    let first = Digest(hash.0.clone().finalize().into());
    io::copy(&mut file, &mut hash)?;
    Ok((first, Digest(hash.0.finalize().into())))
}

struct Hashing(Sha256);

impl io::Write for Hashing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
