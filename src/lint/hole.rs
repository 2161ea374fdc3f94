//! What of the linted files and of their logs was not read, as holes of what it would have been.

use std::collections::BTreeMap;

use super::broken::Broken;
use super::gather::Gathered;
use crate::estate::guesses;
use crate::model::{FileId, Hole};
use crate::source::InputFile;

/// A hole for every file with a fault, beside those of the logs.
pub(super) fn of(
    broken: &[Broken],
    files: &[InputFile],
    gathered: &Gathered,
    of_logs: Vec<Hole>,
) -> Vec<Hole> {
    let mut first: BTreeMap<&str, &Broken> = BTreeMap::new();
    for fault in broken {
        first.entry(&fault.file).or_insert(fault);
    }
    let by_name: BTreeMap<&str, FileId> = files
        .iter()
        .map(|file| (file.name.as_str(), file.id))
        .collect();
    let mut holes = of_logs;
    for (name, fault) in first {
        let words = format!("{name} was not read whole: {}", fault.reason);
        let file = by_name.get(name);
        let format = file.and_then(|file| *gathered.formats.get(file.0 as usize)?);
        let sources = format.map_or_else(|| guesses(name), |source| vec![source]);
        holes.extend(
            sources
                .into_iter()
                .map(|source| Hole::somewhere(source, words.clone())),
        );
    }
    holes.sort();
    holes.dedup();
    holes
}
