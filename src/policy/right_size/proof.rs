//! What is proven of a proposal, by the decision function and on every kind of token that was seen.

use super::Sizing;
use super::fault::Fault;
use super::plan::Plan;
use crate::policy::acl::{Acl, Request};
use crate::policy::capability::Capability;
use crate::policy::cell::{DEFAULT_CAP, cells};
use crate::policy::compare::{Subsumption, subsumes};
use crate::policy::operation::Operation;
use crate::policy::stanza::Policy;

/// Near misses of a generalised pattern that are tried.
const NEAR: usize = 20;

/// One thing that was proven.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Obligation {
    /// Its name.
    pub name: &'static str,
    /// Whether it holds.
    pub holds: bool,
    /// On what it was proven.
    pub detail: String,
}

/// All that was proven.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Proof {
    /// One by one.
    pub obligations: Vec<Obligation>,
    /// Paths that nobody used and that a generalised pattern opens, as the old policy did.
    pub opened: Vec<String>,
    /// Logged requests that the policies as stated deny already.
    pub differing: u64,
}

/// Holds a proposal against everything that must stay so.
pub(super) fn prove<'u>(
    sizing: &'u Sizing<'_>,
    plan: &Plan<'_>,
    new: &Policy,
) -> Result<Proof, Fault<'u>> {
    let mut proof = Proof::default();
    let sets: Vec<(Acl, Acl)> = sizing
        .tokens
        .iter()
        .map(|token| (sizing.set(token, sizing.policy), sizing.set(token, new)))
        .collect();
    let replayed = replay(sizing, &sets, &mut proof)?;
    let (old_alone, new_alone) = (sizing.alone(sizing.policy), sizing.alone(new));
    let sets = sets
        .iter()
        .enumerate()
        .map(|(at, (old, new))| (at, old, new));
    let alone = std::iter::once((usize::MAX, &old_alone, &new_alone));
    for (token, before, after) in sets.clone().chain(alone) {
        match subsumes(before, after, DEFAULT_CAP) {
            Subsumption::Yes => {}
            Subsumption::No(witness) => return Err(Fault::Wider { token, witness }),
            Subsumption::Unknown(why) => return Err(Fault::Undecided(why)),
        }
    }
    let Some(denied) = denials(&old_alone, &new_alone) else {
        return Err(Fault::Undecided(
            "a path that is denied would be denied no more".to_owned(),
        ));
    };
    let (near, opened) = near_misses(sizing, plan, &old_alone, &new_alone);
    proof.opened = opened;
    let kinds = sizing.tokens.len();
    proof.obligations = vec![
        held(
            "coverage",
            format!(
                "{replayed} logged request(s) of {kinds} kind(s) of token replayed with all their policies: 0 denied"
            ),
        ),
        held(
            "no escalation",
            format!(
                "for {kinds} kind(s) of token, and by itself, it allows nothing that the old one does not"
            ),
        ),
        held(
            "denials kept",
            format!("{denied} kind(s) of path that the old one denies stay denied"),
        ),
        held(
            "near misses",
            format!(
                "{near} path(s) beside the generalised patterns tried, {} of them open as before",
                proof.opened.len()
            ),
        ),
    ];
    Ok(proof)
}

/// Decides every logged request again; how many the old policies allow, and so do the new ones.
fn replay<'u>(
    sizing: &'u Sizing<'_>,
    sets: &[(Acl, Acl)],
    proof: &mut Proof,
) -> Result<u64, Fault<'u>> {
    let mut replayed = 0;
    for use_ in sizing.uses {
        let Some((before, after)) = sets.get(use_.token) else {
            continue;
        };
        let request = Request::new(use_.operation, &use_.path);
        if !before.decide(&request).allowed {
            proof.differing += use_.count;
        } else if after.decide(&request).allowed {
            replayed += use_.count;
        } else {
            return Err(Fault::Lost(use_));
        }
    }
    Ok(replayed)
}

fn held(name: &'static str, detail: String) -> Obligation {
    Obligation {
        name,
        holds: true,
        detail,
    }
}

/// Kinds of path that the old policy denies expressly; none where the new one opens such a path.
fn denials(old: &Acl, new: &Acl) -> Option<usize> {
    let patterns = [old.patterns(), new.patterns()].concat();
    let kinds = cells(&patterns, DEFAULT_CAP);
    let mut denied = 0;
    for path in &kinds.witnesses {
        let path = path.strip_prefix(old.namespace()).unwrap_or(path);
        let decision = old.decide(&Request::new(Operation::Read, path));
        if !decision.capabilities().has(Capability::Deny) {
            continue;
        }
        denied += 1;
        if !new.grants(path, false).capabilities.is_empty() {
            return None;
        }
    }
    Some(denied)
}

/// Kinds of path and capability that each of two policies grants.
pub(super) fn cells_of(old: &Acl, new: &Acl) -> (usize, usize) {
    let patterns = [old.patterns(), new.patterns()].concat();
    let kinds = cells(&patterns, DEFAULT_CAP);
    let count = |acl: &Acl| {
        let granted = kinds.witnesses.iter().map(|path| {
            let path = path.strip_prefix(acl.namespace()).unwrap_or(path);
            acl.grants(path, false).capabilities.iter().count()
        });
        granted.sum()
    };
    (count(old), count(new))
}

/// How many paths beside the generalised patterns were tried, and those that are open.
fn near_misses(sizing: &Sizing<'_>, plan: &Plan<'_>, old: &Acl, new: &Acl) -> (usize, Vec<String>) {
    let (mut tried, mut open) = (0, Vec::new());
    let pieces = plan.parts.iter().filter(|part| !part.stays());
    for piece in pieces
        .flat_map(|part| part.pieces(sizing))
        .filter(|piece| piece.general)
    {
        for path in beside(&piece.label) {
            tried += 1;
            let granted = new.grants(&path, false).capabilities;
            let before = old.grants(&path, false).capabilities;
            if !granted.is_empty() && granted.minus(before).is_empty() {
                open.push(path);
            }
        }
    }
    open.sort();
    open.dedup();
    (tried, open)
}

/// Paths beside those that a pattern stands for: another value, a level more or less, another
/// sibling of each segment, another endpoint of the store.
fn beside(label: &str) -> Vec<String> {
    let one = label.replace(['+', '*'], "other");
    let segments: Vec<&str> = one.split('/').collect();
    let mut paths = vec![one.clone(), format!("{one}/deeper"), format!("{one}/")];
    for at in 0..segments.len() {
        let mut changed: Vec<&str> = segments.clone();
        if let Some(segment) = changed.get_mut(at) {
            *segment = "sibling";
        }
        paths.push(changed.join("/"));
        paths.extend(segments.get(..at).map(|head| head.join("/")));
    }
    for endpoint in ["data", "metadata", "delete", "undelete", "destroy"] {
        let mut changed: Vec<&str> = segments.clone();
        if let Some(segment) = changed.get_mut(1) {
            *segment = endpoint;
        }
        paths.push(changed.join("/"));
    }
    paths.retain(|path| !path.is_empty());
    paths.sort();
    paths.dedup();
    paths.truncate(NEAR);
    paths
}
