//! Built-in checks: rules that need semantics SQL does not have, named by the bad pattern.
//!
//! One check is one file here and one line in [`CHECKS`]; a rule file names it with `check =`. A
//! check looks at the [`Configuration`] only, so it runs in `lint` and in `report` alike.

mod anonymous_failures;
mod audit_not_guaranteed;
mod blast_radius;
mod consumer_write;
mod control_plane_write;
mod cross_owner_reach;
mod dangling_policy;
mod dead_stanza;
mod deny_gap;
mod dropped_capability;
mod expired_waiver;
mod gitlab;
mod global_grant;
mod google;
mod literal_wildcard;
mod long_lifetime;
mod loose_jwt_trust;
mod lost_access;
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
mod unused_capability;
mod unused_stanza;
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
    /// It looked, and something it would also look at was not there.
    Partly {
        /// How many things it examined.
        population: u64,
        /// Every piece of evidence.
        observations: Vec<Observation>,
        /// What it could not look at, and why.
        missing: String,
    },
}

impl Verdict {
    /// The verdict of a check that looked, in part where something is `missing`.
    #[must_use]
    pub fn looked(
        population: u64,
        observations: Vec<Observation>,
        missing: Option<String>,
    ) -> Verdict {
        match missing {
            None => Verdict::Looked {
                population,
                observations,
            },
            Some(missing) => Verdict::Partly {
                population,
                observations,
                missing,
            },
        }
    }
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
    &gitlab::attacker_text::AttackerText,
    &gitlab::audience_mismatch::AudienceMismatch,
    &audit_not_guaranteed::AuditNotGuaranteed,
    &google::basic_role::BasicRole,
    &blast_radius::BlastRadius,
    &google::broad_secret_access::BroadSecretAccess,
    &google::bucket_grant::BucketGrant,
    &google::bucket_safety::BucketSafety,
    &consumer_write::ConsumerWrite,
    &control_plane_write::ControlPlaneWrite,
    &cross_owner_reach::CrossOwnerReach,
    &dangling_policy::DanglingPolicy,
    &google::dangling_reference::DanglingReference,
    &dead_stanza::DeadStanza,
    &google::default_account_editor::DefaultAccountEditor,
    &google::default_run_account::DefaultRunAccount,
    &deny_gap::DenyGap,
    &dropped_capability::DroppedCapability,
    &expired_waiver::ExpiredWaiver,
    &global_grant::GlobalGrant,
    &google::key_grant::KeyGrant,
    &gitlab::literal_ci_secret::LiteralCiSecret,
    &google::literal_env_secret::LiteralEnvSecret,
    &literal_wildcard::LiteralWildcard,
    &long_lifetime::LongLifetime,
    &gitlab::long_lived_credential::LongLivedCredential,
    &loose_jwt_trust::LooseJwtTrust,
    &lost_access::LostAccess,
    &malformed_waiver::MalformedWaiver,
    &google::missing_rotation::MissingRotation,
    &google::mixed_duties::MixedDuties,
    &gitlab::mutable_ci_code::MutableCiCode,
    &mutable_template::MutableTemplate,
    &name_enumeration::NameEnumeration,
    &open_ci_role::OpenCiRole,
    &google::open_federation::OpenFederation,
    &overmatching_glob::OvermatchingGlob,
    &gitlab::overprovisioned_token::OverprovisionedToken,
    &gitlab::persisted_secret::PersistedSecret,
    &person_keyed_workload::PersonKeyedWorkload,
    &gitlab::printed_secret::PrintedSecret,
    &google::public_secret_store::PublicSecretStore,
    &google::public_service::PublicService,
    &readable_secrets::ReadableSecrets,
    &gitlab::removed_token::RemovedToken,
    &renameable_binding::RenameableBinding,
    &google::shared_run_account::SharedRunAccount,
    &shared_service_account::SharedServiceAccount,
    &google::stale_member::StaleMember,
    &google::stale_secret_version::StaleSecretVersion,
    &unneeded_sudo::UnneededSudo,
    &gitlab::unprotected_production::UnprotectedProduction,
    &unprotected_ref::UnprotectedRef,
    &unspecific_audience::UnspecificAudience,
    &untraceable_role::UntraceableRole,
    &gitlab::untrusted_reach::UntrustedReach,
    &unused_capability::UnusedCapability,
    &google::unused_role::UnusedRole,
    &unused_stanza::UnusedStanza,
    &unused_waiver::UnusedWaiver,
    &google::user_managed_key::UserManagedKey,
    &weak_context::WeakContext,
    &whole_mount_read::WholeMountRead,
    &google::wide_impersonation::WideImpersonation,
    &wildcard_minting::WildcardMinting,
    &workload_admin::WorkloadAdmin,
];

/// The check of that name.
#[must_use]
pub fn find(name: &str) -> Option<&'static dyn Check> {
    CHECKS.iter().copied().find(|check| check.name() == name)
}
