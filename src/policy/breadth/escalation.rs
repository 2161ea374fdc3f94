//! Control-plane writes: with one of them a holder can give itself more.

use std::collections::{BTreeMap, BTreeSet};

use crate::policy::acl::Acl;
use crate::policy::capability::{Capabilities, Capability};
use crate::policy::cell::{cells, cells_beside};
use crate::policy::pattern::Pattern;

/// The regions in which a write changes who may do what.
const CONTROL_PLANE: [&str; 26] = [
    "sys/policy/*",
    "sys/policies/*",
    "sys/auth/*",
    "sys/mounts/*",
    "sys/audit/*",
    "sys/config/auditing/*",
    "sys/raw/*",
    "sys/generate-root/*",
    "sys/rekey/*",
    "sys/rekey-recovery-key/*",
    "sys/seal",
    "sys/step-down",
    "sys/remount",
    "sys/plugins/catalog/*",
    "sys/storage/raft/snapshot",
    "sys/storage/raft/snapshot-force",
    "sys/config/group-policy-application",
    "auth/+/role/*",
    "auth/+/roles/*",
    "auth/+/config",
    "auth/+/config/*",
    "auth/+/users/*",
    "auth/+/map/*",
    "auth/+/groups/*",
    "auth/+/certs/*",
    "identity/*",
];
/// The same of auth methods whose mounts have a slash in their names (`auth/team/gitlab/`).
const OF_NESTED_MOUNTS: [&str; 16] = [
    "auth/+/+/role/*",
    "auth/+/+/roles/*",
    "auth/+/+/config",
    "auth/+/+/config/*",
    "auth/+/+/users/*",
    "auth/+/+/map/*",
    "auth/+/+/groups/*",
    "auth/+/+/certs/*",
    "auth/+/+/+/role/*",
    "auth/+/+/+/roles/*",
    "auth/+/+/+/config",
    "auth/+/+/+/config/*",
    "auth/+/+/+/users/*",
    "auth/+/+/+/map/*",
    "auth/+/+/+/groups/*",
    "auth/+/+/+/certs/*",
];
/// Where nothing is escalated: tokens and lookups of `identity/`, and how passwords are made.
const HARMLESS: [&str; 4] = [
    "identity/oidc/",
    "identity/lookup/",
    "identity/mfa/method/",
    "sys/policies/password/",
];
/// Where users log in, below a mount: what stands behind is the name of a user or role, whatever it is.
const LOGINS: [&str; 2] = ["login", "oidc"];

/// What stands in paths of engines, and in no name of a namespace: it may be reserved, or be the
/// second part of a key's path.
const OF_ENGINES: [&str; 7] = [
    "auth",
    "cubbyhole",
    "data",
    "identity",
    "metadata",
    "root",
    "sys",
];

/// A control-plane region in which the holder can write.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Escalation {
    /// The region.
    pub region: String,
    /// The shortest path found in it.
    pub path: String,
    /// The writes granted there.
    pub capabilities: Capabilities,
    /// The deciding pattern; none for `root`.
    pub rule: Option<String>,
}

/// The control-plane regions in which a set grants a write, each with its shortest witness.
pub(super) fn escalations(acl: &Acl, cap: usize) -> Vec<Escalation> {
    let mut patterns: BTreeSet<&Pattern> = acl.patterns().into_iter().collect();
    let nested = patterns.iter().any(|pattern| is_nested(pattern, acl));
    let nested: &[&str] = if nested { &OF_NESTED_MOUNTS } else { &[] };
    let names: Vec<&str> = CONTROL_PLANE.iter().chain(nested).copied().collect();
    let regions: Vec<Pattern> = names
        .iter()
        .map(|region| Pattern::new(region, acl.namespace()))
        .collect();
    patterns.extend(&regions);
    let patterns: Vec<&Pattern> = patterns.into_iter().collect();
    let kinds = cells(&patterns, cap);
    let mut witnesses = kinds.witnesses;
    if !kinds.complete {
        // Whoever writes a policy may write so many patterns that the walk is given up before it
        // comes to what they grant.
        witnesses.extend(one_by_one(acl, &regions, &patterns, cap));
    }
    let mut found: BTreeMap<&str, Escalation> = BTreeMap::new();
    for path in witnesses {
        let Some(below) = path.strip_prefix(acl.namespace()) else {
            continue;
        };
        if is_harmless(below) {
            continue;
        }
        let capabilities = writes(acl, below);
        if capabilities.is_empty() {
            continue;
        }
        for (region, name) in regions.iter().zip(&names) {
            if region.matches(&path) {
                found.entry(name).or_insert_with(|| Escalation {
                    region: (*name).to_owned(),
                    path: below.to_owned(),
                    capabilities,
                    rule: acl.deciding(below, false),
                });
            }
        }
    }
    found.into_values().chain(of_namespaces(acl, cap)).collect()
}

/// The writes on the control plane of a namespace below, which a policy reaches by paths that begin
/// with its name. No engine keeps anything of `sys/` right below its mount but by a name of one's own.
fn of_namespaces(acl: &Acl, cap: usize) -> Vec<Escalation> {
    let mut found: BTreeMap<(String, &str), Escalation> = BTreeMap::new();
    for pattern in acl.patterns() {
        let below = pattern.as_str().strip_prefix(acl.namespace());
        let Some((namespace, rest)) = below.and_then(of_namespace) else {
            continue;
        };
        let own = Pattern::new(rest, "");
        for name in CONTROL_PLANE.iter().filter(|name| name.starts_with("sys/")) {
            let region = Pattern::new(name, "");
            let Some(path) = meeting(&own, &region, cap).filter(|path| !is_harmless(path)) else {
                continue;
            };
            let whole = format!("{namespace}{path}");
            let capabilities = writes_to(acl, &whole, &path);
            if !capabilities.is_empty() {
                let known = (namespace.to_owned(), *name);
                found.entry(known).or_insert_with(|| Escalation {
                    region: (*name).to_owned(),
                    rule: acl.deciding(&whole, false),
                    path: whole,
                    capabilities,
                });
            }
        }
    }
    found.into_values().collect()
}

/// The namespace that a pattern names, and what of `sys/` it opens there.
fn of_namespace(pattern: &str) -> Option<(&str, &str)> {
    let at = pattern.find("/sys/")? + 1;
    let (namespace, rest) = pattern.split_at_checked(at)?;
    let named = |part: &str| {
        !part.is_empty() && !part.contains(['+', '*', '{']) && !OF_ENGINES.contains(&part)
    };
    let parts = namespace.trim_end_matches('/');
    parts.split('/').all(named).then_some((namespace, rest))
}

/// A path that two patterns of `sys/` stand for.
fn meeting(own: &Pattern, region: &Pattern, cap: usize) -> Option<String> {
    let second = |pattern: &Pattern| {
        let stem = pattern.stem().strip_prefix("sys/")?;
        let (part, _) = stem.split_once('/')?;
        (part != "+").then(|| part.to_owned())
    };
    // Most differ in the name behind `sys/`.
    if let (Some(one), Some(other)) = (second(own), second(region))
        && one != other
    {
        return None;
    }
    let mut witnesses = cells(&[own, region], cap).witnesses.into_iter();
    witnesses.find(|path| own.matches(path) && region.matches(path))
}

/// Whether a pattern reaches deep enough below `auth/` for a mount with a slash in its name.
fn is_nested(pattern: &Pattern, acl: &Acl) -> bool {
    let below = pattern.as_str().strip_prefix(acl.namespace());
    let mut parts = below.unwrap_or(pattern.as_str()).split('/');
    matches!(parts.next(), Some("auth" | "+")) && parts.count() >= 3
}

/// Whether a write there gives nobody more: a look-up, somebody's login, or his own password.
fn is_harmless(below: &str) -> bool {
    if HARMLESS.iter().any(|harmless| below.starts_with(harmless)) {
        return true;
    }
    let Some(method) = below.strip_prefix("auth/") else {
        return false;
    };
    let parts: Vec<&str> = method.split('/').collect();
    let own =
        |user: &str| user.starts_with("{{identity.entity.aliases.") && user.ends_with(".name}}");
    match parts.as_slice() {
        [
            ..,
            "secret-id" | "secret-id-accessor" | "accessor-id",
            "lookup",
        ] => true,
        [.., "users", user, "password"] => own(user),
        ["token", store, ..] => *store != "roles",
        [mount @ .., _] => mount.iter().skip(1).any(|part| LOGINS.contains(part)),
        [] => false,
    }
}

/// Paths of each region that each pattern alone tells apart: fewer than all together do, and every
/// pattern of the control plane has one.
fn one_by_one(acl: &Acl, regions: &[Pattern], patterns: &[&Pattern], cap: usize) -> Vec<String> {
    let first = |pattern: &Pattern| {
        let below = pattern.as_str().strip_prefix(acl.namespace());
        let below = below.unwrap_or(pattern.as_str());
        below.split('/').next().unwrap_or_default().to_owned()
    };
    let mut found = Vec::new();
    for region in regions {
        let of_region = first(region);
        let meet = |pattern: &&&Pattern| {
            let own = first(pattern);
            own == of_region || own.contains(['+', '*'])
        };
        for pattern in patterns.iter().filter(meet) {
            found.extend(cells_beside(&[region, pattern], patterns, cap).witnesses);
        }
    }
    found.sort_by(|a, b| (a.len(), a).cmp(&(b.len(), b)));
    found.dedup();
    found
}

fn writes(acl: &Acl, path: &str) -> Capabilities {
    writes_to(acl, path, path)
}

/// The writes granted on a path that is called `own` in its namespace.
fn writes_to(acl: &Acl, path: &str, own: &str) -> Capabilities {
    let held = acl.grants(path, false).capabilities;
    if acl.is_protected(own) && !held.has(Capability::Sudo) {
        return Capabilities::NONE;
    }
    let writes = [
        Capability::Create,
        Capability::Update,
        Capability::Patch,
        Capability::Delete,
    ];
    writes
        .into_iter()
        .filter(|capability| held.has(*capability))
        .collect()
}
