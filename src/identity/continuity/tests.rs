//! Devices whose handles begin anew, and those that go on.

use super::*;
use crate::identity::sample::{minute, place};
use crate::model::{Event, EventKind, Handles, Issued, Outcome, System};
use crate::table::row::Symbols;
use crate::table::row::half::Half;

/// One device's log: `(minute, person, salt)` logs in, `(minute, person, issued, salt)` uses.
#[derive(Default)]
struct Log {
    continuity: Accessors,
    line: u64,
}

impl Log {
    fn add(&mut self, at: i64, login: bool, who: &str, issued: i64, accessor: String) {
        self.line += 1;
        let kind = if login {
            EventKind::Login
        } else {
            EventKind::Request
        };
        let id = format!("r{}", self.line);
        let mut event = Event::new(System::Vault, kind, id.into(), place(self.line), minute(at));
        event.outcome = Outcome::Allowed;
        let handles = Handles {
            accessor: Some(accessor.into()),
            token: None,
        };
        if login {
            event.issued = Some(Issued {
                handles,
                entity_id: Some(who.to_owned().into()),
                ..Issued::default()
            });
        } else {
            event.caller = handles;
            event.entity_id = Some(who.to_owned().into());
            event.token_issued_at = Some(minute(issued));
        }
        let mut symbols = Symbols::new();
        let half = Half::new(&event, &mut symbols);
        self.continuity.record(0, &half, &symbols);
    }

    /// Logs people in at minute 10 under one salt, and lets them go on at `at` under another.
    fn people(&mut self, count: usize, at: i64, before: &str, after: &str) {
        for person in 0..count {
            let who = format!("e{person}");
            self.add(10, true, &who, 10, format!("{before}{person}"));
            self.add(at, false, &who, 10, format!("{after}{person}"));
        }
    }

    fn found(&self) -> Vec<(&'static str, i64)> {
        let found = self.continuity.breaks(&["vault/".to_owned()]);
        found
            .iter()
            .map(|fact| (fact.kind.as_str(), fact.at.0 / 60_000_000))
            .collect()
    }
}

const ONE: &str = "hmac-sha256:a";
const OTHER: &str = "hmac-sha256:b";

#[test]
fn tokens_that_go_on_under_other_hashes_are_a_break() {
    let mut log = Log::default();
    log.people(3, 60, ONE, OTHER);
    assert_eq!(log.found(), [("accessors-severed", 60)]);
    let fact = log.continuity.breaks(&["vault/".to_owned()]).remove(0);
    assert_eq!(fact.subject, "vault:device/vault/");
    assert_eq!(
        fact.observed,
        "3 tokens go on under other accessors, none under its own"
    );
}

#[test]
fn tokens_that_go_on_under_their_own_are_none() {
    let mut log = Log::default();
    log.people(5, 60, ONE, ONE);
    assert_eq!(log.found(), []);
    // Two lost answers of logins of the same second prove nothing.
    let mut log = Log::default();
    log.people(2, 60, ONE, OTHER);
    assert_eq!(log.found(), []);
    // Nor do more, where other tokens do go on.
    let mut log = Log::default();
    log.people(4, 60, ONE, OTHER);
    log.add(10, true, "x", 10, format!("{ONE}x"));
    log.add(90, false, "x", 10, format!("{ONE}x"));
    assert_eq!(log.found(), []);
}

/// The answers of logins may be older than the log: nothing says under what hash they went out.
#[test]
fn tokens_from_before_the_log_are_none() {
    let mut log = Log::default();
    for person in 0..5 {
        log.add(
            60,
            false,
            &format!("e{person}"),
            10,
            format!("{OTHER}{person}"),
        );
    }
    assert_eq!(log.found(), []);
}

#[test]
fn hashed_accessors_that_become_clear_are_told_with_or_without_tokens_across() {
    let mut log = Log::default();
    log.people(3, 60, ONE, "clear");
    assert_eq!(
        log.found(),
        [("accessor-form-changed", 60), ("accessors-severed", 60)]
    );
    let mut log = Log::default();
    log.add(10, true, "a", 10, "clear1".to_owned());
    log.add(40, true, "b", 40, format!("{ONE}1"));
    assert_eq!(log.found(), [("accessor-form-changed", 40)]);
    // Two devices whose files lie in one folder.
    log.add(50, false, "a", 10, "clear1".to_owned());
    assert_eq!(log.found(), []);
}
