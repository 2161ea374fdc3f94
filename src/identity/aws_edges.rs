//! The edges of AWS: who is behind a session or key, and which calls were made with it.

use super::aws_session::{AwsSession, AwsUse};
use super::edge::Edge;
use super::edges::{End, candidates};
use super::facts::Facts;
use super::resolve::Identity;
use super::scope::Scope;
use crate::model::{Key, Place, Timestamp, id};

impl Identity {
    /// The edges that end at sessions and keys.
    pub(super) fn aws_edges(&self, edges: &mut Vec<Edge>) {
        for session in &self.aws.sessions {
            let end = End {
                right: id::aws_key(&session.key),
                place: session.place,
                at: session.at,
            };
            if let Some(found) = &session.jobs {
                let (right, place, at) = (&end.right, session.place, session.at);
                self.job_edges("job-aws", found, right, place, at, edges);
            }
            if let Some(found) = &session.leases {
                let name = |number: u32| {
                    let lease = self.ledger.leases.get(number as usize)?;
                    let at = self.ledger.ops.get(lease.op as usize)?.at;
                    Some((id::vault_lease(self.ledger.text(lease.id)), lease.place, at))
                };
                candidates("lease-aws", found, &end, name, edges);
            }
            if let Some(known) = &session.person {
                edges.push(self.person_edge("person-aws", known, &known.person, &end));
            }
        }
    }

    /// The edge from a session or key to a call made with it.
    #[must_use]
    pub fn aws_edge(&self, used: AwsUse, event: &str, place: Place, at: Timestamp) -> Option<Edge> {
        let session = self.aws.get(used.session)?;
        let name = match (used.key, session.issue) {
            (Key::K2, Some(_)) => "access key issued = access key used",
            (Key::K2, None) => "access key used",
            _ => "role, session name and time at which the session began",
        };
        let end = End {
            right: event.to_owned(),
            place,
            at,
        };
        let left = id::aws_key(&session.key);
        Some(end.edge(
            "aws-request",
            left,
            used.key,
            name,
            session.place,
            session.at,
        ))
    }

    /// What is known of the origin of a call, as far as all candidates agree.
    #[must_use]
    pub fn aws_facts(&self, used: AwsUse, declared: &Scope<'_>) -> Facts {
        let root = self.aws.root(used.session);
        let Some(session) = self.aws.get(root) else {
            return Facts::default();
        };
        let mut facts = self.of_aws_session(session, declared);
        facts.confidence = facts
            .confidence
            .map(|known| known.min(used.key.confidence()));
        facts
    }

    fn of_aws_session(&self, session: &AwsSession, declared: &Scope<'_>) -> Facts {
        if let Some(jobs) = &session.jobs {
            let mut facts = self.facts_of_candidates(jobs, declared);
            facts.address.clone_from(&session.address);
            return facts;
        }
        if let Some(found) = &session.leases {
            let lease = found
                .only()
                .and_then(|lease| self.ledger.leases.get(lease as usize));
            let Some(login) = lease.and_then(|lease| self.session(lease.op)) else {
                return Facts::default();
            };
            let mut facts = self.facts(login, declared);
            facts.confidence = facts.confidence.map(|known| known.min(found.confidence()));
            return facts;
        }
        session
            .person
            .as_ref()
            .map_or_else(Facts::default, |known| Facts {
                origin_kind: "person",
                origin_id: known.person.clone(),
                person_id: known.person.clone(),
                candidates: 1,
                confidence: Some(known.key.confidence()),
                ..Facts::default()
            })
    }
}
