//! VLT-USE-003: a capability that no request of a window exercised, of a stanza that others did.

use super::{Check, Known, Verdict};
use crate::policy::{Capabilities, Capability};
use crate::posture::Posture;
use crate::usage::Usage;

pub(in crate::check) struct UnusedCapability;

/// Whoever writes needs all of these: which one a write takes depends on what is there already.
const WRITES: [Capability; 3] = [Capability::Create, Capability::Update, Capability::Patch];

impl Check for UnusedCapability {
    fn name(&self) -> &'static str {
        "unused-capability"
    }

    fn run(&self, input: &Posture<'_>, known: &Known<'_>) -> Verdict {
        let Some(usage) = known.usage else {
            return Verdict::NotAssessed(Usage::NO_LOG.to_owned());
        };
        let (mut population, mut observations, mut few) = (0, Vec::new(), 0);
        for (position, policy) in input.policies.iter().enumerate() {
            let sessions = usage.sessions(policy);
            if policy.name == "default" {
                continue;
            }
            if usage.too_few(sessions, input).is_some() {
                few += u64::from(usage.requests(policy) > 0);
                continue;
            }
            for (index, stanza) in policy.stanzas().iter().enumerate() {
                let stanza_use = usage.stanza(position, index);
                if stanza_use.deciding == 0 || stanza.capabilities.has(Capability::Deny) {
                    continue;
                }
                population += 1;
                let idle = idle(stanza.capabilities, stanza_use.exercised);
                if idle.is_empty() {
                    continue;
                }
                let named: Vec<String> = idle.iter().map(|c| format!("`{c}`")).collect();
                let what = format!(
                    "{} by none of {} request(s) of {sessions} login(s) that it decided",
                    named.join(", "),
                    stanza_use.deciding
                );
                observations.push(usage.unused(policy, stanza, &what, input));
            }
        }
        let untold = (few > 0)
            .then(|| format!("{few} policies of fewer logins than `min_sessions` are not judged"));
        if let (0, Some(untold)) = (population, &untold) {
            return Verdict::NotAssessed(untold.clone());
        }
        if population == 0 {
            let window = usage.window_in_words();
            return Verdict::NotAssessed(format!(
                "no request in the logs, {window}, was decided by one of the stanzas"
            ));
        }
        Verdict::looked(population, observations, untold)
    }
}

/// What is granted and was not exercised. Subscriptions to events are no requests; which paths take
/// `sudo` is for engines to say (`auth/token/create-orphan`), so VLT-POL-002 alone judges it.
fn idle(granted: Capabilities, exercised: Capabilities) -> Capabilities {
    let mut idle = granted.minus(exercised);
    idle.remove(Capability::Subscribe);
    idle.remove(Capability::Sudo);
    if WRITES.into_iter().any(|write| exercised.has(write)) {
        for write in WRITES {
            idle.remove(write);
        }
    }
    idle
}
