//! Control-plane writes: with one of them a holder can give itself more.

use std::collections::{BTreeMap, BTreeSet};

use crate::policy::acl::Acl;
use crate::policy::capability::{Capabilities, Capability};
use crate::policy::cell::{cells, cells_beside};
use crate::policy::pattern::Pattern;

/// The regions in which a write changes who may do what.
const CONTROL_PLANE: [&str; 20] = [
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
    "auth/+/role/*",
    "auth/+/roles/*",
    "auth/+/config",
    "auth/+/config/*",
    "auth/+/users/*",
    "auth/+/map/*",
    "identity/*",
];
/// Regions of `identity/` in which nothing is escalated: tokens and lookups.
const HARMLESS: [&str; 3] = ["identity/oidc/", "identity/lookup/", "identity/mfa/method/"];

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
    let regions: Vec<Pattern> = CONTROL_PLANE
        .iter()
        .map(|region| Pattern::new(region, acl.namespace()))
        .collect();
    let mut patterns: BTreeSet<&Pattern> = acl.patterns().into_iter().collect();
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
        if HARMLESS.iter().any(|harmless| below.starts_with(harmless)) {
            continue;
        }
        let capabilities = writes(acl, below);
        if capabilities.is_empty() {
            continue;
        }
        for (region, name) in regions.iter().zip(CONTROL_PLANE) {
            if region.matches(&path) {
                found.entry(name).or_insert_with(|| Escalation {
                    region: name.to_owned(),
                    path: below.to_owned(),
                    capabilities,
                    rule: acl.deciding(below, false),
                });
            }
        }
    }
    found.into_values().collect()
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
    let held = acl.grants(path, false).capabilities;
    if acl.is_protected(path) && !held.has(Capability::Sudo) {
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
