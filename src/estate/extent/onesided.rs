//! A log of Vault that holds one side of what happened alone: requests without a login, logins whose
//! tokens nobody used, refusals of everything, one record of the two that every operation has.
//! Somebody's filter chose what it holds.

use std::collections::BTreeSet;

use crate::model::{EventKind, Hole, Outcome, System};
use crate::table::row::half::Half;
use crate::table::row::pairing::Lone;

/// Requests from which one without any login is no accident.
const REQUESTS: u64 = 20;
/// Tokens of which none was ever used.
const TOKENS: u64 = 3;
/// Operations of which none was allowed.
const REFUSALS: u64 = 5;
/// Operations that lack a record from which it is no crash, and of how many one must.
const LONE: u64 = 5;
const SHARE: u64 = 10;

/// How much of each side was read.
#[derive(Debug, Default)]
pub(in crate::estate) struct Sides {
    logins: u64,
    /// Logins that were answered with a token.
    tokens: u64,
    requests: u64,
    allowed: u64,
}

impl Sides {
    /// Counts an operation.
    pub(in crate::estate) fn record(&mut self, half: &Half) {
        if half.system != System::Vault {
            return;
        }
        let is_allowed = half.outcome == Outcome::Allowed;
        self.allowed += u64::from(is_allowed);
        if half.kind == EventKind::Login {
            self.logins += 1;
            self.tokens += u64::from(is_allowed && half.issues);
        } else {
            self.requests += 1;
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
        if self.requests == 0 && self.tokens >= TOKENS {
            words.push(format!(
                "{} token(s) of Vault were handed out, and no use of any was logged",
                self.tokens
            ));
        }
        if self.allowed == 0 && all >= REFUSALS {
            words.push(format!(
                "{all} operation(s) of Vault were logged, and none was allowed"
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
        let holes = words.into_iter();
        holes.map(|words| Hole::somewhere("vault", words)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Part, Place, Timestamp};

    fn said(logins: u64, requests: u64, allowed: u64) -> usize {
        let sides = Sides {
            logins,
            tokens: logins,
            requests,
            allowed,
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
                allowed: all,
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
    fn a_log_of_one_side_is_there_in_part() {
        assert_eq!(said(0, REQUESTS, 9), 1);
        assert_eq!(said(TOKENS, 0, TOKENS), 1);
        assert_eq!(said(2, 3, 0), 1);
    }

    #[test]
    fn a_log_of_both_and_one_of_few_records_are_not() {
        assert_eq!(said(1, REQUESTS, 9), 0);
        assert_eq!(said(0, REQUESTS - 1, 9), 0);
        assert_eq!(said(TOKENS - 1, 0, 1), 0);
        assert_eq!(said(1, 3, 0), 0);
    }
}
