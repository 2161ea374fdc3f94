//! Where two sources that should name the same principal or scope disagree (classes IM-1 to IM-12
//! of `docs/glossary.md`), as facts that rules count on.
//!
//! A fact over several candidates is stated only where it holds for every one of them, and then
//! with the undivided confidence of the key that named them.

mod acting_for;
mod aws_session;
mod disputed_login;
mod login_without_job;
mod mismatch_kind;
mod other_identity;
mod other_place;
mod outside_life;
mod person_as_workload;
mod refused_login;
mod reused_job;
mod shared_identity;
mod suspected_job;
mod unexpected_reader;
#[cfg(test)]
mod weak_tests;

use super::declared::MountClass;
use super::facts::Facts;
use super::job_ids::JobIds;
use super::ledger::Login;
use super::resolve::{Identity, Session};
use super::scope::Scope;
use crate::model::{Confidence, Key, Period, Place, Timestamp};

pub use aws_session::AwsCall;
pub use mismatch_kind::MismatchKind;
pub use person_as_workload::person_on_workload_path;
pub use unexpected_reader::unexpected_reader;

/// One disagreement.
#[derive(Clone, Debug)]
pub struct Mismatch {
    /// Which fact it is.
    pub kind: MismatchKind,
    /// Who or what it is about.
    pub subject: String,
    /// What it touches.
    pub object: String,
    /// Value one source names.
    pub expected: String,
    /// Value the other names.
    pub observed: String,
    /// When.
    pub at: Timestamp,
    /// Weakest edge it rests on.
    pub confidence: Confidence,
    /// Where it was read.
    pub place: Place,
    /// Whether configuration states it, which belongs to every period.
    pub of_configuration: bool,
    /// From when on what would clear it may have been logged; none where only then.
    pub since: Option<Timestamp>,
}

impl Mismatch {
    /// A fact of its moment, as certain as the record that shows it: what it is about (subject,
    /// object), what is contradicted (expected, observed), when and where.
    pub(crate) fn new(
        kind: MismatchKind,
        (subject, object): (impl Into<String>, impl Into<String>),
        (expected, observed): (impl Into<String>, impl Into<String>),
        (at, place): (Timestamp, Place),
    ) -> Mismatch {
        Mismatch {
            kind,
            subject: subject.into(),
            object: object.into(),
            expected: expected.into(),
            observed: observed.into(),
            at,
            confidence: Confidence::CERTAIN,
            place,
            of_configuration: false,
            since: None,
        }
    }

    /// The same, as certain as the weakest edge that it rests on.
    pub(crate) fn with_confidence(mut self, confidence: Confidence) -> Mismatch {
        self.confidence = confidence;
        self
    }

    /// The same, no more certain than that.
    pub(crate) fn at_most(self, confidence: Confidence) -> Mismatch {
        let confidence = self.confidence.min(confidence);
        self.with_confidence(confidence)
    }

    /// The same; configuration states it, or not.
    pub(crate) fn of_configuration(mut self, stated: bool) -> Mismatch {
        self.of_configuration = stated;
        self
    }
}

/// One request, as far as mismatches need it.
#[derive(Clone, Copy, Debug)]
pub struct Seen<'s> {
    /// Object id.
    pub object: &'s str,
    /// Address it came from.
    pub address: &'s str,
    /// Error text.
    pub error: &'s str,
    /// Role or mount it is about.
    pub role: &'s str,
    /// Request id of a login, as `vault:login/...`.
    pub login_id: &'s str,
    /// When.
    pub at: Timestamp,
    /// Where it was read.
    pub place: Place,
}

/// Who made a Google event.
#[derive(Clone, Copy, Debug)]
pub struct Caller<'s> {
    /// The caller's id.
    pub principal: &'s str,
    /// Who acted through whom, origin first.
    pub delegation: &'s [&'s str],
    /// User agent.
    pub user_agent: &'s str,
}

impl Identity {
    /// Mismatches of logins and of configured identities.
    #[must_use]
    pub fn mismatches(&self, declared: &Scope<'_>, period: Period) -> Vec<Mismatch> {
        let mut found = Vec::new();
        let ids = JobIds::new(&self.directory, declared);
        for (login, position) in self.ledger.logins.iter().zip(0u32..) {
            let Some(why) = self.origin(position).and_then(|origin| origin.no_job) else {
                continue;
            };
            let facts = self.facts(
                Session {
                    login: position,
                    key: Key::K1,
                },
                declared,
            );
            found.extend(self.without_job(login, why, &facts, &ids));
        }
        found.extend(self.entity_collisions(declared));
        found.extend(self.shared_entities(declared, period));
        found.extend(self.persons_with_workload_policies(declared));
        found.extend(self.shared_roles(declared, period));
        found.extend(self.reused_jobs(declared));
        found.extend(self.reborn(declared));
        found.extend(self.not_running(declared));
        found.extend(self.clock_offset());
        found.extend(self.unapproved_bots(declared));
        found.extend(self.beyond_sponsor(declared));
        found.extend(self.aws_sessions_without_job());
        found.extend(self.aws_leases_of_unknown_life());
        self.doubted(&mut found);
        found
    }

    /// IM-8 and IM-7 of one request made with the token of `session`.
    #[must_use]
    pub fn request_mismatches(
        &self,
        facts: &Facts,
        session: Session,
        seen: Seen<'_>,
        declared: &Scope<'_>,
    ) -> Vec<Mismatch> {
        let origin = [&facts.origin_id, &facts.project_id, &facts.login_id];
        let subject = origin
            .into_iter()
            .find(|id| !id.is_empty())
            .map_or("", String::as_str);
        let late = self.after_end(subject, facts, session, seen, declared);
        let moved = self.moved(facts, seen, session.key, declared);
        late.into_iter().chain(moved).collect()
    }

    /// IM-7, IM-8 and IM-10 of one Google event.
    #[must_use]
    pub fn cloud_mismatches(
        &self,
        caller: Caller<'_>,
        seen: Seen<'_>,
        declared: &Scope<'_>,
    ) -> Vec<Mismatch> {
        let elsewhere = self.machine_elsewhere(caller, seen, declared);
        let outside = self.outside_life(caller.principal, seen, declared);
        elsewhere.into_iter().chain(outside).collect()
    }

    /// A fact about one login, as certain as its record.
    fn about_login(
        &self,
        login: &Login,
        kind: MismatchKind,
        subject: String,
        object: String,
        (expected, observed): (String, String),
    ) -> Mismatch {
        Mismatch::new(
            kind,
            (subject, object),
            (expected, observed),
            (login.at, login.place),
        )
        .of_configuration(matches!(
            kind,
            MismatchKind::ClockOffset | MismatchKind::ClocksUnreliable
        ))
    }
}
