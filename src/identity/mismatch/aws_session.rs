//! IM-7, IM-8 and IM-10 of sessions and keys of AWS.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use super::{Facts, Identity, Mismatch, MismatchKind, Seen};
use crate::identity::Scope;
use crate::identity::aws_job::NoJob;
use crate::identity::aws_ledger::AwsUser;
use crate::identity::aws_session::{AwsSession, AwsUse};
use crate::model::{Band, Confidence, Key, Outcome, aws_policy, id};
use crate::table::row::Sym;

/// One call of AWS, as far as mismatches need it.
#[derive(Clone, Copy, Debug)]
pub struct AwsCall {
    /// The session or key that made it.
    pub used: AwsUse,
    /// How it ended.
    pub outcome: Outcome,
    /// Whether a service of AWS made it on somebody's behalf.
    pub on_behalf: bool,
    /// Whether it came through an endpoint inside a network.
    pub inside_network: bool,
}

/// How sure anything is that is told by a clock.
fn by_clock(is_off: bool) -> Confidence {
    match is_off {
        true => Confidence::SUSPECTED,
        false => Confidence::CERTAIN,
    }
}

impl Identity {
    /// Mismatches of one call.
    #[must_use]
    pub fn aws_mismatches(
        &self,
        call: AwsCall,
        facts: &Facts,
        seen: Seen<'_>,
        declared: &Scope<'_>,
    ) -> Vec<Mismatch> {
        let Some(session) = self.aws.get(call.used.session) else {
            return Vec::new();
        };
        let subject = id::aws_key(&session.key);
        let root = self.aws.get(self.aws.root(call.used.session));
        let of_gitlab = root.filter(|root| root.of_gitlab && !call.on_behalf);
        let elsewhere = of_gitlab.and_then(|root| {
            let known = [&root.address, &root.other_address].into_iter();
            let known = known.map(|known| (known, call.used.key.confidence()));
            let mut moved =
                known.map(|known| elsewhere(&subject, known, call.inside_network, seen, declared));
            moved.find_map(|moved| moved)
        });
        let late = of_gitlab.and_then(|_| after_job(&subject, facts, seen, declared));
        let late = late.map(|fact| fact.at_most(self.by_clock_of_aws()));
        let over = root.and_then(|root| after_lease(&subject, root, call, seen, declared));
        let over = over.map(|fact| fact.at_most(by_clock(self.aws.leases_are_off)));
        elsewhere.into_iter().chain(late).chain(over).collect()
    }

    /// Exchanges of a token of GitLab's without a job, and sessions of a role that takes nothing but
    /// such tokens, which no exchange began.
    pub(super) fn aws_sessions_without_job(&self) -> Vec<Mismatch> {
        let all = self.aws.sessions.iter().chain(&self.aws.contested);
        let exchanges = all.filter_map(|session| {
            let issue = self.ledger.aws.issues.get(session.issue? as usize)?;
            let (kind, expected) = match session.no_job? {
                NoJob::NamedJobElsewhen => (
                    MismatchKind::AwsSessionWithoutJob,
                    "the job that it names, while that runs",
                ),
                NoJob::NoneRan | NoJob::NamedJobMissing => (
                    MismatchKind::AwsSessionWithoutJob,
                    "a running job of the project",
                ),
                NoJob::NotExported => (
                    MismatchKind::AwsSessionOutsideJobExport,
                    "an export of the project's jobs at that time",
                ),
                NoJob::OtherRef => return None,
            };
            let observed = self.ledger.claim(issue.metadata, "subject");
            let fact = Mismatch::new(
                kind,
                (id::aws_key(&session.key), self.ledger.text(issue.object)),
                (expected, observed),
                (session.at, session.place),
            );
            let confidence = match session.no_job? {
                NoJob::NamedJobMissing => Confidence::SUSPECTED,
                _ => self.by_clock_of_aws(),
            };
            Some(fact.with_confidence(confidence))
        });
        exchanges
            .chain(self.aws_sessions_of_no_exchange())
            .collect()
    }

    /// How sure it is that a session lies outside of its job.
    fn by_clock_of_aws(&self) -> Confidence {
        by_clock(self.aws.clock_is_off)
    }

    /// Keys and sessions of a lease of which nothing states how long it lives: not judged.
    pub(super) fn aws_leases_of_unknown_life(&self) -> Vec<Mismatch> {
        let sessions = self.aws.sessions.iter();
        let unknown =
            sessions.filter(|session| session.leases.is_some() && session.lease_end.is_none());
        unknown
            .map(|session| {
                let one = if session.lease.is_empty() {
                    "one lease that fits"
                } else {
                    "a lifetime in the engine's settings or the mount's"
                };
                Mismatch::new(
                    MismatchKind::AwsLeaseLifeUnknown,
                    (id::aws_key(&session.key), session.lease.as_str()),
                    (one, ""),
                    (session.at, session.place),
                )
            })
            .collect()
    }

    /// Judged where the trail of the account holds exchanges of that region in that hour's calls of
    /// STS: an exchange that lies elsewhere would be in no file.
    fn aws_sessions_of_no_exchange(&self) -> Vec<Mismatch> {
        let only = self.aws_roles_of_gitlab_only();
        let regions = self.regions_of_exchanges();
        let aws = &self.ledger.aws;
        let mut found = Vec::new();
        let strays = self.aws.sessions.iter();
        let strays = strays.filter(|session| session.issue.is_none());
        for (session, user) in strays.flat_map(|session| self.users_of(session)) {
            let role = self.ledger.text(user.principal);
            let (Some(begun), true) = (user.begun_at, only.contains(role)) else {
                continue;
            };
            let account = self.ledger.symbols.find(account(role));
            let heard = |region: &Sym| aws.sts_hours.contains(&(account, *region, begun.hour()));
            let held = regions
                .get(&account)
                .is_some_and(|regions| regions.iter().all(heard));
            let arn = self.ledger.text(user.arn);
            let named = self.aws.used(&session.key, role, arn, Some(begun));
            if held && named.is_none_or(|used| used.key == Key::K2) {
                let expected = "an exchange of a token of GitLab's";
                let fact = Mismatch::new(
                    MismatchKind::AwsSessionWithoutJob,
                    (id::aws_key(&session.key), role),
                    (expected, "a call of a session that none began"),
                    (session.at, session.place),
                );
                found.push(fact.with_confidence(Key::K4.confidence()));
            }
        }
        found
    }

    /// Whoever used the key of a session, as far as records name several.
    fn users_of<'a>(
        &'a self,
        session: &'a AwsSession,
    ) -> impl Iterator<Item = (&'a AwsSession, &'a AwsUser)> {
        let aws = &self.ledger.aws;
        let key = self.ledger.symbols.find(&session.key);
        let first = aws.users.get(&key).into_iter();
        let others = aws.other_users.range((key, Sym::MIN)..=(key, Sym::MAX));
        first
            .chain(others.map(|(_, user)| user))
            .map(move |user| (session, user))
    }

    /// The regions in which jobs exchanged their tokens, by account.
    fn regions_of_exchanges(&self) -> BTreeMap<Sym, BTreeSet<Sym>> {
        let mut regions: BTreeMap<Sym, BTreeSet<Sym>> = BTreeMap::new();
        let exchanges = self.aws.sessions.iter().filter(|session| session.of_gitlab);
        let issues = exchanges.filter_map(|session| session.issue);
        for issue in issues.filter_map(|at| self.ledger.aws.issues.get(at as usize)) {
            let account = account(self.ledger.text(issue.object));
            let region = self.ledger.claim(issue.metadata, "region");
            let symbols = &self.ledger.symbols;
            let of_account = regions.entry(symbols.find(account)).or_default();
            of_account.insert(symbols.find(region));
        }
        regions
    }

    /// Roles whose every statement of trust lets in jobs of a GitLab, by its subject.
    fn aws_roles_of_gitlab_only(&self) -> BTreeSet<&str> {
        let mut roles: BTreeMap<&str, bool> = BTreeMap::new();
        let said = self.directory.of_kind("aws-role");
        for attribute in said.filter(|attribute| attribute.name == "trust") {
            let known = roles.entry(&attribute.object).or_insert(true);
            *known &= is_of_gitlab(&attribute.value);
        }
        let only = roles.into_iter().filter(|(_, only)| *only);
        only.map(|(role, _)| role).collect()
    }
}

/// Whether a statement of trust lets in nobody but who has a subject that GitLab writes.
fn is_of_gitlab(statement: &str) -> bool {
    let Ok(value) = serde_json::from_str::<serde_json::Value>(statement) else {
        return false;
    };
    let list = serde_json::json!({ "Statement": [value] });
    let statements = aws_policy::statements(&list).unwrap_or_default();
    !statements.is_empty()
        && statements.iter().all(|statement| {
            let asked = statement.conditions.iter().any(|condition| {
                let of_gitlab = |value: &String| value.starts_with("project_path:");
                condition.key.ends_with(":sub") && condition.values.iter().all(of_gitlab)
            });
            !statement.allows
                || (statement.principals.keys().all(|kind| kind == "Federated") && asked)
        })
}

/// The account of a role or user.
fn account(id: &str) -> &str {
    id.split('/').nth(1).unwrap_or("")
}

/// A session of a job used from an address that is neither its exchange's nor a runner's. Names of
/// hosts are AWS's own.
fn elsewhere(
    subject: &str,
    (known, confidence): (&String, Confidence),
    inside_network: bool,
    seen: Seen<'_>,
    declared: &Scope<'_>,
) -> Option<Mismatch> {
    let address: IpAddr = seen.address.parse().ok()?;
    let private = match address {
        IpAddr::V4(address) => address.is_private(),
        IpAddr::V6(address) => address.is_unique_local(),
    };
    let moved = known.parse::<IpAddr>().is_ok_and(|known| known != address);
    if !moved
        || (inside_network && private)
        || !declared.knows_runners()
        || declared.is_runner(seen.address)
    {
        return None;
    }
    let observed = format!("{} for {}", seen.address, seen.object);
    let object = format!("address:{}", seen.address);
    let said = (known.as_str(), observed);
    let kind = MismatchKind::AwsSessionElsewhere;
    let fact = Mismatch::new(kind, (subject, object), said, (seen.at, seen.place));
    Some(fact.with_confidence(confidence))
}

/// A session of a job used after the end of every job that fits.
fn after_job(
    subject: &str,
    facts: &Facts,
    seen: Seen<'_>,
    declared: &Scope<'_>,
) -> Option<Mismatch> {
    let confidence = facts.confidence?;
    let probable = matches!(confidence.band(), Some(Band::Established | Band::Probable));
    let end = facts.job_finished_at.filter(|_| probable)?;
    let grace = declared.grace_micros();
    if seen.at <= end.plus_micros(grace) {
        return None;
    }
    let confidence = facts.ended_before(seen.at.plus_micros(-grace))?;
    let job = [&facts.job_id, &facts.project_id];
    let object = job.into_iter().find(|id| !id.is_empty())?;
    let said = (format!("no use after {end}"), seen.at.to_string());
    let kind = MismatchKind::AwsSessionAfterJobEnd;
    let fact = Mismatch::new(kind, (subject, object), said, (seen.at, seen.place));
    Some(fact.with_confidence(confidence))
}

/// What a lease of Vault gave, used after the end of the lease.
fn after_lease(
    subject: &str,
    session: &AwsSession,
    call: AwsCall,
    seen: Seen<'_>,
    declared: &Scope<'_>,
) -> Option<Mismatch> {
    let end = session.lease_end?;
    let leases = session.leases.as_ref()?;
    if seen.at <= end.at.plus_micros(declared.grace_micros()) {
        return None;
    }
    let kind = match call.outcome {
        Outcome::Allowed if end.lives_on => MismatchKind::AwsSessionAfterRevocation,
        Outcome::Allowed => MismatchKind::AwsKeyAfterLease,
        _ => MismatchKind::AwsKeyRefusedAfterLease,
    };
    let confidence = leases.confidence().min(call.used.key.confidence());
    let said = (format!("no use after {}", end.at), seen.at.to_string());
    let fact = Mismatch::new(
        kind,
        (subject, session.lease.as_str()),
        said,
        (seen.at, seen.place),
    );
    Some(fact.with_confidence(confidence))
}

#[cfg(test)]
mod tests {
    use crate::identity::aws_session::tests::exchange_of;
    use crate::identity::sample::{Sample, World};
    use crate::model::Confidence;

    /// How sure it is of each session that it has no job, where each of four names a job of its
    /// own, and AWS's clock is `off` by some minutes.
    fn without_job(off: i64, stray: bool) -> Vec<Confidence> {
        let mut sample = Sample::default();
        let keys = ["ASIAA", "ASIAB", "ASIAC", "ASIAD"];
        let names = ["ci-71", "ci-72", "ci-73", "ci-74"];
        for (at, (key, name)) in (0i64..).zip(keys.into_iter().zip(names)) {
            let from = 100 * at;
            sample.job(7, 71 + at.unsigned_abs(), from + 5, from + 15);
            let late = if stray && at == 3 { 50 } else { 0 };
            exchange_of(&mut sample, key, name, from + 6 + off + late);
        }
        let identity = sample.join(&World::default());
        let found = identity.aws_sessions_without_job().into_iter();
        found.map(|fact| fact.confidence).collect()
    }

    #[test]
    fn sessions_beside_their_jobs_by_a_clock_that_is_off_accuse_for_certain_nobody() {
        assert_eq!(without_job(0, false), []);
        assert_eq!(without_job(0, true), [Confidence::CERTAIN]);
        assert_eq!(without_job(30, false), [Confidence::SUSPECTED; 4]);
    }

    #[test]
    fn a_session_whose_job_lies_between_those_of_the_export_may_have_lost_it() {
        for (name, confidence) in [
            ("ci-72", Confidence::SUSPECTED),
            ("ci-9", Confidence::CERTAIN),
            ("by-hand", Confidence::CERTAIN),
        ] {
            let mut sample = Sample::default();
            sample.job(7, 71, 5, 15);
            sample.job(7, 73, 205, 215);
            exchange_of(&mut sample, "ASIAA", name, 110);
            let identity = sample.join(&World::default());
            let found = identity.aws_sessions_without_job().into_iter();
            let found: Vec<Confidence> = found.map(|fact| fact.confidence).collect();
            assert_eq!(found, [confidence], "{name}");
        }
    }
}
