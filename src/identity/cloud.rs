//! From Google Cloud events back to the job that federated, or to the Vault lease whose credential
//! was used.

use super::claims::Claims;
use super::edge::{Candidates, Edge};
use super::facts::Facts;
use super::ledger::Lease;
use super::resolve::Identity;
use super::scope::Scope;
use crate::model::{Key, Place, Timestamp, id};

/// Where a Google event came from.
#[derive(Clone, Debug, Default)]
pub struct CloudUse {
    /// Jobs that may have federated into the caller.
    pub jobs: Option<Candidates>,
    /// The lease of the credential in use.
    pub lease: Option<(u32, Key)>,
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
        declared: &Scope<'_>,
    ) -> CloudUse {
        let subject = delegation
            .iter()
            .copied()
            .chain([principal])
            .find_map(subject);
        let jobs = subject.and_then(|(pool, subject)| {
            let claims = Some(Claims::read(subject)).filter(|claims| *claims != Claims::default());
            let claims = claims.unwrap_or_else(|| self.mapped(pool, subject));
            self.federated(&claims, at, declared)
        });
        let leases = self.cloud_leases.at(principal, at, declared.skew_micros());
        let lease = match leases.as_slice() {
            [one] => Some((*one, Key::K4)),
            _ => None,
        };
        CloudUse { jobs, lease }
    }

    /// What a subject is that does not say so itself, by the mapping that the providers of its pool
    /// agree on.
    fn mapped<'s>(&self, pool: &str, subject: &'s str) -> Claims<'s> {
        let within = format!("/{POOLS}/{pool}/");
        let mut mappings = self.directory.of_kind("wif-provider").filter(|attribute| {
            attribute.name == "mapping.google.subject" && attribute.object.contains(&within)
        });
        let mapping = mappings.next().map(|first| first.value.trim());
        if mappings.any(|other| Some(other.value.trim()) != mapping) {
            return Claims::default();
        }
        let mut claims = Claims::default();
        match mapping {
            Some("assertion.job_id") => claims.job_id = subject.parse().ok(),
            Some("assertion.project_id") => claims.project_id = subject.parse().ok(),
            Some("assertion.project_path") => claims.project_path = Some(subject),
            _ => {}
        }
        claims
    }

    fn federated(
        &self,
        claims: &Claims<'_>,
        at: Timestamp,
        declared: &Scope<'_>,
    ) -> Option<Candidates> {
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
                let mut records = self.directory.records(number).iter();
                records.any(|job| job.git_ref == git_ref)
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
    pub fn cloud_facts(&self, found: &CloudUse, declared: &Scope<'_>) -> Facts {
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

/// The collection of pools in the name of a principal.
const POOLS: &str = "workloadIdentityPools";

/// The pool and the subject of a workload identity pool's principal.
fn subject(principal: &str) -> Option<(&str, &str)> {
    let name = principal.strip_prefix("gcp:principal/principal://")?;
    let (pool, subject) = name.split_once("/subject/")?;
    let (_, pool) = pool.split_once(POOLS)?;
    Some((pool.trim_matches('/'), subject))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_workload_identity_pools_have_a_subject() {
        let pool = "gcp:principal/principal://iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/gl/subject/job_1";
        assert_eq!(subject(pool), Some(("gl", "job_1")));
        assert_eq!(subject("gcp:sa/a@p.iam.gserviceaccount.com"), None);
    }
}
