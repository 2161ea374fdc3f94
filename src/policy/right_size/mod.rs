//! The smallest policy that allows what was used: never wider than the one there is, and proven on
//! every logged request of every token that holds it.
//!
//! A policy is not alone on a token, so what is left out of it may uncover a broader pattern of
//! another policy, and what is put in may hide one. So each proposal is held against the whole set
//! of policies of every kind of token that was seen. Where that fails, the pattern at fault goes
//! back towards what it was: from generalised to exact paths, to its old pattern with the
//! capabilities that were used, to the old stanza; and a pattern whose absence would open something
//! stays as a guard that grants nothing.

mod cover;
mod fault;
mod plan;
mod proof;
mod text;

use std::collections::{BTreeMap, BTreeSet};

use super::acl::{Acl, AclContext, Request};
use super::capability::{Capabilities, Capability};
use super::dialect::Dialect;
use super::entity::Entity;
use super::operation::Operation;
use super::stanza::Policy;
use crate::model::Timestamp;
use plan::Plan;

pub use proof::{Obligation, Proof};

/// A kind of token that holds the policy: everything it holds, and whose it is.
#[derive(Clone, Debug)]
pub struct Token<'a> {
    /// Names and policies in the order of the token's list, the sized one among them.
    pub policies: Vec<(&'a str, &'a Policy)>,
    /// The identity that templates are resolved against.
    pub entity: Option<Entity>,
}

/// Equal requests of one kind of token, which the server allowed.
#[derive(Clone, Debug)]
pub struct Use {
    /// What was done.
    pub operation: Operation,
    /// The path below the namespace.
    pub path: String,
    /// The token's position among the kinds of token.
    pub token: usize,
    /// Whether the log says that the policy let it through; none where it does not say.
    pub granted: Option<bool>,
    /// How often.
    pub count: u64,
    /// Marks of the sessions.
    pub sessions: BTreeSet<u64>,
    /// First moment and place.
    pub first: (Timestamp, String),
    /// Last moment and place.
    pub last: (Timestamp, String),
}

/// What is sized, and by what.
pub struct Sizing<'a> {
    /// The policy's name.
    pub name: &'a str,
    /// The policy as it is.
    pub policy: &'a Policy,
    /// Its text.
    pub text: &'a str,
    /// The namespace it lives in, empty for root.
    pub namespace: &'a str,
    /// The server whose rules hold.
    pub dialect: Dialect,
    /// The moment for `expiration`.
    pub as_of: Timestamp,
    /// The kinds of token that hold it.
    pub tokens: &'a [Token<'a>],
    /// What they did.
    pub uses: &'a [Use],
    /// Every logged path of the namespace: what a generalised pattern would open of it counts.
    pub paths: &'a BTreeSet<String>,
    /// Whose an API path is, where that is known; nothing is generalised over two owners.
    pub owner: &'a dyn Fn(&str) -> Option<String>,
    /// Give `create` and `update` only where each was seen.
    pub strict: bool,
    /// Exact paths only.
    pub exact: bool,
    /// Whether a pattern is to be sized; the stanzas of another one stay as they are written.
    pub wanted: &'a dyn Fn(&str) -> bool,
}

/// A smaller policy, and why it is one.
#[derive(Clone, Debug)]
pub struct RightSized {
    /// The policy's text, with comments that cite the uses.
    pub text: String,
    /// What it takes away, pattern by pattern.
    pub taken: Vec<Taken>,
    /// Kinds of path and capability that the policy alone grants, before and now.
    pub cells: (usize, usize),
    /// Requests that it was proven on, and how many of them the policy let through.
    pub requests: (u64, u64),
    /// What was proven.
    pub proof: Proof,
    /// Logged requests that the policies as stated deny already: nothing is said of them.
    pub differing: u64,
}

/// What is taken away of one pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken {
    /// The pattern.
    pub pattern: String,
    /// Line of its first stanza.
    pub line: u32,
    /// Capabilities that nobody used anywhere below it.
    pub unused: Capabilities,
    /// Whether paths below it that nobody used are gone too.
    pub narrowed: bool,
}

/// Why no policy is proposed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unsized {
    /// Nothing that was logged needed it.
    #[error("nothing that was logged needed it")]
    Unused,
    /// What was proposed could not be proven.
    #[error("no smaller policy could be proven: {0}")]
    Unproven(String),
}

impl Sizing<'_> {
    /// Everything that a kind of token holds, with `policy` in the place of the sized one.
    fn set(&self, token: &Token<'_>, policy: &Policy) -> Acl {
        let held = token.policies.iter().map(|(name, held)| {
            let held = if *name == self.name { policy } else { *held };
            (*name, held)
        });
        self.acl(&held.collect::<Vec<_>>(), token.entity.as_ref())
    }

    fn acl(&self, policies: &[(&str, &Policy)], entity: Option<&Entity>) -> Acl {
        Acl::new(
            policies,
            AclContext {
                dialect: self.dialect,
                namespace: self.namespace,
                entity,
                as_of: Some(self.as_of),
                ..AclContext::default()
            },
        )
    }

    /// A policy by itself, templates as they are written.
    fn alone(&self, policy: &Policy) -> Acl {
        Acl::new(
            &[(self.name, policy)],
            AclContext {
                dialect: self.dialect,
                namespace: self.namespace,
                keep_templates: true,
                as_of: Some(self.as_of),
                ..AclContext::default()
            },
        )
    }

    /// The line of the stanza of `policy` that decides a request of a kind of token, by itself.
    fn line(&self, use_: &Use, policy: &Policy) -> Option<u32> {
        let entity = self.tokens.get(use_.token)?.entity.as_ref();
        let acl = self.acl(&[(self.name, policy)], entity);
        let decision = acl.decide(&Request::new(use_.operation, &use_.path));
        Some(decision.stanza()?.line)
    }

    /// Whether the policy let a request through: as the log says, else whether it is denied
    /// without it.
    fn needs(&self, use_: &Use) -> bool {
        let Some(token) = self.tokens.get(use_.token) else {
            return false;
        };
        let request = Request::new(use_.operation, &use_.path);
        use_.granted.unwrap_or_else(|| {
            let nothing = Policy::default();
            let with = self.set(token, self.policy).decide(&request).allowed;
            with && !self.set(token, &nothing).decide(&request).allowed
        })
    }

    /// The capabilities that a request takes of the policy.
    fn capabilities(&self, use_: &Use) -> Capabilities {
        let mut needed: Capabilities = use_
            .operation
            .capability(self.dialect)
            .into_iter()
            .collect();
        let writes = [Capability::Create, Capability::Update];
        // A store logs `create` or `update` by whether the secret was there.
        if !self.strict && writes.iter().any(|capability| needed.has(*capability)) {
            for capability in writes {
                needed.insert(capability);
            }
        }
        if self.alone(self.policy).is_protected(&use_.path) {
            needed.insert(Capability::Sudo);
        }
        needed
    }
}

/// Sizes a policy by what was used of it.
///
/// # Errors
///
/// Nothing used it, or nothing smaller could be proven.
pub fn right_size(sizing: &Sizing<'_>) -> Result<RightSized, Unsized> {
    let used: Vec<&Use> = sizing.uses.iter().filter(|u| sizing.needs(u)).collect();
    if used.is_empty() {
        return Err(Unsized::Unused);
    }
    let first = settle(sizing, &used)?;
    // Sizing the answer once more must change nothing.
    let again = Sizing {
        policy: &first.policy,
        text: &first.text,
        ..*sizing
    };
    let second = settle(&again, &used)?;
    let stable = second.policy_key() == first.policy_key();
    let mut proof = first.proof.clone();
    proof.obligations.push(Obligation {
        name: "idempotence",
        holds: stable,
        detail: "sized once more by the same requests, it stays as it is".to_owned(),
    });
    if !stable {
        return Err(Unsized::Unproven(
            "sized once more it would become another policy".to_owned(),
        ));
    }
    let (old, new) = (sizing.alone(sizing.policy), sizing.alone(&first.policy));
    Ok(RightSized {
        taken: first.plan.taken(),
        cells: proof::cells_of(&old, &new),
        requests: (
            sizing.uses.iter().map(|u| u.count).sum(),
            used.iter().map(|u| u.count).sum(),
        ),
        differing: proof.differing,
        text: first.text,
        proof,
    })
}

/// A proposal that holds.
struct Settled<'p> {
    plan: Plan<'p>,
    policy: Policy,
    text: String,
    proof: Proof,
}

impl Settled<'_> {
    /// What the policy says, wherever it stands in its text.
    fn policy_key(&self) -> BTreeMap<&str, String> {
        let stanzas = self.policy.stanzas.iter();
        stanzas
            .map(|stanza| {
                let said = (&stanza.capabilities, &stanza.parameters);
                (stanza.path.as_str(), format!("{said:?}"))
            })
            .collect()
    }
}

fn settle<'p>(sizing: &Sizing<'p>, used: &[&Use]) -> Result<Settled<'p>, Unsized> {
    let mut plan = Plan::new(sizing, used);
    let mut why = String::new();
    for _ in 0..plan.most_steps() {
        let text = text::write(sizing, &plan, used);
        let (policy, errors) = super::syntax::parse_at(&text, sizing.dialect, sizing.as_of);
        if let Some(error) = errors.first() {
            return Err(Unsized::Unproven(format!(
                "its text does not parse: {error}"
            )));
        }
        match proof::prove(sizing, &plan, &policy) {
            Ok(proof) => {
                return Ok(Settled {
                    plan,
                    policy,
                    text,
                    proof,
                });
            }
            Err(fault) => {
                why = fault.to_string();
                if !plan.give_back(sizing, &policy, &fault) {
                    break;
                }
            }
        }
    }
    Err(Unsized::Unproven(why))
}
