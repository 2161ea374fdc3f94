//! Where two sources that should name the same principal or scope disagree (classes IM-1 to IM-12
//! of `docs/glossary.md`), as facts that rules count on. One file per class.
//!
//! A fact over several candidates is stated only where it holds for every one of them, and then
//! with the undivided confidence of the key that named them.

mod asker;
mod claim;
mod delegation;
mod kind;
mod merge;
mod origin;
mod partner;
mod replay;
mod runtime;
mod scope;
mod time;
#[cfg(test)]
mod weak_tests;

use super::declared::MountClass;
use super::facts::Facts;
use super::ledger::Login;
use super::resolve::{Identity, Session};
use super::scope::Scope;
use crate::model::{Confidence, Key, Place, Timestamp};

pub use kind::person_on_workload_path;
pub use scope::unexpected_reader;

/// One disagreement.
#[derive(Clone, Debug)]
pub struct Mismatch {
    /// `IM-1` to `IM-12`.
    pub class: &'static str,
    /// Which fact it is.
    pub detail: &'static str,
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
    pub fn mismatches(&self, declared: &Scope<'_>) -> Vec<Mismatch> {
        let mut found = Vec::new();
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
            found.extend(self.without_job(login, why, &facts));
        }
        found.extend(self.entity_collisions(declared));
        found.extend(self.entities_of_several(declared));
        found.extend(self.persons_with_workload_policies(declared));
        found.extend(self.shared_roles(declared));
        found.extend(self.reused_jobs(declared));
        found.extend(self.reborn(declared));
        found.extend(self.not_running(declared));
        found.extend(self.clock_offset());
        found.extend(self.unapproved_bots(declared));
        found.extend(self.beyond_sponsor(declared));
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
        let late = self.after_end(subject, facts, seen, declared);
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
        (class, detail): (&'static str, &'static str),
        subject: String,
        object: String,
        (expected, observed): (String, String),
    ) -> Mismatch {
        Mismatch {
            class,
            detail,
            subject,
            object,
            expected,
            observed,
            at: login.at,
            confidence: Confidence::CERTAIN,
            place: login.place,
            of_configuration: detail.starts_with("clock"),
            since: None,
        }
    }
}
