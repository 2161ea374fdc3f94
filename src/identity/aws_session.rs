//! Sessions and keys of AWS: who is behind each, by the call that handed it out.
//!
//! A session that begins with a token of GitLab's comes from a job, one of an identity provider
//! from a person, one that Vault's AWS engine made from the login behind the lease; one that
//! another session asked for belongs to where that came from.

use hashbrown::HashMap;

use super::aws_job::{self, NoJob};
use super::aws_lease::{self, LeaseEnd};
use super::aws_ledger::{AwsIssue, AwsUser};
use super::directory::Directory;
use super::edge::Candidates;
use super::idp_user::{IdpUsers, Known};
use super::ledger::Ledger;
use super::scope::Scope;
use super::skew::{CLOCKS_AGREE, SEVERAL, lived, smallest_shift};
use crate::model::{Key, Place, Timestamp, id};
use crate::table::row::Sym;

/// How far apart AWS and Vault may log the making of one key before their clocks are, in microseconds.
const CLOCKS_APART: i64 = 5 * 60 * 1_000_000;

/// One session or key.
#[derive(Clone, Debug)]
pub struct AwsSession {
    /// Id of its access key.
    pub key: String,
    /// The call that handed it out, by position in the ledger; none where it is in no file.
    pub issue: Option<u32>,
    /// When it was handed out, or used first.
    pub at: Timestamp,
    /// Where that was read.
    pub place: Place,
    /// Address of the call that handed it out.
    pub address: String,
    /// Another address, where a second call says to have handed out the same.
    pub other_address: String,
    /// The session that asked for it.
    pub parent: Option<u32>,
    /// Whether a token of GitLab's began it.
    pub of_gitlab: bool,
    /// Jobs it may have come from.
    pub jobs: Option<Candidates>,
    /// Why no job is behind a session that a token of GitLab's began.
    pub no_job: Option<NoJob>,
    /// Leases of Vault it may be of, by position in the ledger.
    pub leases: Option<Candidates>,
    /// The lease, as an id; empty unless there is one only.
    pub lease: String,
    /// When the lease behind it ended.
    pub lease_end: Option<LeaseEnd>,
    /// The person.
    pub person: Option<Known>,
}

/// The session behind a call, and how it was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AwsUse {
    /// Position in the sessions.
    pub session: u32,
    /// Key.
    pub key: Key,
}

/// All sessions and keys, by the key's id.
#[derive(Debug, Default)]
pub struct AwsSessions {
    /// In the order of their keys.
    pub sessions: Vec<AwsSession>,
    /// What further calls say that hand out a key once more. A key is handed out once: each of them
    /// may be the forged one.
    pub contested: Vec<AwsSession>,
    by_key: HashMap<String, u32>,
    /// By role, name of the session and the second it began; none where several fit.
    by_name: HashMap<(String, String, i64), Option<u32>>,
    /// Whether AWS's clock must be moved for the sessions that name their job to lie inside it: what
    /// lies outside of its job by it is suspected.
    pub(super) clock_is_off: bool,
    /// Whether AWS logged what Vault asked it for at another time than Vault handed it out: what
    /// lies after its lease by that clock is suspected.
    pub(super) leases_are_off: bool,
}

/// What sessions are joined to.
struct Joins<'j> {
    ledger: &'j Ledger,
    directory: &'j Directory,
    idp: &'j IdpUsers,
    declared: &'j Scope<'j>,
    revoked: &'j dyn Fn(u32) -> Option<Timestamp>,
    leases: aws_lease::Leases,
}

impl Joins<'_> {
    /// The session of a key, handed out by the call at position `issue`.
    fn session(&self, key: Sym, issue: Option<u32>) -> Option<AwsSession> {
        let ledger = self.ledger;
        let issued = issue.and_then(|at| ledger.aws.issues.get(at as usize));
        let user = ledger.aws.users.get(&key);
        let (at, place) = issued
            .map(|issue| (issue.at, issue.place))
            .or(user.map(|user| (user.at, user.place)))?;
        let mut session = AwsSession {
            key: ledger.text(key).to_owned(),
            issue,
            at,
            place,
            address: String::new(),
            other_address: String::new(),
            parent: None,
            of_gitlab: false,
            jobs: None,
            no_job: None,
            leases: self.leases.of_key(key),
            lease: String::new(),
            lease_end: None,
            person: person(issued, user, ledger, self.idp, self.declared),
        };
        if let Some(issue) = issued {
            ledger.text(issue.address).clone_into(&mut session.address);
            session.of_gitlab = aws_job::is_of_gitlab(issue, ledger);
            if session.of_gitlab {
                (session.jobs, session.no_job) =
                    aws_job::jobs(issue, ledger, self.directory, self.declared);
            }
            if session.leases.is_none() {
                session.leases = self.leases.of_issue(issue, ledger);
            }
        }
        let lease = session.leases.as_ref().and_then(Candidates::only);
        if let Some(lease) = lease.and_then(|lease| ledger.leases.get(lease as usize)) {
            session.lease = id::vault_lease(ledger.text(lease.id));
            // A user's key says nothing of its end; a session that does not either has none.
            let stated = issued.map_or("", |issue| ledger.claim(issue.metadata, "expires"));
            let ends = Timestamp::parse(stated);
            if ends.is_some() || session.key.starts_with("AKIA") {
                session.lease_end =
                    aws_lease::end(lease, ends, ledger, self.directory, self.revoked);
            }
        }
        Some(session)
    }
}

impl AwsSessions {
    pub(super) fn new(
        ledger: &Ledger,
        directory: &Directory,
        idp: &IdpUsers,
        declared: &Scope<'_>,
        revoked: &dyn Fn(u32) -> Option<Timestamp>,
    ) -> AwsSessions {
        let mut issues: HashMap<Sym, u32> = HashMap::new();
        let mut contested: Vec<(Sym, u32)> = Vec::new();
        for (issue, position) in ledger.aws.issues.iter().zip(0u32..) {
            if *issues.entry(issue.key).or_insert(position) != position {
                contested.push((issue.key, position));
            }
        }
        let mut keys: Vec<Sym> = issues
            .keys()
            .chain(ledger.aws.users.keys())
            .copied()
            .collect();
        keys.sort_unstable_by(|a, b| ledger.text(*a).cmp(ledger.text(*b)));
        keys.dedup();
        let joins = Joins {
            ledger,
            directory,
            idp,
            declared,
            revoked,
            leases: aws_lease::Leases::new(ledger, declared),
        };
        let mut found = AwsSessions::default();
        for key in keys {
            let Some(session) = joins.session(key, issues.get(&key).copied()) else {
                continue;
            };
            let position = u32::try_from(found.sessions.len()).unwrap_or(u32::MAX);
            found.by_key.insert(session.key.clone(), position);
            found.sessions.push(session);
        }
        for (key, issue) in contested {
            let again = joins.session(key, Some(issue));
            found.contest(again);
        }
        found.find_parents(ledger);
        found.name(ledger);
        found.clock_is_off = found.is_off(directory);
        found.leases_are_off = found.is_off_leases(ledger);
        found
    }

    /// Keeps what one more call says of a key that was handed out; the first that tells of a job is
    /// the session's own.
    fn contest(&mut self, again: Option<AwsSession>) {
        let Some(mut again) = again else { return };
        let first = self.by_key.get(&again.key).copied();
        if let Some(first) = first.and_then(|at| self.sessions.get_mut(at as usize)) {
            if first.jobs.is_none() && again.jobs.is_some() {
                std::mem::swap(first, &mut again);
            }
            if first.address != again.address {
                first.other_address.clone_from(&again.address);
            }
        }
        self.contested.push(again);
    }

    /// Vault hands out what AWS made for it there and then.
    fn is_off_leases(&self, ledger: &Ledger) -> bool {
        let mut apart = self.sessions.iter().filter_map(|session| {
            session.issue?;
            let lease = session.leases.as_ref().and_then(Candidates::only)?;
            let lease = ledger.leases.get(lease as usize)?;
            let handed_out = ledger.ops.get(lease.op as usize)?.at;
            Some(session.at.0.saturating_sub(handed_out.0).saturating_abs())
        });
        apart.any(|micros| micros > CLOCKS_APART)
    }

    fn is_off(&self, directory: &Directory) -> bool {
        let named = self.sessions.iter().filter_map(|session| {
            let jobs = session.jobs.as_ref().filter(|jobs| jobs.key == Key::K1)?;
            let (from, to) = lived(jobs.only()?, directory)?;
            Some((session.at.0, from, to))
        });
        let named: Vec<(i64, i64, i64)> = named.collect();
        named.len() >= SEVERAL && smallest_shift(&named).abs() > CLOCKS_AGREE
    }

    fn find_parents(&mut self, ledger: &Ledger) {
        let parents: Vec<Option<u32>> = self
            .sessions
            .iter()
            .map(|session| {
                let issue = ledger.aws.issues.get(session.issue? as usize)?;
                // A user's key is no session: whoever made it hands it to others.
                let user = ledger.text(issue.operation) == "CreateAccessKey";
                let own = session.leases.is_some() || session.person.is_some();
                if user || own {
                    return None;
                }
                let asked = ledger.text(issue.caller_key);
                self.by_key.get(asked).copied()
            })
            .collect();
        for (session, parent) in self.sessions.iter_mut().zip(parents) {
            session.parent = parent;
        }
    }

    fn name(&mut self, ledger: &Ledger) {
        for (session, position) in self.sessions.iter().zip(0u32..) {
            let Some(issue) = session
                .issue
                .and_then(|at| ledger.aws.issues.get(at as usize))
            else {
                continue;
            };
            let (role, name) = (ledger.text(issue.object), ledger.text(issue.name));
            if role.starts_with("aws:role/") && !name.is_empty() {
                let key = (role.to_owned(), name.to_owned(), seconds(issue.at));
                let known = self.by_name.entry(key).or_insert(Some(position));
                if *known != Some(position) {
                    *known = None;
                }
            }
        }
    }

    /// The session behind a call: K2 by its key, which is the session; K3 by role, name and the
    /// second in which the session began, where only one fits and its key was in no answer.
    #[must_use]
    pub fn used(
        &self,
        key: &str,
        principal: &str,
        arn: &str,
        begun_at: Option<Timestamp>,
    ) -> Option<AwsUse> {
        let by_key = self.by_key.get(key).copied();
        let issued = by_key
            .and_then(|position| self.sessions.get(position as usize))
            .is_some_and(|session| session.issue.is_some());
        if !issued
            && let Some((_, name)) = arn.rsplit_once('/')
            && let Some(begun) = begun_at
            && let Some(Some(session)) =
                self.by_name
                    .get(&(principal.to_owned(), name.to_owned(), seconds(begun)))
        {
            return Some(AwsUse {
                session: *session,
                key: Key::K3,
            });
        }
        by_key.map(|session| AwsUse {
            session,
            key: Key::K2,
        })
    }

    /// A session.
    #[must_use]
    pub fn get(&self, position: u32) -> Option<&AwsSession> {
        self.sessions.get(position as usize)
    }

    /// The session that another one goes back to.
    #[must_use]
    pub fn root(&self, position: u32) -> u32 {
        let mut at = position;
        // No session asks for itself; the bound guards against logs that say so.
        for _ in 0..64 {
            match self.get(at).and_then(|session| session.parent) {
                Some(parent) if parent != at => at = parent,
                _ => break,
            }
        }
        at
    }
}

fn seconds(at: Timestamp) -> i64 {
    at.0.div_euclid(1_000_000)
}

/// The person behind a session of a role that people sign in to through their identity provider:
/// by the source identity, or by the session's name.
fn person(
    issue: Option<&AwsIssue>,
    user: Option<&AwsUser>,
    ledger: &Ledger,
    idp: &IdpUsers,
    declared: &Scope<'_>,
) -> Option<Known> {
    let role = issue.map_or_else(
        || user.map_or("", |user| ledger.text(user.principal)),
        |issue| ledger.text(issue.object),
    );
    let name = issue.map_or_else(
        || {
            let arn = user.map_or("", |user| ledger.text(user.arn));
            arn.rsplit_once('/').map_or("", |(_, name)| name)
        },
        |issue| ledger.text(issue.name),
    );
    let metadata = issue
        .map(|issue| issue.metadata)
        .or(user.map(|user| user.metadata))?;
    let signed_in = role
        .rsplit_once('/')
        .is_some_and(|(_, role)| role.starts_with("AWSReservedSSO_"))
        || issue.is_some_and(|issue| ledger.text(issue.operation) == "AssumeRoleWithSAML");
    let source = ledger.claim(metadata, "source_identity");
    idp.of_aws(source, if signed_in { name } else { "" }, declared)
}

#[cfg(test)]
pub(super) mod tests;
