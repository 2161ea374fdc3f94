//! Logs that are written one file, or one folder, for each day: a day that is missing between others.
//!
//! A name with a date says little: a log that was rotated then holds the days after it too. Where
//! what lies under each date is of that day alone, a day without one was left out, or nothing
//! happened then.

use std::collections::{BTreeMap, BTreeSet};

use super::sink::log_of;
use crate::model::{FileCoverage, Hole, Period, Timestamp};

/// Microseconds of a day.
const DAY: i64 = 86_400_000_000;
/// Days from which one can tell that there is one for each.
const ENOUGH: usize = 3;
/// Records of a usual day from which one without any is no accident.
const BUSY: u64 = 3;

/// The days of one log, by their numbers since the epoch, with their records.
#[derive(Debug, Default)]
struct Series {
    days: BTreeMap<i64, u64>,
    /// Whether something under a date is of another day.
    runs_on: bool,
}

/// A hole for each day that is missing between others of a log.
pub(super) fn holes(coverage: &[FileCoverage]) -> Vec<Hole> {
    let mut logs: BTreeMap<(&str, &str), Series> = BTreeMap::new();
    for file in coverage.iter().filter(|file| file.is_log) {
        let dated = dated(&file.path);
        if let Some(((before, day), (first, last))) = dated.zip(file.first_at.zip(file.last_at)) {
            let log = logs
                .entry((before, log_of(&file.path, &file.source)))
                .or_default();
            *log.days.entry(day).or_default() += file.parsed;
            log.runs_on |= [first, last].iter().any(|at| at.0.div_euclid(DAY) != day);
        }
    }
    let logs = logs.into_iter().filter(|(_, log)| !log.runs_on);
    logs.flat_map(|((before, of), log)| {
        let missing = log.missing().into_iter();
        let holes = missing.map(|day| {
            let from = Timestamp(day * DAY);
            let span = Period {
                from,
                to: from.plus_micros(DAY),
            };
            let words = format!(
                "{before} holds the days before and after {}, and not that one",
                from.date()
            );
            Hole {
                doubtful: true,
                ..Hole::spanning(of, span, words)
            }
        });
        holes.collect::<Vec<_>>()
    })
    .collect()
}

impl Series {
    /// The days between the first and the last that are not there; none of a log that is not busy on
    /// every day.
    fn missing(&self) -> Vec<i64> {
        let mut records: Vec<u64> = self.days.values().copied().collect();
        records.sort_unstable();
        let usual = records.get(records.len() / 2).copied().unwrap_or_default();
        let ends = self.days.keys().next().zip(self.days.keys().next_back());
        let Some((first, last)) = ends else {
            return Vec::new();
        };
        let rests: BTreeSet<bool> = self.days.keys().map(|day| is_weekend(*day)).collect();
        let worked = |day: &i64| rests.contains(&is_weekend(*day));
        let gone = (*first..*last).filter(|day| !self.days.contains_key(day) && worked(day));
        let gone: Vec<i64> = gone.collect();
        let is_daily = self.days.len() >= ENOUGH && gone.len() <= self.days.len();
        if is_daily && usual >= BUSY {
            gone
        } else {
            Vec::new()
        }
    }
}

/// Whether a day is a Saturday or a Sunday. The first of the epoch was a Thursday.
pub(super) fn is_weekend(day: i64) -> bool {
    [2, 3].contains(&day.rem_euclid(7))
}

/// The first date in a path, `2026/09/01`, `2026-09-01` or `20260901`, and what stands before it.
fn dated(path: &str) -> Option<(&str, i64)> {
    let starts = path.char_indices().map(|(at, _)| at);
    let mut found = starts.filter_map(|at| {
        let (before, rest) = path.split_at_checked(at)?;
        let within = before.ends_with(|one: char| one.is_ascii_digit());
        Some((before, day(rest)?)).filter(|_| !within)
    });
    found.next()
}

/// The day that a text begins with.
fn day(text: &str) -> Option<i64> {
    let digits = |from: usize, to: usize| {
        let part = text.get(from..to)?;
        let plain = part.bytes().all(|byte| byte.is_ascii_digit());
        plain.then_some(part)
    };
    let year = digits(0, 4)?;
    let parted = text.get(4..5).filter(|sign| ["-", "/"].contains(sign));
    let (month, date, end) = match parted {
        Some(sign) if text.get(7..8) == Some(sign) => (digits(5, 7)?, digits(8, 10)?, 10),
        Some(_) => return None,
        None => (digits(4, 6)?, digits(6, 8)?, 8),
    };
    // A longer number is none of a day.
    if text
        .get(end..end + 1)
        .is_some_and(|next| next.bytes().all(|byte| byte.is_ascii_digit()))
    {
        return None;
    }
    let at = Timestamp::parse(&format!("{year}-{month}-{date}T00:00:00Z"))?;
    Some(at.0.div_euclid(DAY))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A file of a log with ten records of one day, which ends so many days later.
    fn file(path: &str, day: &str, later: i64) -> FileCoverage {
        let at = Timestamp::parse(&format!("{day}T09:00:00Z")).unwrap();
        FileCoverage {
            first_at: Some(at),
            last_at: Some(at.plus_micros(later * DAY)),
            ..FileCoverage::of_rows(path, "cloudtrail", 10)
        }
    }

    fn said(days: &[&str], later: i64) -> Vec<String> {
        let files = days.iter().map(|day| {
            let folder = day.replace('-', "/");
            file(
                &format!("aws/{folder}/x_{}T0905Z.json", day.replace('-', "")),
                day,
                later,
            )
        });
        let holes = holes(&files.collect::<Vec<_>>()).into_iter();
        holes.map(|hole| hole.words).collect()
    }

    #[test]
    fn a_day_that_is_missing_between_others_is_a_hole() {
        // Tuesday to Friday.
        let days = ["2026-09-01", "2026-09-02", "2026-09-04"];
        let [words] = &said(&days, 0)[..] else {
            panic!("{:?}", said(&days, 0));
        };
        assert!(words.contains("2026-09-03"), "{words}");
        assert_eq!(
            said(&["2026-09-01", "2026-09-03", "2026-09-05", "2026-09-07"], 0).len(),
            3
        );
    }

    #[test]
    fn rotated_logs_weekends_and_what_is_seldom_have_no_days() {
        let rotated = ["2026-09-01", "2026-09-02", "2026-09-04"];
        assert_eq!(said(&rotated, 1), [""; 0], "they run on");
        let week = ["2026-09-03", "2026-09-04", "2026-09-07", "2026-09-08"];
        assert_eq!(said(&week, 0), [""; 0]);
        assert_eq!(
            said(&["2026-09-01", "2026-09-02", "2026-09-17"], 0),
            [""; 0]
        );
        let seldom = rotated.map(|day| FileCoverage {
            parsed: 1,
            ..file(&format!("aws/{day}.json"), day, 0)
        });
        assert!(holes(&seldom).is_empty());
    }

    #[test]
    fn a_date_is_read_as_names_have_it() {
        let day = |path| dated(path).map(|(before, _)| before);
        assert_eq!(day("a/2026/09/01/x.json"), Some("a/"));
        assert_eq!(day("a/2026/09/01/1_eu_20260901T0905Z_q.json"), Some("a/"));
        assert_eq!(day("audit-2026-09-01.log"), Some("audit-"));
        for path in [
            "a/2026/13/01/x",
            "job-20260901123.log",
            "a/2026-09/01",
            "é/x",
        ] {
            assert_eq!(day(path), None, "{path}");
        }
    }
}
