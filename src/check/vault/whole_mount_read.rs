//! VLT-POL-004: every secret of a mount can be read.

use super::{Check, Known, Verdict};
use crate::model::{Severity, id};
use crate::policy::{Capability, Pattern, Stanza};
use crate::posture::{Posture, VaultPolicy, vault};
use crate::rule::Observation;

pub(in crate::check) struct WholeMountRead;

impl Check for WholeMountRead {
    fn name(&self) -> &'static str {
        "whole-mount-read"
    }

    fn run(&self, input: &Posture<'_>, _: &Known<'_>) -> Verdict {
        let roles = vault::roles(input);
        let (mut population, mut observations) = (0, Vec::new());
        for policy in &input.policies {
            let acl = vault::acl(&[policy], input);
            for region in regions(input, policy) {
                population += 1;
                let path = format!("{}{}", region.values, vault::CANARY);
                if !acl.grants(&path, false).capabilities.has(Capability::Read) {
                    continue;
                }
                // What opens every mount is reported as that.
                let rule = acl.deciding(&path, false).unwrap_or_default();
                let Some(stanza) =
                    vault::stanza(policy, &rule).filter(|_| !vault::is_global(&rule))
                else {
                    continue;
                };
                let mut seen = observe(policy, &region, stanza, rule);
                if has_one_owner(input, &roles, policy, &region.mount) {
                    seen.severity = Some(Severity::Low);
                }
                observations.push(seen);
            }
        }
        Verdict::Looked {
            population: population.max(input.policies.len() as u64),
            observations,
        }
    }
}

/// The patterns of a policy.
pub(super) fn patterns(policy: &VaultPolicy<'_>) -> Vec<Pattern> {
    let stanzas = policy.stanzas().iter();
    stanzas
        .map(|stanza| Pattern::new(&stanza.path, ""))
        .collect()
}

/// The regions of secrets that a policy speaks of.
pub(super) fn regions(input: &Posture<'_>, policy: &VaultPolicy<'_>) -> Vec<vault::Region> {
    vault::Mounts::of(input, policy.namespace, policy.path).regions(&patterns(policy))
}

/// What a policy opens of a region, by the stanza that decides it, as sure as it is that the region
/// holds secrets.
pub(super) fn observe(
    policy: &VaultPolicy<'_>,
    region: &vault::Region,
    stanza: &Stanza,
    rule: String,
) -> Observation {
    let object = id::vault_mount(Some(policy.namespace), &region.mount);
    let mut seen = policy
        .observe(object, stanza, stanza.path_span)
        .with_detail(rule);
    seen.confidence = region.confidence;
    seen
}

/// Whether one owner has all of a mount, and every role that holds the policy is bound to it.
fn has_one_owner(
    input: &Posture<'_>,
    roles: &[vault::Role<'_>],
    policy: &VaultPolicy<'_>,
    mount: &str,
) -> bool {
    let owner = input
        .settings
        .owners
        .find(&id::in_namespace(Some(policy.namespace), mount));
    let Some(project) = owner.and_then(|owner| owner.project) else {
        return false;
    };
    let mut holders = vault::holders(roles, policy).peekable();
    let bound = |role: &vault::Role<'_>| {
        role.project_path(input)
            .is_some_and(|path| project.matches(&path))
    };
    holders.peek().is_some() && holders.all(bound)
}
