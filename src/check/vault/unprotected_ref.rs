//! VLT-ROL-002: a role that reaches production secrets takes tokens of unprotected refs.

use std::cell::RefCell;
use std::collections::BTreeSet;

use super::{Check, Known, Verdict, of_gitlab_roles};
use crate::model::id;
use crate::posture::{Posture, vault};

pub(in crate::check) struct UnprotectedRef;

/// What an owner names whose environment no setting speaks of.
const UNDECLARED: &str = "an environment that `[environments]` does not hold";

impl Check for UnprotectedRef {
    fn name(&self) -> &'static str {
        "unprotected-ref"
    }

    fn run(&self, input: &Posture<'_>, _: &Known<'_>) -> Verdict {
        let untold = RefCell::new(BTreeSet::new());
        let verdict = of_gitlab_roles(input, |role| {
            if role.is_unresolved("bound_claims") || role.is_unresolved("token_policies") {
                return None;
            }
            let guards = ["ref_protected", "environment_protected"];
            if guards.into_iter().any(|claim| role.requires(claim, "true")) {
                return Some(None);
            }
            let held = vault::Held::of(role, input);
            let near = held.near(input);
            let production = near.iter().find(|place| {
                let tier = place.owner.environment.as_deref();
                let tier = tier.and_then(|name| input.settings.environments.tier(name));
                tier == Some("prod") && held.reach(place, input).is_some()
            });
            if production.is_none() {
                let tiers = &input.settings.environments;
                let unnamed = near.iter().filter_map(|place| {
                    let owner = place.owner;
                    let lacks = match owner.environment.as_deref() {
                        None if !owner.shared => "no environment",
                        Some(name) if tiers.tier(name).is_none() => UNDECLARED,
                        _ => return None,
                    };
                    let reached = held.reach(place, input).is_some();
                    reached.then(|| (lacks, place.path.to_owned()))
                });
                untold.borrow_mut().extend(unnamed);
            }
            Some(production.map(|place| {
                let object = id::vault_path(Some(&role.namespace), place.path);
                let seen = role.observe(object, "bound_claims.ref_protected", input);
                seen.with_detail(place.derivation())
            }))
        });
        let untold = untold.into_inner();
        match (verdict, untold.first()) {
            (
                Verdict::Looked {
                    population,
                    observations,
                },
                Some((lacks, first)),
            ) => Verdict::Partly {
                population,
                observations,
                missing: format!(
                    "{} `[[owner]]` that roles reach name(s) {lacks}, such as that of `{first}`",
                    untold.len()
                ),
            },
            (verdict, _) => verdict,
        }
    }
}
