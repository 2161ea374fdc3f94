//! VLT-POL-011: a denial that leaves another way to the same secret.

use super::{Check, Known, Verdict};
use crate::model::id;
use crate::policy::{Acl, Capability, Pattern};
use crate::posture::{Posture, VaultPolicy, vault};

pub(in crate::check) struct DenyGap;

/// The other endpoints of a KV version 2 secret, and what each gives away.
const SIBLINGS: [(&str, Capability, &str); 8] = [
    ("metadata", Capability::Read, "reads its versions"),
    (
        "metadata",
        Capability::Delete,
        "deletes it with all versions",
    ),
    ("metadata", Capability::List, "lists its names"),
    ("subkeys", Capability::Read, "reads its structure"),
    (
        "undelete",
        Capability::Update,
        "brings deleted versions back",
    ),
    ("destroy", Capability::Update, "destroys its versions"),
    ("delete", Capability::Update, "deletes its versions"),
    ("data", Capability::Read, "reads it"),
];

impl Check for DenyGap {
    fn name(&self) -> &'static str {
        "deny-gap"
    }

    fn run(&self, input: &Posture<'_>, _: &Known<'_>) -> Verdict {
        let (mut population, mut observations) = (0, Vec::new());
        for policy in &input.policies {
            let denies = policy.stanzas().iter();
            let denies = denies.filter(|stanza| stanza.capabilities.has(Capability::Deny));
            let acl = vault::acl(&[policy], input);
            for stanza in denies {
                population += 1;
                let pattern = Pattern::new(&stanza.path, "");
                let gap = sibling(&acl, &pattern).or_else(|| beaten(policy, &pattern));
                if let Some(gap) = gap {
                    let object = id::vault_path(Some(policy.namespace), pattern.as_str());
                    let seen = policy.observe(object, stanza, stanza.path_span);
                    observations.push(seen.with_detail(gap));
                }
            }
        }
        Verdict::Looked {
            population: population.max(input.policies.len() as u64),
            observations,
        }
    }
}

/// The first endpoint beside a denied `data/` path that is open.
fn sibling(acl: &Acl, denied: &Pattern) -> Option<String> {
    let (mount, below) = denied.as_str().split_once("/data/")?;
    SIBLINGS.iter().find_map(|(endpoint, capability, what)| {
        let path = vault::witness(&Pattern::new(&format!("{mount}/{endpoint}/{below}"), ""));
        let list = *capability == Capability::List;
        let path = if list { format!("{path}/") } else { path };
        let held = acl.grants(&path, list).capabilities;
        held.has(*capability)
            .then(|| format!("{capability} on {path} {what}"))
    })
}

/// An allowing pattern that wins on a path of the denial without being an exception inside it.
fn beaten(policy: &VaultPolicy<'_>, denied: &Pattern) -> Option<String> {
    policy.stanzas().iter().find_map(|stanza| {
        let allowed = Pattern::new(&stanza.path, "");
        let grants = !stanza.capabilities.is_empty() && !stanza.capabilities.has(Capability::Deny);
        if !grants || denied.is_exact() || allowed == *denied {
            return None;
        }
        let wins = allowed.is_exact() || allowed.precedence(denied).is_gt();
        let path = vault::overlap(&allowed, denied).into_iter().next()?;
        let exception = allowed.is_exact() || vault::contains(denied, &allowed);
        (wins && !exception).then(|| format!("{} decides {path} instead", allowed.as_str()))
    })
}
