//! VLT-POL-007: the names of all secrets of a mount can be listed.

use super::whole_mount_read::{observe, regions};
use super::{Check, Known, Verdict};
use crate::config::MountClass;
use crate::model::Severity;
use crate::policy::Capability;
use crate::posture::{Posture, vault};

pub(in crate::check) struct NameEnumeration;

impl Check for NameEnumeration {
    fn name(&self) -> &'static str {
        "name-enumeration"
    }

    fn run(&self, input: &Posture<'_>, _: &Known<'_>) -> Verdict {
        let roles = vault::roles(input);
        let mut observations = Vec::new();
        for policy in &input.policies {
            let holders: Vec<_> = vault::holders(&roles, policy).collect();
            // People find secrets by name in the user interface.
            let people = |role: &&vault::Role<'_>| role.class == Some(MountClass::Human);
            if !holders.is_empty() && holders.iter().all(people) {
                continue;
            }
            let acl = vault::acl(&[policy], input);
            for region in regions(input, policy) {
                // A guess that everything below is secrets says nothing about their names.
                if region.confidence.0 < 80 {
                    continue;
                }
                let below = format!("{}{}/", region.names, vault::CANARY);
                let listed = [region.names.clone(), below]
                    .into_iter()
                    .find(|path| acl.grants(path, true).capabilities.has(Capability::List));
                let rule = listed.and_then(|path| acl.deciding(&path, true));
                let Some(rule) = rule.filter(|rule| !vault::is_global(rule)) else {
                    continue;
                };
                let Some(stanza) = vault::stanza(policy, &rule) else {
                    continue;
                };
                // Whoever may read the values of the whole mount is told so by VLT-POL-004.
                let value = format!("{}{}", region.values, vault::CANARY);
                if acl.grants(&value, false).capabilities.has(Capability::Read) {
                    continue;
                }
                let mut seen = observe(policy, &region, stanza, rule);
                if !roles.is_empty() && holders.is_empty() {
                    seen.severity = Some(Severity::Low);
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
