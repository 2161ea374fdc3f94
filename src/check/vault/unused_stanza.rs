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
        let (mut silent, mut few) = (0, 0);
        for (position, policy) in input.policies.iter().enumerate() {
            let requests = usage.requests(policy);
            if policy.name == "default" {
                continue;
            }
            if requests == 0 {
                silent += 1;
                continue;
            }
            let sessions = usage.sessions(policy);
            if usage.too_few(sessions, input).is_some() {
                few += 1;
                continue;
            }
            for (index, stanza) in policy.stanzas().iter().enumerate() {
                // A denial that nobody runs into does what it is there for.
                if stanza.capabilities.has(Capability::Deny) {
                    continue;
                }
                population += 1;
                if usage.stanza(position, index).deciding > 0 {
                    continue;
                }
                let what =
                    format!("none of {requests} request(s) of {sessions} login(s) with the policy");
                observations.push(usage.unused(policy, stanza, &what, input));
            }
        }
        let window = usage.window_in_words();
        let untold = [
            (silent, "of which no token is in the logs"),
            (few, "of fewer logins than `min_sessions`"),
        ];
        let untold: Vec<String> = untold
            .into_iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, why)| format!("{count} policies {why} are not judged by stanza"))
            .collect();
        if population == 0 && few > 0 {
            return Verdict::NotAssessed(untold.join("; "));
        }
        if population == 0 {
            return Verdict::NotAssessed(format!(
                "no token in the logs, {window}, has one of the policies"
            ));
        }
        let missing = (!untold.is_empty()).then(|| untold.join("; "));
        Verdict::looked(population, observations, missing)
    }
}
