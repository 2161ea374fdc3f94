//! Sizes stated policies by what the logs say was used of them.

use std::collections::{BTreeMap, BTreeSet};

use super::requests::{Request, Seen};
use super::set::{Stated, is_known, is_rewritten};
use super::{Unjudged, Usage};
use crate::model::id;
use crate::policy::right_size::{RightSized, Sizing, Token, Unsized, Use, right_size};
use crate::policy::{Entity, Operation, Pattern, Policy, is_templated};
use crate::posture::Posture;
use crate::posture::vault::logical_by_shape;

/// How policies are to be sized.
#[derive(Clone, Debug, Default)]
pub struct Asking {
    /// Names of policies; all that are stated where none is named.
    pub policies: Vec<String>,
    /// Days that the logs must span.
    pub days: u64,
    /// Sessions that must have used a policy.
    pub sessions: u64,
    /// Give `create` and `update` only where each was seen.
    pub strict: bool,
    /// Exact paths only.
    pub exact: bool,
    /// Patterns, as policies write them, of the paths whose stanzas are sized; every stanza where
    /// there is none.
    pub paths: Vec<String>,
}

impl Asking {
    /// Whether the stanzas of a label are to be sized: by the path of the API, or as people write
    /// that of a secret.
    fn wants(&self, label: &str) -> bool {
        let parts: Vec<&str> = label.split('/').collect();
        let logical = logical_by_shape(&parts);
        let mut patterns = self.paths.iter().map(|path| Pattern::new(path, ""));
        self.paths.is_empty()
            || patterns.any(|pattern| {
                pattern.matches(label)
                    || logical.as_deref().is_some_and(|path| pattern.matches(path))
            })
    }
}

/// What came of one policy.
#[derive(Debug)]
pub struct SizedPolicy {
    /// Its name.
    pub name: String,
    /// Its namespace, empty for root.
    pub namespace: String,
    /// File that states it.
    pub file: String,
    /// Its text as it is.
    pub before: String,
    /// Sessions that used tokens with it.
    pub sessions: u64,
    /// Requests that the server refused to such tokens: listed, never added.
    pub refused: Vec<(String, String, u64)>,
    /// The smaller policy, or why there is none.
    pub answer: Result<RightSized, NotSized>,
}

/// Why a policy is not sized.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotSized {
    /// The logs are too short to say what is needed.
    #[error("the logs span {days} day(s), less than the {least} asked for (--min-days)")]
    Short {
        /// Days.
        days: u64,
        /// Days asked for.
        least: u64,
    },
    /// Too few sessions used it.
    #[error(
        "{sessions} session(s) used tokens with it, less than the {least} asked for (--min-sessions)"
    )]
    Few {
        /// Sessions.
        sessions: u64,
        /// Sessions asked for.
        least: u64,
    },
    /// What a token may besides is not known.
    #[error("what its tokens may besides cannot be told: {0}")]
    Unknown(String),
    /// The engine found none.
    #[error(transparent)]
    Unsized(#[from] Unsized),
}

/// Tokens by policies and, where templates ask for it, entity: their uses.
struct Held<'a> {
    tokens: Vec<Token<'a>>,
    uses: Vec<Use>,
    refused: Vec<(String, String, u64)>,
    sessions: BTreeSet<u64>,
}

/// Sizes the policies that are asked for, in the order of the posture.
#[must_use]
pub fn right_sized(input: &Posture<'_>, usage: &Usage, asking: &Asking) -> Vec<SizedPolicy> {
    let stated = Stated::new(input);
    let mut paths: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for request in usage.requests.seen.keys().filter(|request| request.allowed) {
        let of = paths.entry(&request.namespace).or_default();
        of.insert(request.path.clone());
    }
    let nothing = BTreeSet::new();
    let days = usage.requests.span.map_or(0, |(first, last)| {
        let micros = last.0.saturating_sub(first.0);
        // A day that the logs enter counts.
        u64::try_from(micros / 86_400_000_000).unwrap_or(0) + 1
    });
    let wanted = input.policies.iter().enumerate().filter(|(_, policy)| {
        asking.policies.is_empty() || asking.policies.iter().any(|name| name == policy.name)
    });
    let sized = wanted.map(|(position, policy)| {
        let paths = paths.get(policy.namespace).unwrap_or(&nothing);
        let held = held(&stated, usage, position);
        let (refused, sessions, answer) = match held {
            Err(why) => (Vec::new(), 0, Err(NotSized::Unknown(why.to_string()))),
            Ok(held) => {
                let sessions = held.sessions.len() as u64;
                let answer = enough(asking, days, sessions)
                    .and_then(|()| Ok(size(input, position, &held, paths, asking)?));
                (held.refused, sessions, answer)
            }
        };
        SizedPolicy {
            name: policy.name.to_owned(),
            namespace: policy.namespace.to_owned(),
            file: policy.path.to_owned(),
            before: policy.text().to_owned(),
            sessions,
            refused,
            answer,
        }
    });
    sized.collect()
}

fn enough(asking: &Asking, days: u64, sessions: u64) -> Result<(), NotSized> {
    if sessions == 0 {
        return Err(NotSized::Unsized(Unsized::Unused));
    }
    if days < asking.days {
        let least = asking.days;
        return Err(NotSized::Short { days, least });
    }
    if sessions < asking.sessions {
        let least = asking.sessions;
        return Err(NotSized::Few { sessions, least });
    }
    Ok(())
}

fn size(
    input: &Posture<'_>,
    position: usize,
    held: &Held<'_>,
    paths: &BTreeSet<String>,
    asking: &Asking,
) -> Result<RightSized, Unsized> {
    let Some(policy) = input.policies.get(position) else {
        return Err(Unsized::Unused);
    };
    let owners = &input.settings.owners;
    let owner = |path: &str| {
        let parts: Vec<&str> = path.split('/').collect();
        let logical = logical_by_shape(&parts).unwrap_or_else(|| path.to_owned());
        let owner = owners.find(&id::in_namespace(Some(policy.namespace), &logical))?;
        Some(format!("{owner:?}"))
    };
    right_size(&Sizing {
        name: policy.name,
        policy: &policy.stated.policy,
        text: policy.text(),
        namespace: policy.namespace,
        dialect: input.dialect(),
        as_of: input.as_of,
        tokens: &held.tokens,
        uses: &held.uses,
        paths,
        owner: &owner,
        strict: asking.strict,
        exact: asking.exact,
        wanted: &|label| asking.wants(label),
    })
}

/// The kinds of token that hold a policy, and what they did; why that cannot be told, if so.
fn held<'s>(
    stated: &'s Stated<'_, '_>,
    usage: &Usage,
    position: usize,
) -> Result<Held<'s>, Unjudged> {
    let mut held = Held {
        tokens: Vec::new(),
        uses: Vec::new(),
        refused: Vec::new(),
        sessions: BTreeSet::new(),
    };
    let Some(policy) = stated.policy(position) else {
        return Ok(held);
    };
    if stated.positions(policy.namespace, policy.name).len() > 1 {
        return Err(Unjudged::Ambiguous(policy.name.to_owned()));
    }
    let mut kinds: BTreeMap<(&[String], &str), usize> = BTreeMap::new();
    for (request, seen) in &usage.requests.seen {
        let holds = request.policies.iter().any(|name| name == policy.name);
        if request.namespace != policy.namespace || !holds {
            continue;
        }
        held.sessions.extend(&seen.sessions);
        let names = || request.policies.iter().map(String::as_str);
        let templated = stated.is_templated(&request.namespace, names());
        let entity = if templated {
            request.entity.as_str()
        } else {
            ""
        };
        let token = match kinds.get(&(request.policies.as_slice(), entity)) {
            Some(known) => *known,
            None => {
                held.tokens.push(token(stated, request, entity)?);
                let at = held.tokens.len() - 1;
                kinds.insert((&request.policies, entity), at);
                at
            }
        };
        take(&mut held, request, seen, token, policy.name);
    }
    Ok(held)
}

fn take(held: &mut Held<'_>, request: &Request, seen: &Seen, token: usize, name: &str) {
    let Ok(operation) = request.operation.parse::<Operation>() else {
        return;
    };
    if !request.allowed {
        let refused = (request.operation.clone(), request.path.clone(), seen.count);
        held.refused.push(refused);
        return;
    }
    let told = !request.granting.is_empty();
    held.uses.push(Use {
        operation,
        path: request.path.clone(),
        token,
        granted: told.then(|| request.granting.iter().any(|granting| granting == name)),
        count: seen.count,
        sessions: seen.sessions.clone(),
        first: seen.first.clone(),
        last: seen.last.clone(),
    });
}

/// Everything that a token holds, in the texts that are stated.
fn token<'s>(
    stated: &'s Stated<'_, '_>,
    request: &Request,
    entity: &str,
) -> Result<Token<'s>, Unjudged> {
    let mut policies: Vec<(&str, &Policy)> = Vec::new();
    for name in &request.policies {
        match stated.positions(&request.namespace, name) {
            [] if name == "default" => policies.push(("default", &stated.default)),
            [] => return Err(Unjudged::Absent(name.clone())),
            [position, rest @ ..] => {
                let Some(policy) = stated.policy(*position) else {
                    continue;
                };
                let text = |at: &usize| stated.policy(*at).map(|policy| policy.text());
                if rest.iter().any(|other| text(other) != Some(policy.text())) {
                    return Err(Unjudged::Ambiguous(name.clone()));
                }
                policies.push((policy.name, &policy.stated.policy));
            }
        }
    }
    let exported = stated.entities.get(entity);
    let bare = Entity {
        id: entity.to_owned(),
        ..Entity::default()
    };
    let known = exported.cloned().or((!entity.is_empty()).then_some(bare));
    let labels = policies.iter().flat_map(|(_, policy)| &policy.stanzas);
    let mut labels = labels.filter(|stanza| is_templated(&stanza.path) == Ok(true));
    let open = |label: &str| !is_known(label, exported.is_some()) || is_rewritten(label);
    if known.is_some() && labels.any(|stanza| open(&stanza.path)) {
        return Err(Unjudged::Template);
    }
    Ok(Token {
        policies,
        entity: known,
    })
}
