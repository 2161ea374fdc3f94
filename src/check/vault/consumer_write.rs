//! VLT-POL-006: a workload that reads secrets may also write or destroy them.

use super::whole_mount_read::patterns;
use super::{Check, Known, Verdict};
use crate::model::{id, kv};
use crate::policy::{Capabilities, Capability, Pattern};
use crate::posture::vault::Region;
use crate::posture::{Posture, vault};

pub(in crate::check) struct ConsumerWrite;

const WRITES: [Capability; 4] = [
    Capability::Create,
    Capability::Update,
    Capability::Patch,
    Capability::Delete,
];

impl Check for ConsumerWrite {
    fn name(&self) -> &'static str {
        "consumer-write"
    }

    fn run(&self, input: &Posture<'_>, _: &Known<'_>) -> Verdict {
        let roles = vault::roles(input);
        let (mut population, mut observations) = (0, Vec::new());
        for policy in &input.policies {
            let mut holders = vault::holders(&roles, policy).peekable();
            // Bots are declared producers; a policy that people hold too may be theirs to write.
            let workload = holders.peek().is_some()
                && holders.all(|role| role.is_machine() && !input.settings.people.is_bot(&role.id));
            if !workload || vault::is_declared(policy, input) {
                continue;
            }
            population += 1;
            let mounts = vault::Mounts::of(input, policy.namespace, policy.path);
            let regions = mounts.regions(&patterns(policy));
            for stanza in policy.stanzas() {
                let pattern = Pattern::new(&stanza.path, "");
                let writes: Capabilities = WRITES
                    .into_iter()
                    .filter(|capability| stanza.capabilities.has(*capability))
                    .collect();
                if writes.is_empty() || !regions.iter().any(|region| destroys(region, &pattern)) {
                    continue;
                }
                let object = id::vault_path(Some(policy.namespace), pattern.as_str());
                let written = stanza.written.iter().find(|(c, _)| writes.has(*c));
                let span = written.map_or(stanza.path_span, |(_, span)| *span);
                observations.push(
                    policy
                        .observe(object, stanza, span)
                        .with_detail(writes.to_string()),
                );
            }
        }
        if population == 0 {
            let reason = "no policy is known to be held by CI jobs or workloads alone";
            return Verdict::NotAssessed(reason.to_owned());
        }
        Verdict::Looked {
            population,
            observations,
        }
    }
}

/// Whether a pattern stands for values of a region, or for an endpoint that takes them away.
fn destroys(region: &Region, pattern: &Pattern) -> bool {
    let path = vault::witness(pattern);
    if region.values == region.mount {
        return path.starts_with(&region.mount);
    }
    let endpoint = kv::split(&region.mount, &path).map(|(endpoint, _)| endpoint);
    let whole = pattern.is_open() && region.mount.starts_with(pattern.stem());
    whole
        || path.starts_with(&format!("{}{}", region.mount, vault::CANARY))
        || matches!(
            endpoint,
            Some(
                kv::Endpoint::Data
                    | kv::Endpoint::Metadata
                    | kv::Endpoint::Delete
                    | kv::Endpoint::Destroy
                    | kv::Endpoint::Undelete
            )
        )
}
