//! VLT-POL-001: a policy that grants something on every path.

use super::{Check, Known, Verdict};
use crate::model::{Severity, id};
use crate::policy::{Capability, Pattern};
use crate::posture::{Posture, VaultPolicy};

pub(in crate::check) struct GlobalGrant;

impl Check for GlobalGrant {
    fn name(&self) -> &'static str {
        "global-grant"
    }

    fn run(&self, input: &Posture<'_>, _: &Known<'_>) -> Verdict {
        let mut observations = Vec::new();
        for policy in &input.policies {
            for stanza in policy.stanzas() {
                let pattern = Pattern::new(&stanza.path, "");
                if !is_global(&pattern) || !grants(stanza) || denies(policy, &pattern) {
                    continue;
                }
                let object = id::vault_path(Some(policy.namespace), pattern.as_str());
                let mut seen = policy
                    .observe(object, stanza, stanza.path_span)
                    .with_detail(stanza.capabilities.to_string());
                if input.settings.people.is_break_glass(&policy.id) {
                    seen.severity = Some(Severity::Info);
                }
                observations.push(seen);
            }
        }
        Verdict::Looked {
            population: input.policies.len() as u64,
            observations,
        }
    }
}

/// Whether a pattern stands for paths of every mount: nothing literal binds its first segment.
fn is_global(pattern: &Pattern) -> bool {
    let text = pattern.as_str();
    let literal = text.split('/').any(|part| !matches!(part, "" | "+" | "*"));
    !pattern.is_exact() && !literal
}

/// Whether another stanza of the policy denies the same pattern: it then grants nothing.
fn denies(policy: &VaultPolicy<'_>, pattern: &Pattern) -> bool {
    let mut stanzas = policy.stanzas().iter();
    stanzas.any(|stanza| {
        stanza.capabilities.has(Capability::Deny)
            && stanza.expiration.is_none()
            && Pattern::new(&stanza.path, "") == *pattern
    })
}

fn grants(stanza: &crate::policy::Stanza) -> bool {
    let deny = crate::policy::Capabilities::DENY;
    !stanza.capabilities.minus(deny).is_empty()
}
