//! Checks of what Vault's exports state: policies, roles, mounts, and how the logs use them.

mod anonymous_failures;
mod audit_not_guaranteed;
mod consumer_write;
mod control_plane_write;
mod cross_owner_reach;
mod dangling_policy;
mod dead_stanza;
mod deny_gap;
mod dropped_capability;
mod global_grant;
mod literal_wildcard;
mod long_lifetime;
mod loose_jwt_trust;
mod lost_access;
mod mutable_template;
mod name_enumeration;
mod open_ci_role;
mod overmatching_glob;
mod person_keyed_workload;
mod readable_secrets;
mod renameable_binding;
mod shared_service_account;
mod unneeded_sudo;
mod unprotected_ref;
mod unspecific_audience;
mod untraceable_role;
mod unused_capability;
mod unused_stanza;
mod weak_context;
mod whole_mount_read;
mod wildcard_minting;
mod workload_admin;

use super::{Check, Known, Verdict};
use crate::posture::{Posture, vault};
use crate::rule::Observation;

/// Every check of this folder.
pub(super) const CHECKS: &[&dyn Check] = &[
    &anonymous_failures::AnonymousFailures,
    &audit_not_guaranteed::AuditNotGuaranteed,
    &consumer_write::ConsumerWrite,
    &control_plane_write::ControlPlaneWrite,
    &cross_owner_reach::CrossOwnerReach,
    &dangling_policy::DanglingPolicy,
    &dead_stanza::DeadStanza,
    &deny_gap::DenyGap,
    &dropped_capability::DroppedCapability,
    &global_grant::GlobalGrant,
    &literal_wildcard::LiteralWildcard,
    &long_lifetime::LongLifetime,
    &loose_jwt_trust::LooseJwtTrust,
    &lost_access::LostAccess,
    &mutable_template::MutableTemplate,
    &name_enumeration::NameEnumeration,
    &open_ci_role::OpenCiRole,
    &overmatching_glob::OvermatchingGlob,
    &person_keyed_workload::PersonKeyedWorkload,
    &readable_secrets::ReadableSecrets,
    &renameable_binding::RenameableBinding,
    &shared_service_account::SharedServiceAccount,
    &unneeded_sudo::UnneededSudo,
    &unprotected_ref::UnprotectedRef,
    &unspecific_audience::UnspecificAudience,
    &untraceable_role::UntraceableRole,
    &unused_capability::UnusedCapability,
    &unused_stanza::UnusedStanza,
    &weak_context::WeakContext,
    &whole_mount_read::WholeMountRead,
    &wildcard_minting::WildcardMinting,
    &workload_admin::WorkloadAdmin,
];

/// Looks at every role for GitLab: `look` answers nothing for one that it cannot judge.
fn of_gitlab_roles(
    input: &Posture<'_>,
    look: impl Fn(&vault::Role<'_>) -> Option<Option<Observation>>,
) -> Verdict {
    of_roles(input, |role| role.is_gitlab(), look)
}

/// Looks at every role that is `meant`.
fn of_roles(
    input: &Posture<'_>,
    meant: impl Fn(&vault::Role<'_>) -> bool,
    look: impl Fn(&vault::Role<'_>) -> Option<Option<Observation>>,
) -> Verdict {
    let (mut population, mut observations) = (0, Vec::new());
    for role in vault::roles(input).iter().filter(|role| meant(role)) {
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
