//! A log that holds one side of what happened alone: of Vault's requests without a login, or without a
//! read, logins whose tokens nobody used, one record of the two that every operation has; of Google's one entry of the two
//! that a long operation has; of any log that says how things
//! ended, refusals of everything. Somebody's filter chose what it holds.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{EventKind, Hole, Outcome, System};
use crate::rule::in_words;
use crate::table::row::half::{Field, Half};
use crate::table::row::pairing::Lone;
use crate::table::row::parts::Parts;
use crate::table::row::{NONE, Symbols};

/// Requests from which one without any login is no accident.
const REQUESTS: u64 = 20;
/// Requests of which none reads or lists anything.
const WRITES: u64 = 10;
/// Tokens of which none was ever used.
const TOKENS: u64 = 3;
/// What reads do.
const READS: [&str; 2] = ["read", "list"];
/// Operations of which none was allowed.
const REFUSALS: u64 = 5;
/// Operations that lack a record from which it is no crash, and of how many one must.
const LONE: u64 = 5;
const SHARE: u64 = 10;
/// Long operations of Google that lack an entry from which none began before the log or ended after
/// it, and of how many one must.
const HALVES: u64 = 2;
const HALF_SHARE: u64 = 4;

/// How much of each side was read.
#[derive(Debug, Default)]
pub(in crate::estate) struct Sides {
    logins: u64,
    /// Logins that were answered with a token.
    tokens: u64,
    requests: u64,
    /// Requests that read or list.
    reads: u64,
    /// How many operations were logged, and how many of them allowed, by the log.
    ends: BTreeMap<&'static str, (u64, u64)>,
    /// Of how many of Google's nobody is named who did them, by the log.
    nameless: BTreeMap<&'static str, u64>,
    /// How many long operations Google logged, and of how many one entry alone.
    long: (u64, u64),
}

/// The log of a record that says how things ended. Google's log of refusals by policy holds nothing else.
fn ended(half: &Half) -> Option<&'static str> {
    let says = match half.system {
        System::Vault | System::Okta => true,
        System::Gcp => matches!(half.kind, EventKind::AdminActivity | EventKind::DataAccess),
        _ => false,
    };
    says.then(|| half.system.log(half.kind))
}

/// What a log is called that says how things ended.
fn called(log: &str) -> String {
    match log {
        "okta" => "Okta".to_owned(),
        "vault" => "Vault".to_owned(),
        of_google => in_words(of_google),
    }
}

impl Sides {
    /// Counts an operation.
    pub(in crate::estate) fn record(&mut self, half: &Half, parts: Parts, symbols: &Symbols) {
        let is_allowed = half.outcome == Outcome::Allowed;
        if let Some(log) = ended(half) {
            let (all, allowed) = self.ends.entry(log).or_default();
            *all += 1;
            *allowed += u64::from(is_allowed);
            if half.system == System::Gcp && half.sym(Field::Principal) == NONE {
                *self.nameless.entry(log).or_default() += 1;
            }
        }
        let alone = matches!(parts, Parts::First | Parts::Last);
        if alone || parts == Parts::FirstLast {
            self.long.0 += 1;
            self.long.1 += u64::from(alone);
        }
        if half.system != System::Vault {
            return;
        }
        if half.kind == EventKind::Login {
            self.logins += 1;
            self.tokens += u64::from(is_allowed && half.issues);
        } else {
            self.requests += 1;
            let operation = symbols.get(half.sym(Field::Operation));
            self.reads += u64::from(READS.contains(&operation));
        }
    }

    /// What is missing of the log, of whose records some have lost their other half.
    pub(in crate::estate) fn holes(&self, lone: &[(u8, Lone)]) -> Vec<Hole> {
        let all = self.logins + self.requests;
        let mut words = Vec::new();
        if self.logins == 0 && self.requests >= REQUESTS {
            words.push(format!(
                "{} request(s) to Vault were logged, and no login",
                self.requests
            ));
        }
        if self.reads == 0 && self.requests >= WRITES {
            words.push(format!(
                "{} request(s) to Vault were logged, and no read",
                self.requests
            ));
        }
        if self.requests == 0 && self.tokens >= TOKENS {
            words.push(format!(
                "{} token(s) of Vault were handed out, and no use of any was logged",
                self.tokens
            ));
        }
        // What another device has whole is not lost, and each device logs an operation once.
        let alone = lone.iter().map(|(_, lone)| lone);
        let alone = alone.filter(|lone| !lone.elsewhere && !lone.path.starts_with("sys/audit"));
        let alone: BTreeSet<_> = alone.map(|lone| (lone.at, lone.path.as_str())).collect();
        let alone = alone.len() as u64;
        if alone >= LONE && alone * SHARE >= all {
            words.push(format!(
                "{alone} of {all} operation(s) of Vault have one of their two records alone"
            ));
        }
        let vault = words.into_iter();
        let vault = vault.map(|words| Hole::somewhere("vault", words));
        let vault = vault.chain(self.refusals()).chain(self.halves());
        vault.chain(self.nobodys()).collect()
    }

    /// A hole of each log of Google's most of whose entries name nobody: a few may be of whoever
    /// reads what is public.
    fn nobodys(&self) -> impl Iterator<Item = Hole> {
        self.nameless.iter().filter_map(|(log, nameless)| {
            let (all, _) = self.ends.get(log)?;
            let words = format!(
                "{nameless} of {all} operation(s) of {} do not say who did them",
                called(log)
            );
            (*all >= REFUSALS && nameless * 2 > *all).then(|| Hole::somewhere(*log, words))
        })
    }

    /// The hole of a log of Google of whose long operations many lack an entry.
    fn halves(&self) -> Option<Hole> {
        let (all, alone) = self.long;
        (alone >= HALVES && alone * HALF_SHARE >= all).then(|| {
            let words = format!(
                "{alone} of {all} long operation(s) of Google Cloud have one of their two entries alone"
            );
            Hole::somewhere("gcp-audit", words)
        })
    }

    /// A hole of each log that holds refusals alone.
    fn refusals(&self) -> impl Iterator<Item = Hole> {
        let ends = self.ends.iter();
        let refused = ends.filter(|(_, (all, allowed))| *allowed == 0 && *all >= REFUSALS);
        refused.map(|(log, (all, _))| {
            let whose = called(log);
            let words = format!("{all} operation(s) of {whose} were logged, and none was allowed");
            Hole::somewhere(*log, words)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Event, Part, Place, Timestamp};

    fn said(logins: u64, requests: u64, allowed: u64) -> usize {
        let sides = Sides {
            logins,
            tokens: logins,
            requests,
            reads: 1,
            ends: [("vault", (logins + requests, allowed))].into(),
            ..Sides::default()
        };
        sides.holes(&[]).len()
    }

    #[test]
    fn operations_that_mostly_lack_a_record_were_chosen_from() {
        let lone = |at: i64, elsewhere| Lone {
            part: Part::Response,
            at: Timestamp(at),
            path: "kv/data/a".to_owned(),
            place: Place::of_line(1),
            elsewhere,
        };
        let said = |alone: i64, all: u64, elsewhere: bool| {
            let sides = Sides {
                logins: 1,
                requests: all - 1,
                reads: 1,
                ..Sides::default()
            };
            let lone: Vec<_> = (0..alone).map(|at| (0, lone(at, elsewhere))).collect();
            sides.holes(&lone).len()
        };
        assert_eq!(said(9, 20, false), 1);
        assert_eq!(said(9, 20, true), 0, "another device has them");
        assert_eq!(said(9, 200, false), 0, "what crashes leave");
        assert_eq!(said(4, 20, false), 0);
    }

    #[test]
    fn long_operations_of_google_that_mostly_lack_an_entry_were_chosen_from() {
        let said = |all, alone| {
            let sides = Sides {
                long: (all, alone),
                ..Sides::default()
            };
            sides.holes(&[]).into_iter().map(|hole| hole.of).next()
        };
        assert_eq!(said(2, 2).as_deref(), Some("gcp-audit"));
        assert_eq!(said(12, 3).as_deref(), Some("gcp-audit"));
        assert_eq!(said(13, 3), None, "at the ends of the log");
        assert_eq!((said(1, 1), said(0, 0)), (None, None));
    }

    #[test]
    fn refusals_by_policy_are_no_log_of_one_side() {
        let log = |kind| {
            let (place, at) = (Place::of_line(1), Timestamp(0));
            let event = Event::new(System::Gcp, kind, "x".into(), place, at);
            ended(&Half::new(&event, &mut Symbols::new()))
        };
        assert_eq!(log(EventKind::PolicyDenied), None);
        assert_eq!(log(EventKind::DataAccess), Some("gcp-audit/data-access"));
    }

    #[test]
    fn a_log_of_google_that_names_nobody_is_there_in_part() {
        let log = "gcp-audit/data-access";
        let said = |all, nameless| {
            let sides = Sides {
                ends: [(log, (all, all))].into(),
                nameless: [(log, nameless)].into(),
                ..Sides::default()
            };
            sides.holes(&[]).into_iter().map(|hole| hole.of).next()
        };
        assert_eq!(said(6, 6).as_deref(), Some(log));
        assert_eq!((said(6, 3), said(4, 4)), (None, None));
    }

    #[test]
    fn a_log_of_one_side_is_there_in_part() {
        assert_eq!(said(0, REQUESTS, 9), 1);
        assert_eq!(said(TOKENS, 0, TOKENS), 1);
        assert_eq!(said(2, 3, 0), 1);
    }

    #[test]
    fn a_log_of_which_nothing_reads_was_chosen_from() {
        let said = |requests, reads| {
            let sides = Sides {
                logins: 1,
                requests,
                reads,
                ..Sides::default()
            };
            sides.holes(&[]).len()
        };
        assert_eq!(
            (said(WRITES, 0), said(WRITES, 1), said(WRITES - 1, 0)),
            (1, 0, 0)
        );
    }

    #[test]
    fn refusals_alone_are_a_hole_of_their_log() {
        let holes = |log, all, allowed| {
            let ends = [("vault", (9, 9)), (log, (all, allowed))].into();
            let sides = Sides {
                ends,
                ..Sides::default()
            };
            let holes = sides.holes(&[]).into_iter();
            holes.map(|hole| hole.of).collect::<Vec<_>>()
        };
        for log in ["okta", "gcp-audit"] {
            assert_eq!(holes(log, REFUSALS, 0), [log]);
            assert!(holes(log, REFUSALS, 1).is_empty());
            assert!(holes(log, REFUSALS - 1, 0).is_empty());
        }
    }

    #[test]
    fn a_log_of_both_and_one_of_few_records_are_not() {
        assert_eq!(said(1, REQUESTS, 9), 0);
        assert_eq!(said(0, REQUESTS - 1, 9), 0);
        assert_eq!(said(TOKENS - 1, 0, 1), 0);
        assert_eq!(said(1, 3, 0), 0);
    }
}
