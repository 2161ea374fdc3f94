//! VLT-ROL-003: a role bound by names that can change hands.

use super::{Check, Known, Verdict, of_gitlab_roles};
use crate::posture::{Posture, vault};

pub(in crate::check) struct RenameableBinding;

impl Check for RenameableBinding {
    fn name(&self) -> &'static str {
        "renameable-binding"
    }

    fn run(&self, input: &Posture<'_>, _: &Known<'_>) -> Verdict {
        of_gitlab_roles(input, |role| {
            if role.is_unresolved("bound_claims") {
                return None;
            }
            let ids = ["project_id", "namespace_id"];
            let names = ["project_path", "namespace_path", "sub", vault::CONFIG_REF];
            let subject = role.thing.has("bound_subject");
            let name = names.into_iter().find(|claim| role.binds(claim));
            if ids.into_iter().any(|claim| role.binds(claim)) {
                return Some(None);
            }
            let name = name.or_else(|| subject.then_some("bound_subject"));
            Some(name.map(|name| {
                let shown = format!("bound_claims.{name}");
                role.observe(format!("claim:{name}"), &shown, input)
            }))
        })
    }
}
