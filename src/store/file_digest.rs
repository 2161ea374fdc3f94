//! The digest of a file, and of what it begins with.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use sha2::{Digest as _, Sha256};

use crate::disk::digest_rest;
use crate::model::Digest;

/// The digests of the first `length` bytes of a file and of all of it.
pub(super) fn digests(path: &Path, length: u64) -> io::Result<(Digest, Digest)> {
    let mut file = File::open(path)?;
    let mut hash = Sha256::new();
    digest_rest(file.by_ref().take(length), &mut hash)?;
    let first = Digest(hash.clone().finalize().into());
    digest_rest(file, &mut hash)?;
    Ok((first, Digest(hash.finalize().into())))
}
