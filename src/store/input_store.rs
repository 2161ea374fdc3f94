//! A store: opened to read what was read out of the inputs.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::mpsc::sync_channel;
use std::thread;

use super::catalogue::{Account, Catalogue, Entry, READER, SCHEMA};
use super::file_digest::digests;
use super::reader::{Reader, whole};
use super::{Shard, StoreError, layout};
use crate::model::{Cited, Digest, Extent, FileId, Format, Place};
use crate::scratch;
use crate::source::{Ended, InputFile, Output, Sought, ingest};
use crate::table::row::Harvest;

/// What was read out of input files, kept in a directory.
#[derive(Debug)]
pub struct InputStore {
    pub(super) directory: PathBuf,
    pub(super) catalogue: Catalogue,
    /// Held as long as the store is in use; none on a file system without locks.
    _lock: Option<File>,
}

impl InputStore {
    /// Opens a store to read it.
    ///
    /// # Errors
    ///
    /// It is no store, of another version, damaged, being written, or one of several shards.
    pub fn open(directory: &Path) -> Result<InputStore, StoreError> {
        let store = InputStore::open_any(directory)?;
        match store.catalogue.shard {
            None => Ok(store),
            Some(shard) => Err(StoreError::Part {
                directory: directory.to_owned(),
                shard,
            }),
        }
    }

    /// Opens a shard to read it.
    ///
    /// # Errors
    ///
    /// As [`InputStore::open`], and where it is no shard.
    pub fn open_shard(directory: &Path) -> Result<(Shard, InputStore), StoreError> {
        let store = InputStore::open_any(directory)?;
        let shard = store.catalogue.shard.ok_or_else(|| StoreError::Shards {
            directory: directory.to_owned(),
            reason: "it is a store of its own and no shard".to_owned(),
        })?;
        Ok((shard, store))
    }

    /// Opens a store to read it, whether it holds all of the inputs or is a shard.
    ///
    /// # Errors
    ///
    /// As [`InputStore::open`].
    pub fn open_any(directory: &Path) -> Result<InputStore, StoreError> {
        let none = |reason: &str| StoreError::None {
            directory: directory.to_owned(),
            reason: reason.to_owned(),
        };
        if !directory.exists() {
            return Err(none("it does not exist"));
        }
        if !directory.join(layout::CATALOGUE).is_file() {
            return Err(none(&format!("it has no `{}`", layout::CATALOGUE)));
        }
        let lock = File::open(directory.join(layout::LOCK)).ok();
        if let Some(lock) = &lock
            && let Err(TryLockError::WouldBlock) = lock.try_lock_shared()
        {
            return Err(locked(directory, "it is being written"));
        }
        let catalogue = catalogue(directory)?;
        if catalogue.reader != READER {
            return Err(StoreError::Reader {
                directory: directory.to_owned(),
                found: catalogue.reader,
                expected: READER,
            });
        }
        Ok(InputStore {
            directory: directory.to_owned(),
            catalogue,
            _lock: lock,
        })
    }

    /// Opens a store to write it, or makes one of an empty directory or where there is none.
    ///
    /// # Errors
    ///
    /// The directory holds something else, or somebody is at it.
    pub fn open_to_write(directory: &Path) -> Result<InputStore, StoreError> {
        let found = directory.join(layout::CATALOGUE).is_file();
        let made = found || directory.join(layout::LOCK).is_file();
        if !made && directory.exists() {
            let mut entries = fs::read_dir(directory).map_err(StoreError::io(directory))?;
            if entries.next().is_some() {
                return Err(StoreError::Foreign(directory.to_owned()));
            }
        }
        layout::make_directory(directory)?;
        let path = directory.join(layout::LOCK);
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(false);
        let lock = scratch::open(&path, &mut options).map_err(StoreError::io(&path))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(locked(directory, "it can be written by one run at a time"));
            }
            // Without locks two runs at once would remove each other's files.
            Err(TryLockError::Error(error)) => return Err(StoreError::io(&path)(error)),
        }
        // Looked at again under the lock.
        let catalogue = if directory.join(layout::CATALOGUE).is_file() {
            catalogue(directory)?
        } else {
            Catalogue::default()
        };
        Ok(InputStore {
            directory: directory.to_owned(),
            catalogue,
            _lock: Some(lock),
        })
    }

    /// Says which share of the inputs it holds from now on.
    ///
    /// # Errors
    ///
    /// It holds another one.
    pub(super) fn be_shard(&mut self, shard: Option<Shard>) -> Result<(), StoreError> {
        let known = self.catalogue.shard;
        let new = self.catalogue.files.is_empty() && known.is_none();
        if !new && known != shard {
            let called = |shard: Option<Shard>| match shard {
                Some(shard) => format!("shard {shard}"),
                None => "a store of all inputs".to_owned(),
            };
            return Err(StoreError::Shards {
                directory: self.directory.clone(),
                reason: format!("it is {}, and not {}", called(known), called(shard)),
            });
        }
        self.catalogue.shard = shard;
        Ok(())
    }

    /// The digest of what it holds, wherever the inputs lay: names, contents and what was read of
    /// them.
    #[must_use]
    pub fn digest(&self) -> Digest {
        let files = self.catalogue.files.iter();
        let lines = files.map(|entry| {
            format!(
                "{} {} {:?}\n",
                entry.sha256, entry.account_sha256, entry.name
            )
        });
        Digest::of(lines.collect::<String>())
    }

    /// The input files, in order, with the paths at which they lay.
    #[must_use]
    pub fn files(&self) -> Vec<InputFile> {
        let files = self.catalogue.files.iter().zip(0u32..);
        files
            .map(|(entry, number)| InputFile {
                id: FileId(number),
                name: entry.name.clone(),
                above: None,
                path: entry.path.as_ref().map(PathBuf::from),
                outside: entry.outside.as_ref().map(PathBuf::from),
                refused: None,
            })
            .collect()
    }

    /// Hands on what was read out of every file, as [`ingest`] does of the files themselves.
    ///
    /// # Errors
    ///
    /// A file of the store is damaged, or one that is kept by reference is not what it was.
    pub fn replay(
        &self,
        formats: &[&dyn Format],
        threads: NonZeroUsize,
        mut take: impl FnMut(Output<Harvest>),
    ) -> Result<(), StoreError> {
        let files = self.files();
        // One part is read while the one before is joined.
        let (out, read) = sync_channel::<Result<Vec<Output<Harvest>>, StoreError>>(1);
        thread::scope(|scope| {
            let files = &files;
            scope.spawn(move || {
                for (entry, file) in self.catalogue.files.iter().zip(files) {
                    let mut heard = true;
                    let read = self.file(entry, file, formats, threads, &mut |outputs| {
                        heard = heard && out.send(Ok(outputs)).is_ok();
                        heard
                    });
                    if let Err(error) = read {
                        let _ = out.send(Err(error));
                        return;
                    }
                    if !heard {
                        return;
                    }
                }
            });
            for outputs in read {
                outputs?.into_iter().for_each(&mut take);
            }
            Ok(())
        })
    }

    /// Reads one file back; `take` answers whether to go on.
    fn file(
        &self,
        entry: &Entry,
        file: &InputFile,
        formats: &[&dyn Format],
        threads: NonZeroUsize,
        take: &mut dyn FnMut(Vec<Output<Harvest>>) -> bool,
    ) -> Result<(), StoreError> {
        let account = self.account(entry)?;
        if account.by_reference {
            take(self.again(entry, file, formats, threads)?);
            return Ok(());
        }
        let reader = self.reader(&account, file, formats);
        for run in &account.runs {
            if !take(reader.run(run)?) {
                return Ok(());
            }
        }
        take(vec![reader.end()?]);
        Ok(())
    }

    /// What reads the runs of an account.
    fn reader<'s>(
        &'s self,
        account: &'s Account,
        file: &InputFile,
        formats: &'s [&'s dyn Format],
    ) -> Reader<'s> {
        Reader {
            directory: &self.directory,
            account,
            file: file.id,
            formats,
        }
    }

    /// Reads a file again that is kept by reference.
    fn again(
        &self,
        entry: &Entry,
        file: &InputFile,
        formats: &[&dyn Format],
        threads: NonZeroUsize,
    ) -> Result<Vec<Output<Harvest>>, StoreError> {
        if file.path.is_none() {
            return Err(lost(entry, "it came from a pipe"));
        }
        let mut outputs = Vec::new();
        let alone = std::slice::from_ref(file);
        ingest(alone, formats, threads, Harvest::default, |output| {
            outputs.push(output);
        });
        match outputs.last() {
            Some(Output::End(end)) if end.sha256 == entry.sha256 => Ok(outputs),
            Some(Output::End(Ended {
                unreadable: Some(reason),
                ..
            })) => Err(lost(entry, reason)),
            _ => Err(lost(entry, OTHER)),
        }
    }

    /// Holds a file that is kept by reference against its digest.
    pub(super) fn is_as_it_was(&self, entry: &Entry) -> Result<(), StoreError> {
        let path = entry.path.as_deref();
        let path = path.ok_or_else(|| lost(entry, "it came from a pipe"))?;
        let found = digests(Path::new(path), entry.bytes);
        let (_, all) = found.map_err(|error| lost(entry, &error.to_string()))?;
        if all == entry.sha256 {
            Ok(())
        } else {
            Err(lost(entry, OTHER))
        }
    }

    /// The account of a file, if it is what was written.
    pub(super) fn account(&self, entry: &Entry) -> Result<Account, StoreError> {
        let path = self.directory.join(layout::ACCOUNTS).join(&entry.account);
        let bytes = whole(&path, entry.account_sha256)?;
        serde_json::from_slice(&bytes).map_err(|error| StoreError::damaged(&path, error))
    }

    /// What the bytes at some places of a file are, as far as it was noted when they were read.
    ///
    /// # Errors
    ///
    /// A file of the store is damaged.
    pub fn cite(
        &self,
        file: &InputFile,
        formats: &[&dyn Format],
        sought: &std::collections::BTreeSet<Sought>,
    ) -> Result<Vec<(Sought, Cited)>, StoreError> {
        let mut answer = Vec::new();
        let Some(entry) = self.catalogue.files.get(file.id.0 as usize) else {
            return Ok(answer);
        };
        let account = self.account(entry)?;
        let reader = self.reader(&account, file, formats);
        for run in &account.runs {
            reader.extents(run, &mut |place, extent| {
                // Tables with a row for every operation hold no digest.
                for sha256 in [String::new(), place.sha256.to_string()] {
                    let known = Sought {
                        line: place.line,
                        byte: place.byte,
                        sha256,
                    };
                    if sought.contains(&known) {
                        answer.push((known, cited(&file.name, place, extent)));
                    }
                }
            })?;
        }
        Ok(answer)
    }
}

fn cited(name: &str, place: Place, extent: Extent) -> Cited {
    Cited {
        file: name.to_owned(),
        line: place.line,
        byte: place.byte,
        end: extent.end,
        kind: extent.kind,
        sha256: place.sha256,
    }
}

/// Why a file that is kept by reference is of no use any more.
const OTHER: &str = "its content is another";

/// A file that is kept by reference and is not there as it was.
fn lost(entry: &Entry, reason: &str) -> StoreError {
    StoreError::Reference {
        name: entry.name.clone(),
        path: entry.path.clone().unwrap_or_else(|| "-".to_owned()),
        reason: reason.to_owned(),
    }
}

fn locked(directory: &Path, what: &'static str) -> StoreError {
    StoreError::Locked {
        directory: directory.to_owned(),
        what,
    }
}

/// The catalogue of a store.
fn catalogue(directory: &Path) -> Result<Catalogue, StoreError> {
    let path = directory.join(layout::CATALOGUE);
    let bytes = fs::read(&path).map_err(StoreError::io(&path))?;
    let value: serde_json::Value =
        serde_json::from_slice(&bytes).map_err(|error| StoreError::damaged(&path, error))?;
    let schema = value.get("schema").and_then(serde_json::Value::as_str);
    if schema != Some(SCHEMA) {
        return Err(StoreError::Schema {
            directory: directory.to_owned(),
            found: schema.unwrap_or("nothing").to_owned(),
            expected: SCHEMA,
        });
    }
    serde_json::from_value(value).map_err(|error| StoreError::damaged(&path, error))
}
