//! Every credential handed out: until when it could be used, and until when it was.

use std::collections::BTreeMap;

use hashbrown::HashMap;

use super::facts::Facts;
use super::resolve::{Identity, Session};
use super::scope::Scope;
use crate::model::{Key, Place, Timestamp, id};
use crate::table::row::{NONE, Sym};

/// One token or lease.
#[derive(Clone, Debug)]
pub struct Credential {
    /// `vault:accessor/...`, `vault:login/...` without an accessor, `vault:lease/...`.
    pub id: String,
    /// `token`, `batch-token`, `wrapped-token`, `child-token` or `lease`.
    pub kind: &'static str,
    /// When it was issued.
    pub issued_at: Timestamp,
    /// Lifetime at issue, in seconds.
    pub ttl_s: Option<i64>,
    /// Last known end, extended by renewals.
    pub expires_at: Option<Timestamp>,
    /// When it was revoked, if seen.
    pub revoked_at: Option<Timestamp>,
    /// When it was last used, if seen.
    pub last_used_at: Option<Timestamp>,
    /// Seconds between the end of its job and its own; 0 when its own came first.
    pub residual_s: Option<i64>,
    /// Requests made with it.
    pub uses: u64,
    /// The login or request that issued it.
    pub login_id: String,
    /// The credential that asked for it; empty for logins.
    pub parent_id: String,
    /// The entity it stands for.
    pub holder: String,
    /// Display name of the token.
    pub display_name: String,
    /// Policies of the token.
    pub policies: Vec<String>,
    /// Where it came from.
    pub facts: Facts,
    /// Where its issue was read.
    pub place: Place,
}

/// Uses and changes of one login's token.
#[derive(Clone, Copy, Debug, Default)]
struct Life {
    uses: u64,
    last_used_at: Option<Timestamp>,
    expires_at: Option<Timestamp>,
    revoked_at: Option<Timestamp>,
}

impl Identity {
    /// The names of credentials that several devices hash differently, by the handle that stands
    /// for them: the smallest hash, in clear only where there is none.
    #[must_use]
    pub fn credential_names(&mut self) -> HashMap<Sym, String> {
        let mut names: HashMap<Sym, String> = HashMap::new();
        for handle in self.ledger.handles.linked() {
            let root = self.ledger.handles.root(handle);
            let text = self.ledger.text(handle).to_owned();
            let rank = |text: &str| (!text.starts_with("hmac-"), text.to_owned());
            let name = names.entry(root).or_insert_with(|| text.clone());
            if rank(&text) < rank(name) {
                *name = text;
            }
        }
        names
    }

    /// The other handles of credentials that several devices hash differently, sorted, by their id.
    #[must_use]
    pub fn other_handles(&self, names: &HashMap<Sym, String>) -> BTreeMap<String, Vec<String>> {
        let mut others: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for handle in self.ledger.handles.linked() {
            let root = self.ledger.handles.found(handle);
            let Some(name) = names.get(&root) else {
                continue;
            };
            let text = self.ledger.text(handle);
            // In clear a handle is a secret of its own.
            if text != name && text.starts_with("hmac-") {
                let id = id::vault_accessor(name);
                others.entry(id).or_default().push(text.to_owned());
            }
        }
        others
            .values_mut()
            .for_each(|handles| handles.sort_unstable());
        others
    }

    /// The id of the credential behind a handle.
    #[must_use]
    pub fn credential_id(&self, handle: Sym, names: &HashMap<Sym, String>) -> String {
        let text = names
            .get(&handle)
            .map_or_else(|| self.ledger.text(handle), String::as_str);
        if text.is_empty() {
            String::new()
        } else {
            id::vault_accessor(text)
        }
    }

    /// The id of the credential a login hands out.
    #[must_use]
    pub fn issued_id(&self, login: u32, names: &HashMap<Sym, String>) -> String {
        let Some((accessor, request)) = self.login(login).map(|login| (login.accessor, login.id))
        else {
            return String::new();
        };
        if accessor == NONE {
            return id::vault_login(self.ledger.text(request));
        }
        let handle = self.ledger.handles.found(accessor);
        self.credential_id(handle, names)
    }

    /// Every token and lease handed out, in the order of issue.
    pub fn credentials<'i>(
        &'i mut self,
        names: &'i HashMap<Sym, String>,
        declared: &'i Scope<'_>,
    ) -> impl Iterator<Item = Credential> + 'i {
        let lives = self.ended_with_parents(self.lives(declared.as_of));
        let leases = self.lease_credentials(names, &lives, declared);
        let count = u32::try_from(self.ledger.logins.len()).unwrap_or(u32::MAX);
        // One at a time: with all that is known of it, a token takes as much as ten operations.
        let tokens = (0..count).filter_map(move |position| {
            let id = self.issued_id(position, names);
            let parent = self.origin(position).and_then(|origin| origin.parent);
            let parent_id = parent.map_or_else(String::new, |parent| self.issued_id(parent, names));
            let life = lives.get(position as usize).copied().unwrap_or_default();
            self.token(position, id, parent_id, life, declared)
        });
        tokens.chain(leases)
    }

    fn token(
        &self,
        position: u32,
        id: String,
        parent_id: String,
        life: Life,
        declared: &Scope<'_>,
    ) -> Option<Credential> {
        let login = self.login(position)?;
        let text = |sym| self.ledger.text(sym);
        let batch = text(login.token_type).ends_with("batch");
        let kind = match () {
            () if login.child => "child-token",
            () if batch => "batch-token",
            () if login.token == NONE || self.is_wrapped(login.op) => "wrapped-token",
            () => "token",
        };
        let entity = text(login.entity);
        let facts = self.facts(
            Session {
                login: position,
                key: Key::K1,
            },
            declared,
        );
        Some(Credential {
            id,
            kind,
            issued_at: login.at,
            ttl_s: login.ttl_s,
            expires_at: life.expires_at,
            revoked_at: life.revoked_at,
            last_used_at: life.last_used_at,
            uses: life.uses,
            login_id: id::vault_login(text(login.id)),
            parent_id,
            holder: if entity.is_empty() {
                String::new()
            } else {
                id::vault_entity(entity)
            },
            display_name: text(login.display_name).to_owned(),
            policies: self
                .ledger
                .symbols
                .items(login.policies)
                .map(str::to_owned)
                .collect(),
            residual_s: self.residual(&facts, life.revoked_at, life.expires_at),
            facts,
            place: login.place,
        })
    }

    /// Whether the answer of an operation was wrapped.
    fn is_wrapped(&self, op: u32) -> bool {
        let wrappings = &self.ledger.wrappings;
        wrappings
            .binary_search_by_key(&op, |wraps| wraps.op)
            .is_ok()
    }

    /// How long a credential outlived its job, on GitLab's clock.
    fn residual(
        &self,
        facts: &Facts,
        revoked_at: Option<Timestamp>,
        expires_at: Option<Timestamp>,
    ) -> Option<i64> {
        let end = [revoked_at, expires_at].into_iter().flatten().min()?;
        let job = facts.job_finished_at?;
        let micros = end.0.saturating_add(self.least_shift).saturating_sub(job.0);
        Some(micros.max(0) / 1_000_000)
    }

    fn lease_credentials(
        &mut self,
        names: &HashMap<Sym, String>,
        lives: &[Life],
        declared: &Scope<'_>,
    ) -> Vec<Credential> {
        let ends: HashMap<Sym, Timestamp> = self.ledger.lease_ends.iter().copied().collect();
        let leases = self.ledger.leases.clone();
        leases
            .into_iter()
            .map(|lease| {
                let session = self.session(lease.op);
                let facts = session
                    .map(|session| self.facts(session, declared))
                    .unwrap_or_default();
                let parent_id = session
                    .map_or_else(String::new, |session| self.issued_id(session.login, names));
                // Vault revokes the leases of a token with it.
                let life = session.and_then(|session| lives.get(session.login as usize));
                let with_token = life.and_then(|life| life.revoked_at);
                let issued_at = self
                    .ledger
                    .ops
                    .get(lease.op as usize)
                    .map_or(Timestamp::MIN, |op| op.at);
                let revoked_at = earlier(ends.get(&lease.id).copied(), with_token);
                Credential {
                    id: id::vault_lease(self.ledger.text(lease.id)),
                    kind: "lease",
                    issued_at,
                    ttl_s: None,
                    expires_at: None,
                    revoked_at,
                    last_used_at: None,
                    residual_s: self.residual(&facts, revoked_at, None),
                    uses: 0,
                    login_id: id::vault_request(self.ledger.text(lease.request_id)),
                    parent_id,
                    holder: String::new(),
                    display_name: String::new(),
                    policies: Vec::new(),
                    facts,
                    place: lease.place,
                }
            })
            .collect()
    }

    /// When the token of each login was revoked, by position.
    pub(super) fn revocations(&self, as_of: Timestamp) -> Vec<Option<Timestamp>> {
        let lives = self.ended_with_parents(self.lives(as_of));
        lives.into_iter().map(|life| life.revoked_at).collect()
    }

    /// Walks all operations once and notes what each did to the token that made it. What is dated
    /// after the moment the run speaks from was not done yet, and is no use of a token from before.
    fn lives(&self, as_of: Timestamp) -> Vec<Life> {
        let mut lives: Vec<Life> = self
            .ledger
            .logins
            .iter()
            .map(|login| Life {
                expires_at: login
                    .ttl_s
                    .map(|ttl| login.at.plus_micros(ttl.saturating_mul(1_000_000))),
                ..Life::default()
            })
            .collect();
        for (op, number) in self.ledger.ops.iter().zip(0u32..) {
            let Some(session) = self.session(number) else {
                continue;
            };
            if let Some(life) = lives.get_mut(session.login as usize) {
                life.uses += 1;
                let login = self.ledger.logins.get(session.login as usize);
                if op.at > as_of && login.is_some_and(|login| login.at <= as_of) {
                    continue;
                }
                life.last_used_at = Some(life.last_used_at.map_or(op.at, |last| last.max(op.at)));
            }
        }
        for change in &self.ledger.changes {
            let at = self.ledger.ops.get(change.op as usize).map(|op| op.at);
            let (Some(session), Some(at)) = (self.session(change.op), at) else {
                continue;
            };
            if let Some(life) = lives.get_mut(session.login as usize) {
                match change.ttl_s {
                    Some(ttl) => {
                        let end = at.plus_micros(ttl.saturating_mul(1_000_000));
                        life.expires_at = Some(life.expires_at.map_or(end, |known| known.max(end)));
                    }
                    None => {
                        life.revoked_at = Some(life.revoked_at.map_or(at, |known| known.min(at)))
                    }
                }
            }
        }
        lives
    }
    /// Children end with the token that asked for them, when it is revoked and when it expires.
    fn ended_with_parents(&self, mut lives: Vec<Life>) -> Vec<Life> {
        for position in 0..lives.len() {
            let mut at = u32::try_from(position).unwrap_or(u32::MAX);
            // A token cannot descend from itself; the bound guards against logs that say so.
            for _ in 0..64 {
                let tied = self.login(at).is_some_and(|login| login.tied);
                let parent = self.origin(at).and_then(|origin| origin.parent);
                let Some(parent) = parent.filter(|_| tied) else {
                    break;
                };
                at = parent;
                let above = lives.get(at as usize).copied().unwrap_or_default();
                if let Some(life) = lives.get_mut(position) {
                    life.revoked_at = earlier(life.revoked_at, above.revoked_at);
                    life.expires_at = earlier(life.expires_at, above.expires_at);
                }
            }
        }
        lives
    }
}

/// The earlier of two times that may not be known.
fn earlier(one: Option<Timestamp>, other: Option<Timestamp>) -> Option<Timestamp> {
    one.into_iter().chain(other).min()
}

#[cfg(test)]
mod tests;
