//! Two policy sets: does one stay inside the other, and which requests do they answer differently?
//!
//! Both are decided on one witness of every kind of path, so the answers are exact for
//! capabilities. Parameters are compared where that is decidable, and else the answer is unknown.

mod constraint;

use std::collections::BTreeSet;

use super::acl::Acl;
use super::capability::{Capabilities, Capability};
use super::cell::cells;
use super::operation::Operation;
use super::pattern::Pattern;
use constraint::Stricter;

/// Whether one set stays inside another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subsumption {
    /// Everything the one allows, the other allows.
    Yes,
    /// The one allows this request, and the other does not.
    No(Witness),
    /// It could not be told.
    Unknown(String),
}

/// A request that shows a difference.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Witness {
    /// The path, below the namespace.
    pub path: String,
    /// The capability it takes.
    pub capability: Capability,
}

/// Answers that differ between two sets, on one kind of path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The shortest path of that kind, below the namespace.
    pub path: String,
    /// The deciding pattern before.
    pub before: Option<String>,
    /// The deciding pattern after.
    pub after: Option<String>,
    /// What is newly granted.
    pub gained: Capabilities,
    /// What is no longer granted.
    pub lost: Capabilities,
    /// What is granted before and after, under other conditions on parameters or wrapping.
    pub conditions: Capabilities,
}

/// All answers that differ between two sets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comparison {
    /// The changes, shortest witness first, one for each pair of deciding patterns and effect.
    pub changes: Vec<Change>,
    /// `false` when there were too many kinds of path: there may be further changes.
    pub complete: bool,
}

/// Says whether everything that `inner` allows, `outer` allows, walking at most `cap` states.
#[must_use]
pub fn subsumes(outer: &Acl, inner: &Acl, cap: usize) -> Subsumption {
    let kinds = kinds(inner, outer, cap);
    let mut unknown = None;
    for path in &kinds.witnesses {
        for (capability, list) in views(inner) {
            let (inside, outside) = (inner.grants(path, list), outer.grants(path, list));
            if !inside.capabilities.has(capability) {
                continue;
            }
            if !outside.capabilities.has(capability) {
                return Subsumption::No(Witness {
                    path: path.clone(),
                    capability,
                });
            }
            if unknown.is_none()
                && constraint::stricter(&outside, &inside, capability) != Stricter::No
            {
                unknown = Some(format!("conditions on `{capability}` differ at {path:?}"));
            }
        }
    }
    match unknown {
        _ if !kinds.complete => Subsumption::Unknown("too many kinds of path".to_owned()),
        Some(why) => Subsumption::Unknown(why),
        None => Subsumption::Yes,
    }
}

/// Whether two sets grant other capabilities on one path, below the namespace.
#[must_use]
pub fn differ_at(one: &Acl, other: &Acl, path: &str) -> bool {
    views(one).any(|(capability, list)| {
        let granted = |acl: &Acl| acl.grants(path, list).capabilities.has(capability);
        granted(one) != granted(other)
    })
}

/// Finds every kind of path on which two sets answer differently, walking at most `cap` states.
#[must_use]
pub fn compare(before: &Acl, after: &Acl, cap: usize) -> Comparison {
    let kinds = kinds(before, after, cap);
    let mut changes = Vec::new();
    let mut seen = BTreeSet::new();
    for path in &kinds.witnesses {
        let mut change = Change {
            path: path.clone(),
            before: before.deciding(path, false),
            after: after.deciding(path, false),
            gained: Capabilities::NONE,
            lost: Capabilities::NONE,
            conditions: Capabilities::NONE,
        };
        for (capability, list) in views(before) {
            let (old, new) = (before.grants(path, list), after.grants(path, list));
            match (
                old.capabilities.has(capability),
                new.capabilities.has(capability),
            ) {
                (false, true) => change.gained.insert(capability),
                (true, false) => change.lost.insert(capability),
                (true, true) if constraint::differ(&old, &new, capability) => {
                    change.conditions.insert(capability);
                }
                _ => {}
            }
        }
        if (change.gained | change.lost | change.conditions).is_empty() {
            continue;
        }
        // Where only a listing differs, its own patterns decide.
        let touched = change.gained | change.lost | change.conditions;
        let lists = [Capability::List, Capability::Scan];
        if touched.iter().all(|capability| lists.contains(&capability)) {
            change.before = before.deciding(path, true);
            change.after = after.deciding(path, true);
        }
        let effect = (change.gained, change.lost, change.conditions);
        if seen.insert((change.before.clone(), change.after.clone(), effect)) {
            changes.push(change);
        }
    }
    Comparison {
        changes,
        complete: kinds.complete,
    }
}

/// The capabilities to compare, with the way in which a path is matched for each.
fn views(acl: &Acl) -> impl Iterator<Item = (Capability, bool)> + use<> {
    let dialect = acl.dialect();
    Operation::GRANTABLE
        .iter()
        .filter_map(move |operation| Some((operation.capability(dialect)?, operation.lists())))
        .chain([(Capability::Sudo, false), (Capability::Sudo, true)])
}

/// A witness, below the namespace, of every kind of path that the two sets tell apart.
fn kinds(one: &Acl, other: &Acl, cap: usize) -> super::cell::Cells {
    let patterns: BTreeSet<&Pattern> = one.patterns().into_iter().chain(other.patterns()).collect();
    let mut kinds = cells(&patterns.into_iter().collect::<Vec<_>>(), cap);
    let namespace = one.namespace();
    if !namespace.is_empty() {
        let below = kinds
            .witnesses
            .iter()
            .filter_map(|path| path.strip_prefix(namespace));
        kinds.witnesses = below.map(str::to_owned).collect();
    }
    // A leading slash is stripped from a request, so such a path cannot be asked for.
    kinds.witnesses.retain(|path| !path.starts_with('/'));
    kinds
}
