//! VLT-ROL-010: logins of the role cannot be traced to a job or service.

use super::{Check, Known, Verdict};
use crate::config::MountClass;
use crate::posture::{Posture, vault};

pub(in crate::check) struct UntraceableRole;

impl Check for UntraceableRole {
    fn name(&self) -> &'static str {
        "untraceable-role"
    }

    fn run(&self, input: &Posture<'_>, _: &Known<'_>) -> Verdict {
        let (mut population, mut observations) = (0, Vec::new());
        for role in vault::roles(input) {
            if !(role.is_gitlab() || role.is_google() && role.method == "jwt")
                || role.is_unresolved("claim_mappings")
                || role.class == Some(MountClass::Human)
            {
                continue;
            }
            population += 1;
            let mapped: Vec<&str> = role
                .thing
                .below("claim_mappings.")
                .map(|(claim, _)| claim)
                .collect();
            let missing: Vec<&str> = if role.is_google() && !role.is_gitlab_issuer() {
                let named = ["email", "sub"]
                    .into_iter()
                    .any(|claim| mapped.contains(&claim));
                if named { Vec::new() } else { vec!["email"] }
            } else {
                let needed = ["job_id", "pipeline_id", "project_id"];
                needed
                    .into_iter()
                    .filter(|claim| !mapped.contains(claim))
                    .collect()
            };
            if !missing.is_empty() {
                let object = role.mount_id();
                let seen = role.observe(object, "claim_mappings", input);
                observations.push(seen.with_detail(missing.join(", ")));
            }
        }
        if population == 0 {
            return Verdict::NotAssessed(
                "no role of a JWT auth method for GitLab or Google was supplied".to_owned(),
            );
        }
        Verdict::Looked {
            population,
            observations,
        }
    }
}
