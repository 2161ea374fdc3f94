//! How far the inputs reach: what each log holds, and every hole in it.
//!
//! A hole is found by what the inputs themselves say: a log that falls silent, a declared audit
//! device whose log is not there, a list that ends with a full page, a record that could not be
//! read, a policy that tokens carry and no export holds. What a rule makes of it is decided in one
//! place, by `assess`.

mod minutes;
mod page;
mod silence;
mod unexported;
mod unread;

pub(super) use minutes::{Log, Minutes, log_of};

use self::silence::Spoken;
use crate::identity::Identity;
use crate::model::{FileCoverage, Hole, Period, PolicyText, Timestamp};

/// What an estate is asked for its holes.
pub(super) struct Read<'r> {
    pub(super) minutes: &'r Minutes,
    pub(super) coverage: &'r [FileCoverage],
    pub(super) unreadable: &'r [(String, String)],
    pub(super) identity: &'r Identity,
    pub(super) policies: &'r [PolicyText],
    pub(super) period: Period,
    /// How long any continuous log may be silent, in microseconds.
    pub(super) silence: i64,
}

impl Read<'_> {
    /// Every hole, in order.
    pub(super) fn holes(&self) -> Vec<Hole> {
        let (directory, ledger) = (&self.identity.directory, &self.identity.ledger);
        let mut holes = self.silences();
        holes.extend(unread::holes(self.coverage, self.unreadable));
        holes.extend(page::holes(self.coverage));
        holes.extend(unexported::devices(self.minutes, directory));
        holes.extend(unexported::policies(ledger, self.policies));
        holes.extend(unexported::roles(ledger, directory));
        holes.extend(unexported::jobs(directory, self.period));
        holes.extend(unexported::projects(self.identity, self.period));
        holes.sort();
        holes.dedup();
        holes
    }

    /// The stretches in which a log should have spoken: between its records, and from them to the
    /// ends of the period.
    fn silences(&self) -> Vec<Hole> {
        let mut holes = Vec::new();
        for (log, spoken) in self.minutes.logs() {
            let (most, at_ends) = log.most(self.silence);
            let ends = Spoken {
                minutes: spoken,
                most: at_ends,
            };
            let spoken = Spoken {
                minutes: spoken,
                most,
            };
            let mut gap = |from: Timestamp, to: Timestamp, words: String| {
                let span = Period { from, to };
                holes.push(Hole::spanning(&log.of, span, words));
            };
            for silence in spoken.between() {
                let (from, to) = (silence.from, silence.to);
                if to > self.period.from && from < self.period.to {
                    gap(from, to, format!("{log} is silent from {from} to {to}"));
                }
            }
            let inside = |at: &Timestamp| self.period.contains(*at);
            let first = spoken
                .minutes
                .values()
                .map(|(first, _)| *first)
                .find(inside);
            let last = spoken.minutes.values().rev();
            let last = last.map(|(_, last)| *last).find(inside);
            let (from, to) = (self.period.from, self.period.to);
            let Some((first, last)) = first.zip(last) else {
                gap(from, to, format!("{log} holds nothing of the period"));
                continue;
            };
            if ends.is_unusual(from, first) {
                gap(from, first, format!("{log} begins at {first}"));
            }
            if ends.is_unusual(last, to) {
                gap(last, to, format!("{log} ends at {last}"));
            }
        }
        holes
    }
}
