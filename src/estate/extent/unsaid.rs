//! What records leave out that every record of theirs says: it was cut from them, and whatever asks
//! for it finds nothing.

use std::collections::BTreeMap;

use crate::model::{EventKind, Hole, Outcome, Period, System, Timestamp, is_cut, is_taken_out};
use crate::table::row::half::{Field, Half, Listed};
use crate::table::row::{NONE, Symbols};

/// Engines of Vault that lease every credential they hand out.
const LEASING: [&str; 5] = ["consul", "database", "mongodbatlas", "nomad", "rabbitmq"];

/// What holes of sign-ons without their device are called.
const DEVICE: &str = "sign-on-device";

/// What a record lacks, by the source that says it otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Lack {
    /// An answer to a login with neither a token nor a reason.
    Token,
    /// A token without its lifetime.
    Lifetime,
    /// A token whose policies nobody knows.
    Policies,
    /// A leased credential without its lease.
    Lease,
    /// A record of the identity provider that does not say how it ended.
    Outcome,
    /// A sign-on that does not say from which device, which only some rules ask.
    Device,
    /// A record of the identity provider that nobody acted in.
    Actor,
    /// A session of the proxy without its user.
    User,
    /// A record of Google Cloud of an account without its domain.
    Domain,
    /// An audit event of GitLab without the name of its type, as old servers write them.
    Type,
}

impl Lack {
    fn of(self) -> &'static str {
        match self {
            Lack::Token | Lack::Lifetime | Lack::Policies | Lack::Lease => "vault",
            Lack::Outcome | Lack::Actor => "okta",
            Lack::Device => DEVICE,
            Lack::Domain => "gcp-audit",
            Lack::User => "hoop",
            Lack::Type => "gitlab-audit",
        }
    }

    fn words(self) -> &'static str {
        match self {
            Lack::Token => "login(s) to Vault were answered with neither a token nor a reason",
            Lack::Lifetime => "login(s) to Vault do not say how long their token lasts",
            Lack::Policies => "login(s) to Vault do not say which policies their token carries",
            Lack::Lease => "credential(s) that Vault handed out have no lease",
            Lack::Outcome => "record(s) of Okta do not say how they ended",
            Lack::Device => "sign-on(s) to Okta do not say from which device",
            Lack::Actor => "record(s) of Okta do not say who acted",
            Lack::Domain => "record(s) of Google Cloud name an account without its domain",
            Lack::User => "session(s) of the proxy do not say whose they are",
            Lack::Type => "audit event(s) of GitLab do not name their type",
        }
    }
}

/// How many records leave something out, and from when to when.
#[derive(Clone, Copy, Debug)]
struct Found {
    records: u64,
    first: Timestamp,
    last: Timestamp,
}

/// How many records leave out what.
#[derive(Debug, Default)]
pub(in crate::estate) struct Unsaid {
    found: BTreeMap<Lack, Found>,
}

impl Unsaid {
    /// Keeps what an operation leaves out.
    pub(in crate::estate) fn record(&mut self, half: &Half, symbols: &Symbols) {
        let says = |field| half.sym(field) != NONE;
        let mut lacks = |lack, is_lacking: bool| {
            if is_lacking {
                let found = self.found.entry(lack).or_insert(Found {
                    records: 0,
                    first: half.at,
                    last: half.at,
                });
                found.records += 1;
                found.first = found.first.min(half.at);
                found.last = found.last.max(half.at);
            }
        };
        let is_allowed = half.outcome == Outcome::Allowed;
        let is_unknown = half.outcome == Outcome::Unknown;
        match (half.system, half.kind) {
            (System::Vault, EventKind::Login) => {
                let hands_out = is_allowed && half.issues;
                let policies = half.list(Listed::IssuedPolicies);
                lacks(Lack::Token, is_unknown && says(Field::Error));
                lacks(Lack::Lifetime, hands_out && half.issued_ttl.is_none());
                lacks(Lack::Policies, hands_out && policies.is_empty());
            }
            (System::Vault, EventKind::Request) => {
                let is_leased = LEASING.contains(&symbols.get(half.sym(Field::Service)))
                    && symbols.get(half.sym(Field::Operation)) == "read"
                    && symbols.get(half.sym(Field::Path)).contains("/creds/");
                lacks(Lack::Lease, is_leased && is_allowed && !half.issues);
            }
            (System::Okta, _) => {
                lacks(Lack::Outcome, is_unknown);
                lacks(Lack::Actor, !says(Field::Principal));
                let name = symbols.get(half.sym(Field::Operation));
                let signs_on = is_allowed && name == "user.session.start";
                lacks(Lack::Device, signs_on && !says(Field::Device));
            }
            (System::Gitlab, EventKind::GitlabAudit) => {
                // What stands in its place is a sentence.
                let name = symbols.get(half.sym(Field::Operation));
                lacks(
                    Lack::Type,
                    name.is_empty() || name.contains(' ') || is_taken_out(name),
                );
            }
            (System::Gcp, _) => lacks(
                Lack::Domain,
                is_cut(symbols.get(half.sym(Field::Principal))),
            ),
            (System::Hoop, _) => lacks(Lack::User, is_allowed && !says(Field::Principal)),
            _ => {}
        }
    }

    /// A hole of a source for each thing that its records of a period leave out.
    pub(in crate::estate) fn holes(&self, period: Period) -> Vec<Hole> {
        let within = self
            .found
            .iter()
            .filter(|(_, found)| found.last >= period.from && found.first < period.to);
        let holes = within.map(|(lack, found)| {
            Hole::somewhere(lack.of(), format!("{} {}", found.records, lack.words()))
        });
        holes.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Event, Issued, Part, Place, Text};

    const PERIOD: Period = Period {
        from: Timestamp(10),
        to: Timestamp(20),
    };

    fn said(events: &[Event<'_>]) -> Vec<(String, String)> {
        let mut symbols = Symbols::new();
        let mut unsaid = Unsaid::default();
        for event in events {
            let half = Half::new(event, &mut symbols);
            unsaid.record(&half, &symbols);
        }
        let holes = unsaid.holes(PERIOD).into_iter();
        holes.map(|hole| (hole.of, hole.words)).collect()
    }

    fn event(system: System, kind: EventKind, at: i64, outcome: Outcome) -> Event<'static> {
        let place = Place::of_line(1);
        let mut event = Event::new(system, kind, Text::Borrowed("id"), place, Timestamp(at));
        event.part = Part::Response;
        event.outcome = outcome;
        event
    }

    fn login(at: i64, lasts: Option<i64>) -> Event<'static> {
        let mut login = event(System::Vault, EventKind::Login, at, Outcome::Allowed);
        let issued = Issued {
            ttl_seconds: lasts,
            policies: vec![Text::Borrowed("app")],
            ..Issued::default()
        };
        login.issued = Some(issued);
        login
    }

    #[test]
    fn a_token_without_its_lifetime_is_a_hole_of_the_log_within_the_period() {
        let holes = said(&[login(11, None), login(12, None), login(13, Some(60))]);
        let words = "2 login(s) to Vault do not say how long their token lasts";
        assert_eq!(holes, [("vault".to_owned(), words.to_owned())]);
        assert_eq!(said(&[login(11, Some(60))]), []);
        assert_eq!(said(&[login(21, None)]), [], "after the period");
    }

    #[test]
    fn a_second_factor_that_is_due_is_no_answer_that_was_cut() {
        let mut login = event(System::Vault, EventKind::Login, 11, Outcome::Unknown);
        assert_eq!(said(std::slice::from_ref(&login)), []);
        login.error = Some(Text::Borrowed("the answer holds neither"));
        assert_eq!(said(&[login]).len(), 1);
    }

    #[test]
    fn a_credential_of_a_database_has_a_lease_and_the_reading_of_a_role_has_none() {
        let read = |path: &'static str| {
            let mut read = event(System::Vault, EventKind::Request, 11, Outcome::Allowed);
            read.operation = Text::Borrowed("read");
            read.path = Text::Borrowed(path);
            read.service = Some(Text::Borrowed("database"));
            read
        };
        assert_eq!(said(&[read("database/creds/app")]).len(), 1);
        assert_eq!(said(&[read("database/roles/app")]), []);
        let mut leased = read("database/creds/app");
        leased.issued = Some(Issued::default());
        assert_eq!(said(&[leased]), []);
    }

    #[test]
    fn a_sign_on_says_from_which_device_and_an_audit_event_what_it_is() {
        let mut on = event(System::Okta, EventKind::Okta, 11, Outcome::Allowed);
        on.principal = Some(Text::Borrowed("okta:user/a"));
        on.operation = Text::Borrowed("user.session.start");
        let words = "1 sign-on(s) to Okta do not say from which device".to_owned();
        let device = ("sign-on-device".to_owned(), words);
        assert_eq!(said(std::slice::from_ref(&on)), [device]);
        on.device = Some(Text::Borrowed("d-1"));
        assert_eq!(said(&[on]), []);
        let mut change = event(System::Gitlab, EventKind::GitlabAudit, 11, Outcome::Allowed);
        change.operation = Text::Borrowed("REDACTED");
        assert_eq!(said(std::slice::from_ref(&change)).len(), 1);
        change.operation = Text::Borrowed("member_created");
        assert_eq!(said(&[change]), []);
    }

    #[test]
    fn a_record_of_google_names_an_account_with_its_domain() {
        let mut read = event(System::Gcp, EventKind::DataAccess, 11, Outcome::Allowed);
        read.principal = Some(Text::Borrowed("gcp:principal/user:ada@x.example"));
        assert_eq!(said(std::slice::from_ref(&read)), []);
        read.principal = Some(Text::Borrowed("gcp:principal/ada"));
        let words = "1 record(s) of Google Cloud name an account without its domain";
        assert_eq!(said(&[read]), [("gcp-audit".to_owned(), words.to_owned())]);
    }

    #[test]
    fn a_record_of_okta_says_who_acted_and_how_it_ended() {
        let mut record = event(System::Okta, EventKind::Okta, 11, Outcome::Unknown);
        assert_eq!(said(std::slice::from_ref(&record)).len(), 2);
        record.outcome = Outcome::Failed;
        record.principal = Some(Text::Borrowed("okta:user/a"));
        assert_eq!(said(&[record]), []);
    }
}
