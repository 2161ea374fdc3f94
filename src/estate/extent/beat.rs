//! What comes by the clock in Google's logs and misses beats here and there: a service that reads its
//! secret every twelve hours reads it every twelve hours. A log of which several such callers lack many
//! was thinned; what is missing at the same time of every week was never to come.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{EventKind, Hole, System};
use crate::table::row::Symbols;
use crate::table::row::half::{Field, Half};

/// Microseconds of a minute.
const MINUTE: i64 = 60_000_000;
const WEEK: i64 = 7 * 24 * 60 * MINUTE;
/// What comes closer together is one beat, and how far a beat may be off its time.
const ONE: i64 = 10 * MINUTE;
const OFF: i64 = 15 * MINUTE;
/// The shortest rhythm: of a faster one silences tell.
const SHORTEST: i64 = 60 * MINUTE;
/// Beats by which a rhythm is known, and how many of ten come at their time.
const ENOUGH: usize = 8;
const IN_TIME: usize = 9;
/// Callers of which each lacks a beat for every four that it has: whoever runs by the clock may have
/// had nothing to do.
const CALLERS: usize = 2;
const SHARE: usize = 4;
/// What is kept: callers with what they do, and records of each. More come too often to count.
const STREAMS: usize = 2_000;
const MOST: usize = 256;

/// What one caller does to one thing, and when.
#[derive(Debug)]
struct Stream {
    log: &'static str,
    caller: String,
    times: Vec<i64>,
}

/// What callers do again and again.
#[derive(Debug, Default)]
pub(in crate::estate) struct Beats {
    streams: BTreeMap<String, Stream>,
    key: String,
}

impl Beats {
    /// Keeps when a record was written.
    pub(in crate::estate) fn record(&mut self, half: &Half, symbols: &Symbols) {
        let kinds = [EventKind::AdminActivity, EventKind::DataAccess];
        if half.system != System::Gcp || !kinds.contains(&half.kind) {
            return;
        }
        self.key.clear();
        for field in [Field::Principal, Field::Operation, Field::Object] {
            self.key.push_str(symbols.get(half.sym(field)));
            self.key.push('\n');
        }
        if let Some(stream) = self.streams.get_mut(&self.key) {
            if stream.times.len() <= MOST {
                stream.times.push(half.at.0);
            }
        } else if self.streams.len() < STREAMS {
            let stream = Stream {
                log: System::Gcp.log(half.kind),
                caller: symbols.get(half.sym(Field::Principal)).to_owned(),
                times: vec![half.at.0],
            };
            self.streams.insert(self.key.clone(), stream);
        }
    }

    /// A hole of each log of which several callers lack many beats.
    pub(in crate::estate) fn holes(&self) -> Vec<Hole> {
        let mut lacking: BTreeMap<&str, (BTreeSet<&str>, usize)> = BTreeMap::new();
        for stream in self.streams.values() {
            let counted = (stream.times.len() <= MOST).then(|| beats(&stream.times));
            let Some((present, missing)) = counted.flatten() else {
                continue;
            };
            if missing * SHARE >= present {
                let (callers, beats) = lacking.entry(stream.log).or_default();
                callers.insert(&stream.caller);
                *beats += missing;
            }
        }
        let several = lacking
            .into_iter()
            .filter(|(_, (callers, _))| callers.len() >= CALLERS);
        let holes = several.map(|(log, (callers, beats))| {
            let words = format!(
                "{beats} record(s) of {} caller(s) that come by the clock are missing from Google's log",
                callers.len()
            );
            Hole::somewhere(log, words)
        });
        holes.collect()
    }
}

/// How many beats there are and how many are missing that came a week before or after; none where
/// the times keep no rhythm.
fn beats(times: &[i64]) -> Option<(usize, usize)> {
    let mut times = times.to_vec();
    times.sort_unstable();
    times.dedup_by(|next, one| *next - *one < ONE);
    let pauses = || times.windows(2).map(|pair| pair[1] - pair[0]);
    let least = pauses().min().filter(|_| times.len() >= ENOUGH)?;
    let rhythms = [1, 2, 3].into_iter().map(|part| least / part);
    let rhythm = rhythms
        .filter(|rhythm| *rhythm >= SHORTEST)
        .find_map(|rhythm| kept(pauses().collect(), rhythm))?;
    let number = |pause: i64| ((pause as f64) / rhythm).round() as usize;
    let mut places = BTreeSet::from([0]);
    let mut last = 0;
    for pause in pauses() {
        last += number(pause);
        places.insert(last);
    }
    let week = number(WEEK);
    let gone = |place: &usize| !places.contains(place);
    let missing = (1..last).filter(gone).filter(|place| {
        let before = place.checked_sub(week);
        before.is_some_and(|place| places.contains(&place)) || places.contains(&(place + week))
    });
    Some((places.len(), missing.count()))
}

/// The rhythm that nearly all pauses are multiples of, starting from a first guess of it.
fn kept(mut pauses: Vec<i64>, guess: i64) -> Option<f64> {
    pauses.sort_unstable();
    let (mut rhythm, mut lasted, mut beats, mut in_time) = (guess as f64, 0.0, 0.0, 0);
    for pause in &pauses {
        let number = (*pause as f64 / rhythm).round();
        if (*pause as f64 - number * rhythm).abs() <= OFF as f64 {
            in_time += 1;
            lasted += *pause as f64;
            beats += number;
            rhythm = lasted / beats;
        }
    }
    (in_time * 10 >= pauses.len() * IN_TIME).then_some(rhythm)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 60 * MINUTE;

    fn said(times: impl Iterator<Item = i64>) -> Option<(usize, usize)> {
        beats(&times.collect::<Vec<_>>())
    }

    /// Whether a caller of these times is one of a log that was thinned.
    fn is_thinned(times: impl Iterator<Item = i64>) -> bool {
        said(times).is_some_and(|(present, missing)| missing * SHARE >= present)
    }

    /// Every twelve hours of a month, a few minutes early or late.
    fn month() -> impl Iterator<Item = i64> {
        (0..60).map(|beat: i64| beat * 12 * HOUR + (beat * 7 % 11 - 5) * MINUTE)
    }

    /// A fifth, by no order that a schedule has.
    fn chosen(beat: usize, of: usize) -> bool {
        ((beat * 7_919 + beat * beat * 104_729) % 31).is_multiple_of(of)
    }

    #[test]
    fn a_rhythm_of_which_beats_are_missing_was_thinned() {
        assert_eq!(said(month()), Some((60, 0)));
        for of in [2, 3, 4] {
            let kept = month().enumerate().filter(|(beat, _)| chosen(*beat, of));
            let kept: Vec<i64> = kept.map(|(_, at)| at).collect();
            assert!(is_thinned(kept.iter().copied()), "{of}: {kept:?}");
        }
    }

    #[test]
    fn what_is_missing_every_week_was_never_to_come() {
        let day = |beat: i64| beat.div_euclid(24);
        let hours = 0..30 * 24;
        let is_at = |hours: &'static [i64]| move |hour: &i64| hours.contains(&(hour % 24));
        let at_work = hours.clone().filter(is_at(&[9, 17]));
        assert!(!is_thinned(at_work.map(|hour| hour * HOUR)));
        let weekdays = hours.clone().filter(is_at(&[2]));
        let weekdays = weekdays.filter(|hour| day(*hour) % 7 < 5);
        assert!(!is_thinned(weekdays.map(|hour| hour * HOUR)));
        let three = hours.clone().filter(is_at(&[2]));
        let three = three.filter(|hour| [0, 1, 3].contains(&(day(*hour) % 7)));
        assert!(!is_thinned(three.map(|hour| hour * HOUR)));
        let second = hours.filter(is_at(&[2])).filter(|hour| day(*hour) % 2 == 0);
        assert!(!is_thinned(second.map(|hour| hour * HOUR)));
    }

    #[test]
    fn what_people_do_keeps_no_rhythm() {
        // Once a day, within hours of the same time, on two days of three.
        let days = (0..30).filter(|day| day % 3 != 1);
        let at = days.map(|day: i64| (day * 24 + 9) * HOUR + (day * 37 % 240) * MINUTE);
        assert_eq!(said(at), None);
        assert_eq!(said((0..4).map(|beat| beat * 12 * HOUR)), None, "too few");
    }
}
