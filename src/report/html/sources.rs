//! What was read of each source: the files of a kind as one row.

use std::collections::BTreeMap;

use serde::Serialize;

use super::words;
use crate::model::{FileCoverage, Timestamp};

#[derive(Serialize)]
pub(super) struct SourceRow {
    source: String,
    files: u64,
    first: String,
    last: String,
    units: u64,
    parsed: u64,
    skipped: u64,
    rejected: u64,
    in_period: u64,
    silence: String,
    silence_s: u64,
}

/// One row per source, by name.
pub(super) fn sources(files: &[FileCoverage]) -> Vec<SourceRow> {
    let mut kinds: BTreeMap<&str, Vec<&FileCoverage>> = BTreeMap::new();
    for file in files {
        kinds.entry(&file.source).or_default().push(file);
    }
    kinds
        .into_iter()
        .map(|(source, of)| row(source, &of))
        .collect()
}

/// The sources with the number of their files, in words.
pub(super) fn made_from(sources: &[SourceRow]) -> String {
    let counted = sources.iter();
    let counted = counted.map(|row| format!("{}\u{A0}{}", row.source, words::number(row.files)));
    counted.collect::<Vec<_>>().join(", ")
}

fn row(source: &str, files: &[&FileCoverage]) -> SourceRow {
    let sum = |count: fn(&FileCoverage) -> u64| files.iter().map(|file| count(file)).sum();
    let first: Option<Timestamp> = files.iter().filter_map(|file| file.first_at).min();
    let last: Option<Timestamp> = files.iter().filter_map(|file| file.last_at).max();
    // Several files are one log in pieces: what one of them is silent about, another may tell.
    let silence_s = match files {
        [file] if file.is_log => file.longest_silence_s,
        _ => 0,
    };
    SourceRow {
        source: match source {
            "" => "not recognised".to_owned(),
            source => source.to_owned(),
        },
        files: files.len() as u64,
        first: words::optional_time(first),
        last: words::optional_time(last),
        units: sum(|file| file.lines),
        parsed: sum(|file| file.parsed),
        skipped: sum(|file| file.skipped),
        rejected: sum(|file| file.rejected),
        in_period: sum(|file| file.in_period),
        silence: match silence_s {
            0 => String::new(),
            seconds => words::duration(seconds),
        },
        silence_s,
    }
}
