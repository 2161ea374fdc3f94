//! VLT-ROL-003: a role bound by names that can change hands.

use super::{Check, Known, Verdict};
use crate::posture::{Posture, vault};

pub(in crate::check) struct RenameableBinding;

impl Check for RenameableBinding {
    fn name(&self) -> &'static str {
        "renameable-binding"
    }

    fn run(&self, input: &Posture<'_>, _: &Known<'_>) -> Verdict {
        let (mut population, mut observations) = (0, Vec::new());
        for role in vault::roles(input) {
            if !role.is_gitlab() || role.is_unresolved("bound_claims") {
                continue;
            }
            population += 1;
            let ids = ["project_id", "namespace_id"];
            let names = ["project_path", "namespace_path", "sub"];
            let subject = role.thing.has("bound_subject");
            let name = names.into_iter().find(|claim| role.binds(claim));
            if ids.into_iter().any(|claim| role.binds(claim)) {
                continue;
            }
            if let Some(name) = name.or_else(|| subject.then_some("bound_subject")) {
                let shown = format!("bound_claims.{name}");
                let seen = role.observe(format!("claim:{name}"), &shown, input);
                observations.push(seen);
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
