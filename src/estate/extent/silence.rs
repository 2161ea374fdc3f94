//! Which silences of a log are too long for it, by what the log itself is used to.
//!
//! A log is a set of minutes in which it spoke. A silence is unusual when it is longer than a
//! quarter of an hour, than ten times what 99 of 100 other silences that begin in the same hour
//! of the week are (where that hour has too few of them, of the same hour of the day, else of all),
//! and than twice the longest that usually begins in that hour: a night is one silence among many.
//! What falls silent for longer at that time in other weeks, as at weekends, may do so again.

use std::collections::BTreeMap;

use super::minutes::{Edge, LEAST, MINUTE, Spoke, minute};
use crate::model::{Period, Place, Timestamp};

/// How many times the usual is unusual.
const TIMES: i64 = 10;
/// Hours of a week, and of half a day.
const WEEK: i64 = 168;
const HALF_DAY: i64 = 12;
/// Silences of an hour from which its usual can be told.
const ENOUGH: usize = 20;

/// A stretch without a record, from the last one before it to the first one after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Silence {
    pub(super) from: Timestamp,
    pub(super) to: Timestamp,
    /// How long the log may be silent then, in minutes.
    pub(super) usual: i64,
    /// The last record before it; none where it begins with the period.
    pub(super) before: Option<Place>,
    /// The first record after it; none where it ends with the period.
    pub(super) after: Option<Place>,
}

/// One log with what is usual for it.
#[derive(Debug)]
pub(super) struct Spoken<'m> {
    spoke: &'m Spoke,
    gaps: Vec<Gap>,
    usual: Usual,
}

/// One silence between two minutes.
#[derive(Clone, Copy, Debug)]
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
        self.hour().rem_euclid(WEEK)
    }

    fn hour_of_day(self) -> i64 {
        self.hour().rem_euclid(24)
    }
}

/// Sorted lengths by class.
#[derive(Debug)]
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

    /// How long a silence may be that begins as `gap` does; `gap` itself says nothing of it. `most`
    /// is what it may be whatever the log is used to.
    fn allowed(&self, gap: Gap, most: i64) -> i64 {
        let most = most.max(LEAST);
        if self.all.len() <= ENOUGH {
            return most;
        }
        let most = if gap.length() > most {
            // No pause of the log's own is taken for a hole because it is long.
            most.max(2 * self.alike(gap).unwrap_or_else(|| self.twice(gap)))
        } else {
            most
        };
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
        let night = self
            .longest_of(gap, WEEK, 2)
            .or(self.longest_of(gap, 24, 3));
        (2 * night.unwrap_or(0)).clamp(usual, most)
    }

    /// The longest silence that began within half a day of the same hour in other weeks, where
    /// there are two of them.
    fn alike(&self, gap: Gap) -> Option<i64> {
        let first = *self.longest.first_key_value()?.0;
        let last = *self.longest.last_key_value()?.0;
        let weeks =
            (first - gap.hour()).div_euclid(WEEK)..=(last - gap.hour()).div_euclid(WEEK) + 1;
        let longest = weeks.filter(|week| *week != 0).filter_map(|week| {
            let hour = gap.hour() + week * WEEK;
            let near = self.longest.range(hour - HALF_DAY..=hour + HALF_DAY);
            near.map(|(_, longest)| *longest).max()
        });
        let longest: Vec<i64> = longest.collect();
        (longest.len() >= 2).then(|| longest.into_iter().max())?
    }

    /// The longest silence that the log had twice, `gap` left out.
    fn twice(&self, gap: Gap) -> i64 {
        let mut own = false;
        let longest_first = self.all.iter().rev();
        let mut others = longest_first.filter(|length| {
            let is_own = !own && **length == gap.length();
            own |= is_own;
            !is_own
        });
        others.nth(1).copied().unwrap_or(0)
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

/// How much of a stretch lies in a period, in microseconds.
fn inside(one: &Silence, period: Period) -> i64 {
    let (from, to) = (one.from.max(period.from), one.to.min(period.to));
    to.0.saturating_sub(from.0).max(0)
}

/// How much of a period two stretches leave out, in microseconds.
fn lasted(two: &[Silence; 2], period: Period) -> i64 {
    two.iter().map(|one| inside(one, period)).sum()
}

impl<'m> Spoken<'m> {
    /// Learns what is usual for a log.
    pub(super) fn of(spoke: &'m Spoke) -> Spoken<'m> {
        let after = spoke.minutes.keys().skip(1);
        let pairs = spoke.minutes.keys().zip(after);
        let gaps: Vec<Gap> = pairs.map(|(&from, &to)| Gap { from, to }).collect();
        let usual = Usual::of(&gaps);
        Spoken { spoke, gaps, usual }
    }

    /// Whether the log spoke often enough to learn from.
    pub(super) fn is_known(&self) -> bool {
        self.gaps.len() > ENOUGH
    }

    /// The unusual silences between records, in order.
    pub(super) fn between(&self, most: i64) -> Vec<Silence> {
        let long = self.gaps.iter().filter_map(|gap| {
            let usual = self.usual.allowed(*gap, most);
            let (before, after) = (self.edges(gap.from)?.1, self.edges(gap.to)?.0);
            (gap.length() > usual).then_some(Silence {
                from: before.0,
                to: after.0,
                usual,
                before: Some(before.1),
                after: Some(after.1),
            })
        });
        long.collect()
    }

    /// The silence from a moment to the first record, if it is unusual.
    pub(super) fn before(&self, from: Timestamp, most: i64) -> Option<Silence> {
        let (first, place) = self.first()?;
        let usual = self.unusual(from, first, most)?;
        Some(Silence {
            from,
            to: first,
            usual,
            before: None,
            after: Some(place),
        })
    }

    /// The silence from the last record to a moment, if it is unusual.
    pub(super) fn after(&self, to: Timestamp, most: i64) -> Option<Silence> {
        let (last, place) = self.last()?;
        let usual = self.unusual(last, to, most)?;
        Some(Silence {
            from: last,
            to,
            usual,
            before: Some(place),
            after: None,
        })
    }

    /// Two stretches of a period that leave more of it out together than they may: those before the
    /// first record and after the last more than `at_ends` minutes, the two longest of all more than
    /// `anywhere`.
    pub(super) fn two(&self, period: Period, at_ends: i64, anywhere: i64) -> Option<[Silence; 2]> {
        let ((first, opens), (last, closes)) = (self.first()?, self.last()?);
        let silence = |from: Timestamp, to: Timestamp, usual, before, after| Silence {
            from,
            to,
            usual,
            before,
            after,
        };
        let at = |usual| {
            [
                silence(period.from, first, usual, None, Some(opens)),
                silence(last, period.to, usual, Some(closes), None),
            ]
        };
        if lasted(&at(at_ends), period) > at_ends.saturating_mul(MINUTE) {
            return Some(at(at_ends));
        }
        let gaps = self.gaps.iter().filter_map(|gap| {
            let (before, after) = (self.edges(gap.from)?.1, self.edges(gap.to)?.0);
            let (from, to) = (before.0, after.0);
            let between = silence(from, to, anywhere, Some(before.1), Some(after.1));
            (from < period.to && to > period.from).then_some(between)
        });
        let mut all: Vec<Silence> = gaps.chain(at(anywhere)).collect();
        all.sort_by_key(|one| std::cmp::Reverse(inside(one, period)));
        let mut two: [Silence; 2] = all.get(..2)?.try_into().ok()?;
        two.sort_by_key(|one| one.from);
        (lasted(&two, period) > anywhere.saturating_mul(MINUTE)).then_some(two)
    }

    /// The first record.
    fn first(&self) -> Option<Edge> {
        let (minute, _) = self.spoke.minutes.first_key_value()?;
        Some(self.edges(*minute)?.0)
    }

    /// The last record.
    fn last(&self) -> Option<Edge> {
        let (minute, _) = self.spoke.minutes.last_key_value()?;
        Some(self.edges(*minute)?.1)
    }

    /// How long a silence at an end of the log may be, if it is longer.
    fn unusual(&self, from: Timestamp, to: Timestamp, most: i64) -> Option<i64> {
        let gap = Gap {
            from: minute(from),
            to: minute(to),
        };
        let usual = self.usual.allowed(gap, most);
        (gap.length() > usual).then_some(usual)
    }

    fn edges(&self, minute: i64) -> Option<(Edge, Edge)> {
        self.spoke.edges.get(&minute).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::super::minutes::{Log, Minutes};
    use super::*;

    const DAY: i64 = 1_440;

    fn spoken(minutes: impl Iterator<Item = i64>) -> Spoke {
        let log = Log {
            of: "vault".to_owned(),
            which: String::new(),
            node: String::new(),
        };
        let place = Place::of_line(1);
        let mut all = Minutes::default();
        all.add(log, minutes.map(|m| (Timestamp(m * MINUTE), place)));
        let (_, spoke) = all.logs.pop_first().unwrap();
        spoke
    }

    fn silences_of(spoke: &Spoke, most: i64) -> Vec<(i64, i64)> {
        let found = Spoken::of(spoke).between(most).into_iter();
        found.map(|s| (minute(s.from), minute(s.to))).collect()
    }

    fn silences(spoke: &Spoke) -> Vec<(i64, i64)> {
        silences_of(spoke, DAY)
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
        assert_eq!(silences_of(&minutes, 5).len(), 1);
    }

    #[test]
    fn weekends_that_are_always_quiet_are_no_silence_and_an_outage_beside_them_is() {
        // Forty records a working day: too few for every hour of the week.
        let works = |m: &i64| (m / DAY) % 7 < 5 && (480..1_080).contains(&(m % DAY)) && m % 15 == 0;
        let minutes = spoken((0..28 * DAY).filter(works));
        assert!(silences(&minutes).is_empty());
        let out = (15 * DAY)..(18 * DAY);
        let minutes = spoken((0..28 * DAY).filter(works).filter(|m| !out.contains(m)));
        assert_eq!(silences(&minutes).len(), 1);
    }

    #[test]
    fn a_log_of_few_records_may_be_silent_for_the_most_and_no_longer() {
        let minutes = spoken([0, 300, 300 + DAY + 1].into_iter());
        assert_eq!(silences(&minutes), [(300, 300 + DAY + 1)]);
    }
}
