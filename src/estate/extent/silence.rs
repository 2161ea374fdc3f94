//! Which silences of a log are too long for it, by what the log itself is used to.
//!
//! A log is a set of minutes in which it spoke. A silence is unusual when it is longer than a
//! quarter of an hour, than ten times what 99 of 100 other silences that begin in the same hour
//! of the week are (where that hour has too few of them, of the same hour of the day, else of all),
//! and than twice the longest that usually begins in that hour: a night is one silence among many.

use std::collections::BTreeMap;

use crate::model::Timestamp;

/// Microseconds of a minute.
const MINUTE: i64 = 60_000_000;
/// Minutes that any log may be silent.
const LEAST: i64 = 15;
/// How many times the usual is unusual.
const TIMES: i64 = 10;
/// Silences of an hour from which its usual can be told.
const ENOUGH: usize = 20;

/// A stretch without a record, from the last one before it to the first one after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Silence {
    pub(super) from: Timestamp,
    pub(super) to: Timestamp,
}

/// The minutes in which a log spoke, and the longest that it may be silent whatever it is used to.
#[derive(Debug)]
pub(super) struct Spoken<'m> {
    /// First and last moment of a record, by minute.
    pub(super) minutes: &'m BTreeMap<i64, (Timestamp, Timestamp)>,
    /// In minutes.
    pub(super) most: i64,
}

/// The minute of a moment.
pub(super) fn minute(at: Timestamp) -> i64 {
    at.0.div_euclid(MINUTE)
}

/// One silence between two minutes.
#[derive(Clone, Copy)]
struct Gap {
    from: i64,
    to: i64,
}

impl Gap {
    fn length(self) -> i64 {
        self.to - self.from
    }

    fn hour(self) -> i64 {
        self.from.div_euclid(60)
    }

    fn hour_of_week(self) -> i64 {
        self.hour().rem_euclid(168)
    }

    fn hour_of_day(self) -> i64 {
        self.hour().rem_euclid(24)
    }
}

/// Sorted lengths by class.
struct Usual {
    by_week: BTreeMap<i64, Vec<i64>>,
    by_day: BTreeMap<i64, Vec<i64>>,
    all: Vec<i64>,
    /// The longest silence that began in each hour since the epoch.
    longest: BTreeMap<i64, i64>,
}

impl Usual {
    fn of(gaps: &[Gap]) -> Usual {
        let mut usual = Usual {
            by_week: BTreeMap::new(),
            by_day: BTreeMap::new(),
            all: gaps.iter().map(|gap| gap.length()).collect(),
            longest: BTreeMap::new(),
        };
        for gap in gaps {
            let longest = usual.longest.entry(gap.hour()).or_default();
            *longest = gap.length().max(*longest);
            let week = usual.by_week.entry(gap.hour_of_week()).or_default();
            week.push(gap.length());
            let day = usual.by_day.entry(gap.hour_of_day()).or_default();
            day.push(gap.length());
        }
        let lists = usual.by_week.values_mut().chain(usual.by_day.values_mut());
        for list in lists.chain([&mut usual.all]) {
            list.sort_unstable();
        }
        usual
    }

    /// How long a silence may be that begins as `gap` does; `gap` itself says nothing of it.
    fn allowed(&self, gap: Gap, most: i64) -> i64 {
        let most = most.max(LEAST);
        let week = self.by_week.get(&gap.hour_of_week());
        let day = self.by_day.get(&gap.hour_of_day());
        let lists = [week, day, Some(&self.all)].into_iter().flatten();
        let mut enough = lists.filter(|list| list.len() > ENOUGH);
        let learned = enough.next().map(|list| percentile_without(list, gap));
        let Some(usual) = learned.map(|usual| (TIMES * usual).clamp(LEAST, most)) else {
            return most;
        };
        if gap.length() <= usual {
            // Whatever nights are like, it is short enough; they are looked through for few.
            return usual;
        }
        let night = self.longest_of(gap, 168, 2).or(self.longest_of(gap, 24, 3));
        (2 * night.unwrap_or(0)).clamp(usual, most)
    }

    /// The median of the longest silences that began in the same hour of other cycles of `hours`,
    /// where there are `enough` of them.
    fn longest_of(&self, gap: Gap, hours: i64, enough: usize) -> Option<i64> {
        let same = self.longest.iter().filter(|(hour, _)| {
            **hour != gap.hour() && (**hour - gap.hour()).rem_euclid(hours) == 0
        });
        let mut longest: Vec<i64> = same.map(|(_, longest)| *longest).collect();
        longest.sort_unstable();
        (longest.len() >= enough).then(|| longest.get(longest.len() / 2).copied())?
    }
}

/// The 99th percentile of a sorted list, one entry of the gap's own length left out.
fn percentile_without(list: &[i64], gap: Gap) -> i64 {
    let own = list.partition_point(|length| *length < gap.length());
    let others = list.len() - 1;
    let rank = (others * 99).div_ceil(100).saturating_sub(1);
    let at = if rank >= own { rank + 1 } else { rank };
    list.get(at).or(list.last()).copied().unwrap_or(LEAST)
}

impl Spoken<'_> {
    /// The unusual silences between records, in order.
    pub(super) fn between(&self) -> Vec<Silence> {
        let gaps = self.gaps();
        let usual = Usual::of(&gaps);
        let long = gaps
            .into_iter()
            .filter(|gap| gap.length() > usual.allowed(*gap, self.most));
        long.filter_map(|gap| {
            Some(Silence {
                from: self.minutes.get(&gap.from)?.1,
                to: self.minutes.get(&gap.to)?.0,
            })
        })
        .collect()
    }

    /// Whether a silence from one moment to another, at an end of the log, is unusual.
    pub(super) fn is_unusual(&self, from: Timestamp, to: Timestamp) -> bool {
        let gap = Gap {
            from: minute(from),
            to: minute(to),
        };
        let usual = Usual::of(&self.gaps());
        gap.length() > usual.allowed(gap, self.most)
    }

    fn gaps(&self) -> Vec<Gap> {
        let after = self.minutes.keys().skip(1);
        let pairs = self.minutes.keys().zip(after);
        pairs.map(|(&from, &to)| Gap { from, to }).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: i64 = 1_440;

    fn spoken(minutes: impl Iterator<Item = i64>) -> BTreeMap<i64, (Timestamp, Timestamp)> {
        let at = |minute| Timestamp(minute * MINUTE);
        minutes.map(|m| (m, (at(m), at(m)))).collect()
    }

    fn silences(minutes: &BTreeMap<i64, (Timestamp, Timestamp)>) -> Vec<(i64, i64)> {
        let log = Spoken { minutes, most: DAY };
        let found = log.between().into_iter();
        found.map(|s| (minute(s.from), minute(s.to))).collect()
    }

    #[test]
    fn a_busy_log_that_stops_for_half_an_hour_is_silent() {
        let minutes = spoken((0..7 * DAY).filter(|m| !(5_000..5_030).contains(m)));
        assert_eq!(silences(&minutes), [(4_999, 5_030)]);
    }

    #[test]
    fn a_log_that_speaks_every_six_hours_is_not_silent_between() {
        let minutes = spoken((0..30 * 4).map(|n| n * 360));
        assert!(silences(&minutes).is_empty());
    }

    #[test]
    fn nights_that_are_always_quiet_are_no_silence() {
        let day = |m: &i64| (420..1_140).contains(&(m % DAY));
        let minutes = spoken((0..28 * DAY).filter(day));
        assert!(silences(&minutes).is_empty());
        let without_a_day = spoken((0..28 * DAY).filter(day).filter(|m| m / DAY != 10));
        assert_eq!(silences(&without_a_day).len(), 1);
    }

    #[test]
    fn a_limit_below_a_quarter_of_an_hour_is_a_quarter_of_an_hour() {
        let minutes = spoken((0..40).chain(60..100));
        let log = Spoken {
            minutes: &minutes,
            most: 5,
        };
        assert_eq!(log.between().len(), 1);
    }

    #[test]
    fn a_log_of_few_records_may_be_silent_for_the_most_and_no_longer() {
        let minutes = spoken([0, 300, 300 + DAY + 1].into_iter());
        assert_eq!(silences(&minutes), [(300, 300 + DAY + 1)]);
    }
}
