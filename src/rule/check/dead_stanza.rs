//! VLT-POL-009: a stanza that no request can meet.

use super::{Check, Verdict};
use crate::model::{Severity, id, kv};
use crate::policy::{Capability, MountKind, Pattern, Stanza};
use crate::rule::Configuration;
use crate::rule::vault::Mounts;

pub(super) struct DeadStanza;

impl Check for DeadStanza {
    fn name(&self) -> &'static str {
        "dead-stanza"
    }

    fn run(&self, input: &Configuration<'_>) -> Verdict {
        let listed = input.things.has("vault-secret-mount") || input.things.has("vault-auth-mount");
        if !listed {
            let reason =
                "no list of mounts was supplied (`vault secrets list -detailed -format=json`)";
            return Verdict::NotAssessed(reason.to_owned());
        }
        let (mut population, mut observations) = (0, Vec::new());
        for policy in &input.policies {
            let mounts = Mounts::of(input, policy.namespace);
            for stanza in &policy.policy.stanzas {
                population += 1;
                let pattern = Pattern::new(&stanza.path, "");
                let Some(why) = dead(&pattern, stanza, mounts) else {
                    continue;
                };
                let object = id::vault_path(Some(policy.namespace), pattern.as_str());
                let mut seen = policy
                    .observe(object, stanza, stanza.path_span)
                    .with_detail(why);
                if stanza.capabilities.has(Capability::Deny) {
                    seen.severity = Some(Severity::High);
                }
                observations.push(seen);
            }
        }
        Verdict::Looked {
            population,
            observations,
        }
    }
}

fn dead(pattern: &Pattern, stanza: &Stanza, mounts: &Mounts) -> Option<String> {
    if !mounts.reaches(pattern) {
        return Some("nothing is mounted there".to_owned());
    }
    let (mount, MountKind::Kv2) = mounts.holding(pattern.as_str())? else {
        return None;
    };
    let below = pattern.as_str().strip_prefix(mount)?;
    let (first, rest) = below.split_once('/').unwrap_or((below, ""));
    let whole = below.contains('/') || !pattern.is_open();
    if whole && !first.is_empty() && !first.contains(['+', '*']) {
        let endpoint = kv::Endpoint::ALL.into_iter().find(|e| e.segment() == first);
        if endpoint.is_none() {
            return Some(format!(
                "`{mount}` is KV version 2: write `{mount}data/{below}`"
            ));
        }
        let only_list = stanza.capabilities == [Capability::List].into_iter().collect();
        if endpoint == Some(kv::Endpoint::Data) && only_list {
            return Some(format!(
                "version 2 lists below `{mount}metadata/{rest}`, not below `data/`"
            ));
        }
    }
    None
}
