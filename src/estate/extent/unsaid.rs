//! What records leave out that every record of theirs says: it was cut from them, and whatever asks
//! for it finds nothing.

use std::collections::BTreeMap;

use crate::model::{
    EventKind, Hole, Outcome, Period, System, Timestamp, UNNUMBERED, bears_metadata, id, is_cut,
    is_silent,
};
use crate::rule::ADDRESSES;
use crate::table::row::half::{Field, Half, Listed, Mapped};
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
    /// A token of a machine without the metadata that its method gives each.
    Metadata,
    /// A token of a machine that does not say whose it is.
    Name,
    /// A request that does not say where it came from, which only some rules ask.
    Address,
    /// A record without the id of its operation.
    Id,
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
    /// A call of AWS that does not say what its caller is.
    Caller,
}

impl Lack {
    fn of(self) -> String {
        let of = match self {
            Lack::Id => return format!("vault{UNNUMBERED}"),
            Lack::Token
            | Lack::Lifetime
            | Lack::Policies
            | Lack::Metadata
            | Lack::Name
            | Lack::Lease => "vault",
            Lack::Address => ADDRESSES,
            Lack::Outcome | Lack::Actor => "okta",
            Lack::Device => DEVICE,
            Lack::Domain => "gcp-audit",
            Lack::User => "hoop",
            Lack::Type => "gitlab-audit",
            Lack::Caller => "cloudtrail",
        };
        of.to_owned()
    }

    fn words(self) -> &'static str {
        match self {
            Lack::Token => "login(s) to Vault were answered with neither a token nor a reason",
            Lack::Lifetime => "login(s) to Vault do not say how long their token lasts",
            Lack::Policies => "login(s) to Vault do not say which policies their token carries",
            Lack::Metadata => "login(s) to Vault do not say which role let them in",
            Lack::Name => "login(s) to Vault do not say whom they let in",
            Lack::Address => "request(s) to Vault do not say where they came from",
            Lack::Id => {
                "operation(s) of Vault bear no id, so nothing tells what several devices logged from what was done again"
            }
            Lack::Lease => "credential(s) that Vault handed out have no lease",
            Lack::Outcome => "record(s) of Okta do not say how they ended",
            Lack::Device => "sign-on(s) to Okta do not say from which device",
            Lack::Actor => "record(s) of Okta do not say who acted",
            Lack::Domain => "record(s) of Google Cloud name an account without its domain",
            Lack::User => "session(s) of the proxy do not say whose they are",
            Lack::Type => "audit event(s) of GitLab do not name their type",
            Lack::Caller => "call(s) of AWS do not say who made them",
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
                self.add(lack, half.at);
            }
        };
        let is_allowed = half.outcome == Outcome::Allowed;
        let is_unknown = half.outcome == Outcome::Unknown;
        if half.system == System::Vault {
            let borne = Half::borne(symbols.get(half.sym(Field::Id)));
            let asks_for_help = symbols.get(half.sym(Field::Operation)) == "help";
            lacks(Lack::Id, borne.starts_with(id::NAMELESS) && !asks_for_help);
            lacks(Lack::Address, !says(Field::RemoteAddress));
        }
        match (half.system, half.kind) {
            (System::Vault, EventKind::Login) => {
                let hands_out = is_allowed && half.issues;
                let policies = half.list(Listed::IssuedPolicies);
                lacks(Lack::Token, is_unknown && says(Field::Error));
                lacks(Lack::Lifetime, hands_out && half.issued_ttl.is_none());
                lacks(Lack::Policies, hands_out && policies.is_empty());
                let labels = hands_out && bears_metadata(symbols.get(half.sym(Field::Service)));
                let metadata = half.map(Mapped::IssuedMetadata);
                lacks(Lack::Metadata, labels && metadata.is_empty());
                lacks(Lack::Name, labels && !says(Field::IssuedDisplayName));
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
                lacks(Lack::Type, is_silent(name) || name.contains(' '));
            }
            (System::Gcp, _) => lacks(
                Lack::Domain,
                is_cut(symbols.get(half.sym(Field::Principal))),
            ),
            (System::Aws, _) => lacks(Lack::Caller, !says(Field::Principal)),
            (System::Hoop, _) => lacks(Lack::User, is_allowed && !says(Field::Principal)),
            _ => {}
        }
    }

    /// Counts a record that lacks something.
    fn add(&mut self, lack: Lack, at: Timestamp) {
        let found = self.found.entry(lack).or_insert(Found {
            records: 0,
            first: at,
            last: at,
        });
        found.records += 1;
        found.first = found.first.min(at);
        found.last = found.last.max(at);
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
        event.remote_address = Some(Text::Borrowed("10.0.0.1"));
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
    fn a_token_of_a_machine_says_which_role_let_it_in_and_whose_it_is() {
        let of = |method: &'static str, role: bool, name: bool| {
            let mut login = login(11, Some(60));
            login.service = Some(Text::Borrowed(method));
            let issued = login.issued.as_mut().unwrap();
            if role {
                issued.metadata = vec![(Text::Borrowed("role"), Text::Borrowed("shop"))];
            }
            issued.display_name = name.then_some(Text::Borrowed("gitlab-7"));
            said(&[login]).into_iter().map(|(_, words)| words)
        };
        let (role, whom) = ("which role let them in", "whom they let in");
        let words = |which: &str| format!("1 login(s) to Vault do not say {which}");
        assert!(of("jwt", true, true).next().is_none());
        assert_eq!(of("jwt", false, true).collect::<Vec<_>>(), [words(role)]);
        assert_eq!(
            of("approle", true, false).collect::<Vec<_>>(),
            [words(whom)]
        );
        // Which of it this method writes, whoever set it up says.
        assert!(of("gcp", false, false).next().is_none());
    }

    #[test]
    fn a_request_bears_an_id_and_says_where_it_came_from() {
        let request = |id: &'static str, operation: &'static str| {
            let (place, at) = (Place::of_line(1), Timestamp(11));
            let kind = EventKind::Request;
            let mut event = Event::new(System::Vault, kind, Text::Borrowed(id), place, at);
            event.operation = Text::Borrowed(operation);
            event
        };
        let mut nameless = request("no-id-0123456789abcdef", "read");
        let of = |event: &Event<'_>| {
            let holes = said(std::slice::from_ref(event)).into_iter();
            holes.map(|(of, _)| of).collect::<Vec<_>>()
        };
        assert_eq!(of(&nameless), ["request-address", "vault/unnumbered"]);
        nameless.remote_address = Some(Text::Borrowed("10.0.0.1"));
        assert_eq!(of(&nameless), ["vault/unnumbered"]);
        // Vault gives such a request none.
        let mut help = request("no-id-0123456789abcdef", "help");
        help.remote_address = Some(Text::Borrowed("10.0.0.1"));
        assert_eq!(of(&help), [""; 0]);
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
