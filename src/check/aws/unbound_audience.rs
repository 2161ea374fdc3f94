//! AWS-TRU-004: a role that does not bind for whom a token was made.

use super::trust;
use super::{Check, Known, Verdict};
use crate::model::Severity;
use crate::posture::Posture;

pub(in crate::check) struct UnboundAudience;

impl Check for UnboundAudience {
    fn name(&self) -> &'static str {
        "unbound-aws-audience"
    }

    fn run(&self, input: &Posture<'_>, _: &Known<'_>) -> Verdict {
        let vault = input
            .things
            .of("vault-role")
            .flat_map(|role| role.values("bound_audiences").collect::<Vec<_>>());
        let google = input
            .things
            .of("wif-provider")
            .flat_map(|provider| provider.values("audience").collect::<Vec<_>>());
        let others: Vec<&str> = vault.chain(google).collect();
        trust::look(input, |found, observations| {
            for entry in found
                .entries
                .iter()
                .filter(|entry| entry.bound("aud").is_empty())
            {
                let provider = entry.provider();
                let stated = input.things.named("aws-oidc-provider", &provider).next();
                let clients: Vec<&str> = stated
                    .iter()
                    .flat_map(|provider| provider.values("client_id"))
                    .collect();
                let foreign = clients.iter().find(|client| others.contains(client));
                let detail = match (foreign, clients.as_slice()) {
                    (Some(client), _) => {
                        format!(
                            "no condition binds its `aud`, and the provider takes `{client}`, the audience of another party"
                        )
                    }
                    (None, [_]) => continue,
                    (None, []) if stated.is_none() => {
                        "no condition binds its `aud`, and the provider is not exported".to_owned()
                    }
                    (None, many) => {
                        format!(
                            "no condition binds its `aud`, and the provider takes {}",
                            many.len()
                        )
                    }
                };
                let seen = trust::observe(input, &found.role, provider.clone(), detail);
                observations.extend(seen.map(|mut seen| {
                    seen.severity = foreign.map(|_| Severity::High);
                    seen
                }));
            }
        })
    }
}
