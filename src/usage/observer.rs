//! Takes the Vault records of a log one by one and keeps what the stated policies make of them.
//!
//! Resident: one entry for each origin's lost path, counters for each policy, stanza and role, and
//! twelve bytes for each distinct request.

use std::collections::{BTreeMap, BTreeSet};

use hashbrown::HashMap;

use super::effect::{Effect, Known};
use super::operation::Operation;
use super::owned::OwnedPaths;
use super::requests::Requests;
use super::ruling::Judge;
use super::who::{self, Token};
use super::{Loss, Unjudged, Usage};
use crate::identity::{Identity, Scope};
use crate::model::{EventKind, Evidence, Outcome, Period, Timestamp, id};
use crate::policy::Reason;
use crate::posture::Posture;

/// Policies that a server gives to tokens it makes for one purpose; nobody writes them.
const SERVERS_OWN: [&str; 2] = ["response-wrapping", "control-group"];

/// Watches a log.
#[derive(Debug)]
pub struct Observer<'a, 'c> {
    judge: Judge<'a, 'c>,
    window: Period,
    span: Option<(Timestamp, Timestamp)>,
    usage: Usage,
    lost: Vec<Lost>,
    by_key: HashMap<LostKey, usize>,
    owned: OwnedPaths<'a>,
    known: Known,
    requests: Option<Requests>,
}

/// What lost requests have in common that are told as one.
#[derive(Debug, PartialEq, Eq, Hash)]
struct LostKey {
    namespace: String,
    policies: Vec<String>,
    operation: String,
    path: String,
    credential: String,
    entity: String,
    role: String,
}

/// Lost requests of one token for one path and operation.
#[derive(Debug)]
struct Lost {
    op: u32,
    token: Token,
    namespace: String,
    path: String,
    operation: String,
    policies: BTreeSet<String>,
    reason: Reason,
    at: (usize, Option<usize>),
    count: u64,
    first: (Timestamp, Evidence),
    last: (Timestamp, Evidence),
}

impl<'a, 'c> Observer<'a, 'c> {
    /// Watches for `window`; records outside serve joins only.
    #[must_use]
    pub fn new(input: &'a Posture<'c>, window: Option<Period>) -> Observer<'a, 'c> {
        Observer {
            judge: Judge::new(input),
            window: window.unwrap_or(Period::ALL),
            span: None,
            usage: Usage::default(),
            lost: Vec::new(),
            by_key: HashMap::new(),
            owned: OwnedPaths::new(&input.settings.owners),
            known: Known::default(),
            requests: None,
        }
    }

    /// Keeps every distinct request as well.
    pub(super) fn keep_requests(&mut self) {
        self.requests = Some(Requests::default());
    }

    /// Takes one operation; `evidence` names its record when it is needed.
    pub fn operation(&mut self, seen: &Operation<'_>, evidence: impl Fn() -> Evidence) {
        let (first, last) = self.span.unwrap_or((seen.at, seen.at));
        self.span = Some((first.min(seen.at), last.max(seen.at)));
        if !self.window.contains(seen.at) {
            return;
        }
        if let Some(requests) = &mut self.requests {
            requests.see(seen, &evidence);
        }
        if seen.kind == EventKind::Login {
            let effect = Effect::of(&seen.asked);
            self.count(&effect, 1);
            self.login(seen, effect.policies);
            return;
        }
        // The same request of the same kind of token comes again and again: it is decided once.
        let key = self.known.key(&seen.asked);
        if self.known.again(key) {
            return;
        }
        let mut effect = Effect::of(&seen.asked);
        if seen
            .asked
            .policies
            .iter()
            .any(|name| !SERVERS_OWN.contains(name))
        {
            if seen.asked.outcome == Outcome::Allowed {
                let (namespace, path) = (seen.asked.namespace, seen.asked.path);
                self.owned.see(namespace, seen.mount, path);
            }
            let ruling = self.judge.rule(&seen.asked);
            let lost = effect.take(ruling);
            if let Some((reason, at)) = lost {
                // Each loss has its own time and record.
                self.count(&effect, 1);
                self.usage.judged += 1;
                self.lose(seen, reason, at, evidence());
                return;
            }
        }
        self.known.first(key, effect);
    }

    fn login(&mut self, seen: &Operation<'_>, policies: Vec<(String, String)>) {
        if seen.asked.outcome != Outcome::Allowed {
            return;
        }
        self.usage.logins += 1;
        for policy in policies {
            *self.usage.sessions.entry(policy).or_default() += 1;
        }
        let namespace = Some(seen.asked.namespace);
        if seen.role.is_empty() {
            let mount = id::vault_mount(namespace, seen.mount);
            self.usage.nameless.insert(mount);
        } else {
            let role = id::vault_role(namespace, seen.mount, seen.role);
            *self.usage.roles.entry(role).or_default() += 1;
        }
    }

    /// Counts what some equal operations do.
    fn count(&mut self, effect: &Effect, times: u64) {
        for key in &effect.policies {
            *self.usage.policies.entry(key.clone()).or_default() += times;
        }
        for at in &effect.deciding {
            let Some(policy) = self.judge.stated.policy(at.0) else {
                continue;
            };
            let stanza = policy.stanzas().get(at.1);
            let stanza_use = self.usage.stanzas.entry(*at).or_default();
            stanza_use.deciding += times;
            if let (Some(stanza), Some(capability)) = (stanza, effect.exercised)
                && stanza.capabilities.has(capability)
            {
                stanza_use.exercised.insert(capability);
            }
        }
        if !effect.allowed {
            return;
        }
        self.usage.allowed += times;
        self.usage.shipped_default |= effect.shipped;
        if let Some(conditional) = effect.kept {
            self.usage.judged += times;
            self.usage.conditional += if conditional { times } else { 0 };
        }
        for reason in &effect.unjudged {
            *self.usage.unjudged.entry(reason.clone()).or_default() += times;
        }
    }

    fn lose(
        &mut self,
        seen: &Operation<'_>,
        reason: Reason,
        at: (usize, Option<usize>),
        evidence: Evidence,
    ) {
        let asked = &seen.asked;
        let key = LostKey {
            namespace: asked.namespace.to_owned(),
            policies: asked.policies.iter().copied().map(str::to_owned).collect(),
            operation: asked.operation.to_owned(),
            path: asked.path.to_owned(),
            credential: seen.credential.to_owned(),
            entity: asked.entity.to_owned(),
            role: seen.role.to_owned(),
        };
        if let Some(lost) = self
            .by_key
            .get(&key)
            .and_then(|index| self.lost.get_mut(*index))
        {
            lost.count += 1;
            let record = (seen.at, evidence);
            if record < lost.first {
                lost.first = record;
            } else if record > lost.last {
                lost.last = record;
            }
            return;
        }
        self.by_key.insert(key, self.lost.len());
        self.lost.push(Lost {
            op: seen.op,
            token: Token {
                namespace: asked.namespace.to_owned(),
                role: seen.role.to_owned(),
                entity: asked.entity.to_owned(),
                display_name: seen.display_name.to_owned(),
                credential: seen.credential.to_owned(),
            },
            namespace: asked.namespace.to_owned(),
            path: asked.path.to_owned(),
            operation: asked.operation.to_owned(),
            policies: asked
                .policies
                .iter()
                .map(|name| (*name).to_owned())
                .collect(),
            reason,
            at,
            count: 1,
            first: (seen.at, evidence.clone()),
            last: (seen.at, evidence),
        });
    }

    /// Names who lost what, once all logins are joined.
    #[must_use]
    pub fn finish(mut self, identity: &Identity, declared: &Scope<'_>) -> Usage {
        for (effect, times) in std::mem::take(&mut self.known).into_effects() {
            self.count(&effect, times);
        }
        let mut usage = self.usage;
        usage.requests = self.requests.take().unwrap_or_default();
        usage.paths = self.owned.found;
        usage.window = self.span.map(|(first, last)| Period {
            from: first_or(self.window.from, first),
            to: if self.window.to == Timestamp::MAX {
                last.plus_micros(1)
            } else {
                self.window.to
            },
        });
        let mut losses: BTreeMap<(String, String, String), Loss> = BTreeMap::new();
        for lost in self.lost {
            let Some((who, names)) = who::who(&lost.token, lost.op, identity, declared) else {
                // The namespace of the token's policies is not the request's.
                usage.judged = usage.judged.saturating_sub(lost.count);
                *usage.unjudged.entry(Unjudged::Namespace).or_default() += lost.count;
                continue;
            };
            let key = (who.clone(), lost.namespace.clone(), lost.path.clone());
            let loss = losses.entry(key).or_insert_with(|| Loss {
                who,
                names: BTreeSet::new(),
                namespace: lost.namespace,
                path: lost.path,
                operations: BTreeMap::new(),
                first: lost.first.clone(),
                last: lost.last.clone(),
                reason: lost.reason,
                policies: lost.policies,
                at: lost.at,
            });
            loss.names.extend(names);
            *loss.operations.entry(lost.operation).or_default() += lost.count;
            if lost.first < loss.first {
                loss.first = lost.first;
            }
            if lost.last > loss.last {
                loss.last = lost.last;
            }
        }
        usage.losses = losses.into_values().collect();
        usage
    }
}

/// An asked beginning, or the first record.
fn first_or(asked: Timestamp, first: Timestamp) -> Timestamp {
    if asked == Timestamp::MIN {
        first
    } else {
        asked
    }
}
