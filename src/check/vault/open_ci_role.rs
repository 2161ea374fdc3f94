//! VLT-ROL-001: a CI role that any project, or any project of a group, can use.

use super::{Check, Known, Verdict, of_gitlab_roles};
use crate::config::MountClass;
use crate::model::Severity;
use crate::posture::Posture;

pub(in crate::check) struct OpenCiRole;

impl Check for OpenCiRole {
    fn name(&self) -> &'static str {
        "open-ci-role"
    }

    fn run(&self, input: &Posture<'_>, _: &Known<'_>) -> Verdict {
        of_gitlab_roles(input, |role| {
            if role.is_unresolved("bound_claims") {
                return None;
            }
            // A glob over ids is bound to some of them (VLT-ROL-004); over paths, to a group at best.
            let project = role.names_a_group("project_id")
                || role.names_a_project("project_path")
                || role.names_a_project("sub");
            let sub = role.thing.has("bound_subject");
            if project || sub || role.class == Some(MountClass::Human) {
                return Some(None);
            }
            let group = ["namespace_id", "namespace_path"]
                .into_iter()
                .any(|claim| role.binds(claim))
                || ["project_path", "sub"]
                    .into_iter()
                    .any(|claim| role.names_a_group(claim));
            let guarded = role.requires("ref_protected", "true");
            let (severity, detail) = match (group, guarded) {
                (true, true) => (
                    Severity::Med,
                    "every project of the group it names, on protected refs",
                ),
                (true, false) => (
                    Severity::High,
                    "every project of the group it names, on any ref",
                ),
                (false, _) if is_multi_tenant(&role.issuer) => {
                    (Severity::Crit, "every project of gitlab.com")
                }
                (false, _) => (Severity::High, "every project of the GitLab instance"),
            };
            let object = role.mount_id();
            let seen = role.observe(object, "bound_claims.namespace_path", input);
            Some(Some(seen.with_severity(severity).with_detail(detail)))
        })
    }
}

/// Whether strangers have projects on the instance too.
fn is_multi_tenant(issuer: &str) -> bool {
    let host = issuer.split_once("://").map_or(issuer, |(_, rest)| rest);
    host.split(['/', ':']).next() == Some("gitlab.com")
}
