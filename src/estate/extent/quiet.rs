//! The stretches of the period in which a log should have spoken and did not: at its start, between
//! its records, at its end, and of a log that holds nothing of the period at all.

use super::minutes::{LEAST, Log, MINUTE};
use super::silence::Silence;
use crate::estate::Error;
use crate::estate::fact_rows::EvidenceColumns;
use crate::model::{Hole, Period, Place, Timestamp};
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
    /// Where a silence lies whose log speaks in the period.
    pub(super) fn of(silence: &Silence) -> Kind {
        match (silence.before, silence.after) {
            (None, _) => Kind::Start,
            (_, None) => Kind::End,
            _ => Kind::Between,
        }
    }

    pub(super) fn as_str(self) -> &'static str {
        match self {
            Kind::Start => "start",
            Kind::Between => "between",
            Kind::End => "end",
            Kind::Nothing => "nothing",
        }
    }
}

impl Quiet {
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
