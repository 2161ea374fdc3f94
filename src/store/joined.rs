//! Tables that were joined of a store, kept in it: the next question need not join them again.
//!
//! They are made of what the store holds and of what `made_of` stands for (the configuration, the
//! period, the version), and lie in a folder that is named by both. A folder never changes once it is
//! in its place; `ingest` removes those of a store that has become another.

use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::catalogue::PartAccount;
use super::reader::whole;
use super::{InputStore, StoreError, layout};
use crate::model::Digest;
use crate::scratch::Scratch;
use crate::table::engine::{KeptPart, Store};

/// Schema of the account of a folder.
const SCHEMA: &str = "piperoll/joined/1";
/// The account of a folder.
const ACCOUNT: &str = "joined.json";
/// How many folders a store keeps: one for each configuration and period that was asked.
const MOST: usize = 8;

/// What lies in a folder.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Account {
    schema: String,
    made_of: Digest,
    /// What was said of inputs that could not be read.
    said: String,
    /// Whether every input could be read, if only in part.
    readable: bool,
    parts: Vec<PartAccount>,
}

/// Joined tables of an earlier run.
#[derive(Debug)]
pub struct Joined {
    directory: PathBuf,
    account: Account,
}

/// What became of tables that were to be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keeping {
    /// They are there.
    Kept,
    /// The store keeps as many as it does already.
    Full,
}

impl Joined {
    /// What was said of inputs that could not be read when they were joined.
    #[must_use]
    pub fn said(&self) -> &str {
        &self.account.said
    }

    /// Whether every input could be read, if only in part.
    #[must_use]
    pub fn readable(&self) -> bool {
        self.account.readable
    }

    /// The tables, of which those that `asked` names are held against their digests and can be read;
    /// the others are empty.
    ///
    /// # Errors
    ///
    /// A file is not what was written.
    pub fn tables(&self, asked: impl Fn(&str) -> bool) -> Result<Store, StoreError> {
        let mut files = Vec::new();
        for part in self.account.parts.iter().filter(|part| asked(&part.table)) {
            let path = self.directory.join(&part.path);
            whole(&path, part.sha256)?;
            files.push((part.table.as_str(), path, part.rows));
        }
        let store = Store::of_files(files);
        store.ok_or_else(|| {
            let account = self.directory.join(ACCOUNT);
            StoreError::damaged(&account, "it names a table that there is not")
        })
    }

    /// Holds every file against its digest.
    pub(super) fn verify(&self) -> Result<(), StoreError> {
        self.tables(|_| true).map(|_| ())
    }
}

impl InputStore {
    /// The tables that were joined of what the store holds now and of `made_of`, where they are kept.
    ///
    /// # Errors
    ///
    /// They are damaged, or a file that is kept by reference is not what it was.
    pub fn joined(&self, made_of: Digest) -> Result<Option<Joined>, StoreError> {
        let directory = self.joined_directory(made_of);
        if !directory.is_dir() {
            return Ok(None);
        }
        for entry in &self.catalogue.files {
            if self.account(entry)?.by_reference {
                self.is_as_it_was(entry)?;
            }
        }
        Ok(Some(opened(directory, Some(made_of))?))
    }

    /// Keeps tables that were joined, with what was said of inputs that could not be read.
    ///
    /// # Errors
    ///
    /// They cannot be written: the store is what it was.
    pub fn keep_joined(
        &self,
        made_of: Digest,
        tables: &Store,
        said: &str,
        readable: bool,
    ) -> Result<Keeping, StoreError> {
        let place = self.joined_directory(made_of);
        if place.is_dir() {
            return Ok(Keeping::Kept);
        }
        let folder = self.directory.join(layout::JOINED);
        layout::make_directory(&folder)?;
        let kept = fs::read_dir(&folder).map_err(StoreError::io(&folder))?;
        if kept.count() >= MOST {
            return Ok(Keeping::Full);
        }
        let incoming = Scratch::new_in_swept(&self.directory, layout::INCOMING)
            .map_err(StoreError::io(&self.directory))?;
        let made = incoming.path().join("made");
        layout::make_directory(&made)?;
        let mut parts = Vec::new();
        for part in tables.keep(&made)? {
            parts.push(account_of(&made, part)?);
        }
        let account = Account {
            schema: SCHEMA.to_owned(),
            made_of,
            said: said.to_owned(),
            readable,
            parts,
        };
        let path = made.join(ACCOUNT);
        let text =
            serde_json::to_vec(&account).map_err(|error| StoreError::damaged(&path, error))?;
        layout::replace(&incoming.path().join("account"), &path, &text)?;
        // Another question may have been quicker with the same tables.
        if !place.exists() {
            layout::rename(&made, &place)?;
        }
        Ok(Keeping::Kept)
    }

    /// Every folder of joined tables.
    ///
    /// # Errors
    ///
    /// The store cannot be read, or the account of a folder is damaged.
    pub(super) fn all_joined(&self) -> Result<Vec<Joined>, StoreError> {
        let folders = self.joined_folders()?.into_iter();
        folders.map(|folder| opened(folder, None)).collect()
    }

    /// Removes joined tables of a store that was another.
    pub(super) fn sweep_joined(&self) -> Result<(), StoreError> {
        let current = self.joined_prefix();
        for folder in self.joined_folders()? {
            let name = folder.file_name().unwrap_or_default().to_string_lossy();
            if !name.starts_with(&current) {
                fs::remove_dir_all(&folder).map_err(StoreError::io(&folder))?;
            }
        }
        Ok(())
    }

    fn joined_folders(&self) -> Result<Vec<PathBuf>, StoreError> {
        let folder = self.directory.join(layout::JOINED);
        if !folder.is_dir() {
            return Ok(Vec::new());
        }
        let entries = fs::read_dir(&folder).map_err(StoreError::io(&folder))?;
        let mut folders = Vec::new();
        for entry in entries {
            folders.push(entry.map_err(StoreError::io(&folder))?.path());
        }
        folders.sort();
        Ok(folders)
    }

    /// What the names of the folders begin with that are of what the store holds now.
    fn joined_prefix(&self) -> String {
        format!("{:.16}-", self.digest())
    }

    fn joined_directory(&self, made_of: Digest) -> PathBuf {
        let name = format!("{}{made_of:.16}", self.joined_prefix());
        self.directory.join(layout::JOINED).join(name)
    }
}

/// The account of a folder, if it is of what it should be.
fn opened(directory: PathBuf, made_of: Option<Digest>) -> Result<Joined, StoreError> {
    let path = directory.join(ACCOUNT);
    let bytes = fs::read(&path).map_err(StoreError::io(&path))?;
    let account: Account =
        serde_json::from_slice(&bytes).map_err(|error| StoreError::damaged(&path, error))?;
    let other = made_of.is_some_and(|made_of| made_of != account.made_of);
    if account.schema != SCHEMA || other {
        return Err(StoreError::damaged(&path, "it is of other tables"));
    }
    Ok(Joined { directory, account })
}

/// What is noted of one file, which lies in `made`.
fn account_of(made: &Path, part: KeptPart) -> Result<PartAccount, StoreError> {
    let path = made.join(&part.file);
    let bytes = fs::read(&path).map_err(StoreError::io(&path))?;
    layout::sync(&path)?;
    Ok(PartAccount {
        table: part.table.to_owned(),
        path: part.file,
        rows: part.rows,
        bytes: bytes.len() as u64,
        sha256: Digest::of(&bytes),
    })
}
