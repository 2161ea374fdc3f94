//! The stretches in which one log is silent together with another: what was left out of one was
//! left out of both.

use std::collections::{BTreeMap, BTreeSet};

use super::dated::is_weekend;
use super::minutes::{Log, MINUTE, Minute, Spoke};
use super::quiet::{Kind, Quiet, is_within};
use super::silence::{Silence, Spoken};
use crate::model::{Period, Timestamp};

/// Sources of which one speaks at any time of work.
const SEVERAL: usize = 3;
/// How often a log speaks that is missed.
const TIMES: i64 = 3;
/// Minutes of a day.
const DAY: i64 = 1_440;

/// The silences that other logs share with `all`: of few records, read in the same files of the same
/// source as one that is known to speak then; or of another source, silent for longer than twice
/// what it ever is while a log that never pauses is missing, or of Google's while another of Google's
/// is. Where it is less, and the log speaks several times in such a stretch elsewhere, it may have had
/// nothing to say.
pub(super) fn silences(logs: &BTreeMap<Log, Spoke>, all: &[Quiet]) -> Vec<Quiet> {
    let mut shared = Vec::new();
    let known = all.iter();
    for quiet in known.filter(|quiet| quiet.kind != Kind::Nothing && !quiet.doubtful) {
        let silent = logs
            .iter()
            .filter_map(|(log, spoke)| shared_by(log, spoke, quiet, logs));
        let untold = silent.filter(|one| {
            !all.iter()
                .any(|own| own.log == one.log && is_within(one, std::slice::from_ref(own)))
        });
        shared.extend(untold);
    }
    shared
}

/// A silence as another log shares it, if it does.
fn shared_by(
    log: &Log,
    spoke: &Spoke,
    quiet: &Quiet,
    logs: &BTreeMap<Log, Spoke>,
) -> Option<Quiet> {
    let (from, to) = (quiet.silence.from, quiet.silence.to);
    let same = source(log) == source(&quiet.log);
    let loud = logs.get(&quiet.log).filter(|_| *log != quiet.log)?;
    let exported = is_of_google(log) && is_of_google(&quiet.log);
    let doubtful = if same && spoke.files.is_subset(&loud.files) {
        Some(false)
    } else {
        let other = (quiet.is_gap && !same) || exported;
        let longest = longest(spoke, from, to).filter(|_| other)?;
        let length = to.0.saturating_sub(from.0);
        let is_unlike = length > 2 * longest;
        (is_unlike || (length > longest && is_expected(spoke, length, TIMES))).then_some(!is_unlike)
    }?;
    let mut minutes = spoke.minutes.values();
    (!minutes.any(|minute| speaks(minute, from, to))).then(|| Quiet {
        log: log.clone(),
        is_gap: false,
        doubtful,
        ..quiet.clone()
    })
}

/// The stretches of more than `most` minutes between records in which every log of several sources is
/// silent, each of every log: whatever was left out of one was left out of all, or nothing at all happened. A
/// weekend is no such time. Nor need it be so long where a log that never pauses is missing, of whose
/// gap in `known` it is the better part: then it is one of the logs that speak in such a stretch as a rule.
pub(super) fn everywhere(
    logs: &BTreeMap<Log, Spoke>,
    period: Period,
    most: i64,
    known: &[Quiet],
) -> Vec<Quiet> {
    let spoken = logs.iter().filter(|(_, spoke)| {
        let mut minutes = spoke.minutes.values();
        minutes.any(|minute| period.contains(minute.first) || period.contains(minute.last))
    });
    let spoken: Vec<(&Log, &Spoke)> = spoken.collect();
    let sources: BTreeSet<&str> = spoken.iter().map(|(log, _)| source(log)).collect();
    if sources.len() < SEVERAL {
        return Vec::new();
    }
    let mut all = Spoke::default();
    spoken.iter().for_each(|(_, spoke)| all.join(spoke));
    let heard = Spoken::of(&all);
    let worked = heard.between(most).into_iter().filter(|silence| {
        let inside = silence.to > period.from && silence.from < period.to;
        inside && working_minutes(silence.from, silence.to) > most
    });
    let gaps = known.iter().filter(|one| one.is_gap && !one.doubtful);
    let unspoken = gaps.filter_map(|gap| {
        let known = Some(source(&gap.log));
        Some((unspoken(&all, gap.silence)?, known))
    });
    // Of the log with the gap it is told already.
    let worked = worked.map(|silence| (silence, None));
    let of_each = worked.chain(unspoken).flat_map(|(silence, known)| {
        let length = silence.to.0.saturating_sub(silence.from.0);
        let others = spoken.iter().filter(move |(log, spoke)| {
            known.is_none_or(|known| source(log) != known && is_expected(spoke, length, 1))
        });
        others.map(move |(log, _)| Quiet {
            log: (*log).clone(),
            silence,
            kind: Kind::Between,
            is_gap: false,
            doubtful: true,
        })
    });
    of_each.collect()
}

/// The part of a gap in which nobody speaks, if it is the better part.
fn unspoken(all: &Spoke, gap: Silence) -> Option<Silence> {
    let minutes = all.minutes.values();
    let inside = minutes.filter(|minute| speaks(minute, gap.from, gap.to));
    let ends = inside.map(|minute| (minute.first.max(gap.from), minute.last.min(gap.to)));
    let mut from = gap.from;
    let mut longest: Option<(Timestamp, Timestamp)> = None;
    let length = |(from, to): (Timestamp, Timestamp)| to.0.saturating_sub(from.0);
    for (first, last) in ends.chain([(gap.to, gap.to)]) {
        let pause = (from, first);
        if longest.is_none_or(|known| length(pause) > length(known)) {
            longest = Some(pause);
        }
        from = last;
    }
    let (from, to) = longest.filter(|pause| 2 * length(*pause) > length((gap.from, gap.to)))?;
    Some(Silence { from, to, ..gap })
}

/// The minutes of a stretch that lie on no Saturday and no Sunday.
fn working_minutes(from: Timestamp, to: Timestamp) -> i64 {
    let day = DAY * MINUTE;
    let (first, last) = (from.0.div_euclid(day), to.0.div_euclid(day));
    let working = (first..=last).filter(|number| !is_weekend(*number));
    let lasted = working.map(|number| {
        let (begins, ends) = (number * day, (number + 1) * day);
        (to.0.min(ends) - from.0.max(begins)).max(0)
    });
    lasted.sum::<i64>() / MINUTE
}

/// Whether a log is one of those that one service exports, the ones beside the others.
fn is_of_google(log: &Log) -> bool {
    source(log).starts_with("gcp-")
}

fn source(log: &Log) -> &str {
    log.of.split('/').next().unwrap_or(&log.of)
}

fn speaks(minute: &Minute, from: Timestamp, to: Timestamp) -> bool {
    minute.last > from && minute.first < to
}

/// The longest silence that the log makes elsewhere; of a log of one record nothing is known.
fn longest(spoke: &Spoke, from: Timestamp, to: Timestamp) -> Option<i64> {
    let minutes = spoke.minutes.values();
    let pauses = minutes.clone().zip(minutes.skip(1));
    let elsewhere = pauses.filter(|(one, next)| next.first <= from || one.last >= to);
    let lengths = elsewhere.map(|(one, next)| next.first.0.saturating_sub(one.last.0));
    lengths.max().map(|longest| longest.max(MINUTE))
}

/// Whether a log speaks so many times in a stretch of a length, as a rule.
fn is_expected(spoke: &Spoke, length: i64, times: i64) -> bool {
    let mut minutes = spoke.minutes.values();
    let ends = minutes.next().zip(minutes.next_back());
    let lasted = ends.map_or(0, |(first, last)| last.last.0.saturating_sub(first.first.0));
    let spoken = i64::try_from(spoke.minutes.len()).unwrap_or(i64::MAX);
    lasted > 0 && spoken.saturating_mul(length / MINUTE) >= times * (lasted / MINUTE)
}
