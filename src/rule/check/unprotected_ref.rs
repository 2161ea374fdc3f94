//! VLT-ROL-002: a role that reaches production secrets takes tokens of unprotected refs.

use super::cross_owner_reach::reach;
use super::{Check, Verdict};
use crate::model::id;
use crate::rule::{Configuration, vault};

pub(super) struct UnprotectedRef;

impl Check for UnprotectedRef {
    fn name(&self) -> &'static str {
        "unprotected-ref"
    }

    fn run(&self, input: &Configuration<'_>) -> Verdict {
        let (mut population, mut observations) = (0, Vec::new());
        for role in vault::roles(input) {
            if !role.is_gitlab()
                || role.is_unresolved("bound_claims")
                || role.is_unresolved("token_policies")
            {
                continue;
            }
            population += 1;
            let guards = ["ref_protected", "environment_protected"];
            if guards.into_iter().any(|claim| role.requires(claim, "true")) {
                continue;
            }
            let held = role.token(input);
            let acl = vault::acl(&held, input);
            let mounts = vault::Mounts::of(input, &role.namespace, role.path(input));
            let mut near = vault::owners_near(&held, input).into_iter();
            let production = near.find(|(prefix, owner)| {
                let tier = owner.environment.as_deref();
                let tier = tier.and_then(|name| input.settings.environments.tier(name));
                tier == Some("prod") && reach(&acl, mounts, prefix).is_some()
            });
            if let Some((prefix, _)) = production {
                let object = id::vault_path(Some(&role.namespace), prefix);
                observations.push(role.observe(object, "bound_claims.ref_protected", input));
            }
        }
        if population == 0 {
            return Verdict::NotAssessed(
                "no role of a JWT auth method for GitLab was supplied".to_owned(),
            );
        }
        Verdict::Looked {
            population,
            observations,
        }
    }
}
