//! Every distinct request of a token, to size policies by.
//!
//! Resident: one entry for each distinct request of a kind of token, with eight bytes a session.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use super::operation::Operation;
use crate::model::{EventKind, Evidence, Outcome, Timestamp};

/// What a request asked, by which kind of token.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Request {
    pub(super) namespace: String,
    pub(super) policies: Vec<String>,
    pub(super) granting: Vec<String>,
    pub(super) entity: String,
    pub(super) role: String,
    pub(super) operation: String,
    pub(super) path: String,
    /// Whether the server allowed it; what it refused is kept apart.
    pub(super) allowed: bool,
}

/// How often, and by whom.
#[derive(Clone, Debug)]
pub(super) struct Seen {
    pub(super) count: u64,
    pub(super) sessions: BTreeSet<u64>,
    pub(super) first: (Timestamp, String),
    pub(super) last: (Timestamp, String),
}

/// The requests of a log.
#[derive(Clone, Debug, Default)]
pub(super) struct Requests {
    pub(super) seen: BTreeMap<Request, Seen>,
    /// First and last moment of any of them.
    pub(super) span: Option<(Timestamp, Timestamp)>,
}

impl Requests {
    /// Keeps a request that the server allowed or refused; one that failed shows no need.
    pub(super) fn see(&mut self, seen: &Operation<'_>, evidence: &impl Fn() -> Evidence) {
        let asked = &seen.asked;
        let allowed = asked.outcome == Outcome::Allowed;
        let told = allowed || asked.outcome == Outcome::Denied;
        if seen.kind == EventKind::Login || !told || asked.policies.is_empty() {
            return;
        }
        let texts = |list: &[&str]| list.iter().map(|text| (*text).to_owned()).collect();
        let request = Request {
            namespace: asked.namespace.to_owned(),
            policies: texts(asked.policies),
            granting: texts(asked.granting),
            entity: asked.entity.to_owned(),
            role: seen.role.to_owned(),
            operation: asked.operation.to_owned(),
            path: asked.path.to_owned(),
            allowed,
        };
        let mut hasher = DefaultHasher::new();
        seen.credential.hash(&mut hasher);
        let session = hasher.finish();
        let (first, last) = self.span.unwrap_or((seen.at, seen.at));
        self.span = Some((first.min(seen.at), last.max(seen.at)));
        let found = self.seen.entry(request).or_insert_with(|| {
            let record = (seen.at, evidence().pointer());
            Seen {
                count: 0,
                sessions: BTreeSet::new(),
                first: record.clone(),
                last: record,
            }
        });
        found.count += 1;
        found.sessions.insert(session);
        if seen.at < found.first.0 {
            found.first = (seen.at, evidence().pointer());
        }
        if seen.at >= found.last.0 {
            found.last = (seen.at, evidence().pointer());
        }
    }
}
