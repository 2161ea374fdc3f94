//! Built-in checks: rules that need semantics SQL does not have, named by the bad pattern.
//!
//! One check is one file here and one line in [`CHECKS`]; a rule file names it with `check =`. A
//! check looks at the [`Configuration`] only, so it runs in `lint` and in `report` alike.

mod anonymous_failures;
mod audit_not_guaranteed;
mod consumer_write;
mod control_plane_write;
mod cross_owner_reach;
mod dangling_policy;
mod dead_stanza;
mod deny_gap;
mod dropped_capability;
mod expired_waiver;
mod global_grant;
mod literal_wildcard;
mod long_lifetime;
mod loose_jwt_trust;
mod malformed_waiver;
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
mod unused_waiver;
mod weak_context;
mod whole_mount_read;
mod wildcard_minting;
mod workload_admin;

use super::{Configuration, Observation};

/// What a check answers.
#[derive(Clone, Debug)]
pub enum Verdict {
    /// It could not look; says why.
    NotAssessed(String),
    /// It looked at `population` things.
    Looked {
        /// How many things it examined.
        population: u64,
        /// Every piece of evidence.
        observations: Vec<Observation>,
    },
}

/// One built-in check.
pub trait Check: Sync {
    /// The name rule files use.
    fn name(&self) -> &'static str;

    /// Looks.
    fn run(&self, input: &Configuration<'_>) -> Verdict;
}

/// Every check, by name.
pub static CHECKS: &[&dyn Check] = &[
    &anonymous_failures::AnonymousFailures,
    &audit_not_guaranteed::AuditNotGuaranteed,
    &consumer_write::ConsumerWrite,
    &control_plane_write::ControlPlaneWrite,
    &cross_owner_reach::CrossOwnerReach,
    &dangling_policy::DanglingPolicy,
    &dead_stanza::DeadStanza,
    &deny_gap::DenyGap,
    &dropped_capability::DroppedCapability,
    &expired_waiver::ExpiredWaiver,
    &global_grant::GlobalGrant,
    &literal_wildcard::LiteralWildcard,
    &long_lifetime::LongLifetime,
    &loose_jwt_trust::LooseJwtTrust,
    &malformed_waiver::MalformedWaiver,
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
    &unused_waiver::UnusedWaiver,
    &weak_context::WeakContext,
    &whole_mount_read::WholeMountRead,
    &wildcard_minting::WildcardMinting,
    &workload_admin::WorkloadAdmin,
];

/// The check of that name.
#[must_use]
pub fn find(name: &str) -> Option<&'static dyn Check> {
    CHECKS.iter().copied().find(|check| check.name() == name)
}
