//! What is listened to in the logs: the stretches in which each should have spoken and did not.
//!
//! Of several logs of one source, devices or nodes, a stretch in which all of them are silent is
//! one of the source.

use std::collections::{BTreeMap, BTreeSet};

use super::minutes::{Log, MINUTE, Minutes, Spoke};
use super::node;
use super::quiet::{Kind, Quiet, is_within};
use super::silence::{Silence, Spoken};
use super::together;
use crate::estate::formats::source;
use crate::model::{FileId, Hole, Period, Source, Timestamp};

/// How long people sleep at least, in microseconds.
const NIGHT: i64 = 8 * 60 * MINUTE;

/// What silences are judged by.
pub(in crate::estate) struct Ear<'e> {
    pub(in crate::estate) period: Period,
    pub(in crate::estate) as_of: Timestamp,
    /// How long a log that never pauses may be silent, in microseconds.
    pub(in crate::estate) silence: i64,
    /// Whether the logs in some files never pause, where the configuration says so.
    pub(in crate::estate) continuous: &'e dyn Fn(&BTreeSet<FileId>) -> Option<bool>,
}

impl Ear<'_> {
    /// Every such stretch, in the order of the logs.
    pub(in crate::estate) fn silences(&self, minutes: &Minutes) -> Vec<Quiet> {
        let logs = node::logs(minutes);
        let mut sources: BTreeMap<&str, Vec<(&Log, &Spoke)>> = BTreeMap::new();
        for (log, spoke) in &logs {
            let of = log.of.as_str();
            sources.entry(of).or_default().push((log, spoke));
        }
        let mut all = Vec::new();
        let mut alone = Vec::new();
        for (of, logs) in sources {
            let mut own = logs.iter();
            match (of, own.next(), own.next()) {
                ("vault", Some(_), Some(_)) => all.extend(self.several(&logs)),
                ("gcp-audit/admin-activity" | "gcp-audit/data-access", Some(_), Some(_)) => {
                    all.extend(self.beside(&logs));
                }
                _ => {
                    all.extend(logs.iter().flat_map(|(log, spoke)| self.hear(log, spoke)));
                    alone.extend(logs);
                }
            }
        }
        let shared = together::silences(&logs, &all);
        all.extend(shared);
        let most = self.silence / MINUTE;
        let everywhere = together::everywhere(&logs, self.period, most, &all);
        let untold = everywhere.into_iter().filter(|one| {
            let mut own = all.iter().filter(|known| known.log == one.log);
            !own.any(|known| is_within(one, std::slice::from_ref(known)))
        });
        let untold: Vec<Quiet> = untold.collect();
        all.extend(untold);
        let two = alone.into_iter();
        let two: Vec<Quiet> = two
            .flat_map(|(log, spoke)| self.two(log, spoke, &all))
            .collect();
        all.extend(two);
        all
    }

    /// The stretches of several logs of one source.
    fn several(&self, logs: &[(&Log, &Spoke)]) -> Vec<Quiet> {
        let mut together = Spoke::default();
        logs.iter().for_each(|(_, spoke)| together.join(spoke));
        let of = logs.first().map_or("", |(log, _)| log.of.as_str());
        let whole = Log {
            of: of.to_owned(),
            which: String::new(),
            node: String::new(),
        };
        let shared = self.hear(&whole, &together);
        let is_shared = |one: &Quiet| is_within(one, &shared);
        // A node that speaks too seldom to be known says nothing by its silence while others speak.
        let own = logs.iter().flat_map(|(log, spoke)| self.hear(log, spoke));
        let own = own.filter(|one| (one.is_gap || one.kind != Kind::Between) && !is_shared(one));
        // Nor does it take back what the others show: a few records beside theirs may be a copy of some.
        let own = own.map(|one| Quiet {
            doubtful: one.doubtful || !one.is_gap,
            ..one
        });
        let own: Vec<Quiet> = own.collect();
        shared.into_iter().chain(own).collect()
    }

    /// The stretches of a log that came by several ways, the first of `logs`, and at the ends those
    /// of each of its sinks.
    fn beside(&self, logs: &[(&Log, &Spoke)]) -> Vec<Quiet> {
        let (all, sinks): (Vec<_>, Vec<_>) = logs.iter().partition(|(log, _)| log.which.is_empty());
        let shared: Vec<Quiet> = all
            .iter()
            .flat_map(|(log, spoke)| self.hear(log, spoke))
            .collect();
        let own = sinks.iter().flat_map(|(log, spoke)| self.hear(log, spoke));
        let own = own.filter(|one| !is_within(one, &shared));
        let own: Vec<Quiet> = own.collect();
        shared.into_iter().chain(own).collect()
    }

    /// The stretches of one log.
    fn hear(&self, log: &Log, spoke: &Spoke) -> Vec<Quiet> {
        let stated = (self.continuous)(&spoke.files);
        if stated == Some(false) {
            return Vec::new();
        }
        let continuous = stated.unwrap_or(log.of == "vault");
        let spoken = Spoken::of(spoke);
        let (most, at_ends) = log.most(self.silence, continuous);
        let half = self.half(log);
        let ends = at_ends.min(half);
        let Period { from, to } = self.period;
        let quiet = |kind, silence: Silence, is_gap| Quiet {
            log: log.clone(),
            silence,
            kind,
            is_gap,
            doubtful: false,
        };
        let inside = |minute: &super::minutes::Minute| {
            self.period.contains(minute.first) || self.period.contains(minute.last)
        };
        if !spoke.minutes.values().any(inside) {
            let silence = Silence {
                from,
                to,
                usual: 0,
                before: None,
                after: None,
            };
            return vec![quiet(Kind::Nothing, silence, false)];
        }
        let is_gap = continuous && spoken.is_known();
        let start = spoken.before(from, ends);
        let between = spoken.between(most.min(half)).into_iter();
        let between = between.filter(|silence| silence.to > from && silence.from < to);
        let end = spoken.after(to, ends);
        // Nobody can have logged what is not yet.
        let so_far = |silence: &Silence| silence.to <= self.as_of;
        let start = start.map(|silence| Quiet {
            doubtful: spoken.before(from, at_ends).is_none(),
            ..quiet(Kind::Start, silence, is_gap)
        });
        let end = end.map(|silence| {
            let is_gap = is_gap && (so_far(&silence) || self.ended(&spoken, at_ends));
            Quiet {
                doubtful: spoken.after(to, at_ends).is_none(),
                ..quiet(Kind::End, silence, is_gap)
            }
        });
        let too_long = spoken.between(most);
        let between = between.map(|silence| {
            let doubtful = !too_long.contains(&silence);
            Quiet {
                doubtful,
                ..quiet(Kind::Between, silence, is_gap && !doubtful)
            }
        });
        start.into_iter().chain(between).chain(end).collect()
    }

    /// Two stretches of a log that leave most of the period out together, where neither is told: of what
    /// lies in them it says as little as of what lies in a single one. At both ends that is two thirds
    /// of the period, between records nine tenths: a day with work in one morning of it is a whole one.
    fn two(&self, log: &Log, spoke: &Spoke, told: &[Quiet]) -> Vec<Quiet> {
        if (self.continuous)(&spoke.files) == Some(false) {
            return Vec::new();
        }
        let Period { from, to } = self.period;
        let part = |thirtieths: i64| to.0.saturating_sub(from.0) / 30 / MINUTE * thirtieths;
        let most = self.half(log).saturating_add(NIGHT / MINUTE);
        let (at_ends, anywhere) = (most.max(part(20)), most.max(part(27)));
        let two = Spoken::of(spoke).two(self.period, at_ends, anywhere);
        let quiet = |silence| Quiet {
            log: log.clone(),
            kind: Kind::of(&silence),
            silence,
            is_gap: false,
            doubtful: true,
        };
        let two: Vec<Quiet> = two.into_iter().flatten().map(quiet).collect();
        let overlaps = |one: &Quiet, other: &Quiet| {
            one.silence.from < other.silence.to && other.silence.from < one.silence.to
        };
        let mut own = told.iter().filter(|it| it.log.of == log.of);
        let known = own.any(|told| two.iter().any(|one| overlaps(one, told)));
        two.into_iter().filter(|_| !known).collect()
    }

    /// How long a log that people fill may be silent, in minutes, whatever it is used to: what says
    /// nothing of half of the period vouches for none of that half, but for a part of a night. Nor
    /// does what says nothing of two thirds of it at its two ends, or of a day but for four hours.
    fn half(&self, log: &Log) -> i64 {
        let period = self.period.to.0.saturating_sub(self.period.from.0);
        let least = if log.is_seldom() { self.silence } else { NIGHT };
        (period / 2).max(least) / MINUTE
    }

    /// Whether the log is silent too long before the moment that the run speaks from.
    fn ended(&self, spoken: &Spoken<'_>, most: i64) -> bool {
        spoken.after(self.as_of, most).is_some()
    }
}

/// The sources that fall silent for longer than `[thresholds] silence` before the period ends.
pub(in crate::estate) fn ended(minutes: &Minutes, ear: &Ear<'_>) -> Vec<Hole> {
    let mut last: BTreeMap<&str, (Timestamp, BTreeSet<FileId>)> = BTreeMap::new();
    for (log, spoke) in minutes.logs() {
        let of = log.of.split('/').next().unwrap_or(&log.of);
        let Some((_, minute)) = spoke.minutes.last_key_value() else {
            continue;
        };
        let known = last.entry(of).or_insert((minute.last, BTreeSet::new()));
        known.0 = known.0.max(minute.last);
        known.1.extend(&spoke.files);
    }
    let needed = last.into_iter().filter(|(of, (_, files))| {
        let stated = (ear.continuous)(files);
        stated.unwrap_or_else(|| source(of).is_some_and(Source::is_continuous))
    });
    let to = ear.period.to;
    let ended = needed.filter(|(_, (at, _))| at.plus_micros(ear.silence) < to);
    ended
        .map(|(of, (from, _))| {
            let words = format!("{of} falls silent at {from}");
            Hole::spanning(of, Period { from, to }, words)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Place;

    const HOUR: i64 = 60;
    const DAY: i64 = 24 * HOUR;

    /// The silences of logs over a period of `days`.
    fn over(days: i64, all: &Minutes) -> Vec<Quiet> {
        let to = Timestamp(days * DAY * MINUTE);
        let ear = Ear {
            period: Period {
                from: Timestamp(0),
                to,
            },
            as_of: to,
            silence: DAY * MINUTE,
            continuous: &|_| None,
        };
        ear.silences(all)
    }

    /// What is missing at the ends of a period of `days` of a log that people fill.
    fn ends(days: i64, minutes: &[i64]) -> Vec<(&'static str, bool)> {
        let log = Log {
            of: "cloudtrail".to_owned(),
            which: String::new(),
            node: String::new(),
        };
        let mut all = Minutes::default();
        let records = minutes.iter().map(|minute| Timestamp(minute * MINUTE));
        all.add(log, records.map(|at| (at, Place::of_line(1))));
        let quiet = over(days, &all);
        let said = quiet.iter();
        let said = said.map(|one| (one.kind.as_str(), one.hole().doubtful));
        said.collect()
    }

    #[test]
    fn a_log_that_leaves_half_of_the_period_out_is_there_in_part() {
        let first_day = [9 * HOUR, 10 * HOUR, 12 * HOUR];
        assert_eq!(ends(4, &first_day), [("end", true)]);
        // What is left of a log that spoke often is as little known.
        let last_day = [3 * DAY + HOUR, 3 * DAY + 5 * HOUR];
        assert_eq!(ends(4, &last_day), [("start", true)]);
        let through = [6 * HOUR, DAY, 2 * DAY, 3 * DAY + HOUR];
        assert!(ends(4, &through).is_empty());
        // Ten times a night is longer than the rest of the period, and no reason to call it seen.
        let by_day: Vec<i64> = (0..3)
            .flat_map(|day| (0..12).map(move |minute| day * DAY + 8 * HOUR + minute))
            .collect();
        assert_eq!(ends(8, &by_day).last(), Some(&("end", true)));
        // The same of a single day, but for a night.
        assert_eq!(ends(1, &[10]), [("end", true)]);
        assert_eq!(ends(1, &[10, 23 * HOUR]), [("between", true)]);
        assert!(ends(1, &[7 * HOUR, 12 * HOUR, 18 * HOUR]).is_empty());
        // What is left of the day lies between two halves of it.
        let page: Vec<i64> = (0..10).map(|minute| 12 * HOUR + minute).collect();
        assert_eq!(ends(1, &page), [("start", true), ("end", true)]);
        // So it does between a record of each night.
        let nights: Vec<i64> = [5, 23 * HOUR + 55].into_iter().chain(page).collect();
        let between = [("between", true), ("between", true)];
        assert_eq!(ends(1, &nights), between);
        // Changes of three days a month are no part of more.
        assert!(ends(30, &[DAY, 12 * DAY, 24 * DAY]).is_empty());
        assert_eq!(ends(30, &[HOUR, 14 * DAY + HOUR, 29 * DAY]), between);
        // A morning of work between a record of each night.
        let morning = (9 * HOUR..12 * HOUR).step_by(15);
        let day: Vec<i64> = [10, 23 * HOUR + 45].into_iter().chain(morning).collect();
        assert!(ends(1, &day).is_empty());
        // Two stretches of two days each leave enough of a week.
        assert!(ends(7, &[2 * DAY, 3 * DAY, 5 * DAY]).is_empty());
        // A week of a month is a holiday, more of it is none.
        assert!(ends(30, &[6 * DAY, 15 * DAY, 24 * DAY]).is_empty());
        let late = [8 * DAY, 15 * DAY, 24 * DAY];
        assert_eq!(ends(30, &late), [("start", false)]);
    }

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
            [at(9 * HOUR), at(3 * DAY), at(5 * DAY)].into_iter(),
        );
        let quiet = over(8, &all);
        let ends: Vec<&str> = quiet.iter().map(|one| one.log.of.as_str()).collect();
        assert_eq!(ends, ["gcp-audit/data-access", "gcp-audit/admin-activity"]);
    }

    #[test]
    fn what_is_missing_of_googles_logs_is_missing_of_the_one_of_few_records_too() {
        let silent = |hours: i64, speaks: bool| {
            let mut all = Minutes::default();
            let gone = |at: &i64| (10 * DAY..12 * DAY).contains(at);
            let often = (0..20 * 24).map(|hour| hour * HOUR);
            let seldom = (0..20 * 24 / hours).map(|one| one * hours * HOUR + 20);
            let inside = |at: &i64| speaks || !gone(at);
            all.add(of("gcp-requests"), often.filter(|it| !gone(it)).map(at));
            all.add(
                of("gcp-audit/admin-activity"),
                seldom.filter(inside).map(at),
            );
            let quiet = over(20, &all);
            let said = quiet.iter();
            said.map(|one| one.log.of.clone()).collect::<Vec<_>>()
        };
        assert_eq!(silent(12, false).len(), 2);
        assert_eq!(silent(12, true), ["gcp-requests"]);
        // What changes once in four days may not have changed in two.
        assert_eq!(silent(96, false), ["gcp-requests"]);
    }

    /// Which logs are silent where each of three holds a record every `hours`, but for two days of
    /// work.
    fn of_three(hours: i64, gone: std::ops::Range<i64>) -> Vec<(String, bool)> {
        let mut all = Minutes::default();
        for (at_minute, name) in [(0, "okta"), (20, "hoop"), (40, "gitlab-jobs")] {
            let records = (0..12 * 24 / hours).map(|one| one * hours * HOUR + at_minute);
            all.add(of(name), records.filter(|it| !gone.contains(it)).map(at));
        }
        let quiet = over(12, &all);
        let said = quiet.iter();
        said.map(|one| (one.log.of.clone(), one.doubtful)).collect()
    }

    #[test]
    fn a_device_of_few_records_vouches_for_nothing_and_takes_nothing_back() {
        let device = |which: &str| Log {
            which: which.to_owned(),
            ..of("vault")
        };
        let mut all = Minutes::default();
        let ten = (0..8 * 24 * 6).map(|ten| at(ten * 10));
        all.add(device("vault/file"), ten.clone());
        all.add(device("vault/third"), [at(4 * DAY)].into_iter());
        let quiet = over(8, &all);
        let said = quiet
            .iter()
            .map(|one| (one.log.which.as_str(), one.kind, one.doubtful));
        assert_eq!(
            said.collect::<Vec<_>>(),
            [
                ("vault/third", Kind::Start, true),
                ("vault/third", Kind::End, true)
            ]
        );
        let mut ended = Minutes::default();
        ended.add(device("vault/file"), ten.clone());
        ended.add(device("vault/socket"), ten.take(3 * 24 * 6));
        let quiet = over(8, &ended);
        assert_eq!(quiet.len(), 1);
        assert!(!quiet[0].doubtful, "a log that was known to speak ended");
    }

    #[test]
    fn what_is_missing_of_every_log_is_missing_of_each_and_a_weekend_is_not() {
        // The first day of the epoch was a Thursday.
        assert_eq!(of_three(12, 0..0), []);
        let names = ["gitlab-jobs", "hoop", "okta"];
        let all = names.map(|name| (name.to_owned(), true));
        assert_eq!(of_three(12, 5 * DAY..6 * DAY + 8 * HOUR), all);
        assert_eq!(of_three(12, 2 * DAY..4 * DAY), [], "Saturday and Sunday");
    }

    #[test]
    fn a_night_without_any_log_is_missing_of_each_where_one_never_pauses() {
        let over_night = |gone: std::ops::Range<i64>, also: &[i64]| -> Vec<String> {
            let outside = |minutes: &i64| !gone.contains(minutes);
            let mut all = Minutes::default();
            let vault = (0..20 * 24 * 6).map(|ten| ten * 10).filter(outside);
            all.add(of("vault"), vault.map(at));
            // Seldom enough to pause as long elsewhere.
            for (minute, name) in [(1, "gcp-audit/admin-activity"), (2, "okta")] {
                let hours = (0..20).flat_map(|day| [9, 11].map(|hour| day * DAY + hour * HOUR));
                let records = hours.map(|hour| hour + minute);
                let own = also.iter().copied().filter(|_| minute == 1);
                let records = records.filter(outside).chain(own);
                let mut records: Vec<i64> = records.collect();
                records.sort_unstable();
                all.add(of(name), records.into_iter().map(at));
            }
            over(20, &all)
                .iter()
                .map(|one| one.log.of.clone())
                .collect()
        };
        let gone = 4 * DAY + 20 * HOUR..5 * DAY + 16 * HOUR;
        let each = ["vault", "gcp-audit/admin-activity", "okta"];
        assert_eq!(over_night(gone.clone(), &[]), each);
        // Records in the middle show that the others were read.
        let read = [5 * DAY + 2 * HOUR, 5 * DAY + 9 * HOUR];
        assert_eq!(over_night(gone, &read), ["vault"]);
        assert_eq!(over_night(0..0, &[]), [""; 0]);
        // In so short a gap nobody need have spoken.
        let short = 5 * DAY + 2 * HOUR..5 * DAY + 5 * HOUR;
        assert_eq!(over_night(short, &[]), ["vault"]);
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
