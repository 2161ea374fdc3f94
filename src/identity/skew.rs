//! The clock difference between two sources, learned from what is joined for certain.

use super::directory::Directory;
use crate::model::Job;

/// Clock difference up to which nothing is said (INT-004), in microseconds.
pub(super) const CLOCKS_AGREE: i64 = 5_000_000;

/// Jobs whose logins must agree before a clock is moved: one that is used out of its time is a
/// finding, not a clock.
pub(super) const SEVERAL: usize = 3;

/// The smallest shift that puts most times inside their windows.
///
/// Each pair is a time and the window it must lie in; adding the shift to the time must put it
/// there. The median of "time minus window start" would measure start-up, not clocks: logins come
/// well after the start of their job. Returns 0 when nothing needs a shift or nothing is known.
#[must_use]
pub(super) fn smallest_shift(pairs: &[(i64, i64, i64)]) -> i64 {
    // Each pair allows the shifts [from - at, to - at]; find the point in most intervals that is
    // closest to zero, which is zero itself or an end of an interval.
    let mut ends: Vec<(i64, i32)> = Vec::with_capacity(pairs.len() * 2);
    for &(at, from, to) in pairs.iter().filter(|(_, from, to)| from <= to) {
        ends.push((from.saturating_sub(at), 1));
        ends.push((to.saturating_sub(at).saturating_add(1), -1));
    }
    ends.sort_unstable();
    let covers_zero = pairs
        .iter()
        .filter(|(at, from, to)| from <= at && at <= to)
        .count();
    // A few logins outside their jobs are findings, not a clock.
    if covers_zero * 100 >= pairs.len() * 99 {
        return 0;
    }
    let (mut inside, mut best, mut shift) =
        (0i32, i32::try_from(covers_zero).unwrap_or(i32::MAX), 0i64);
    let mut index = 0;
    while let Some(&(point, _)) = ends.get(index) {
        while let Some(&(next, change)) = ends.get(index).filter(|(next, _)| *next == point) {
            inside += change;
            debug_assert_eq!(next, point);
            index += 1;
        }
        // The intervals that hold now hold until just before the next point.
        let until = ends.get(index).map_or(point, |(next, _)| next - 1);
        let closest = if until < 0 {
            until
        } else {
            point.max(0).min(until.max(point))
        };
        let closest = if point > 0 { point } else { closest };
        if inside > best || (inside == best && inside > 0 && closest.abs() < shift.abs()) {
            (best, shift) = (inside, closest);
        }
    }
    shift
}

/// The least shift that serves every pair which `shift` serves: under it times come no later than
/// they can have. Clocks that agree are not moved.
#[must_use]
pub(super) fn least_shift(pairs: &[(i64, i64, i64)], shift: i64) -> i64 {
    let served = pairs.iter().filter(|(at, from, to)| {
        let moved = at.saturating_add(shift);
        *from <= moved && moved <= *to
    });
    let least = served.map(|(at, from, _)| from.saturating_sub(*at)).max();
    least.filter(|_| shift != 0).unwrap_or(shift).min(shift)
}

/// From when to when a job ran. One whose records contradict each other teaches nothing of clocks.
pub(super) fn lived(number: u32, directory: &Directory) -> Option<(i64, i64)> {
    let (job, others) = directory.records(number).split_first()?;
    let times = |job: &Job| (job.started_at, job.finished_at);
    if others.iter().any(|other| times(other) != times(job)) {
        return None;
    }
    Some((job.started_at?.0, job.finished_at?.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_may_be_further_off_than_the_least_that_serves() {
        // Logins five minutes late, of jobs of 60 seconds, five seconds after they began.
        let late = [(305, 0, 60), (1_310, 1_000, 1_060), (2_306, 2_000, 2_060)];
        let shift = smallest_shift(&late);
        assert_eq!((shift, least_shift(&late, shift)), (-250, -305));
        let agree = [(15, 10, 20)];
        assert_eq!(least_shift(&agree, smallest_shift(&agree)), 0);
        // What came early may have come earlier still, and is late no sooner for it.
        assert_eq!(least_shift(&[(5, 10, 20), (30, 40, 50)], 10), 10);
    }

    #[test]
    fn clocks_that_agree_need_no_shift() {
        assert_eq!(smallest_shift(&[(15, 10, 20), (100, 90, 110)]), 0);
        assert_eq!(smallest_shift(&[]), 0);
    }

    #[test]
    fn the_smallest_shift_that_serves_most_is_found() {
        // Logins stamped 20 late: windows end before them.
        assert_eq!(
            smallest_shift(&[(30, 10, 20), (55, 40, 50), (70, 55, 60)]),
            -10
        );
        // Logins stamped early.
        assert_eq!(smallest_shift(&[(5, 10, 20), (30, 40, 50)]), 10);
    }

    #[test]
    fn one_stray_pair_does_not_move_the_clock() {
        assert_eq!(
            smallest_shift(&[(15, 10, 20), (45, 40, 50), (1000, 10, 20)]),
            0
        );
    }
}
