//! Decides one logged request by the stated policies.

use std::collections::HashMap;
use std::rc::Rc;

use super::Unjudged;
use super::set::{Set, Stated};
use crate::model::{Outcome, list};
use crate::policy::{Capability, Decision, Operation, Reason, Request};
use crate::posture::Posture;

/// A logged request with a token. Lists are items of one text, as rows hold them.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// Namespace, empty for root.
    pub namespace: &'a str,
    /// Policies of the token.
    pub policies: &'a [&'a str],
    /// Policies that let it through, where the log says so.
    pub granting: &'a [&'a str],
    /// Entity, empty without one.
    pub entity: &'a str,
    /// Operation.
    pub operation: &'a str,
    /// Path.
    pub path: &'a str,
    /// How it ended.
    pub outcome: Outcome,
}

/// What the stated policies say of a request that the server allowed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// They allow it; whether the stanza asks something of parameters.
    Kept { conditional: bool },
    /// They deny it: why, and the position of the policy to look at and of its stanza.
    Lost(Reason, (usize, Option<usize>)),
    /// Nobody can tell.
    Unjudged(Vec<Unjudged>),
}

/// A request, decided.
#[derive(Clone, Debug)]
pub(super) struct Ruling {
    /// None for a request that the server did not allow.
    pub(super) verdict: Option<Verdict>,
    /// Stanzas of the deciding pattern.
    pub(super) deciding: Vec<(usize, usize)>,
    /// The capability that it exercised.
    pub(super) exercised: Option<Capability>,
    /// Whether `default` was taken as servers write it.
    pub(super) shipped: bool,
}

/// Compiled sets kept at a time; a log with more starts over instead of growing without bound.
const MAX_SETS: usize = 4096;

/// How a path shows that a secret in it was replaced.
const REDACTED: &str = "****";

/// Whether the server answers a request without asking a policy for it: `vault kv` looks up the
/// mount of every path so, and the audit record names no granting policy (seen on OpenBao 2.7).
fn is_unasked(operation: Operation, path: &str) -> bool {
    let rest = path.strip_prefix("sys/internal/ui/mounts");
    operation == Operation::Read
        && rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Decides requests, one compiled set for each kind of token.
#[derive(Debug)]
pub(super) struct Judge<'a, 'c> {
    pub(super) stated: Stated<'a, 'c>,
    input: &'a Posture<'c>,
    sets: HashMap<String, Rc<Set>>,
    templated: HashMap<String, bool>,
    key: String,
}

impl<'a, 'c> Judge<'a, 'c> {
    pub(super) fn new(input: &'a Posture<'c>) -> Judge<'a, 'c> {
        Judge {
            stated: Stated::new(input),
            input,
            sets: HashMap::new(),
            templated: HashMap::new(),
            key: String::new(),
        }
    }

    pub(super) fn rule(&mut self, asked: &Asked<'_>) -> Ruling {
        let set = self.set(asked);
        let allowed = asked.outcome == Outcome::Allowed;
        let mut ruling = Ruling {
            verdict: None,
            deciding: Vec::new(),
            exercised: None,
            shipped: set.shipped,
        };
        let operation = asked.operation.parse::<Operation>().ok();
        let Some(operation) = operation.filter(|_| !asked.path.contains(REDACTED)) else {
            ruling.verdict = allowed.then(|| Verdict::Unjudged(vec![Unjudged::Unreadable]));
            return ruling;
        };
        let decision = set.acl.decide(&Request::new(operation, asked.path));
        ruling.deciding = self.deciding(&set, asked, &decision);
        if asked.outcome != Outcome::Denied {
            ruling.exercised = operation.capability(self.input.dialect());
        }
        ruling.verdict = allowed.then(|| self.verdict(&set, asked, operation, &decision, &ruling));
        ruling
    }

    fn verdict(
        &self,
        set: &Set,
        asked: &Asked<'_>,
        operation: Operation,
        decision: &Decision<'_>,
        ruling: &Ruling,
    ) -> Verdict {
        if !set.gaps.is_empty() {
            return Verdict::Unjudged(set.gaps.clone());
        }
        let path = format!("{}{}", set.acl.namespace(), asked.path);
        let bare = path.strip_suffix('/').unwrap_or(&path);
        let may =
            |pattern: &crate::policy::Pattern| pattern.matches(&path) || pattern.matches(bare);
        if set.unresolved.iter().any(may) {
            return Verdict::Unjudged(vec![Unjudged::Template]);
        }
        match decision.reason {
            Reason::Granted => {
                let grants = set.acl.grants(asked.path, operation.lists());
                let conditional = operation.checks_parameters()
                    && grants.parameters.is_some_and(|rules| !rules.is_empty());
                Verdict::Kept { conditional }
            }
            Reason::Root | Reason::Help => Verdict::Kept { conditional: false },
            Reason::ParameterRequired
            | Reason::ParameterDenied
            | Reason::ParameterNotAllowed
            | Reason::Pagination
            | Reason::Wrapping => Verdict::Unjudged(vec![Unjudged::Condition]),
            Reason::Operation => Verdict::Unjudged(vec![Unjudged::Unreadable]),
            Reason::NoMatch
            | Reason::Denied
            | Reason::Lacking
            | Reason::SudoMissing
            | Reason::RootMixed
            | Reason::TemplateForbidden => {
                if asked.granting.is_empty() && is_unasked(operation, asked.path) {
                    return Verdict::Unjudged(vec![Unjudged::Unasked]);
                }
                if set.rewritten.iter().any(may) {
                    return Verdict::Unjudged(vec![Unjudged::Rewritten]);
                }
                if set.shipped && asked.granting.contains(&"default") {
                    return Verdict::Unjudged(vec![Unjudged::ChangedDefault]);
                }
                match self.look_at(set, asked, ruling) {
                    Some(at) => Verdict::Lost(decision.reason, at),
                    // Only policies that the server ships are in the set: none was changed.
                    None => Verdict::Unjudged(vec![Unjudged::ChangedDefault]),
                }
            }
        }
    }

    /// Where a reader looks: the deciding stanza; else the policy that granted it when it was
    /// logged; else the first that somebody wrote.
    fn look_at(
        &self,
        set: &Set,
        asked: &Asked<'_>,
        ruling: &Ruling,
    ) -> Option<(usize, Option<usize>)> {
        if let Some((policy, stanza)) = ruling.deciding.first() {
            return Some((*policy, Some(*stanza)));
        }
        let granted = asked
            .granting
            .iter()
            .find_map(|name| self.stated.positions(asked.namespace, name).first());
        let named = |position: &&usize| {
            let policy = self.stated.policy(**position);
            policy.is_some_and(|policy| policy.name != "default")
        };
        let position = granted
            .or_else(|| set.members.iter().find(named))
            .or(set.members.first())?;
        Some((*position, None))
    }

    /// The stanzas of the pattern that decided.
    fn deciding(
        &self,
        set: &Set,
        asked: &Asked<'_>,
        decision: &Decision<'_>,
    ) -> Vec<(usize, usize)> {
        let pattern = decision.pattern();
        if let Some(found) = pattern.and_then(|pattern| set.stanzas.get(pattern)) {
            // The stanza that names itself the decider comes first.
            let mut found = found.clone();
            let first = self.written(asked, decision);
            found.sort_by_key(|at| (!first.contains(at), *at));
            return found;
        }
        self.written(asked, decision)
    }

    /// The stanza that decided, as its policy and line name it, in every file that states it.
    fn written(&self, asked: &Asked<'_>, decision: &Decision<'_>) -> Vec<(usize, usize)> {
        let Some(at) = decision.stanza() else {
            return Vec::new();
        };
        let stated = self.stated.positions(asked.namespace, at.policy);
        let found = stated.iter().filter_map(|position| {
            let stanzas = self.stated.policy(*position)?.stanzas();
            let index = stanzas.iter().position(|s| s.position.line == at.line)?;
            Some((*position, index))
        });
        found.collect()
    }

    fn set(&mut self, asked: &Asked<'_>) -> Rc<Set> {
        self.key.clear();
        for part in std::iter::once(&asked.namespace).chain(asked.policies) {
            list::add_part(&mut self.key, part);
        }
        let names = || asked.policies.iter().copied();
        let templated = match self.templated.get(&self.key) {
            Some(known) => *known,
            None => {
                let found = self.stated.is_templated(asked.namespace, names());
                self.templated.insert(self.key.clone(), found);
                found
            }
        };
        let entity = if templated { asked.entity } else { "" };
        self.key.push(';');
        self.key.push_str(entity);
        if let Some(known) = self.sets.get(&self.key) {
            return Rc::clone(known);
        }
        if self.sets.len() >= MAX_SETS {
            self.sets.clear();
        }
        let set = Rc::new(self.stated.set(asked.namespace, names(), entity));
        self.sets.insert(self.key.clone(), Rc::clone(&set));
        set
    }
}
