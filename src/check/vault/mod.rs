//! Checks of what Vault's exports state: policies, roles, mounts, and how the logs use them.

pub(super) mod anonymous_failures;
pub(super) mod audit_not_guaranteed;
pub(super) mod consumer_write;
pub(super) mod control_plane_write;
pub(super) mod cross_owner_reach;
pub(super) mod dangling_policy;
pub(super) mod dead_stanza;
pub(super) mod deny_gap;
pub(super) mod dropped_capability;
pub(super) mod global_grant;
pub(super) mod literal_wildcard;
pub(super) mod long_lifetime;
pub(super) mod loose_jwt_trust;
pub(super) mod lost_access;
pub(super) mod mutable_template;
pub(super) mod name_enumeration;
pub(super) mod open_ci_role;
pub(super) mod overmatching_glob;
pub(super) mod person_keyed_workload;
pub(super) mod readable_secrets;
pub(super) mod renameable_binding;
pub(super) mod shared_service_account;
pub(super) mod unneeded_sudo;
pub(super) mod unprotected_ref;
pub(super) mod unspecific_audience;
pub(super) mod untraceable_role;
pub(super) mod unused_capability;
pub(super) mod unused_stanza;
pub(super) mod weak_context;
pub(super) mod whole_mount_read;
pub(super) mod wildcard_minting;
pub(super) mod workload_admin;

use super::{Check, Known, Verdict};
use crate::posture::{Posture, vault};
use crate::rule::Observation;

/// Looks at every role for GitLab: `look` answers nothing for one that it cannot judge.
fn of_gitlab_roles(
    input: &Posture<'_>,
    look: impl Fn(&vault::Role<'_>) -> Option<Option<Observation>>,
) -> Verdict {
    let (mut population, mut observations) = (0, Vec::new());
    for role in vault::roles(input).iter().filter(|role| role.is_gitlab()) {
        if let Some(seen) = look(role) {
            population += 1;
            observations.extend(seen);
        }
    }
    if population == 0 {
        let none = "no role of a JWT auth method for GitLab was supplied";
        return Verdict::NotAssessed(none.to_owned());
    }
    Verdict::Looked {
        population,
        observations,
    }
}
