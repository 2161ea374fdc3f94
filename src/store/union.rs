//! One store of the shards that several runs have filled, on one machine or on many.

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

use super::catalogue::{Catalogue, Entry};
use super::fate::{Fate, Told};
use super::intake::{Ingested, commit, sweep};
use super::reader::whole;
use super::{InputStore, StoreError, layout};
use crate::scratch::{self, Scratch};

/// Makes `store` hold what `shards` hold together: the store is the one that a run over all of the
/// inputs would have made.
///
/// Every file is held against its digest on the way. What the store had before and no shard has any
/// more is dropped: the shards were read from inputs that do not have it.
///
/// # Errors
///
/// A shard is missing, is there twice, was made of other inputs than the others, or is damaged; the
/// store is as it was then.
pub fn unite(store: &mut InputStore, shards: &[PathBuf]) -> Result<Ingested, StoreError> {
    let shards = opened(shards)?;
    let mut next = Catalogue::default();
    if let Some((_, first)) = shards.first_key_value() {
        next.bases.clone_from(&first.catalogue.bases);
    }
    let known: BTreeMap<&str, &Entry> = store
        .catalogue
        .files
        .iter()
        .map(|entry| (entry.name.as_str(), entry))
        .collect();
    let incoming = Scratch::new_in_swept(&store.directory, layout::INCOMING)
        .map_err(StoreError::io(&store.directory))?;
    let mut told = Ingested::default();
    for shard in shards.values() {
        for entry in &shard.catalogue.files {
            let before = known.get(entry.name.as_str());
            let fate = match before {
                None => Fate::New,
                Some(before) if before.account == entry.account => Fate::Same,
                Some(_) => Fate::Changed,
            };
            let taken = taken(shard, entry, &store.directory, incoming.path())?;
            told.files.push(Told { fate, ..taken });
            next.files.push(entry.clone());
        }
    }
    store.catalogue = next;
    commit(store, incoming.path())?;
    drop(incoming);
    sweep(store)?;
    told.files.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(told)
}

/// The shards in their order, if they are all there and of the same inputs.
fn opened(directories: &[PathBuf]) -> Result<BTreeMap<u32, InputStore>, StoreError> {
    let mut shards: BTreeMap<u32, InputStore> = BTreeMap::new();
    let mut of = None;
    for directory in directories {
        let (shard, store) = InputStore::open_shard(directory)?;
        let unlike = |reason: String| StoreError::Shards {
            directory: directory.clone(),
            reason,
        };
        let all = *of.get_or_insert(shard.of());
        if shard.of() != all {
            return Err(unlike(format!("it is shard {shard}, others are of {all}")));
        }
        let first = shards.values().next();
        if first.is_some_and(|first| first.catalogue.bases != store.catalogue.bases) {
            return Err(unlike(
                "it was made of other inputs than the others".to_owned(),
            ));
        }
        if shards.insert(shard.number(), store).is_some() {
            return Err(unlike(format!("shard {shard} is there twice")));
        }
    }
    let all = of.unwrap_or(0);
    let missing = (1..=all).find(|number| !shards.contains_key(number));
    match missing {
        Some(number) => Err(StoreError::Missing { number, of: all }),
        None => Ok(shards),
    }
}

/// Takes over what a shard holds of one file.
fn taken(
    shard: &InputStore,
    entry: &Entry,
    to: &Path,
    incoming: &Path,
) -> Result<Told, StoreError> {
    let account = shard.account(entry)?;
    let parts = account.runs.iter().flat_map(|run| &run.parts);
    let mut files: Vec<(PathBuf, _)> = parts
        .map(|part| (PathBuf::from(&part.path), part.sha256))
        .collect();
    // The account last: it names the others.
    let own = Path::new(layout::ACCOUNTS).join(&entry.account);
    files.push((own, entry.account_sha256));
    for (path, sha256) in files {
        if !is_of_a_store(&path) {
            let path = shard.directory.join(path);
            return Err(StoreError::damaged(&path, "no file of a store lies there"));
        }
        let place = to.join(&path);
        let bytes = whole(&shard.directory.join(&path), sha256)?;
        if let Some(folder) = place.parent() {
            scratch::create_directories(folder).map_err(StoreError::io(folder))?;
        }
        layout::replace(&incoming.join("part"), &place, &bytes)?;
    }
    Ok(Told {
        name: entry.name.clone(),
        fate: Fate::New,
        bytes: entry.bytes,
        records: account.blocks.iter().map(|block| block.parsed).sum(),
        by_reference: account.by_reference,
        torn: account.torn.map(|torn| torn.to_string()),
        unreadable: account.unreadable,
    })
}

/// Whether a path leads to where a store has its files, and nowhere else.
fn is_of_a_store(path: &Path) -> bool {
    let mut parts = path.components();
    let Some(Component::Normal(folder)) = parts.next() else {
        return false;
    };
    let mut folders = layout::TABLES.into_iter().chain([layout::ACCOUNTS]);
    folders.any(|known| folder == known) && parts.all(|part| matches!(part, Component::Normal(_)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shard_leads_nowhere_outside_of_a_store() {
        for good in [
            "file/a.json",
            "record/source=vault/day=2026-09-01/a-0.parquet",
        ] {
            assert!(is_of_a_store(Path::new(good)), "{good}");
        }
        for bad in [
            "",
            "/etc/x",
            "../x",
            "record/../../x",
            "lock",
            "store.json",
            "./record/x",
        ] {
            assert!(!is_of_a_store(Path::new(bad)), "{bad}");
        }
    }
}
