//! From Google Cloud events back to the job that federated, or to the Vault lease whose credential
//! was used.

use std::collections::{BTreeMap, BTreeSet};

use super::declared::Declared;
use super::directory::Directory;
use super::edge::{Candidates, Edge};
use super::facts::Facts;
use super::ledger::{Lease, Ledger};
use super::resolve::Identity;
use crate::model::{Key, Place, Timestamp, id};
use crate::table::row::{NONE, Sym};

/// Lifetime of a Google access token that nothing states, in microseconds.
const DEFAULT_TTL: i64 = 3_600_000_000;

/// The time in which one lease's credential can be used.
#[derive(Clone, Copy, Debug)]
struct Window {
    from: Timestamp,
    to: Timestamp,
    /// Position in [`Ledger::leases`].
    lease: u32,
}

/// Leases of Google credentials by the account they act as, by time.
#[derive(Debug, Default)]
pub(super) struct CloudLeases {
    by_account: BTreeMap<String, Vec<Window>>,
    managed: BTreeMap<String, Managed>,
    /// Hours in which Vault logged anything.
    hours: BTreeSet<Timestamp>,
}

/// An account that Vault is configured to hand out credentials of.
#[derive(Clone, Debug, Default)]
struct Managed {
    /// Whether Vault makes keys of it, which live until they are deleted.
    keys: bool,
    /// Lifetime of its tokens in microseconds.
    ttl: i64,
    /// From issue to end; keys end when their lease is revoked, or not at all, tokens by themselves.
    issues: Vec<(Timestamp, Timestamp)>,
}

/// What Vault's log says of the credential behind a use of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Life {
    /// Some credential of the account lived then.
    Alive,
    /// All had ended, the last at this time.
    EndedAt(Timestamp),
    /// None had ever been issued.
    NeverIssued,
}

/// Where a Google event came from.
#[derive(Clone, Debug, Default)]
pub struct CloudUse {
    /// Jobs that may have federated into the caller.
    pub jobs: Option<Candidates>,
    /// The lease of the credential in use.
    pub lease: Option<(u32, Key)>,
}

impl CloudLeases {
    /// `revoked` says when the Vault token that made an operation was revoked.
    pub(super) fn new(
        ledger: &Ledger,
        directory: &Directory,
        revoked: &dyn Fn(u32) -> Option<Timestamp>,
    ) -> CloudLeases {
        let mut accounts: BTreeMap<&str, (&str, i64)> = BTreeMap::new();
        for attribute in directory.of_kind("vault-gcp-account") {
            let path = attribute.object.strip_prefix("vault:path/").unwrap_or("");
            let entry = accounts.entry(path).or_insert(("", DEFAULT_TTL));
            match attribute.name.as_str() {
                "service_account_email" => entry.0 = &attribute.value,
                "ttl" => {
                    let seconds = attribute.value.parse::<i64>().ok().filter(|ttl| *ttl > 0);
                    entry.1 = seconds.map_or(DEFAULT_TTL, |ttl| ttl.saturating_mul(1_000_000));
                }
                _ => {}
            }
        }
        let managed = managed(ledger, directory, revoked);
        let mut by_account: BTreeMap<String, Vec<Window>> = BTreeMap::new();
        for (lease, position) in ledger.leases.iter().zip(0u32..) {
            let path =
                id::in_namespace(Some(ledger.text(lease.namespace)), ledger.text(lease.path));
            let holder = path.rsplit_once('/').map_or("", |(account, _)| account);
            let Some((email, ttl)) = accounts.get(holder).filter(|(email, _)| !email.is_empty())
            else {
                continue;
            };
            let from = ledger
                .ops
                .get(lease.op as usize)
                .map_or(Timestamp::MIN, |op| op.at);
            let window = Window {
                from,
                to: from.plus_micros(*ttl),
                lease: position,
            };
            by_account
                .entry(id::gcp_service_account(email))
                .or_default()
                .push(window);
        }
        by_account
            .values_mut()
            .for_each(|windows| windows.sort_by_key(|window| (window.from, window.lease)));
        CloudLeases {
            by_account,
            managed,
            hours: ledger.hours.clone(),
        }
    }

    /// Whether a credential of an account that Vault manages lived at a time; `None` for other
    /// accounts and where the log cannot tell: before one life has passed in it, while it was
    /// silent for an hour of that life, or for an account whose keys may be older than the log.
    pub(super) fn life(&self, account: &str, at: Timestamp, skew: i64) -> Option<Life> {
        let managed = self.managed.get(account).filter(|managed| !managed.keys)?;
        let mut hour = at.plus_micros(-managed.ttl).hour();
        while hour <= at {
            if !self.hours.contains(&hour) {
                return None;
            }
            hour = hour.plus_micros(3_600_000_000);
        }
        let before = || {
            let issues = managed.issues.iter();
            issues.filter(|(from, _)| *from <= at.plus_micros(skew))
        };
        if before().any(|(_, to)| at <= to.plus_micros(skew)) {
            return Some(Life::Alive);
        }
        let last = before().map(|(_, to)| *to).max();
        Some(last.map_or(Life::NeverIssued, Life::EndedAt))
    }

    /// Whether Vault hands out credentials of this account.
    pub(super) fn manages(&self, account: &str) -> bool {
        self.by_account.contains_key(account)
    }

    /// The leases in force at a time, give or take.
    fn at(&self, account: &str, at: Timestamp, skew: i64) -> Vec<u32> {
        let windows = self.by_account.get(account).map_or(&[][..], Vec::as_slice);
        // Lifetimes of one account are alike: whatever began a lifetime and a skew ago is over.
        let longest = windows
            .iter()
            .map(|window| window.to.0 - window.from.0)
            .max()
            .unwrap_or(0);
        let earliest = at.plus_micros(-(longest + skew));
        let start = windows.partition_point(|window| window.from < earliest);
        windows
            .get(start..)
            .unwrap_or(&[])
            .iter()
            .take_while(|window| window.from <= at.plus_micros(skew))
            .filter(|window| at <= window.to.plus_micros(skew))
            .map(|window| window.lease)
            .collect()
    }
}

impl Identity {
    /// Whether Vault hands out credentials of a Google account.
    #[must_use]
    pub fn manages_account(&self, account: &str) -> bool {
        self.cloud_leases.manages(account)
    }

    /// Where a Google event by `principal` behind `delegation` came from.
    ///
    /// A federated subject that names a job is K1; one that names project and ref is K3 if exactly
    /// one such job ran. A credential of an account that Vault manages is K4 when one lease only
    /// was in force; several leases prove nothing of any one of them.
    #[must_use]
    pub fn cloud_use(
        &self,
        principal: &str,
        delegation: &[&str],
        at: Timestamp,
        declared: &dyn Declared,
    ) -> CloudUse {
        let subject = delegation
            .iter()
            .copied()
            .chain([principal])
            .find_map(subject);
        let jobs = subject.and_then(|subject| self.federated(subject, at, declared));
        let leases = self.cloud_leases.at(principal, at, declared.skew_micros());
        let lease = match leases.as_slice() {
            [one] => Some((*one, Key::K4)),
            _ => None,
        };
        CloudUse { jobs, lease }
    }

    fn federated(
        &self,
        subject: &str,
        at: Timestamp,
        declared: &dyn Declared,
    ) -> Option<Candidates> {
        let claims = Claims::read(subject);
        if let Some(job_id) = claims.job_id {
            let found = self.directory.jobs_with_id(job_id).to_vec();
            let key_name = "job id in the federated subject = job.id";
            return (!found.is_empty()).then_some(Candidates {
                found,
                key: Key::K1,
                key_name,
            });
        }
        let project = claims
            .project_id
            .or_else(|| self.directory.project_id(claims.project_path?))?;
        let (before, after) = (declared.skew_micros(), declared.grace_micros());
        let mut found = self.directory.running(project, at, before, after);
        if let Some(git_ref) = claims.git_ref {
            found.retain(|&number| {
                self.directory
                    .job(number)
                    .is_some_and(|job| job.git_ref == git_ref)
            });
        }
        let key_name = "project and ref in the federated subject = those of the running job";
        (!found.is_empty()).then_some(Candidates {
            found,
            key: Key::K3,
            key_name,
        })
    }

    /// The facts of a Google event's origin; default when nothing is known.
    #[must_use]
    pub fn cloud_facts(&self, found: &CloudUse, declared: &dyn Declared) -> Facts {
        if let Some(candidates) = &found.jobs {
            return self.facts_of_candidates(candidates, declared);
        }
        let Some((lease, key)) = found.lease else {
            return Facts::default();
        };
        let session = self
            .ledger
            .leases
            .get(lease as usize)
            .and_then(|lease| self.session(lease.op));
        let Some(session) = session else {
            return Facts::default();
        };
        let mut facts = self.facts(session, declared);
        facts.confidence = facts.confidence.map(|known| known.min(key.confidence()));
        facts
    }

    /// The edges that end at a Google event.
    #[must_use]
    pub fn cloud_edges(
        &self,
        found: &CloudUse,
        insert_id: &str,
        place: Place,
        at: Timestamp,
    ) -> Vec<Edge> {
        let mut edges = Vec::new();
        let right = id::gcp_event(insert_id);
        if let Some(candidates) = &found.jobs {
            self.job_edges("job-cloud", candidates, &right, place, at, &mut edges);
        }
        if let Some((position, key)) = found.lease
            && let Some(lease) = self.ledger.leases.get(position as usize)
        {
            edges.push(self.lease_edge(lease, key, right.clone(), place, at));
            // The only job behind the only lease in force is as probable as the lease.
            let root = self
                .session(lease.op)
                .map(|session| self.root(session).login);
            let origin = root.and_then(|login| self.origin(login));
            let job = origin
                .and_then(|origin| origin.jobs.as_ref())
                .and_then(Candidates::only);
            if let Some(job) = job.filter(|_| found.jobs.is_none()) {
                let key_name = "job of the lease, the only one in force";
                let through = Candidates {
                    found: vec![job],
                    key,
                    key_name,
                };
                self.job_edges("job-cloud", &through, &right, place, at, &mut edges);
            }
        }
        edges
    }

    fn lease_edge(
        &self,
        lease: &Lease,
        key: Key,
        right: String,
        place: Place,
        at: Timestamp,
    ) -> Edge {
        Edge {
            edge: "lease-cloud",
            left: id::vault_lease(self.ledger.text(lease.id)),
            right,
            key,
            key_name: "account of the lease = principal, the only lease in force",
            confidence: key.confidence(),
            alternatives: Vec::new(),
            why_lost: "",
            left_place: lease.place,
            right_place: place,
            left_at: self
                .ledger
                .ops
                .get(lease.op as usize)
                .map_or(at, |op| op.at),
            right_at: at,
        }
    }
}

/// The accounts that exports of Vault's Google engines name, with what Vault issued for them.
fn managed(
    ledger: &Ledger,
    directory: &Directory,
    revoked: &dyn Fn(u32) -> Option<Timestamp>,
) -> BTreeMap<String, Managed> {
    let mut named: BTreeMap<&str, (&str, i64, bool)> = BTreeMap::new();
    for attribute in directory.of_kind("vault-gcp-account") {
        let path = attribute.object.strip_prefix("vault:path/").unwrap_or("");
        let entry = named.entry(path).or_insert(("", DEFAULT_TTL, false));
        let value = attribute.value.as_str();
        match attribute.name.as_str() {
            "service_account_email" => entry.0 = value,
            "secret_type" => entry.2 = value == "service_account_key",
            "ttl" => {
                let seconds = value.parse::<i64>().ok().filter(|ttl| *ttl > 0);
                entry.1 = seconds.map_or(DEFAULT_TTL, |ttl| ttl.saturating_mul(1_000_000));
            }
            _ => {}
        }
    }
    let mut managed: BTreeMap<String, Managed> = BTreeMap::new();
    for (email, ttl, keys) in named.values().filter(|(email, ..)| !email.is_empty()) {
        let known = managed.entry(id::gcp_service_account(email)).or_default();
        // Several configurations of one account: the longest life, and keys if any makes them.
        known.ttl = known.ttl.max(*ttl);
        known.keys |= keys;
    }
    let ends: BTreeMap<Sym, Timestamp> = ledger.lease_ends.iter().copied().collect();
    for mint in &ledger.mints {
        let path = id::in_namespace(Some(ledger.text(mint.namespace)), ledger.text(mint.path));
        let (holder, what) = path.rsplit_once('/').unwrap_or(("", ""));
        let account = named.get(holder).filter(|(email, ..)| !email.is_empty());
        let op = ledger.ops.get(mint.op as usize);
        let (Some((email, ttl, _)), Some(op)) = (account, op) else {
            continue;
        };
        let to = if what == "key" {
            // Vault deletes a key with its lease, and revokes that with the token that got it.
            let of_lease = ends.get(&mint.lease).copied();
            let with_token = revoked(mint.op).filter(|_| mint.lease != NONE);
            let ends = of_lease.into_iter().chain(with_token);
            ends.fold(Timestamp::MAX, Timestamp::min)
        } else {
            // Nobody can revoke an access token of Google's: it lives as long as the answer says.
            let stated = mint.ttl_s.filter(|ttl| *ttl > 0);
            op.at
                .plus_micros(stated.map_or(*ttl, |ttl| ttl.saturating_mul(1_000_000)))
        };
        if let Some(known) = managed.get_mut(&id::gcp_service_account(email)) {
            known.issues.push((op.at, to));
        }
    }
    managed
}

/// The subject of a workload identity pool's principal.
fn subject(principal: &str) -> Option<&str> {
    let name = principal.strip_prefix("gcp:principal/principal://")?;
    let (pool, subject) = name.split_once("/subject/")?;
    pool.contains("workloadIdentityPools").then_some(subject)
}

/// What GitLab's `sub`, or a subject mapped from other claims, names.
#[derive(Debug, Default, PartialEq, Eq)]
struct Claims<'s> {
    job_id: Option<u64>,
    project_id: Option<u64>,
    project_path: Option<&'s str>,
    git_ref: Option<&'s str>,
}

impl<'s> Claims<'s> {
    /// `project_path:{path}:ref_type:{type}:ref:{ref}` in any selection; the legacy `job_{id}`.
    fn read(subject: &'s str) -> Claims<'s> {
        let mut claims = Claims::default();
        if let Some(job) = subject.strip_prefix("job_") {
            claims.job_id = job.parse().ok();
            return claims;
        }
        let value = |name: &str| {
            let start = if subject.starts_with(name) {
                0
            } else {
                subject.find(&format!(":{name}"))? + 1
            };
            let rest = subject.get(start + name.len()..)?;
            // A ref may hold colons nowhere, a path neither; the next name ends the value.
            Some(rest.split(':').next().unwrap_or(rest)).filter(|value| !value.is_empty())
        };
        claims.job_id = value("job_id:").and_then(|text| text.parse().ok());
        claims.project_id = value("project_id:").and_then(|text| text.parse().ok());
        claims.project_path = value("project_path:");
        claims.git_ref = value("ref:");
        claims
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gitlabs_subject_names_project_and_ref() {
        let claims = Claims::read("project_path:acme/shop:ref_type:branch:ref:feature/x");
        assert_eq!(claims.project_path, Some("acme/shop"));
        assert_eq!(claims.git_ref, Some("feature/x"));
        assert_eq!(claims.job_id, None);
    }

    #[test]
    fn a_subject_may_name_the_job() {
        assert_eq!(Claims::read("job_77").job_id, Some(77));
        assert_eq!(Claims::read("project_id:4:job_id:77").job_id, Some(77));
    }

    #[test]
    fn only_workload_identity_pools_have_a_subject() {
        let pool = "gcp:principal/principal://iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/gl/subject/job_1";
        assert_eq!(subject(pool), Some("job_1"));
        assert_eq!(subject("gcp:sa/a@p.iam.gserviceaccount.com"), None);
    }
}
