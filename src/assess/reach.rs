//! How far the logs reach that do not reach over the whole period: a period alone reads as if all of
//! it had been seen.

use std::collections::BTreeMap;

use crate::estate::Estate;
use crate::model::Timestamp;
use crate::rule::in_words;

/// A line for each source whose logs begin after the period does, or end before it.
#[must_use]
pub fn of(estate: &Estate) -> Vec<String> {
    let mut reach: BTreeMap<&str, (Timestamp, Timestamp)> = BTreeMap::new();
    let logs = estate.coverage.iter().filter(|file| file.is_log);
    for file in logs.filter(|file| file.in_period > 0) {
        let Some((first, last)) = file.first_at.zip(file.last_at) else {
            continue;
        };
        let known = reach.entry(&file.source).or_insert((first, last));
        *known = (known.0.min(first), known.1.max(last));
    }
    let period = estate.period;
    let lines = reach.into_iter().filter_map(|(source, (first, last))| {
        let of_source = |of: &str| of.split('/').next() == Some(source);
        let mut spans = estate.holes.iter().filter(|hole| of_source(&hole.of));
        let is_cut = spans.any(|hole| {
            let late = Some((period.from, first));
            hole.span == late || hole.span == Some((last, period.to))
        });
        let (from, to) = (first.max(period.from), last.min(period.to));
        is_cut.then(|| format!("{}: {from} to {to} only", in_words(source)))
    });
    lines.collect()
}
