//! What checks ask of a Vault estate: mounts, roles with the policies they hold, and decisions.

mod caller;
mod entity;
mod export_root;
mod mount_lists;
mod mounts;
mod owners;
mod places;
mod roles;

pub(crate) use caller::{callers, names};
pub(crate) use entity::entities;
pub(crate) use export_root::nearness;
pub(crate) use mount_lists::MountLists;
pub(crate) use mounts::{Mounts, Region};
pub(crate) use owners::Held;
pub(crate) use places::{Places, logical_by_shape};
pub(crate) use roles::{CONFIG_REF, Role, holders, namespace, project_of, roles};

use std::collections::BTreeSet;

use super::{Posture, VaultPolicy};
use crate::policy::{
    Acl, AclContext, BreadthInput, Capability, DEFAULT_CAP, Escalation, MountKind, Pattern, Stanza,
    Universe, breadth, cells, makes_any_token, root_protected, root_protected_of_pki,
};

/// A segment that nothing is called: whatever grants it is open-ended.
pub(crate) const CANARY: &str = "piperoll-canary";

/// Paths that a pattern stands for are told apart up to this many states; a check that meets more
/// says nothing about that pair.
pub(crate) const CELL_CAP: usize = 20_000;

/// The decision function of policies that one token holds.
pub(crate) fn acl(policies: &[&VaultPolicy<'_>], input: &Posture<'_>) -> Acl {
    let named: Vec<_> = policies
        .iter()
        .map(|policy| (policy.name, &policy.stated.policy))
        .collect();
    Acl::new(
        &named,
        AclContext {
            dialect: input.dialect(),
            keep_templates: true,
            as_of: Some(input.as_of),
            ..AclContext::default()
        },
    )
}

/// The control-plane writes of a decision function.
pub(crate) fn escalations(acl: &Acl) -> Vec<Escalation> {
    let nothing = BreadthInput::default();
    breadth(acl, &Universe::default(), &nothing, DEFAULT_CAP).escalations
}

/// Whether a policy or all that hold it are declared administrators or for emergencies.
pub(crate) fn is_declared(policy: &VaultPolicy<'_>, input: &Posture<'_>) -> bool {
    let people = &input.settings.people;
    let declared = |who: &str| people.is_admin(who) || people.is_break_glass(who);
    if declared(&policy.id) {
        return true;
    }
    let holders = &policy.holders;
    !holders.is_empty() && holders.iter().all(|role| declared(&role.id))
}

/// Whether a role takes jobs of declared administrators alone, or a policy is held by such roles alone.
pub(crate) fn serves_declared(subject: &str, input: &Posture<'_>) -> bool {
    let roles = roles(input);
    let declared = |role: &Role<'_>| role.is_declared(input) || role.is_of_declared(input);
    let own = roles.iter().filter(|role| role.id == subject);
    let policies = input.policies.iter().filter(|policy| policy.id == subject);
    let held = policies.flat_map(|policy| holders(&roles, policy));
    let mut serving = own.chain(held).peekable();
    serving.peek().is_some() && serving.all(declared)
}

/// The stanza of a policy that states a pattern.
pub(crate) fn stanza<'p>(policy: &'p VaultPolicy<'_>, pattern: &str) -> Option<&'p Stanza> {
    let mut stanzas = policy.stanzas().iter();
    stanzas.find(|stanza| Pattern::new(&stanza.path, "").as_str() == pattern)
}

/// Whether a pattern has no literal segment: it stands for paths of every mount.
pub(crate) fn is_global(pattern: &str) -> bool {
    let literal = pattern
        .split('/')
        .any(|part| !matches!(part, "" | "+" | "*"));
    !Pattern::new(pattern, "").is_exact() && !literal
}

/// One path that a pattern stands for.
pub(crate) fn witness(pattern: &Pattern) -> String {
    let mut path: Vec<&str> = Vec::new();
    for part in pattern.stem().split('/') {
        path.push(if part == "+" { CANARY } else { part });
    }
    let path = path.join("/");
    if pattern.is_open() {
        format!("{path}{CANARY}")
    } else {
        path
    }
}

/// Paths that both patterns stand for; none when there are too many kinds to tell.
pub(crate) fn overlap(one: &Pattern, other: &Pattern) -> Vec<String> {
    let kinds = cells(&[one, other], CELL_CAP);
    let mut both = kinds.witnesses;
    both.retain(|path| one.matches(path) && other.matches(path));
    both
}

/// Whether every path of `inner` is one of `outer`.
pub(crate) fn contains(outer: &Pattern, inner: &Pattern) -> bool {
    let kinds = cells(&[outer, inner], CELL_CAP);
    let mut inside = kinds.witnesses.iter().filter(|path| inner.matches(path));
    kinds.complete && inside.all(|path| outer.matches(path))
}

/// Why a policy is one for administrators: what it grants on every path, with `sudo`, or on the
/// control plane.
pub(crate) fn admin_class(policy: &VaultPolicy<'_>, input: &Posture<'_>) -> Option<&'static str> {
    if policy.name == "root" || policy.name.to_ascii_lowercase().starts_with("admin") {
        return Some("named so");
    }
    for stanza in policy.stanzas() {
        let pattern = Pattern::new(&stanza.path, "");
        if is_global(pattern.as_str()) && !stanza.capabilities.has(Capability::Deny) {
            return Some("grants every path");
        }
        if stanza.capabilities.has(Capability::Sudo) && is_sudo_of_use(policy, &pattern, input) {
            return Some("grants sudo");
        }
    }
    let writes = escalations(&acl(&[policy], input));
    (!writes.is_empty()).then_some("writes to the control plane")
}

/// Whether `sudo` on a pattern gives something: on a wildcard, a protected path, or where tokens are
/// made.
fn is_sudo_of_use(policy: &VaultPolicy<'_>, pattern: &Pattern, input: &Posture<'_>) -> bool {
    let path = pattern.as_str();
    !pattern.is_exact() || is_protected(policy, path, input) || makes_any_token(path)
}

/// Whether a path takes `sudo`: the server's own, and those of engines that are listed.
pub(crate) fn is_protected(policy: &VaultPolicy<'_>, path: &str, input: &Posture<'_>) -> bool {
    let mounts = Mounts::of(input, policy.namespace, policy.path);
    let of_engine = mounts.holding(path).is_some_and(|(mount, kind)| {
        let below = path.strip_prefix(mount);
        kind == MountKind::Pki && below.is_some_and(root_protected_of_pki)
    });
    of_engine || root_protected(path, input.dialect())
}

/// Names of the policies that are stated, with their namespaces.
pub(crate) fn policy_names<'c>(input: &'c Posture<'_>) -> BTreeSet<(&'c str, &'c str)> {
    let sound = input
        .policies
        .iter()
        .map(|policy| (policy.namespace, policy.name));
    let refused = input.refused.iter().map(|policy| &policy.stated.text);
    let refused = refused.map(|text| (text.namespace.as_str(), text.name.as_str()));
    // Terraform states that they are there, whatever its expressions make of their texts.
    let unresolved = input.things.of("terraform-unresolved");
    let unresolved = unresolved.filter_map(|thing| {
        let namespace = thing.value("namespace").unwrap_or_default();
        Some((namespace, thing.value("policy")?))
    });
    sound.chain(refused).chain(unresolved).collect()
}
