//! VLT-ROL-001: a CI role that any project, or any project of a group, can use.

use super::{Check, Known, Verdict, of_roles};
use crate::config::MountClass;
use crate::model::Severity;
use crate::posture::{Posture, vault};

pub(in crate::check) struct OpenCiRole;

impl Check for OpenCiRole {
    fn name(&self) -> &'static str {
        "open-ci-role"
    }

    fn run(&self, input: &Posture<'_>, _: &Known<'_>) -> Verdict {
        let meant = |role: &vault::Role<'_>| role.is_gitlab() || role.is_open_to_unknown();
        of_roles(input, meant, |role| {
            if role.is_unresolved("bound_claims") {
                return None;
            }
            if !role.is_gitlab() {
                let seen = role.observe(role.mount_id(), "mount", input);
                let seen = seen.with_severity(Severity::Med).with_detail(ANYBODY);
                return Some(Some(seen));
            }
            // A glob over ids is bound to some of them (VLT-ROL-004); over paths, to a group at best.
            let project = role.names_a_group("project_id")
                || role.names_a_project("project_path")
                || role.names_a_project("sub")
                || role.names_a_project(vault::CONFIG_REF);
            let sub = role.thing.has("bound_subject");
            if project || sub || role.class == Some(MountClass::Human) {
                return Some(None);
            }
            let group = ["namespace_id", "namespace_path"]
                .into_iter()
                .any(|claim| role.binds(claim))
                || ["project_path", "sub", vault::CONFIG_REF]
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

/// Said of a role that binds nothing, where nothing says whose tokens it takes.
const ANYBODY: &str =
    "everybody that its issuer signs tokens for, who is not known without the mount's settings";

/// Whether strangers have projects on the instance too.
fn is_multi_tenant(issuer: &str) -> bool {
    let host = issuer.split_once("://").map_or(issuer, |(_, rest)| rest);
    host.split(['/', ':']).next() == Some("gitlab.com")
}
