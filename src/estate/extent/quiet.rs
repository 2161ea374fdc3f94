//! The stretches of the period in which a log should have spoken and did not: at its start, between
//! its records, at its end, and of a log that holds nothing of the period at all.
//!
//! Of several logs of one source, devices or nodes, a stretch in which all of them are silent is
//! one of the source.

use std::collections::{BTreeMap, BTreeSet};

use super::minutes::{LEAST, Log, MINUTE, Minutes, Spoke};
use super::node;
use super::silence::{Silence, Spoken};
use super::together;
use crate::estate::Error;
use crate::estate::fact_rows::EvidenceColumns;
use crate::estate::formats::source;
use crate::model::{FileId, Hole, Period, Place, Source, Timestamp};
use crate::table::row::{Batch, silence as table};

/// A stretch in which a log should have spoken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::estate) struct Quiet {
    pub(super) log: Log,
    pub(super) silence: Silence,
    pub(super) kind: Kind,
    /// Whether a log that never pauses, and that spoke often enough to be known, is silent.
    pub(super) is_gap: bool,
    /// Whether it may have had nothing to say: it leaves out half of the period, and no week.
    pub(super) doubtful: bool,
}

/// Where in the period a stretch lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Start,
    Between,
    End,
    /// The log holds nothing of the period.
    Nothing,
}

impl Kind {
    fn as_str(self) -> &'static str {
        match self {
            Kind::Start => "start",
            Kind::Between => "between",
            Kind::End => "end",
            Kind::Nothing => "nothing",
        }
    }
}

/// What silences are judged by.
pub(in crate::estate) struct Ear<'e> {
    pub(in crate::estate) period: Period,
    pub(in crate::estate) as_of: Timestamp,
    /// How long a log that never pauses may be silent, in microseconds.
    pub(in crate::estate) silence: i64,
    /// Whether the logs in some files never pause, where the configuration says so.
    pub(in crate::estate) continuous: &'e dyn Fn(&BTreeSet<FileId>) -> Option<bool>,
}

impl Quiet {
    /// Every such stretch, in the order of the logs.
    pub(in crate::estate) fn all(minutes: &Minutes, ear: &Ear<'_>) -> Vec<Quiet> {
        let logs = node::logs(minutes);
        let mut sources: BTreeMap<&str, Vec<(&Log, &Spoke)>> = BTreeMap::new();
        for (log, spoke) in &logs {
            let of = log.of.as_str();
            sources.entry(of).or_default().push((log, spoke));
        }
        let mut all = Vec::new();
        for (of, logs) in sources {
            let mut own = logs.iter();
            match (of, own.next(), own.next()) {
                ("vault", Some(_), Some(_)) => all.extend(ear.several(&logs)),
                ("gcp-audit/admin-activity" | "gcp-audit/data-access", Some(_), Some(_)) => {
                    all.extend(ear.beside(&logs));
                }
                _ => all.extend(logs.iter().flat_map(|(log, spoke)| ear.hear(log, spoke))),
            }
        }
        let shared = together::silences(&logs, &all);
        all.extend(shared);
        all
    }

    /// The stretch as a hole of the log.
    pub(super) fn hole(&self) -> Hole {
        let (log, Silence { from, to, .. }) = (&self.log, self.silence);
        let words = match self.kind {
            Kind::Start => format!("{log} begins at {to}, {} into the period", lasted(from, to)),
            Kind::Between => format!("{log} is silent from {from} to {to}"),
            Kind::End => format!(
                "{log} ends at {from}, {} before the period does",
                lasted(from, to)
            ),
            Kind::Nothing => format!("{log} holds nothing of the period"),
        };
        Hole {
            doubtful: self.doubtful,
            ..Hole::spanning(&log.of, Period { from, to }, words)
        }
    }

    /// The stretch with what is usual, in words.
    fn stretch(&self) -> String {
        let Silence {
            from, to, usual, ..
        } = self.silence;
        let ends = match self.kind {
            Kind::Start => ", from the start of the period",
            Kind::End => ", to the end of the period",
            Kind::Between | Kind::Nothing => "",
        };
        let usual = match usual {
            minutes if minutes < 120 => format!("{minutes} minutes"),
            minutes => format!("{} hours", minutes / 60),
        };
        format!("from {from} to {to}{ends}; up to {usual} would be usual then")
    }

    /// The ends of the stretch: when, and the record there.
    fn ends(&self) -> impl Iterator<Item = (Timestamp, Place)> {
        let Silence {
            from,
            to,
            before,
            after,
            ..
        } = self.silence;
        let before = before.map(|place| (from, place));
        before.into_iter().chain(after.map(|place| (to, place)))
    }
}

/// How long a stretch is, to the day, the hour or the minute.
fn lasted(from: Timestamp, to: Timestamp) -> String {
    let minutes = to.0.saturating_sub(from.0) / 60_000_000;
    match minutes {
        2_880.. => format!("{} days", minutes / 1_440),
        120.. => format!("{} hours", minutes / 60),
        _ => format!("{minutes} minutes"),
    }
}

/// Whether a stretch lies within one of others, but for minutes.
pub(super) fn is_within(one: &Quiet, others: &[Quiet]) -> bool {
    let slack = LEAST * MINUTE;
    let (from, to) = (one.silence.from, one.silence.to);
    others.iter().any(|all| {
        let (first, last) = (all.silence.from, all.silence.to);
        first.plus_micros(-slack) <= from && to <= last.plus_micros(slack)
    })
}

impl Ear<'_> {
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
        let ends = at_ends.min(self.half());
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
        let between = spoken.between(most).into_iter();
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
        let between = between.map(|silence| quiet(Kind::Between, silence, is_gap));
        start.into_iter().chain(between).chain(end).collect()
    }

    /// How long a log that people fill may be silent at an end of the period, in minutes, whatever it
    /// is used to: what says nothing of half of the period vouches for none of that half.
    fn half(&self) -> i64 {
        let period = self.period.to.0.saturating_sub(self.period.from.0);
        self.silence.max(period / 2) / MINUTE
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

/// Rows of the silences that a log which never pauses must not have, with the records at both ends.
pub(in crate::estate) fn silence_rows(quiet: &[Quiet], files: &[String]) -> Result<Batch, Error> {
    let mut batch = Batch::new(&table::SCHEMA);
    for one in quiet.iter().filter(|one| one.is_gap) {
        let file = |place: &Place| files.get(place.file.0 as usize).map_or("", String::as_str);
        let Silence {
            from, to, usual, ..
        } = one.silence;
        let resumes = one.silence.after.or(one.silence.before);
        let resumes = resumes.as_ref().map_or("", file);
        for (at, place) in one.ends() {
            let mut row = batch.row();
            row.text(table::SOURCE, &one.log.of)
                .text(table::DEVICE, &device(&one.log))
                .text(table::KIND, one.kind.as_str())
                .int(table::FROM_AT, from.0)
                .int(table::TO_AT, to.0)
                .int(table::USUAL_MINUTES, usual)
                .text(table::STRETCH, &one.stretch())
                .text(table::FILE, resumes)
                .int(table::AT, at.0);
            EvidenceColumns(table::SOURCE_FILE).fill(&mut row, place, files)?;
        }
    }
    Ok(batch)
}

/// What a log is called beside others of its source: the folder of its files, and the node.
fn device(log: &Log) -> String {
    match (log.which.as_str(), log.node.as_str()) {
        ("", "") => String::new(),
        ("", node) => format!("./{node}"),
        (folder, node) => format!("{folder}/{node}"),
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(in crate::estate::extent) const HOUR: i64 = 60;
    pub(in crate::estate::extent) const DAY: i64 = 24 * HOUR;

    /// The silences of logs over a period of `days`.
    pub(in crate::estate::extent) fn over(days: i64, all: &Minutes) -> Vec<Quiet> {
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
        Quiet::all(all, &ear)
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
        // A week of a month is a holiday, more of it is none.
        assert!(ends(30, &[6 * DAY, 15 * DAY, 24 * DAY]).is_empty());
        let late = [8 * DAY, 15 * DAY, 24 * DAY];
        assert_eq!(ends(30, &late), [("start", false)]);
    }
}
