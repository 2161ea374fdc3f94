//! Tells the input files that must be read from those that are known.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::StoreError;
use super::catalogue::{Catalogue, Entry, READER, State};
use super::fate::{Fate, Told};
use super::file_digest::digests;
use crate::model::FileId;
use crate::source::{InputFile, absolute, named_beside};

/// A file to read, and why.
pub(super) struct Due {
    pub(super) file: InputFile,
    pub(super) fate: Fate,
    /// Where it lay, in full; none for a pipe.
    pub(super) path: Option<PathBuf>,
    pub(super) state: Option<State>,
}

/// Tells files that are known from those that are due.
pub(super) struct Sorting<'s> {
    pub(super) catalogue: &'s Catalogue,
    pub(super) bases: &'s [PathBuf],
    pub(super) next: &'s mut Catalogue,
    pub(super) told: &'s mut Vec<Told>,
}

impl Sorting<'_> {
    pub(super) fn sort(
        mut self,
        files: &[InputFile],
        stored: Vec<InputFile>,
    ) -> Result<Vec<Due>, StoreError> {
        let mut due = Vec::new();
        let mut seen: BTreeSet<&str> = BTreeSet::new();
        let catalogue = self.catalogue;
        let by_path: BTreeMap<&str, &Entry> = catalogue
            .files
            .iter()
            .filter_map(|entry| Some((entry.path.as_deref()?, entry)))
            .collect();
        let pipes: BTreeMap<&str, &Entry> = catalogue
            .files
            .iter()
            .filter(|entry| entry.path.is_none())
            .map(|entry| (entry.name.as_str(), entry))
            .collect();
        for (file, mut stored) in files.iter().zip(stored) {
            let is_pipe = stored.path != file.path;
            let path = file.path.as_deref().filter(|_| !is_pipe).map(absolute);
            let known = path.as_deref().and_then(Path::to_str);
            if is_pipe {
                stored.name = self.pipe(&stored, &pipes)?;
            }
            let known = match known {
                Some(path) => by_path.get(path),
                None => pipes.get(stored.name.as_str()),
            };
            let state = path.as_deref().and_then(state);
            let fate = match known {
                None => Fate::New,
                Some(entry) => {
                    seen.insert(&entry.name);
                    self.fate(entry, &stored, state.as_ref())?
                }
            };
            match known {
                Some(entry) if !fate.is_read() => {
                    let entry = Entry {
                        state: state.or_else(|| entry.state.clone()),
                        outside: file.outside.as_deref().and_then(text),
                        ..(*entry).clone()
                    };
                    self.stays(entry, fate);
                }
                _ => due.push(Due {
                    file: stored,
                    fate,
                    path,
                    state,
                }),
            }
        }
        self.others(&seen, &mut due);
        Ok(due)
    }

    /// What a pipe is called: `stdin`, and by its digest as well if another one was before it.
    fn pipe(
        &self,
        stored: &InputFile,
        pipes: &BTreeMap<&str, &Entry>,
    ) -> Result<String, StoreError> {
        let Some(known) = pipes.get(stored.name.as_str()) else {
            return Ok(stored.name.clone());
        };
        let path = stored.path.as_deref().unwrap_or(Path::new("-"));
        let (_, sha256) = digests(path, 0).map_err(StoreError::Streams)?;
        Ok(if sha256 == known.sha256 {
            stored.name.clone()
        } else {
            format!("{}-{sha256:.12}", stored.name)
        })
    }

    /// What becomes of a file that the store has.
    fn fate(
        &self,
        entry: &Entry,
        file: &InputFile,
        state: Option<&State>,
    ) -> Result<Fate, StoreError> {
        if self.catalogue.reader != READER {
            return Ok(Fate::Outdated);
        }
        if entry.name != file.name {
            return Ok(Fate::Renamed);
        }
        if entry.state.is_none() && entry.path.is_some() {
            return Ok(Fate::Retried);
        }
        if state.is_some() && entry.state.as_ref() == state {
            return Ok(Fate::Unchanged);
        }
        let Some(path) = file.path.as_deref() else {
            return Ok(Fate::Changed);
        };
        // What cannot be read now is read in earnest, which says why.
        let Ok((before, whole)) = digests(path, entry.bytes) else {
            return Ok(Fate::Changed);
        };
        Ok(if whole == entry.sha256 {
            Fate::Same
        } else if before == entry.sha256 {
            Fate::Grown
        } else {
            Fate::Changed
        })
    }

    /// Files of the store that were not named this time.
    fn others(&mut self, seen: &BTreeSet<&str>, due: &mut Vec<Due>) {
        let catalogue = self.catalogue;
        let rest = catalogue.files.iter();
        for entry in rest.filter(|entry| !seen.contains(entry.name.as_str())) {
            let path = entry.path.as_deref().map(Path::new);
            let name = path.map_or_else(|| entry.name.clone(), |p| named_beside(self.bases, p));
            let there = path.is_some_and(Path::exists);
            let outdated = catalogue.reader != READER;
            if there && (name != entry.name || outdated) {
                due.push(Due {
                    file: InputFile {
                        id: FileId(0),
                        name,
                        above: None,
                        path: path.map(Path::to_owned),
                        outside: entry.outside.as_deref().map(PathBuf::from),
                        refused: None,
                    },
                    fate: if outdated {
                        Fate::Outdated
                    } else {
                        Fate::Renamed
                    },
                    path: path.map(Path::to_owned),
                    state: path.and_then(state),
                });
                continue;
            }
            let gone = entry.path.is_some() && !there;
            let entry = Entry {
                name,
                ..entry.clone()
            };
            self.stays(entry, if gone { Fate::Gone } else { Fate::Kept });
        }
    }

    fn stays(&mut self, entry: Entry, fate: Fate) {
        self.told.push(Told {
            name: entry.name.clone(),
            fate,
            bytes: entry.bytes,
            records: 0,
            by_reference: false,
            torn: None,
            unreadable: None,
        });
        self.next.files.push(entry);
    }
}

pub(super) fn state(path: &Path) -> Option<State> {
    State::of(&path.metadata().ok()?)
}

/// A path as text, where it is text.
pub(super) fn text(path: &Path) -> Option<String> {
    path.to_str().map(str::to_owned)
}
