//! The stretches in which one log is silent together with another: what was left out of one was
//! left out of both.

use std::collections::BTreeMap;

use super::minutes::{Log, MINUTE, Minute, Spoke};
use super::quiet::{Kind, Quiet, is_within};
use crate::model::Timestamp;

/// The silences that other logs share with `all`: of few records, read in the same files of the same
/// source as one that is known to speak then; or of another source, silent for longer than it ever
/// is while a log that never pauses is missing.
pub(super) fn silences(logs: &BTreeMap<Log, Spoke>, all: &[Quiet]) -> Vec<Quiet> {
    let mut shared = Vec::new();
    let known = all.iter();
    for quiet in known.filter(|quiet| quiet.kind != Kind::Nothing && !quiet.doubtful) {
        let (from, to) = (quiet.silence.from, quiet.silence.to);
        let silent = logs.iter().filter(|(log, spoke)| {
            let beside = if source(log) == source(&quiet.log) {
                **log != quiet.log
                    && logs
                        .get(&quiet.log)
                        .is_some_and(|loud| spoke.files.is_subset(&loud.files))
            } else {
                quiet.is_gap && is_unlike(spoke, from, to)
            };
            beside
                && !spoke
                    .minutes
                    .values()
                    .any(|minute| speaks(minute, from, to))
        });
        let silent = silent.map(|(log, _)| Quiet {
            log: log.clone(),
            is_gap: false,
            ..quiet.clone()
        });
        let untold = silent.filter(|one| {
            !all.iter()
                .any(|own| own.log == one.log && is_within(one, std::slice::from_ref(own)))
        });
        shared.extend(untold);
    }
    shared
}

fn source(log: &Log) -> &str {
    log.of.split('/').next().unwrap_or(&log.of)
}

fn speaks(minute: &Minute, from: Timestamp, to: Timestamp) -> bool {
    minute.last > from && minute.first < to
}

/// Whether a silence is longer than twice any that the log makes elsewhere; of a log of one record
/// nothing is known.
fn is_unlike(spoke: &Spoke, from: Timestamp, to: Timestamp) -> bool {
    let minutes = spoke.minutes.values();
    let pauses = minutes.clone().zip(minutes.skip(1));
    let elsewhere = pauses.filter(|(one, next)| next.first <= from || one.last >= to);
    let lengths = elsewhere.map(|(one, next)| next.first.0.saturating_sub(one.last.0));
    let length = to.0.saturating_sub(from.0);
    lengths
        .max()
        .is_some_and(|longest| length > 2 * longest.max(MINUTE))
}
