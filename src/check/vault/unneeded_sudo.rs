//! VLT-POL-002: `sudo` where no root-protected path needs it, or in other hands than an
//! administrator's.

use super::{Check, Known, Verdict};
use crate::model::{Severity, id};
use crate::policy::{Capability, Pattern, makes_any_token};
use crate::posture::{Posture, vault};

pub(in crate::check) struct UnneededSudo;

impl Check for UnneededSudo {
    fn name(&self) -> &'static str {
        "unneeded-sudo"
    }

    fn run(&self, input: &Posture<'_>, _: &Known<'_>) -> Verdict {
        let (mut population, mut observations) = (0, Vec::new());
        for policy in &input.policies {
            population += policy.stanzas().len() as u64;
            let with_sudo = policy.stanzas().iter();
            let with_sudo = with_sudo.filter(|stanza| stanza.capabilities.has(Capability::Sudo));
            for stanza in with_sudo {
                if vault::is_declared(policy, input) {
                    continue;
                }
                let pattern = Pattern::new(&stanza.path, "");
                let path = pattern.as_str();
                let writes = [Capability::Create, Capability::Update];
                let writes = writes.iter().any(|one| stanza.capabilities.has(*one));
                let (severity, detail) = if !pattern.is_exact() {
                    (Severity::Crit, "a wildcard")
                } else if writes && makes_any_token(path) {
                    let detail = "with it, a token that is made there may carry any policy";
                    (Severity::Crit, detail)
                } else if vault::is_protected(policy, path, input) {
                    (Severity::High, "a root-protected path")
                } else {
                    (Severity::Med, "a path that is not root-protected")
                };
                let written = stanza.written.iter().find(|(c, _)| *c == Capability::Sudo);
                let span = written.map_or(stanza.path_span, |(_, span)| *span);
                let object = id::vault_path(Some(policy.namespace), pattern.as_str());
                let seen = policy.observe(object, stanza, span);
                observations.push(seen.with_severity(severity).with_detail(detail));
            }
        }
        Verdict::Looked {
            population,
            observations,
        }
    }
}
