//! Which input files are read, and which are known: one run of `ingest`.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::mem;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use super::catalogue::{Catalogue, Entry, READER};
use super::fate::{Fate, Told};
use super::keeper::{Keeper, Kept};
use super::recorded::Recorded;
use super::sorting::{Due, Sorting, state, text};
use super::{InputStore, Shard, StoreError, layout};
use crate::model::{FileId, Format};
use crate::scratch::Scratch;
use crate::source::{
    Ended, InputFile, Links, Output, expand_beside, has_streams, ingest, keep_streams,
};

/// Bytes after which what was read is entered in the catalogue, so that a run that is killed has not
/// read in vain.
const GROUP: u64 = 256 * 1024 * 1024;
/// Files after which the same is done.
const GROUP_FILES: usize = 256;

/// What is read, and how.
pub struct Intake<'i> {
    /// INPUT arguments.
    pub inputs: &'i [String],
    /// Paths that are never input.
    pub except: &'i [PathBuf],
    /// What becomes of links that leave the inputs.
    pub links: Links,
    /// All formats.
    pub formats: &'i [&'i dyn Format],
    /// How many threads parse.
    pub threads: NonZeroUsize,
    /// Which of the files are read, where it is not all of them.
    pub shard: Option<Shard>,
}

/// What one run did.
#[derive(Debug, Default)]
pub struct Ingested {
    /// Every file of the store, by name.
    pub files: Vec<Told>,
    /// What to say of links that leave the inputs.
    pub links: Vec<String>,
}

/// Reads what is new into the store.
///
/// # Errors
///
/// The inputs cannot be used, or the store not be written; what was kept before is unharmed.
pub fn take_in(
    store: &mut InputStore,
    intake: &Intake<'_>,
    progress: &mut dyn FnMut(&str, u64),
) -> Result<Ingested, StoreError> {
    let bases = store.catalogue.bases.iter().map(PathBuf::from);
    let bases: Vec<PathBuf> = bases.collect();
    let (mut files, bases) = expand_beside(intake.inputs, intake.except, intake.links, &bases)?;
    store.be_shard(intake.shard)?;
    files.retain(|file| intake.shard.is_none_or(|shard| shard.holds(&file.name)));
    let mut told = Ingested {
        files: Vec::new(),
        links: InputFile::links_told(&files),
    };
    let (stored, _streams) = streams(&files)?;
    let mut next = Catalogue {
        bases: bases.iter().filter_map(|base| text(base)).collect(),
        shard: intake.shard,
        ..Catalogue::default()
    };
    let due = Sorting {
        catalogue: &store.catalogue,
        bases: &bases,
        next: &mut next,
        told: &mut told.files,
    }
    .sort(&files, stored)?;
    // While names change, the catalogue is the old one until everything has its new name.
    let moved = is_moved(&store.catalogue, &next, &due);
    let old = mem::replace(&mut store.catalogue, next);
    if !moved {
        wait(&mut store.catalogue, old, &due);
    }
    let incoming = Scratch::new_in_swept(&store.directory, layout::INCOMING)
        .map_err(StoreError::io(&store.directory))?;
    for group in groups(due) {
        read(
            store,
            incoming.path(),
            &group,
            intake,
            &mut told.files,
            progress,
        )?;
        if !moved {
            commit(store, incoming.path())?;
        }
    }
    commit(store, incoming.path())?;
    drop(incoming);
    sweep(store)?;
    told.files.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(told)
}

/// Whether a file that the store has is called otherwise from now on.
fn is_moved(old: &Catalogue, next: &Catalogue, due: &[Due]) -> bool {
    let named = next.files.iter();
    let named: BTreeMap<&str, &str> = named
        .filter_map(|entry| Some((entry.path.as_deref()?, entry.name.as_str())))
        .collect();
    let moves = |entry: &Entry| {
        let name = entry.path.as_deref().and_then(|path| named.get(path));
        name.is_some_and(|name| *name != entry.name)
    };
    due.iter().any(|due| due.fate == Fate::Renamed) || old.files.iter().any(moves)
}

/// What is about to be read again counts as it was until then.
fn wait(next: &mut Catalogue, old: Catalogue, due: &[Due]) {
    if old.reader != READER {
        return;
    }
    let due: BTreeSet<&str> = due.iter().map(|due| due.file.name.as_str()).collect();
    let there: BTreeSet<String> = next.files.iter().map(|entry| entry.name.clone()).collect();
    let waits = |entry: &Entry| {
        let name = entry.name.as_str();
        due.contains(name) && !there.contains(name)
    };
    next.files.extend(old.files.into_iter().filter(waits));
}

/// The files as they can be read twice.
fn streams(files: &[InputFile]) -> Result<(Vec<InputFile>, Option<Scratch>), StoreError> {
    if !has_streams(files) {
        return Ok((files.to_vec(), None));
    }
    let scratch =
        Scratch::new_in(&std::env::temp_dir(), "piperoll-").map_err(StoreError::Streams)?;
    let stored = keep_streams(files, scratch.path()).map_err(StoreError::Streams)?;
    Ok((stored, Some(scratch)))
}

/// Files that are read before the catalogue is written again.
fn groups(due: Vec<Due>) -> Vec<Vec<Due>> {
    let mut groups: Vec<Vec<Due>> = Vec::new();
    let mut bytes = 0;
    for one in due {
        let full = bytes >= GROUP
            || groups
                .last()
                .is_some_and(|group| group.len() >= GROUP_FILES);
        if full || groups.is_empty() {
            groups.push(Vec::new());
            bytes = 0;
        }
        bytes += one.state.as_ref().map_or(GROUP, |state| state.bytes);
        if let Some(group) = groups.last_mut() {
            group.push(one);
        }
    }
    groups
}

/// Reads some files and enters them in the catalogue.
fn read(
    store: &mut InputStore,
    incoming: &Path,
    group: &[Due],
    intake: &Intake<'_>,
    told: &mut Vec<Told>,
    progress: &mut dyn FnMut(&str, u64),
) -> Result<(), StoreError> {
    let files = group.iter().zip(0u32..).map(|(due, number)| InputFile {
        id: FileId(number),
        ..due.file.clone()
    });
    let files: Vec<InputFile> = files.collect();
    let directory = store.directory.clone();
    let mut keepers: BTreeMap<u32, Keeper<'_>> = BTreeMap::new();
    let mut fault = None;
    ingest(
        &files,
        intake.formats,
        intake.threads,
        Recorded::default,
        |output| {
            if fault.is_some() {
                return;
            }
            let take = || -> Result<(), StoreError> {
                match output {
                    Output::Block { file, tally, kept } => {
                        let number = file.0;
                        let name = group.get(number as usize).map_or("", |due| &due.file.name);
                        let keeper = keepers.entry(number);
                        let new = || Keeper::new(&directory, incoming, name);
                        keeper.or_insert_with(new).block(tally, kept)
                    }
                    Output::End(ended) => {
                        let number = ended.file.0;
                        let Some(due) = group.get(number as usize) else {
                            return Ok(());
                        };
                        let name = &due.file.name;
                        let keeper = keepers.remove(&number);
                        let keeper =
                            keeper.unwrap_or_else(|| Keeper::new(&directory, incoming, name));
                        progress(name, ended.bytes);
                        enter(store, keeper, due, ended, told)
                    }
                }
            };
            fault = take().err();
        },
    );
    fault.map_or(Ok(()), Err)
}

/// Enters one file that has ended.
fn enter(
    store: &mut InputStore,
    keeper: Keeper<'_>,
    due: &Due,
    ended: Ended,
    told: &mut Vec<Told>,
) -> Result<(), StoreError> {
    let (bytes, sha256) = (ended.bytes, ended.sha256);
    let unreadable = ended.unreadable.clone();
    let Kept {
        account,
        account_sha256,
        by_reference,
        records,
        torn,
    } = keeper.end(ended)?;
    let name = &due.file.name;
    // What was written to while it was read, or before its state was looked at, is read again.
    let now = due.path.as_deref().and_then(state);
    let state = due
        .state
        .clone()
        .filter(|state| unreadable.is_none() && Some(state) == now.as_ref());
    let entry = Entry {
        name: name.clone(),
        path: due.path.as_deref().and_then(text),
        outside: due.file.outside.as_deref().and_then(text),
        state,
        bytes,
        sha256,
        account,
        account_sha256,
    };
    store.catalogue.files.retain(|known| known.name != *name);
    store.catalogue.files.push(entry);
    told.push(Told {
        name: name.clone(),
        fate: due.fate,
        bytes,
        records,
        by_reference,
        torn,
        unreadable,
    });
    Ok(())
}

/// Writes the catalogue: from here on it counts.
pub(super) fn commit(store: &mut InputStore, incoming: &Path) -> Result<(), StoreError> {
    store.catalogue.files.sort_by(|a, b| a.name.cmp(&b.name));
    let path = store.directory.join(layout::CATALOGUE);
    let text = serde_json::to_vec_pretty(&store.catalogue)
        .map_err(|error| StoreError::damaged(&path, error))?;
    layout::replace(&incoming.join("catalogue"), &path, &text)
}

/// Removes what the catalogue does not name: rows of content that is gone, and of runs that were
/// killed.
pub(super) fn sweep(store: &InputStore) -> Result<(), StoreError> {
    let mut named: BTreeSet<PathBuf> = BTreeSet::new();
    for entry in &store.catalogue.files {
        let account = store.account(entry)?;
        named.insert(Path::new(layout::ACCOUNTS).join(&entry.account));
        let parts = account.runs.iter().flat_map(|run| &run.parts);
        named.extend(parts.map(|part| PathBuf::from(&part.path)));
    }
    for folder in layout::TABLES.into_iter().chain([layout::ACCOUNTS]) {
        let folder = store.directory.join(folder);
        // Files before the folders that they leave empty.
        let entries = walkdir::WalkDir::new(&folder).contents_first(true);
        for entry in entries.into_iter().flatten() {
            let path = entry.path();
            let below = path.strip_prefix(&store.directory).unwrap_or(path);
            if entry.file_type().is_dir() {
                // Refused where it is not empty.
                let _ = fs::remove_dir(path);
            } else if !named.contains(below) {
                fs::remove_file(path).map_err(StoreError::io(path))?;
            }
        }
    }
    store.sweep_joined()
}
