//! VLT-USE-002: a stanza that decided no request of a window.

use super::{Check, Known, Verdict};
use crate::policy::Capability;
use crate::posture::Posture;
use crate::usage::Usage;

pub(in crate::check) struct UnusedStanza;

impl Check for UnusedStanza {
    fn name(&self) -> &'static str {
        "unused-stanza"
    }

    fn run(&self, input: &Posture<'_>, known: &Known<'_>) -> Verdict {
        let Some(usage) = known.usage else {
            return Verdict::NotAssessed(Usage::NO_LOG.to_owned());
        };
        let (mut population, mut observations) = (0, Vec::new());
        let mut silent = 0;
        for (position, policy) in input.policies.iter().enumerate() {
            let requests = usage.requests(policy);
            if policy.name == "default" {
                continue;
            }
            if requests == 0 {
                silent += 1;
                continue;
            }
            for (index, stanza) in policy.policy.stanzas.iter().enumerate() {
                // A denial that nobody runs into does what it is there for.
                if stanza.capabilities.has(Capability::Deny) {
                    continue;
                }
                population += 1;
                if usage.stanza(position, index).deciding > 0 {
                    continue;
                }
                let what = format!("none of {requests} request(s) by tokens with the policy");
                observations.push(usage.unused(policy, stanza, &what, input));
            }
        }
        if population == 0 {
            let window = usage.window_in_words();
            return Verdict::NotAssessed(format!(
                "no token in the logs, {window}, has one of the policies"
            ));
        }
        let missing = (silent > 0).then(|| {
            format!("{silent} policies of which no token is in the logs are not judged by stanza")
        });
        Verdict::looked(population, observations, missing)
    }
}
