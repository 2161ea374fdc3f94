//! The time that the mass of the records speaks of, and the records that lie far from it.
//!
//! One line of the year 9999 must stretch no period: whoever can write a line would end every
//! waiver. Records that belong together follow each other; a cluster is what no pause of thirty days
//! parts, and the cluster with the most records is the mass; of those that touch the period that
//! was asked about, where it is known: many forged lines must not outvote it.

use std::cmp::Ordering;

use crate::model::{Period, Timestamp};

/// A pause that parts clusters, in microseconds.
const PAUSE: i64 = 30 * 86_400_000_000;
/// A distance at which a few records are out of place whatever their share, in microseconds.
const FAR: i64 = 366 * 86_400_000_000;
/// How far records of one log may be out of order, in microseconds.
const ORDER: i64 = 3_600_000_000;
/// A distance at which any number of records is out of place, in microseconds: no log spans it.
const AGE: i64 = 20 * FAR;

/// Records that follow each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Cluster {
    /// The first of them.
    pub(super) first: Timestamp,
    /// The last of them.
    pub(super) last: Timestamp,
    /// How many.
    pub(super) count: u64,
    /// The longest pause between two of them, in microseconds.
    pub(super) silence: i64,
}

/// Records that follow each other in a file, and that no pause parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Run {
    /// The earliest and the latest time.
    times: (Timestamp, Timestamp),
    /// The time of the first record and of the last one, as they stand in the file.
    ends: (Timestamp, Timestamp),
}

/// The runs of times in the order of a file.
pub(super) fn runs(times: &[Timestamp]) -> Vec<Run> {
    let mut all: Vec<Run> = Vec::new();
    for &at in times {
        let near = |run: &&mut Run| at.0.saturating_sub(run.ends.1.0).saturating_abs() <= PAUSE;
        match all.last_mut().filter(near) {
            Some(run) => {
                run.times = (at.min(run.times.0), at.max(run.times.1));
                run.ends.1 = at;
            }
            None => all.push(Run {
                times: (at, at),
                ends: (at, at),
            }),
        }
    }
    all
}

/// The clusters of times in order.
pub(super) fn clusters(sorted: &[Timestamp]) -> Vec<Cluster> {
    joined(sorted.iter().map(|&at| Cluster {
        first: at,
        last: at,
        count: 1,
        silence: 0,
    }))
}

/// Clusters in the order of their first record, those together that no pause parts.
fn joined(sorted: impl IntoIterator<Item = Cluster>) -> Vec<Cluster> {
    let mut all: Vec<Cluster> = Vec::new();
    for next in sorted {
        match all.last_mut() {
            Some(open) if next.first.0.saturating_sub(open.last.0) <= PAUSE => {
                let pause = next.first.0.saturating_sub(open.last.0);
                open.silence = open.silence.max(pause).max(next.silence);
                open.last = open.last.max(next.last);
                open.count += next.count;
            }
            _ => all.push(next),
        }
    }
    all
}

/// What of all records is the mass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Mass {
    /// Its first record.
    pub(super) first: Timestamp,
    /// Its last record.
    pub(super) last: Timestamp,
}

impl Mass {
    /// The mass of clusters, in any order, and of the period that was asked about; `None` without a
    /// record.
    ///
    /// A cluster is out of place if it holds fewer than one record in twenty, or lies more than a
    /// year from the largest and holds less than a third of it, or lies twenty years from it.
    pub(super) fn of(mut clusters: Vec<Cluster>, asked: Option<Period>) -> Option<Mass> {
        clusters.sort_unstable();
        let clusters = joined(clusters);
        let total: u64 = clusters.iter().map(|cluster| cluster.count).sum();
        let touches = |cluster: &Cluster| {
            asked.is_some_and(|asked| cluster.first < asked.to && asked.from <= cluster.last)
        };
        let main = clusters
            .iter()
            .max_by_key(|cluster| (touches(cluster), cluster.count))
            .copied()?;
        let belongs = |cluster: &&Cluster| {
            let before = main.first.0.saturating_sub(cluster.last.0);
            let after = cluster.first.0.saturating_sub(main.last.0);
            let apart = before.max(after);
            let far = apart > AGE || (apart > FAR && cluster.count * 3 <= main.count);
            cluster.first == main.first || !(far || cluster.count * 20 < total)
        };
        let kept = || clusters.iter().filter(belongs);
        Some(Mass {
            first: kept().map(|cluster| cluster.first).min()?,
            last: kept().map(|cluster| cluster.last).max()?,
        })
    }

    /// The hours in which a record belongs that bears a time far from it, by the records around it in
    /// a file that is written in the order of time; none at an end where whoever sorts the file puts it.
    pub(super) fn belongs(self, stray: Timestamp, runs: &[Run]) -> Option<Period> {
        let own = |run: &Run| run.times.0 <= stray && stray <= run.times.1;
        let at = runs.iter().position(own)?;
        let before = at.checked_sub(1).and_then(|before| runs.get(before));
        let after = runs.get(at + 1);
        let of_mass = |run: &Run| self.contains(run.times.0) && self.contains(run.times.1);
        if [before, after]
            .into_iter()
            .flatten()
            .any(|run| !of_mass(run))
        {
            return None;
        }
        let (before, after) = match (before, after) {
            (Some(before), Some(after)) => (before.ends.1, after.ends.0),
            (Some(before), None) => (before.ends.1, self.beyond(stray, before.ends)?),
            (None, Some(after)) => (
                after.ends.0,
                self.beyond(stray, (after.ends.1, after.ends.0))?,
            ),
            (None, None) => return None,
        };
        Some(Period {
            from: before.min(after).plus_micros(-ORDER),
            to: before.max(after).plus_micros(ORDER),
        })
    }

    /// The end of it that a file runs towards, from one time to another, beyond which a stray stands
    /// that sorting would have put at the other end of the file.
    fn beyond(self, stray: Timestamp, (from, to): (Timestamp, Timestamp)) -> Option<Timestamp> {
        match from.cmp(&to) {
            Ordering::Less if stray < self.first => Some(self.last),
            Ordering::Greater if stray > self.last => Some(self.first),
            _ => None,
        }
    }

    /// Whether a time lies so long after it that nothing of it can have lasted until then.
    pub(super) fn is_long_over(self, at: Timestamp) -> bool {
        at.0.saturating_sub(self.last.0) > PAUSE
    }

    /// Whether a time lies in it.
    pub(super) fn contains(self, at: Timestamp) -> bool {
        self.first <= at && at <= self.last
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: i64 = 86_400_000_000;

    fn mass(days: &[i64]) -> (i64, i64) {
        let mut times: Vec<Timestamp> = days.iter().map(|day| Timestamp(day * DAY)).collect();
        times.sort_unstable();
        let mass = Mass::of(clusters(&times), None).unwrap();
        (mass.first.0 / DAY, mass.last.0 / DAY)
    }

    #[test]
    fn one_record_far_away_is_no_part_of_the_mass() {
        let month: Vec<i64> = (20_000..20_030).collect();
        for stray in [400, 19_950, 20_100, 2_932_896] {
            let days: Vec<i64> = month.iter().copied().chain([stray]).collect();
            assert_eq!(mass(&days), (20_000, 20_029), "{stray}");
        }
        // A few records already tell what is out of place.
        assert_eq!(mass(&[20_000, 20_001, 20_002, 400]), (20_000, 20_002));
    }

    #[test]
    fn records_that_are_many_or_near_belong_to_it() {
        assert_eq!(mass(&[20_000, 20_029, 20_050]), (20_000, 20_050));
        assert_eq!(mass(&[20_000, 20_100]), (20_000, 20_100));
        let two: Vec<i64> = (20_000..20_010).chain(20_100..20_105).collect();
        assert_eq!(mass(&two), (20_000, 20_104));
        assert_eq!(Mass::of(Vec::new(), None), None);
    }

    /// Whoever may write one line may write as many as there are.
    #[test]
    fn many_records_of_another_age_are_no_part_of_it() {
        for stray in [400, 2_932_896] {
            let forged = std::iter::repeat_n(stray, 12);
            let days: Vec<i64> = (20_000..20_018).chain(forged).collect();
            assert_eq!(mass(&days), (20_000, 20_017), "{stray}");
        }
        let day = |day: i64| Timestamp(day * DAY);
        let times: Vec<Timestamp> = [[1; 9], [20_000; 9]]
            .concat()
            .into_iter()
            .map(day)
            .collect();
        let many = [clusters(&times), clusters(&[day(1); 50])].concat();
        let asked = Period {
            from: day(19_990),
            to: day(20_010),
        };
        let kept = Mass::of(many, Some(asked)).unwrap();
        assert_eq!((kept.first, kept.last), (day(20_000), day(20_000)));
    }

    #[test]
    fn a_stray_between_records_of_the_mass_belongs_between_them() {
        let belongs = |days: &[i64], stray: i64| {
            let times: Vec<Timestamp> = days.iter().map(|day| Timestamp(day * DAY)).collect();
            let mass = Mass {
                first: Timestamp(20_000 * DAY),
                last: Timestamp(20_030 * DAY),
            };
            let hours = mass.belongs(Timestamp(stray * DAY), &runs(&times));
            hours.map(|it| ((it.from.0 + ORDER) / DAY, (it.to.0 - ORDER) / DAY))
        };
        assert_eq!(
            belongs(&[20_000, 20_004, 400, 20_005], 400),
            Some((20_004, 20_005))
        );
        assert_eq!(
            belongs(&[20_005, 400, 20_004, 20_000], 400),
            Some((20_004, 20_005))
        );
        // Where whoever sorts a file puts it.
        for (file, stray) in [
            ([400, 20_000, 20_001], 400),
            ([20_001, 20_000, 400], 400),
            ([20_000, 20_001, 30_000], 30_000),
            ([30_000, 20_001, 20_000], 30_000),
        ] {
            assert_eq!(belongs(&file, stray), None, "{file:?}");
        }
        // Nobody sorted these: it was written where it stands.
        for (file, stray, hours) in [
            ([20_004, 20_005, 400], 400, (20_005, 20_030)),
            ([30_000, 20_004, 20_005], 30_000, (20_000, 20_004)),
            ([20_005, 20_004, 30_000], 30_000, (20_000, 20_004)),
            ([400, 20_005, 20_004], 400, (20_005, 20_030)),
        ] {
            assert_eq!(belongs(&file, stray), Some(hours), "{file:?}");
        }
        assert_eq!(belongs(&[20_004, 400], 400), None, "no order is known");
        assert_eq!(belongs(&[400], 400), None);
        // Between two that are out of place themselves nothing tells where it belongs.
        assert_eq!(belongs(&[20_000, 400, 900, 20_001], 400), None);
    }

    #[test]
    fn files_are_put_together() {
        let file = |days: &[i64]| {
            clusters(
                &days
                    .iter()
                    .map(|day| Timestamp(day * DAY))
                    .collect::<Vec<_>>(),
            )
        };
        let both = [file(&[20_000, 20_020]), file(&[20_010, 20_040, 20_060])].concat();
        let all = Mass::of(both, None).unwrap();
        assert_eq!((all.first.0 / DAY, all.last.0 / DAY), (20_000, 20_060));
        assert_eq!(file(&[0, 3, 10])[0].silence, 7 * DAY);
    }
}
