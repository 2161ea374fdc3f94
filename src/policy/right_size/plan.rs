//! What becomes of each pattern of the policy.

use std::collections::BTreeMap;

use super::cover::{self, Piece};
use super::fault::Fault;
use super::{Sizing, Taken, Use};
use crate::policy::acl::Request;
use crate::policy::capability::{Capabilities, Capability};
use crate::policy::operation::Operation;
use crate::policy::pattern::Pattern;
use crate::policy::stanza::{Policy, Stanza};

/// How much of a pattern is left, least first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Extent {
    /// The paths that were used, generalised where there are many.
    Covered,
    /// The paths that were used.
    Exact,
    /// The pattern, with the capabilities that were used.
    Pattern,
    /// The stanzas as they are written.
    Whole,
}

/// One pattern of the policy, with what was used of it.
#[derive(Clone, Debug)]
pub(super) struct Part<'p> {
    /// The label as written, without a leading slash.
    pub(super) label: String,
    /// Its stanzas.
    pub(super) stanzas: Vec<&'p Stanza>,
    /// What they grant together.
    pub(super) grants: Capabilities,
    /// Used paths, with the capabilities that were used on each.
    pub(super) atoms: BTreeMap<String, Capabilities>,
    pub(super) extent: Extent,
    /// Whether the pattern stays though it grants nothing of its own.
    pub(super) guards: bool,
    /// Whether nobody asked for it to be sized.
    pub(super) unasked: bool,
}

/// All patterns of the policy.
#[derive(Clone, Debug)]
pub(super) struct Plan<'p> {
    pub(super) parts: Vec<Part<'p>>,
}

impl<'p> Part<'p> {
    /// Whether the stanzas say more than path and capabilities, or deny: they stay as they are
    /// written, or go.
    pub(super) fn is_bound(&self) -> bool {
        self.denies()
            || self.stanzas.iter().any(|stanza| {
                let mut keys = stanza.attributes.iter();
                keys.any(|attribute| !["capabilities", "policy"].contains(&attribute.key.as_str()))
            })
    }

    pub(super) fn denies(&self) -> bool {
        self.grants.has(Capability::Deny)
    }

    /// What was used anywhere below the pattern.
    pub(super) fn used(&self) -> Capabilities {
        let all = self.atoms.values();
        all.fold(Capabilities::NONE, |all, one| all | *one)
    }

    /// Whether a shorter list of paths can stand for the pattern.
    fn can_narrow(&self) -> bool {
        let plain = self.atoms.keys().all(|path| cover::is_plain(path));
        plain && !self.is_bound() && !self.label.contains("{{")
    }

    /// What stands for the pattern in the new policy.
    pub(super) fn pieces(&self, sizing: &Sizing<'_>) -> Vec<Piece> {
        let mut pieces = Vec::new();
        let narrow = self.extent < Extent::Pattern && self.can_narrow();
        if narrow && !Pattern::new(&self.label, "").is_exact() {
            let generalise = self.extent == Extent::Covered && !sizing.exact;
            pieces = cover::cover(sizing, &self.atoms, generalise);
        } else if !self.atoms.is_empty() {
            pieces.push(Piece {
                label: self.label.clone(),
                capabilities: self.used(),
                paths: self.atoms.keys().cloned().collect(),
                general: false,
            });
        }
        let there = pieces.iter().any(|piece| piece.label == self.label);
        if self.guards && !there {
            pieces.push(Piece {
                label: self.label.clone(),
                capabilities: Capabilities::NONE,
                paths: Vec::new(),
                general: false,
            });
        }
        pieces
    }

    /// Whether the stanzas stay as they are written.
    pub(super) fn stays(&self) -> bool {
        let kept = self.extent == Extent::Whole || self.is_bound();
        self.denies() || self.unasked || (kept && !self.atoms.is_empty())
    }
}

impl<'p> Plan<'p> {
    pub(super) fn new(sizing: &Sizing<'p>, used: &[&Use]) -> Plan<'p> {
        let mut parts: Vec<Part<'p>> = Vec::new();
        for stanza in &sizing.policy.stanzas {
            let label = label_of(stanza);
            let known = parts.iter_mut().find(|part| part.label == label);
            match known {
                Some(part) => {
                    part.grants |= stanza.capabilities;
                    part.stanzas.push(stanza);
                }
                None => parts.push(Part {
                    unasked: !(sizing.wanted)(&label),
                    label,
                    stanzas: vec![stanza],
                    grants: stanza.capabilities,
                    atoms: BTreeMap::new(),
                    extent: Extent::Covered,
                    guards: false,
                }),
            }
        }
        let mut plan = Plan { parts };
        for use_ in used {
            plan.add(sizing, use_);
        }
        plan
    }

    /// Counts a request among what its pattern must allow.
    fn add(&mut self, sizing: &Sizing<'_>, use_: &Use) -> bool {
        let line = sizing.line(use_, sizing.policy);
        let Some(part) = line.and_then(|line| self.at_line(line)) else {
            return false;
        };
        let needed = sizing.capabilities(use_);
        let grants = part.grants;
        let given = needed.iter().filter(|capability| grants.has(*capability));
        let given: Capabilities = given.collect();
        let atom = part.atoms.entry(use_.path.clone()).or_default();
        let more = !given.minus(*atom).is_empty();
        *atom |= given;
        more
    }

    fn at_line(&mut self, line: u32) -> Option<&mut Part<'p>> {
        let has = |part: &&mut Part<'p>| part.stanzas.iter().any(|s| s.position.line == line);
        self.parts.iter_mut().find(has)
    }

    /// More steps than there are ways to give something back.
    pub(super) fn most_steps(&self) -> usize {
        self.parts.len() * 6 + 6
    }

    /// Gives back what a fault asks for; `false` where nothing is left to give.
    pub(super) fn give_back(
        &mut self,
        sizing: &Sizing<'_>,
        new: &Policy,
        fault: &Fault<'_>,
    ) -> bool {
        match fault {
            Fault::Wider { token, witness } => {
                let operation = operation(witness.capability);
                let request = Request::new(operation, &witness.path);
                let Some(token) = sizing.tokens.get(*token) else {
                    return false;
                };
                let before = sizing.set(token, sizing.policy);
                let own = before.deciding(&witness.path, operation.lists());
                let stanza = before.decide(&request).stanza();
                let line = stanza.filter(|s| s.policy == sizing.name).map(|s| s.line);
                let guarded = self.parts.iter_mut().find(|part| {
                    let by_line = part.stanzas.iter().any(|s| Some(s.position.line) == line);
                    !part.guards && (by_line || Some(&part.label) == own.as_ref())
                });
                if let Some(part) = guarded {
                    part.guards = true;
                    return true;
                }
                self.widen_at(sizing, token, new, &request)
            }
            Fault::Lost(use_) => {
                let Some(token) = sizing.tokens.get(use_.token) else {
                    return false;
                };
                let request = Request::new(use_.operation, &use_.path);
                self.widen_at(sizing, token, new, &request) || self.add(sizing, use_)
            }
            Fault::Undecided(_) => self.widen_all(),
        }
    }

    /// Widens the part whose piece decides a request now.
    fn widen_at(
        &mut self,
        sizing: &Sizing<'_>,
        token: &super::Token<'_>,
        new: &Policy,
        request: &Request<'_>,
    ) -> bool {
        let after = sizing.set(token, new);
        let decision = after.decide(request);
        let stanza = decision
            .stanza()
            .filter(|stanza| stanza.policy == sizing.name);
        let label = stanza.and_then(|at| {
            let mut stanzas = new.stanzas.iter();
            stanzas
                .find(|stanza| stanza.position.line == at.line)
                .map(label_of)
        });
        let Some(label) = label else {
            return false;
        };
        let made =
            |part: &&mut Part<'p>| part.pieces(sizing).iter().any(|piece| piece.label == label);
        let part = self.parts.iter_mut().find(made);
        part.is_some_and(|part| part.widen())
    }

    fn widen_all(&mut self) -> bool {
        let mut widened = false;
        for part in &mut self.parts {
            widened |= part.widen();
        }
        widened
    }

    /// What the plan takes away.
    pub(super) fn taken(&self) -> Vec<Taken> {
        let lost = self.parts.iter().filter(|part| !part.denies());
        let lost = lost.filter_map(|part| {
            let kept = if part.stays() {
                part.grants
            } else {
                part.used()
            };
            let unused = part.grants.minus(kept);
            let narrowed = !part.stays()
                && part.extent < Extent::Pattern
                && part.can_narrow()
                && !part.atoms.is_empty()
                && !Pattern::new(&part.label, "").is_exact();
            (narrowed || !unused.is_empty()).then(|| Taken {
                pattern: part.label.clone(),
                line: part.stanzas.first().map_or(0, |s| s.position.line),
                unused,
                narrowed,
            })
        });
        lost.collect()
    }
}

impl Part<'_> {
    fn widen(&mut self) -> bool {
        let wider = match self.extent {
            Extent::Covered => Extent::Exact,
            Extent::Exact => Extent::Pattern,
            Extent::Pattern => Extent::Whole,
            Extent::Whole => return false,
        };
        self.extent = wider;
        true
    }
}

fn label_of(stanza: &Stanza) -> String {
    Pattern::new(&stanza.path, "").as_str().to_owned()
}

/// An operation that takes a capability.
fn operation(capability: Capability) -> Operation {
    match capability {
        Capability::Create => Operation::Create,
        Capability::Update => Operation::Update,
        Capability::Delete => Operation::Delete,
        Capability::List => Operation::List,
        Capability::Patch => Operation::Patch,
        Capability::Scan => Operation::Scan,
        Capability::Recover => Operation::Recover,
        Capability::Deny | Capability::Read | Capability::Sudo | Capability::Subscribe => {
            Operation::Read
        }
    }
}
