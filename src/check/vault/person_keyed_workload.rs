//! VLT-ROL-006: a role of jobs that is keyed to the person who started them.

use super::{Check, Known, Verdict, of_gitlab_roles};
use crate::config::MountClass;
use crate::model::Severity;
use crate::posture::Posture;

pub(in crate::check) struct PersonKeyedWorkload;

impl Check for PersonKeyedWorkload {
    fn name(&self) -> &'static str {
        "person-keyed-workload"
    }

    fn run(&self, input: &Posture<'_>, _: &Known<'_>) -> Verdict {
        of_gitlab_roles(input, |role| {
            if role.class == Some(MountClass::Human) {
                return None;
            }
            let people = ["user_email", "user_id", "user_login"];
            let claim = role.thing.value("user_claim").unwrap_or_default();
            let keyed = people.contains(&claim);
            let bound = people.into_iter().find(|claim| role.binds(claim));
            let only = bound.is_some() && role.claims().all(|(claim, _)| people.contains(&claim));
            let seen = (keyed || bound.is_some()).then(|| {
                let name = if keyed {
                    claim
                } else {
                    bound.unwrap_or_default()
                };
                let shown = if keyed {
                    "user_claim".to_owned()
                } else {
                    format!("bound_claims.{name}")
                };
                let seen = role.observe(format!("claim:{name}"), &shown, input);
                if only {
                    seen.with_severity(Severity::High)
                } else {
                    seen
                }
            });
            Some(seen)
        })
    }
}
