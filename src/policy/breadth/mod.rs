//! How broad a policy set is: what it grants, what of that was used, and whether it is overly broad.
//!
//! The universe of paths comes from outside the policies (mounts, owners, observed and listed
//! paths), so that sets are measured by one yardstick. The score is never given alone: its four
//! terms and the atoms behind them come with it, and the verdict does not depend on it.

mod class;
mod escalation;
mod input;
mod openness;
mod universe;
mod verdict;

pub use escalation::Escalation;
pub use input::{BreadthInput, Mount, MountKind, Observed, Owner};
pub use openness::openness;
pub use universe::{Atom, Universe};
pub use verdict::{Evidence, Ruling};

use std::collections::{BTreeMap, BTreeSet};

use super::acl::Acl;
use super::capability::{Capabilities, Capability};
use super::cell::cells;

/// The measure of one policy set.
#[derive(Clone, Debug, PartialEq)]
pub struct Breadth {
    /// 0 to 100: 45 % over-privilege, 25 % open-endedness, 20 % unused capabilities, 10 % owners.
    pub score: u32,
    /// The weight granted and not used, of the weight granted.
    pub over_privilege: f64,
    /// The requests denied on the holder's own paths, of all requests.
    pub under_privilege: f64,
    /// 0 (exact paths) to 5 (across mounts).
    pub openness: u8,
    /// The patterns that are as open as that.
    pub open_patterns: Vec<String>,
    /// The weight of capabilities never used, of those granted anywhere.
    pub unused_capabilities: f64,
    /// 0 to 1, a quarter for each owner besides those of the holder.
    pub cross_owner: f64,
    /// The owners besides those of the holder; if no holder is known, all owners where there are
    /// several.
    pub foreign_owners: BTreeSet<String>,
    /// The weight of all atoms granted.
    pub granted_weight: u64,
    /// The weight of the atoms used.
    pub used_weight: u64,
    /// The number of atoms granted.
    pub granted_atoms: usize,
    /// The atoms granted and not used.
    pub unused: Vec<Atom>,
    /// Control-plane writes within reach, by pattern.
    pub escalations: Vec<Escalation>,
    /// The reasons for which the set is overly broad; none means it is not.
    pub rulings: Vec<Ruling>,
    /// What "not used" is worth.
    pub evidence: Evidence,
    /// `false` when there were too many kinds of path to find every deciding pattern.
    pub complete: bool,
}

impl Breadth {
    /// Says whether the set is overly broad.
    #[must_use]
    pub fn is_overly_broad(&self) -> bool {
        !self.rulings.is_empty()
    }
}

/// Measures a policy set against a universe, walking at most `cap` kinds of path.
#[must_use]
pub fn breadth(acl: &Acl, universe: &Universe, input: &BreadthInput, cap: usize) -> Breadth {
    let granted: Vec<&Atom> = universe
        .atoms()
        .iter()
        .filter(|atom| holds(acl, atom))
        .collect();
    let used = used(acl, input);
    let is_used = |atom: &Atom| used.get(&atom.path).is_some_and(|c| c.has(atom.capability));
    let unused: Vec<Atom> = granted
        .iter()
        .copied()
        .filter(|a| !is_used(a))
        .cloned()
        .collect();
    let granted_weight: u64 = granted.iter().map(|atom| atom.weight).sum();
    let used_weight = granted_weight - unused.iter().map(|atom| atom.weight).sum::<u64>();
    let (open_patterns, level, complete) = widest(acl, input, cap);
    let foreign_owners = foreign_owners(&granted, input);
    let mut breadth = Breadth {
        score: 0,
        over_privilege: ratio(granted_weight - used_weight, granted_weight),
        under_privilege: under_privilege(input),
        openness: level,
        open_patterns,
        unused_capabilities: unused_capabilities(&granted, &unused),
        cross_owner: cross_owner(foreign_owners.len(), input),
        foreign_owners,
        granted_weight,
        used_weight,
        granted_atoms: granted.len(),
        unused,
        escalations: escalation::escalations(acl, cap),
        rulings: Vec::new(),
        evidence: Evidence::of(input),
        complete,
    };
    let sum = 0.45 * breadth.over_privilege
        + 0.25 * f64::from(level) / 5.0
        + 0.20 * breadth.unused_capabilities
        + 0.10 * breadth.cross_owner;
    breadth.score = (100.0 * sum).round() as u32;
    breadth.rulings = verdict::rulings(&breadth, acl, input);
    breadth
}

/// Says whether a set grants an atom; a root-protected path takes `sudo` as well.
fn holds(acl: &Acl, atom: &Atom) -> bool {
    let list = matches!(atom.capability, Capability::List | Capability::Scan);
    let held = acl.grants(&atom.path, list).capabilities;
    held.has(atom.capability) && (!acl.is_protected(&atom.path) || held.has(Capability::Sudo))
}

/// What was used on each path: the capabilities of allowed requests, `sudo` where it was needed.
fn used(acl: &Acl, input: &BreadthInput) -> BTreeMap<String, Capabilities> {
    let mut used: BTreeMap<String, Capabilities> = BTreeMap::new();
    for observed in input.observed.iter().filter(|observed| observed.allowed) {
        let Some(capability) = observed.operation.capability(acl.dialect()) else {
            continue;
        };
        let entry = used.entry(observed.path.clone()).or_default();
        entry.insert(capability);
        // A write is logged as create or update by whether the secret was there.
        if matches!(capability, Capability::Create | Capability::Update) {
            entry.insert(Capability::Create);
            entry.insert(Capability::Update);
        }
        if acl.is_protected(&observed.path) {
            entry.insert(Capability::Sudo);
        }
    }
    used
}

fn under_privilege(input: &BreadthInput) -> f64 {
    let own = |path: &str| {
        let owner = input.owner(path);
        owner.is_some_and(|owner| input.holder_owners.contains(&owner.name))
    };
    let denied = input
        .observed
        .iter()
        .filter(|o| !o.allowed && own(&o.path))
        .count();
    ratio(denied as u64, input.observed.len() as u64)
}

/// The patterns that are most open, of those that decide something beyond listing.
fn widest(acl: &Acl, input: &BreadthInput, cap: usize) -> (Vec<String>, u8, bool) {
    if acl.is_root() {
        return (vec!["root".to_owned()], 5, true);
    }
    let kinds = cells(&acl.patterns(), cap);
    let mut deciding = BTreeSet::new();
    for path in &kinds.witnesses {
        let Some(path) = path.strip_prefix(acl.namespace()) else {
            continue;
        };
        let mut held = acl.grants(path, false).capabilities;
        held.remove(Capability::List);
        held.remove(Capability::Scan);
        if !held.is_empty() {
            deciding.extend(acl.deciding(path, false));
        }
    }
    let levels: Vec<(u8, String)> = deciding
        .into_iter()
        .map(|pattern| (openness(&pattern, &input.mounts), pattern))
        .collect();
    let level = levels.iter().map(|(level, _)| *level).max().unwrap_or(0);
    let widest = levels
        .into_iter()
        .filter(|(l, _)| *l == level)
        .map(|(_, pattern)| pattern);
    (widest.collect(), level, kinds.complete)
}

fn foreign_owners(granted: &[&Atom], input: &BreadthInput) -> BTreeSet<String> {
    let values = granted
        .iter()
        .filter(|atom| atom.capability != Capability::List);
    let covered: BTreeSet<String> = values
        .filter_map(|atom| input.owner(&atom.path))
        .filter(|owner| !owner.shared)
        .map(|owner| owner.name.clone())
        .collect();
    if input.holder_owners.is_empty() && covered.len() < 2 {
        return BTreeSet::new();
    }
    covered.difference(&input.holder_owners).cloned().collect()
}

/// A quarter for each owner besides the holder's; of unknown holders one owner is theirs.
fn cross_owner(foreign: usize, input: &BreadthInput) -> f64 {
    let theirs = usize::from(input.holder_owners.is_empty());
    (foreign.saturating_sub(theirs) as f64 / 4.0).min(1.0)
}

fn unused_capabilities(granted: &[&Atom], unused: &[Atom]) -> f64 {
    let all: Capabilities = granted.iter().map(|atom| atom.capability).collect();
    let used: Capabilities = granted
        .iter()
        .filter(|atom| unused.binary_search(atom).is_err())
        .map(|atom| atom.capability)
        .collect();
    let weight = |set: Capabilities| set.iter().map(class::capability_weight).sum::<u64>();
    ratio(weight(all.minus(used)), weight(all))
}

fn ratio(part: u64, whole: u64) -> f64 {
    if whole == 0 {
        0.0
    } else {
        part as f64 / whole as f64
    }
}

#[cfg(test)]
mod tests;
