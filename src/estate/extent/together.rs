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

#[cfg(test)]
mod tests {
    use super::super::minutes::Minutes;
    use super::super::quiet::tests::{DAY, HOUR, over};
    use super::*;
    use crate::model::Place;

    fn of(name: &str) -> Log {
        Log {
            of: name.to_owned(),
            which: String::new(),
            node: String::new(),
        }
    }

    fn at(minutes: i64) -> (Timestamp, Place) {
        (Timestamp(minutes * MINUTE), Place::of_line(1))
    }

    #[test]
    fn a_log_of_few_records_is_silent_with_the_one_that_was_read_beside_it() {
        let mut all = Minutes::default();
        // Reads come every hour and end on the seventh day; rights change now and then.
        all.add(
            of("gcp-audit/data-access"),
            (0..6 * 24).map(|hour| at(hour * HOUR)),
        );
        all.add(
            of("gcp-audit/admin-activity"),
            [at(9 * HOUR), at(5 * DAY)].into_iter(),
        );
        let quiet = over(8, &all);
        let ends: Vec<&str> = quiet.iter().map(|one| one.log.of.as_str()).collect();
        assert_eq!(ends, ["gcp-audit/data-access", "gcp-audit/admin-activity"]);
    }

    /// What each log is silent for that holds nothing of days three to five of twenty.
    fn without_three_days(hours: i64) -> Vec<String> {
        let outside = |minutes: &i64| !(3 * DAY..6 * DAY).contains(minutes);
        let mut all = Minutes::default();
        let vault = (0..20 * 24 * 6).map(|ten| ten * 10).filter(outside);
        all.add(of("vault"), vault.map(at));
        let google = (0..20 * 24 / hours).map(|one| one * hours * HOUR);
        all.add(of("gcp-audit/data-access"), google.filter(outside).map(at));
        let quiet = over(20, &all);
        quiet.iter().map(|one| one.log.of.clone()).collect()
    }

    #[test]
    fn what_is_missing_of_every_source_is_missing_of_the_one_that_pauses_at_night_too() {
        assert_eq!(without_three_days(12), ["vault", "gcp-audit/data-access"]);
        // What happens once in two days may not have happened in three.
        assert_eq!(without_three_days(48), ["vault"]);
    }
}
