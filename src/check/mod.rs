//! Built-in checks: rules that need semantics SQL does not have, named by the bad pattern.
//!
//! One check is one file here and one line in [`CHECKS`]; a rule file names it with `check =`. A
//! check looks at the [`Posture`] only, so it runs in `lint` and in `report` alike.

mod gcp;
mod gitlab;
mod joined;
mod vault;
mod waiver;

use crate::model::Evidence;
use crate::posture::Posture;
use crate::rule::Observation;
use crate::usage::Usage;

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

/// What is known beside configuration.
#[derive(Clone, Copy, Debug, Default)]
pub struct Known<'k> {
    /// What logs say of the policies; none where no log is at hand.
    pub usage: Option<&'k Usage>,
    /// Where waivers stand that no finding met; none before every other rule has run.
    pub unused_waivers: Option<&'k [Evidence]>,
}

/// One built-in check.
pub trait Check: Sync {
    /// The name rule files use.
    fn name(&self) -> &'static str;

    /// Looks.
    fn run(&self, input: &Posture<'_>, known: &Known<'_>) -> Verdict;
}

/// Every check, by name.
pub static CHECKS: &[&dyn Check] = &[
    &vault::anonymous_failures::AnonymousFailures,
    &gitlab::attacker_text::AttackerText,
    &gitlab::audience_mismatch::AudienceMismatch,
    &vault::audit_not_guaranteed::AuditNotGuaranteed,
    &gcp::basic_role::BasicRole,
    &joined::blast_radius::BlastRadius,
    &gcp::broad_secret_access::BroadSecretAccess,
    &gcp::bucket_grant::BucketGrant,
    &gcp::bucket_safety::BucketSafety,
    &vault::consumer_write::ConsumerWrite,
    &vault::control_plane_write::ControlPlaneWrite,
    &vault::cross_owner_reach::CrossOwnerReach,
    &vault::dangling_policy::DanglingPolicy,
    &gcp::dangling_reference::DanglingReference,
    &vault::dead_stanza::DeadStanza,
    &gcp::default_account_editor::DefaultAccountEditor,
    &gcp::default_run_account::DefaultRunAccount,
    &vault::deny_gap::DenyGap,
    &vault::dropped_capability::DroppedCapability,
    &waiver::expired_waiver::ExpiredWaiver,
    &vault::global_grant::GlobalGrant,
    &gcp::key_grant::KeyGrant,
    &gitlab::literal_ci_secret::LiteralCiSecret,
    &gcp::literal_env_secret::LiteralEnvSecret,
    &vault::literal_wildcard::LiteralWildcard,
    &vault::long_lifetime::LongLifetime,
    &gitlab::long_lived_credential::LongLivedCredential,
    &vault::loose_jwt_trust::LooseJwtTrust,
    &vault::lost_access::LostAccess,
    &waiver::malformed_waiver::MalformedWaiver,
    &gcp::missing_rotation::MissingRotation,
    &gcp::mixed_duties::MixedDuties,
    &gitlab::mutable_ci_code::MutableCiCode,
    &vault::mutable_template::MutableTemplate,
    &vault::name_enumeration::NameEnumeration,
    &vault::open_ci_role::OpenCiRole,
    &gcp::open_federation::OpenFederation,
    &vault::overmatching_glob::OvermatchingGlob,
    &gitlab::overprovisioned_token::OverprovisionedToken,
    &gitlab::persisted_secret::PersistedSecret,
    &vault::person_keyed_workload::PersonKeyedWorkload,
    &gitlab::printed_secret::PrintedSecret,
    &gcp::public_secret_store::PublicSecretStore,
    &gcp::public_service::PublicService,
    &vault::readable_secrets::ReadableSecrets,
    &gitlab::removed_token::RemovedToken,
    &vault::renameable_binding::RenameableBinding,
    &gcp::shared_run_account::SharedRunAccount,
    &vault::shared_service_account::SharedServiceAccount,
    &gcp::stale_member::StaleMember,
    &gcp::stale_secret_version::StaleSecretVersion,
    &vault::unneeded_sudo::UnneededSudo,
    &gitlab::unprotected_production::UnprotectedProduction,
    &vault::unprotected_ref::UnprotectedRef,
    &vault::unspecific_audience::UnspecificAudience,
    &vault::untraceable_role::UntraceableRole,
    &gitlab::untrusted_reach::UntrustedReach,
    &vault::unused_capability::UnusedCapability,
    &gcp::unused_role::UnusedRole,
    &vault::unused_stanza::UnusedStanza,
    &waiver::unused_waiver::UnusedWaiver,
    &gcp::user_managed_key::UserManagedKey,
    &vault::weak_context::WeakContext,
    &vault::whole_mount_read::WholeMountRead,
    &gcp::wide_impersonation::WideImpersonation,
    &vault::wildcard_minting::WildcardMinting,
    &vault::workload_admin::WorkloadAdmin,
];

/// The check of that name.
#[must_use]
pub fn find(name: &str) -> Option<&'static dyn Check> {
    CHECKS.iter().copied().find(|check| check.name() == name)
}
