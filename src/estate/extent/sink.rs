//! What a sink of Google wrote and the inputs do not hold: the folder of a log, a shard of an hour.
//!
//! A sink to a bucket writes a folder for each log. Where one log lies in such a folder and the
//! other came by another way alone (`gcloud logging read`), what came may be any part of it.

use std::collections::{BTreeMap, BTreeSet};

use super::Minutes;
use crate::model::{FileCoverage, Hole};

/// The logs by the folders that a sink gives them.
const LOGS: [(&str, &str, &str); 2] = [
    ("activity", "gcp-audit/admin-activity", "Admin Activity"),
    ("data_access", "gcp-audit/data-access", "Data Access"),
];

/// Shards of an hour that are looked for: a name may bear any number.
const MOST: u32 = 9_999;

/// The folder in which a sink of Google keeps the log that a file is a part of.
pub(in crate::estate) fn folder(name: &str) -> Option<&str> {
    let (start, folder) = name.match_indices("cloudaudit.googleapis.com").next()?;
    let below = name.get(start + folder.len()..)?.strip_prefix('/')?;
    let (log, _) = below.split_once('/')?;
    name.get(..start + folder.len() + 1 + log.len())
}

/// The log of a source that lies in a folder of a sink; the source itself elsewhere.
pub(super) fn log_of<'s>(path: &str, source: &'s str) -> &'s str {
    let mut logs = LOGS.iter();
    let log = logs.find(|(own, of, _)| {
        of.split('/').next() == Some(source) && path.split('/').any(|part| part == *own)
    });
    log.map_or(source, |it| it.1)
}

/// A hole for each log that was read and that a sink of the other does not hold.
pub(super) fn holes(minutes: &Minutes, coverage: &[FileCoverage]) -> Vec<Hole> {
    let read: BTreeSet<&str> = minutes.names().collect();
    let in_folder = |name: &str| {
        let written = format!("cloudaudit.googleapis.com%2F{name}");
        coverage.iter().any(|file| {
            let mut parts = file.path.split('/');
            file.source == "gcp-audit" && parts.any(|part| part == name || part == written)
        })
    };
    let missing = LOGS.iter().filter(|(folder, log, _)| {
        let mut others = LOGS.iter().filter(|(other, _, _)| other != folder);
        read.contains(log) && !in_folder(folder) && others.any(|(other, _, _)| in_folder(other))
    });
    let whole = missing.map(|(folder, log, title)| {
        let words = format!(
            "Google's {title} log came without its folder of the sink (`{folder}/`), beside another log's: what else came may be a part of it"
        );
        Hole::somewhere(*log, words)
    });
    whole.chain(shards(coverage)).collect()
}

/// The shards of an hour, and those that something was appended to.
type Shards = (BTreeSet<u32>, BTreeSet<u32>);

/// A hole for each folder that holds a later shard of an hour without the first, or what was
/// appended to a shard without the shard: `S1` without `S0`, `A0_S0` without `S0`.
fn shards(coverage: &[FileCoverage]) -> Vec<Hole> {
    let google = coverage
        .iter()
        .filter(|file| file.source == "gcp-audit" || file.source == "gcp-requests");
    let mut hours: BTreeMap<(&str, &str), Shards> = BTreeMap::new();
    let mut sources: BTreeMap<&str, &str> = BTreeMap::new();
    for file in google {
        let Some((folder, name)) = file.path.rsplit_once('/') else {
            continue;
        };
        let Some((hour, appended, shard)) = shard(name) else {
            continue;
        };
        let (own, added) = hours.entry((folder, hour)).or_default();
        if appended { added } else { own }.insert(shard);
        sources.insert(folder, &file.source);
    }
    let mut holes = BTreeMap::new();
    for ((folder, hour), (own, added)) in hours {
        let last = own.last().max(added.last()).copied().unwrap_or_default();
        // A name that lies between two others, or below one, says that it was written.
        let gone = (0..=last.min(MOST)).find(|shard| !own.contains(shard));
        if let Some(shard) = gone {
            holes.entry(folder).or_insert(format!("{hour}S{shard}"));
        }
    }
    let named = holes.into_iter().map(|(folder, name)| {
        let of = log_of(folder, sources.get(folder).copied().unwrap_or_default());
        let words = format!("{folder} holds shards of a sink without `{name}`");
        Hole::somewhere(of, words)
    });
    named.collect()
}

/// The hour, whether it was appended, and the number of a shard by the name of its file:
/// `08:00:00_08:59:59_S0.json`, `08:00:00_08:59:59_A0:S0.json`, `S0.json`.
fn shard(name: &str) -> Option<(&str, bool, u32)> {
    let stem = name.split_once(".json")?.0;
    let (before, shard) = stem.rsplit_once(['_', ':']).unwrap_or(("", stem));
    let number = shard.strip_prefix('S').unwrap_or(shard);
    let (hour, last) = before.rsplit_once('_').unwrap_or(("", before));
    let appended = last
        .strip_prefix('A')
        .is_some_and(|number| number.parse::<u32>().is_ok());
    if !appended && !shard.starts_with('S') {
        return None;
    }
    let number = number.parse().ok()?;
    let hour = if appended { hour } else { before };
    Some((hour, appended, number))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(names: &[&str]) -> Vec<String> {
        let file = |name: &&str| {
            let path = format!("sink/cloudaudit.googleapis.com/data_access/2026/09/01/{name}");
            FileCoverage::of_rows(&path, "gcp-audit", 5)
        };
        let coverage: Vec<FileCoverage> = names.iter().map(file).collect();
        let holes = shards(&coverage).into_iter();
        holes
            .map(|hole| format!("{}: {}", hole.of, hole.words))
            .collect()
    }

    #[test]
    fn a_shard_without_those_before_it_or_below_it_is_a_hole() {
        for names in [
            &["08:00:00_08:59:59_A0_S0.json"][..],
            &["08:00:00_08:59:59_A0:S0.json"],
            &["08:00:00_08:59:59_S1.json"],
            &["08:00:00_08:59:59_S0.json", "08:00:00_08:59:59_S2.json"],
            &["A0_S0.json"],
        ] {
            let said = said(names);
            assert_eq!(said.len(), 1, "{names:?}: {said:?}");
            assert!(said[0].starts_with("gcp-audit/data-access: "), "{said:?}");
        }
    }

    #[test]
    fn whole_hours_have_no_hole() {
        for names in [
            &["08:00:00_08:59:59_S0.json", "08:00:00_08:59:59_S1.json"][..],
            &["08:00:00_08:59:59_S0.json", "09:00:00_09:59:59_S0.json"],
            &["S0.json", "A0_S0.json", "A1_S0.json"],
            &["export.json", "S.json"],
        ] {
            assert_eq!(said(names), [""; 0], "{names:?}");
        }
    }
}
