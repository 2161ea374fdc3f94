//! Where what lies in a store, and how files there are made: private, beside, then renamed.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::Path;

use sha2::{Digest as _, Sha256};

use super::StoreError;
use crate::model::Digest;
use crate::scratch;

/// The catalogue: which files the store holds.
pub(super) const CATALOGUE: &str = "store.json";
/// Held by whoever writes, and shared by those who read.
pub(super) const LOCK: &str = "lock";
/// One account per input file.
pub(super) const ACCOUNTS: &str = "file";
/// Tables that were joined of what the store holds, a folder for each configuration and period.
pub(super) const JOINED: &str = "joined";
/// Begin the names of directories in which a run makes what it adds.
pub(super) const INCOMING: &str = "incoming-";
/// The folders of rows, each named as its table.
pub(super) const TABLES: [&str; 3] = ["record", "stated", "damaged"];

/// How rows of one input file are called: by its content and by its name, since a name may say what
/// the content is of.
pub(super) fn id(sha256: Digest, name: &str) -> String {
    let mut hash = Sha256::new();
    hash.update(env!("CARGO_PKG_VERSION"));
    hash.update(sha256.0);
    hash.update(name);
    format!("{:.32}", Digest(hash.finalize().into()))
}

/// Makes a directory, and those above it, that only this account can enter.
pub(super) fn make_directory(path: &Path) -> Result<(), StoreError> {
    scratch::create_directories(path).map_err(StoreError::io(path))
}

/// Writes a file beside and renames it to its place: whoever looks finds the old one or the new one,
/// whole.
pub(super) fn replace(from: &Path, to: &Path, bytes: &[u8]) -> Result<(), StoreError> {
    let mut file = scratch::create(from).map_err(StoreError::io(from))?;
    file.write_all(bytes).map_err(StoreError::io(from))?;
    file.sync_all().map_err(StoreError::io(from))?;
    drop(file);
    rename(from, to)
}

/// Moves a file to its place, for good.
pub(super) fn rename(from: &Path, to: &Path) -> Result<(), StoreError> {
    fs::rename(from, to).map_err(StoreError::io(to))?;
    sync_parent(to)
}

/// Waits until a file's content has reached the disk.
pub(super) fn sync(path: &Path) -> Result<(), StoreError> {
    let file = File::open(path).map_err(StoreError::io(path))?;
    file.sync_all().map_err(StoreError::io(path))
}

#[cfg(unix)]
fn sync_parent(path: &Path) -> Result<(), StoreError> {
    path.parent().map_or(Ok(()), sync)
}

#[cfg(not(unix))]
fn sync_parent(_: &Path) -> Result<(), StoreError> {
    Ok(())
}
