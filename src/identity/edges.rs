//! The edges of a run, but those from a login to its requests: there is one for every request, so
//! they are made while requests are written.

use super::edge::{Candidates, Edge};
use super::idp_user::Known;
use super::resolve::{Identity, Session};
use super::scope::{Scope, person_of_user};
use crate::model::{Key, Place, Timestamp, id};
use crate::table::row::NONE;

impl Identity {
    /// All edges but `login-request`, by kind, left and right end.
    #[must_use]
    pub fn edges(&self, declared: &Scope<'_>) -> Vec<Edge> {
        let mut edges = Vec::new();
        for (login, origin) in self.ledger.logins.iter().zip(&self.origins) {
            let right = id::vault_login(self.ledger.text(login.id));
            let end = End {
                right,
                place: login.place,
                at: login.at,
            };
            if let Some(found) = &origin.jobs {
                self.job_edges(
                    "job-login",
                    found,
                    &end.right,
                    login.place,
                    login.at,
                    &mut edges,
                );
            }
            if let Some(found) = &origin.services {
                let name = |number: u32| {
                    let service = self.directory.services.get(number as usize)?;
                    Some((service.id.clone(), service.place, login.at))
                };
                candidates("service-login", found, &end, name, &mut edges);
            }
            if let Some(known) = &origin.person {
                edges.push(self.person_edge("person-login", known, &known.person, &end));
            }
            if let Some(parent) = origin.parent.and_then(|parent| self.login(parent)) {
                let left = id::vault_login(self.ledger.text(parent.id));
                let name = "accessor of the asking token = accessor issued";
                edges.push(end.edge("token-child", left, Key::K2, name, parent.place, parent.at));
            }
        }
        self.leases(&mut edges);
        self.job_people(declared, &mut edges);
        self.merge_request_jobs(&mut edges);
        self.aws_edges(&mut edges);
        edges.sort_by(|a, b| (a.edge, &a.left, &a.right).cmp(&(b.edge, &b.left, &b.right)));
        edges
    }

    /// One edge from each candidate job to `right`.
    pub(super) fn job_edges(
        &self,
        kind: &'static str,
        found: &Candidates,
        right: &str,
        place: Place,
        at: Timestamp,
        edges: &mut Vec<Edge>,
    ) {
        let end = End {
            right: right.to_owned(),
            place,
            at,
        };
        let name = |number: u32| {
            let job = self.directory.job(number)?;
            let start = job.started_at.or(job.created_at).unwrap_or(at);
            Some((id::gitlab_job(job.project_id, job.id), job.place, start))
        };
        candidates(kind, found, &end, name, edges);
    }

    fn leases(&self, edges: &mut Vec<Edge>) {
        for lease in &self.ledger.leases {
            let at = self
                .ledger
                .ops
                .get(lease.op as usize)
                .map_or(Timestamp::MIN, |op| op.at);
            let right = id::vault_lease(self.ledger.text(lease.id));
            let left = id::vault_request(self.ledger.text(lease.request_id));
            let end = End {
                right,
                place: lease.place,
                at,
            };
            edges.push(end.edge(
                "request-lease",
                left,
                Key::K1,
                "response.secret.lease_id",
                lease.place,
                at,
            ));
        }
    }

    fn job_people(&self, declared: &Scope<'_>, edges: &mut Vec<Edge>) {
        for job in self
            .directory
            .jobs
            .iter()
            .filter(|job| !job.username.is_empty())
        {
            let left = person_of_user(&job.username, declared);
            let place = self.directory.user(&job.username).unwrap_or(job.place);
            let at = job.started_at.or(job.created_at).unwrap_or(Timestamp::MIN);
            let end = End {
                right: id::gitlab_job(job.project_id, job.id),
                place: job.place,
                at,
            };
            edges.push(end.edge("person-job", left, Key::K1, "job.user.username", place, at));
        }
    }

    /// What tells that a request was made with a login's token; batch tokens have no accessor.
    #[must_use]
    pub fn request_key_name(&self, session: Session) -> &'static str {
        let accessor = self.login(session.login).map(|login| login.accessor);
        match session.key {
            Key::K2 if accessor == Some(NONE) => "token hash issued = token hash used",
            Key::K2 => "accessor issued = accessor used",
            _ => "entity, display name and issue time",
        }
    }

    /// The edge from the login to a request made with its token.
    #[must_use]
    pub fn request_edge(
        &self,
        session: Session,
        request_id: &str,
        place: Place,
        at: Timestamp,
    ) -> Option<Edge> {
        let login = self.login(session.login)?;
        let left = id::vault_login(self.ledger.text(login.id));
        let name = self.request_key_name(session);
        let end = End {
            right: id::vault_request(request_id),
            place,
            at,
        };
        Some(end.edge(
            "login-request",
            left,
            session.key,
            name,
            login.place,
            login.at,
        ))
    }

    /// The edge from a person to a session of the identity-aware proxy; none for machines and for
    /// whom nothing names.
    #[must_use]
    pub fn proxy_edge(
        &self,
        (user, number): (&str, &str),
        session: &str,
        place: Place,
        at: Timestamp,
        declared: &Scope<'_>,
    ) -> Option<Edge> {
        let known = self.idp.proxied(user, number, declared)?;
        let end = End {
            right: session.to_owned(),
            place,
            at,
        };
        Some(self.person_edge("person-proxy", &known, user, &end))
    }

    /// The edge from a person whom `named` names at the identity provider.
    pub(super) fn person_edge(
        &self,
        kind: &'static str,
        known: &Known,
        named: &str,
        end: &End,
    ) -> Edge {
        let user = known.person.strip_prefix("gitlab:user/");
        let from = self.directory.user(user.unwrap_or(&known.person));
        let from = from.or_else(|| self.idp.place(named)).unwrap_or(end.place);
        let (key, key_name) = (known.key, known.key_name);
        end.edge(kind, known.person.clone(), key, key_name, from, end.at)
    }
}

/// The right end of an edge.
pub(super) struct End {
    pub(super) right: String,
    pub(super) place: Place,
    pub(super) at: Timestamp,
}

impl End {
    pub(super) fn edge(
        &self,
        edge: &'static str,
        left: String,
        key: Key,
        key_name: &'static str,
        left_place: Place,
        left_at: Timestamp,
    ) -> Edge {
        Edge {
            edge,
            left,
            right: self.right.clone(),
            key,
            key_name,
            confidence: key.confidence(),
            alternatives: Vec::new(),
            why_lost: "",
            left_place,
            right_place: self.place,
            left_at,
            right_at: self.at,
        }
    }
}

/// One edge per candidate, each naming the others; below the lowest band none is listed.
pub(super) fn candidates(
    kind: &'static str,
    found: &Candidates,
    end: &End,
    name: impl Fn(u32) -> Option<(String, Place, Timestamp)>,
    edges: &mut Vec<Edge>,
) {
    let confidence = found.confidence();
    if confidence.band().is_none() {
        return;
    }
    let named: Vec<_> = found
        .found
        .iter()
        .filter_map(|&number| name(number))
        .collect();
    for (left, place, at) in &named {
        let mut edge = end.edge(kind, left.clone(), found.key, found.key_name, *place, *at);
        edge.confidence = confidence;
        edge.alternatives = named
            .iter()
            .map(|other| other.0.clone())
            .filter(|other| other != left)
            .collect();
        edge.alternatives.sort();
        edges.push(edge);
    }
}
