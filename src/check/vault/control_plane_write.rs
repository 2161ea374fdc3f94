//! VLT-POL-003: a policy with which its holder can give itself more.

use std::collections::BTreeMap;

use super::{Check, Known, Verdict};
use crate::model::id;
use crate::policy::Escalation;
use crate::posture::{Posture, vault};

pub(in crate::check) struct ControlPlaneWrite;

impl Check for ControlPlaneWrite {
    fn name(&self) -> &'static str {
        "control-plane-write"
    }

    fn run(&self, input: &Posture<'_>, _: &Known<'_>) -> Verdict {
        let mut observations = Vec::new();
        for policy in &input.policies {
            let writes = vault::escalations(&vault::acl(&[policy], input));
            if writes.is_empty() || vault::is_declared(policy, input) {
                continue;
            }
            let mut by_rule: BTreeMap<&str, Vec<&Escalation>> = BTreeMap::new();
            for write in &writes {
                let rule = write.rule.as_deref().unwrap_or_default();
                by_rule.entry(rule).or_default().push(write);
            }
            for (rule, writes) in by_rule {
                // One pattern, one finding: the way that changes most is named, the rest counted.
                let Some(first) = writes
                    .iter()
                    .min_by_key(|write| (rank(write), &write.region))
                else {
                    continue;
                };
                let mut detail = format!(
                    "{} on {} ({})",
                    first.capabilities,
                    first.path,
                    means(&first.region)
                );
                if writes.len() > 1 {
                    detail.push_str(&format!(", and {} more region(s)", writes.len() - 1));
                }
                let object = id::vault_path(Some(policy.namespace), rule);
                let seen = match vault::stanza(policy, rule) {
                    Some(stanza) => policy.observe(object, stanza, stanza.path_span),
                    None => policy.observe_whole(object),
                };
                observations.push(seen.with_detail(detail));
            }
        }
        Verdict::Looked {
            population: input.policies.len() as u64,
            observations,
        }
    }
}

fn rank(write: &Escalation) -> usize {
    let order = [
        "sys/polic",
        "sys/raw",
        "sys/generate-root",
        "sys/auth",
        "auth/",
        "identity/",
    ];
    let found = order
        .iter()
        .position(|start| write.region.starts_with(start));
    found.unwrap_or(order.len())
}

/// What a write in a region leads to.
fn means(region: &str) -> &'static str {
    match region {
        r if r.starts_with("sys/polic") => {
            "it rewrites policies: one step to everything for whoever holds one of them"
        }
        r if r.starts_with("sys/raw") => "it writes the storage below all access control",
        r if r.starts_with("sys/generate-root") || r.starts_with("sys/rekey") => {
            "it takes part in a root ceremony"
        }
        r if r.starts_with("sys/auth") => "it adds a way to log in",
        r if r.starts_with("sys/mounts") || r == "sys/remount" => "it moves or retunes engines",
        r if r.starts_with("sys/audit") || r.starts_with("sys/config/auditing") => {
            "it changes what is audited"
        }
        r if r.starts_with("sys/se") || r.starts_with("sys/step") => "it stops the server",
        r if r.starts_with("auth/") => "it attaches any policy to a login of its own",
        _ => "it attaches policies to an identity",
    }
}
