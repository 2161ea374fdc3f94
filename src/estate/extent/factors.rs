//! Second factors that Okta checked of people who had not signed on: a factor is asked for in a session,
//! and no session begins without a word. A log in which half of them lack one was thinned or cut.

use std::collections::{BTreeMap, BTreeSet};

use super::signed_on::{are_lost, before, since};
use crate::model::{Hole, Outcome, System, Timestamp};
use crate::table::row::Symbols;
use crate::table::row::half::{Field, Half};

/// What Okta's log calls a sign-on, and a factor that was checked.
const SIGN_ON: &str = "user.session.start";
const FACTOR: &str = "user.authentication.auth_via_mfa";

/// Who signed on and who was asked for a factor, and when.
#[derive(Debug, Default)]
pub(in crate::estate) struct Factors {
    /// The first record of the log.
    first: Option<Timestamp>,
    signed: BTreeMap<String, BTreeSet<Timestamp>>,
    checked: BTreeMap<String, Vec<Timestamp>>,
}

impl Factors {
    /// Keeps what a record tells.
    pub(in crate::estate) fn record(&mut self, half: &Half, symbols: &Symbols) {
        if half.system != System::Okta || half.outcome != Outcome::Allowed {
            return;
        }
        self.first = Some(self.first.map_or(half.at, |first| first.min(half.at)));
        let who = || symbols.get(half.sym(Field::Principal)).to_owned();
        match symbols.get(half.sym(Field::Operation)) {
            SIGN_ON => drop(self.signed.entry(who()).or_default().insert(half.at)),
            FACTOR => self.checked.entry(who()).or_default().push(half.at),
            _ => {}
        }
    }

    /// A hole of Okta's log, where half of the factors lack a sign-on before them.
    pub(in crate::estate) fn hole(&self) -> Option<Hole> {
        let since = since(self.first?);
        let (mut judged, mut lacking) = (0, 0);
        for (who, times) in &self.checked {
            let own = self.signed.get(who);
            for at in times.iter().filter(|at| **at >= since) {
                let explains = |own: &BTreeSet<_>| own.range(before(*at)).next().is_some();
                judged += 1;
                lacking += usize::from(!own.is_some_and(explains));
            }
        }
        are_lost(lacking, judged).then(|| {
            let words = format!(
                "{lacking} of {judged} factor(s) that Okta checked have no sign-on in its log before them"
            );
            Hole::somewhere("okta", words)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 3_600_000_000;

    /// What is said of sign-ons and factors at some hours after the log began.
    fn said(signed: &[(&str, i64)], checked: &[(&str, i64)]) -> Option<String> {
        let mut factors = Factors {
            first: Some(Timestamp(0)),
            ..Factors::default()
        };
        for (who, hour) in signed {
            let own = factors.signed.entry((*who).to_owned()).or_default();
            own.insert(Timestamp(hour * HOUR));
        }
        for (who, hour) in checked {
            let own = factors.checked.entry((*who).to_owned()).or_default();
            own.push(Timestamp(hour * HOUR));
        }
        factors.hole().map(|hole| hole.words)
    }

    #[test]
    fn factors_that_mostly_lack_a_sign_on_show_a_log_that_was_thinned() {
        let checked = [("ada", 30), ("bob", 31), ("cleo", 32)];
        let whole = [("ada", 30), ("bob", 31), ("cleo", 32)];
        assert_eq!(said(&whole, &checked), None);
        let words = said(&whole[..1], &checked).unwrap();
        assert!(words.starts_with("2 of 3 factor(s)"), "{words}");
        // Of another person, and of days before.
        assert!(said(&[("dan", 30), ("ada", 3), ("bob", 4)], &checked).is_some());
    }

    #[test]
    fn one_factor_of_many_and_those_of_sessions_before_the_log_show_nothing() {
        let checked = [("ada", 30), ("bob", 31), ("cleo", 32)];
        assert_eq!(said(&[("ada", 30), ("bob", 31)], &checked), None);
        assert_eq!(said(&[], &[("ada", 2), ("bob", 3), ("cleo", 4)]), None);
    }
}
