//! From a login down: its token, what was done with it in time order, leases, children, and what
//! followed in the cloud.

use std::collections::{BTreeMap, BTreeSet};

use super::inquiry::{Inquiry, Uses};
use super::origin::via;
use super::rows::{CredentialRow, EventRow};
use crate::estate::ownership::owner_match;
use crate::identity::{Facts, Lease, Session};
use crate::model::trace::{Node, Via};
use crate::model::{Key, Timestamp, id};
use crate::table::engine::EngineError;

/// Everything needed to draw the branches of some logins.
pub(super) struct Branches<'i, 'e> {
    inquiry: &'i Inquiry<'e>,
    uses: BTreeMap<u32, Uses>,
    /// Renewals by login.
    renewals: BTreeMap<u32, u64>,
    /// Logins whose token was itself revoked.
    revoked: BTreeSet<u32>,
    credentials: BTreeMap<String, CredentialRow>,
    rows: BTreeMap<u32, EventRow>,
    /// The jobs whose own edges to the cloud were asked for.
    jobs: Vec<String>,
    cloud: BTreeMap<String, Vec<(Via, String)>>,
    events: BTreeMap<String, EventRow>,
}

impl<'i, 'e> Branches<'i, 'e> {
    /// Fetches what hangs on `logins`, and on the cloud edges of `jobs`.
    pub(super) fn new(
        inquiry: &'i Inquiry<'e>,
        logins: &[u32],
        jobs: &[String],
    ) -> Result<Branches<'i, 'e>, EngineError> {
        let family = inquiry.family(logins);
        let uses = inquiry.uses(&family);
        let identity = &inquiry.estate.identity;
        let mut renewals: BTreeMap<u32, u64> = BTreeMap::new();
        let mut revoked = BTreeSet::new();
        for change in &identity.ledger.changes {
            match identity.session(change.op) {
                Some(session) if change.ttl_s.is_some() => {
                    *renewals.entry(session.login).or_default() += 1;
                }
                Some(session) => {
                    revoked.insert(session.login);
                }
                None => {}
            }
        }
        let shown: BTreeSet<u32> = uses
            .values()
            .flat_map(|uses| uses.inside.iter().take(inquiry.limit).copied())
            .collect();
        let mut wanted: BTreeSet<String> = family
            .iter()
            .filter_map(|&login| inquiry.login(login))
            .map(|login| inquiry.login_id(login))
            .collect();
        let mut left: BTreeSet<String> = jobs.iter().cloned().collect();
        for lease in shown.iter().flat_map(|&op| leases(inquiry, op)) {
            let name = id::vault_lease(identity.ledger.text(lease.id));
            wanted.insert(name.clone());
            left.insert(name);
        }
        let cloud = inquiry.cloud_edges(&left)?;
        let ids = cloud.values().flatten().map(|(_, id)| id.clone()).collect();
        let (rows, events) = inquiry.events(&shown, &ids)?;
        Ok(Branches {
            inquiry,
            uses,
            renewals,
            revoked,
            credentials: inquiry.credentials(&wanted)?,
            rows,
            jobs: jobs.to_vec(),
            cloud,
            events,
        })
    }

    /// Whether a login, or anything done with its token, lies in the period.
    pub(super) fn in_period(&self, login: u32) -> bool {
        let at = self.inquiry.login(login).map(|login| login.at);
        let inside = at.is_some_and(|at| self.inquiry.period().contains(at));
        let used = |login: &u32| {
            self.uses
                .get(login)
                .is_some_and(|uses| !uses.inside.is_empty())
        };
        inside || self.inquiry.family(&[login]).iter().any(used)
    }

    /// A login with its token below it.
    pub(super) fn login(&self, position: u32, via: Option<Via>) -> Node {
        let mut node = self.bare_login(position, via);
        node.children.push(self.token(position, 0));
        node
    }

    /// A login without what is below it.
    pub(super) fn bare_login(&self, position: u32, via: Option<Via>) -> Node {
        let Some(login) = self.inquiry.login(position) else {
            return Node::default();
        };
        let facts = self.inquiry.facts(position);
        let mut node = Node::new("login", &self.inquiry.login_id(login));
        node.at = Some(login.at);
        node.fact("mount", &facts.mount)
            .fact("role", &facts.role_id)
            .fact("address", &facts.address);
        node.via = via;
        node.evidence.push(self.inquiry.pointer(login.place));
        node
    }

    /// The token of a login without what was done with it.
    pub(super) fn bare_token(&self, position: u32) -> Node {
        let Some(login) = self.inquiry.login(position) else {
            return Node::default();
        };
        let Some(row) = self.credentials.get(&self.inquiry.login_id(login)) else {
            return Node::missing("token", "no-token", "the login handed out no token");
        };
        let mut node = Node::new("token", &row.id);
        node.at = Some(row.issued_at);
        let time = |at: Option<_>| at.map_or_else(String::new, |at: Timestamp| at.to_string());
        let renewals = self.renewals.get(&position).map(u64::to_string);
        let renewals = renewals.unwrap_or_default();
        node.fact("kind", &row.kind)
            .fact("display name", &row.display_name)
            .fact("policies", &row.policies.join(", "))
            .fact("expires", &time(row.expires_at))
            .fact(
                "revoked",
                &ended(row.revoked_at, self.revoked.contains(&position)),
            )
            .fact("renewals", &renewals)
            .fact("uses", &row.uses.to_string())
            .fact("last used", &time(row.last_used_at));
        if row.revoked_at.is_none() {
            node.fact("revocation", "none seen");
        }
        if login.child {
            node.via = via(
                "token-child",
                Key::K2,
                "accessor of the asking token = accessor issued",
            );
        }
        node.evidence.push(row.evidence.clone());
        node
    }

    /// The token of a login with what was done with it.
    pub(super) fn token(&self, position: u32, depth: usize) -> Node {
        let mut node = self.bare_token(position);
        let facts = self.inquiry.facts(position);
        let Some(uses) = self.uses.get(&position) else {
            let words = "no request of the token is in the logs";
            node.children
                .push(Node::missing("request", "no-use", words));
            return node;
        };
        for &op in uses.inside.iter().take(self.inquiry.limit) {
            let Some(row) = self.rows.get(&op) else {
                continue;
            };
            let mut request = self.request(op, row, &facts);
            request.children = self.leases(op);
            // A token cannot descend from itself; the bound guards against logs that say so.
            let asked = self.inquiry.children(position).iter().filter(|&&child| {
                depth < 64
                    && self
                        .inquiry
                        .login(child)
                        .is_some_and(|child| child.op == op)
            });
            let asked = asked.map(|&child| self.token(child, depth + 1));
            request.children.extend(asked);
            node.children.push(request);
        }
        node.left_out = uses.inside.len().saturating_sub(self.inquiry.limit) as u64;
        if uses.outside > 0 {
            let count = uses.outside.to_string();
            node.fact("requests outside the period", &count);
        }
        node
    }

    fn request(&self, op: u32, row: &EventRow, facts: &Facts) -> Node {
        let session = self.inquiry.estate.identity.session(op);
        let mut node = event_node("request", row, Some(facts));
        node.via = session.and_then(|session: Session| {
            let name = self.inquiry.estate.identity.request_key_name(session);
            via("login-request", session.key, name)
        });
        node
    }

    fn leases(&self, op: u32) -> Vec<Node> {
        let found = leases(self.inquiry, op).iter();
        let nodes = found.map(|lease| {
            let name = id::vault_lease(self.inquiry.estate.identity.ledger.text(lease.id));
            let mut node = Node::new("lease", &name);
            let row = self.credentials.get(&name);
            node.at = row.map(|row| row.issued_at);
            let revoked = row.and_then(|row| row.revoked_at);
            let ledger = &self.inquiry.estate.identity.ledger;
            let itself = ledger
                .lease_ends
                .iter()
                .any(|(ended, _)| *ended == lease.id);
            match revoked {
                Some(_) => node.fact("revoked", &ended(revoked, itself)),
                None => node.fact("revocation", "none seen"),
            };
            node.via = via("request-lease", Key::K1, "response.secret.lease_id");
            node.evidence.push(self.inquiry.pointer(lease.place));
            let mut events = self.cloud(&name);
            if events.is_empty()
                && self
                    .inquiry
                    .estate
                    .identity
                    .ledger
                    .text(lease.mount)
                    .starts_with("gcp")
            {
                let words = "no cloud event is joined to the lease";
                events.push(Node::missing("event", "no-cloud-event", words));
            }
            node.children = events;
            node
        });
        nodes.collect()
    }

    /// What followed in the cloud from a job or lease, by time; other edges that end at the same
    /// event are named beside.
    pub(super) fn cloud(&self, left: &str) -> Vec<Node> {
        let edges = self.cloud.get(left).map_or(&[][..], Vec::as_slice);
        let mut nodes: Vec<Node> = edges
            .iter()
            .map(|(via, event)| {
                let mut node = match self.events.get(event) {
                    Some(row) => event_node("event", row, None),
                    None => Node::new("event", event),
                };
                node.via = Some(via.clone());
                let others = self.jobs.iter().filter(|job| job.as_str() != left);
                let others = others.filter_map(|job| self.cloud.get(job)).flatten();
                let others = others.filter(|(_, other)| other == event);
                node.also = others.map(|(via, _)| via.clone()).collect();
                node
            })
            .collect();
        nodes.sort_by(|a, b| (a.at, &a.id).cmp(&(b.at, &b.id)));
        nodes
    }
}

/// When a credential was revoked: by itself, or because it depends on a token that was.
fn ended(revoked_at: Option<Timestamp>, itself: bool) -> String {
    match revoked_at {
        Some(at) if itself => at.to_string(),
        Some(at) => format!("{at} with the token that asked for it"),
        None => String::new(),
    }
}

/// One event as a node; `facts` tell whether the object belongs to who acted.
pub(super) fn event_node(kind: &'static str, row: &EventRow, facts: Option<&Facts>) -> Node {
    let mut node = Node::new(kind, &row.id);
    node.at = Some(row.at);
    let owner = facts.map_or("", |facts| owner_match(facts, &row.owner));
    if row.kind != "request" {
        node.fact("kind", &row.kind);
    }
    node.fact("operation", &row.operation)
        .fact("object", &row.object)
        .fact("outcome", &row.outcome)
        .fact("error", &row.error)
        .fact("owner", &row.owner)
        .fact("owner match", owner)
        .fact("address", &row.address);
    if !row.id.starts_with("vault:") {
        node.fact("principal", &row.principal);
    }
    if let Some(seconds) = row.wrapped_s {
        node.fact("answer wrapped for", &format!("{seconds} s"));
    }
    node.evidence.push(row.evidence.clone());
    node
}

/// The leases that operation `op` got; they stand in the order of operations.
fn leases<'e>(inquiry: &Inquiry<'e>, op: u32) -> &'e [Lease] {
    let leases = &inquiry.estate.identity.ledger.leases;
    let from = leases.partition_point(|lease| lease.op < op);
    let to = leases.partition_point(|lease| lease.op <= op);
    leases.get(from..to).unwrap_or(&[])
}
