//! VLT-ROL-002: a role that reaches production secrets takes tokens of unprotected refs.

use super::{Check, Known, Verdict};
use crate::model::id;
use crate::posture::{Posture, vault};

pub(in crate::check) struct UnprotectedRef;

impl Check for UnprotectedRef {
    fn name(&self) -> &'static str {
        "unprotected-ref"
    }

    fn run(&self, input: &Posture<'_>, _: &Known<'_>) -> Verdict {
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
            let held = vault::Held::of(&role, input);
            let production = held.near(input).into_iter().find(|place| {
                let tier = place.owner.environment.as_deref();
                let tier = tier.and_then(|name| input.settings.environments.tier(name));
                tier == Some("prod") && held.reach(place, input).is_some()
            });
            if let Some(place) = production {
                let object = id::vault_path(Some(&role.namespace), place.path);
                let seen = role.observe(object, "bound_claims.ref_protected", input);
                observations.push(seen.with_detail(place.derivation()));
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
