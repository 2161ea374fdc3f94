//! VLT-ROL-007: a role that more than one service account can use.

use super::{Check, Known, Verdict};
use crate::posture::{Posture, vault};

pub(in crate::check) struct SharedServiceAccount;

impl Check for SharedServiceAccount {
    fn name(&self) -> &'static str {
        "shared-service-account"
    }

    fn run(&self, input: &Posture<'_>, _: &Known<'_>) -> Verdict {
        let (mut population, mut observations) = (0, Vec::new());
        for role in vault::roles(input) {
            if !role.is_google()
                || role.is_unresolved("bound_claims")
                || role.is_unresolved("bound_service_accounts")
            {
                continue;
            }
            population += 1;
            let accounts: Vec<&str> = match role.method {
                "gcp" => role.thing.values("bound_service_accounts").collect(),
                _ => role
                    .claims()
                    .filter(|(claim, _)| matches!(*claim, "email" | "sub"))
                    .map(|(_, value)| value)
                    .chain(role.thing.values("bound_subject"))
                    .collect(),
            };
            let named = |kind: bool| accounts.iter().filter(|a| a.contains('@') == kind).count();
            let detail = if accounts.is_empty() {
                "no service account is named".to_owned()
            } else if accounts.iter().any(|account| account.contains('*')) {
                "a wildcard stands for service accounts".to_owned()
            } else if named(true) > 1 || named(false) > 1 {
                format!("{} service accounts are named", accounts.len())
            } else {
                continue;
            };
            let object = role.mount_id();
            let seen = role.observe(object, "bound_service_accounts", input);
            observations.push(seen.with_detail(detail));
        }
        if population == 0 {
            return Verdict::NotAssessed(
                "no role for Google service accounts was supplied".to_owned(),
            );
        }
        Verdict::Looked {
            population,
            observations,
        }
    }
}
