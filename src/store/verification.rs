//! Whether a store holds what was written, and whether the inputs are still what was read.

use std::path::Path;

use super::file_digest::digests;
use super::reader::whole;
use super::{InputStore, StoreError};

/// What was found of one input file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verified {
    /// It is there, and what was read.
    Same(String),
    /// It is not there any more.
    Gone(String),
    /// It is another.
    Other(String),
    /// It begins with what was read.
    Grown(String),
}

/// Reads every file of the store and holds it against its digest, then every input that is there.
///
/// # Errors
///
/// A file of the store is not what was written.
pub fn verify(store: &InputStore) -> Result<Vec<Verified>, StoreError> {
    for joined in store.all_joined()? {
        joined.verify()?;
    }
    let mut found = Vec::new();
    for entry in &store.catalogue.files {
        let account = store.account(entry)?;
        for part in account.runs.iter().flat_map(|run| &run.parts) {
            whole(&store.directory.join(&part.path), part.sha256)?;
        }
        let name = entry.name.clone();
        let path = entry.path.as_deref().map(Path::new);
        let Some(path) = path.filter(|path| path.exists()) else {
            found.push(Verified::Gone(name));
            continue;
        };
        let digests = digests(path, entry.bytes).map_err(StoreError::io(path))?;
        found.push(match digests {
            (_, all) if all == entry.sha256 => Verified::Same(name),
            (first, _) if first == entry.sha256 => Verified::Grown(name),
            _ => Verified::Other(name),
        });
    }
    Ok(found)
}
