//! Built-in checks: rules that need semantics SQL does not have, named by the bad pattern.
//!
//! One check is one file here and one line in [`CHECKS`]; a rule file names it with `check =`. A
//! check looks at the [`Configuration`] only, so it runs in `lint` and in `report` alike.

mod gitlab;
mod global_grant;
mod google;

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
    &gitlab::attacker_text::AttackerText,
    &gitlab::audience_mismatch::AudienceMismatch,
    &gitlab::literal_ci_secret::LiteralCiSecret,
    &gitlab::long_lived_credential::LongLivedCredential,
    &gitlab::mutable_ci_code::MutableCiCode,
    &gitlab::overprovisioned_token::OverprovisionedToken,
    &gitlab::persisted_secret::PersistedSecret,
    &gitlab::printed_secret::PrintedSecret,
    &gitlab::removed_token::RemovedToken,
    &gitlab::unprotected_production::UnprotectedProduction,
    &gitlab::untrusted_reach::UntrustedReach,
    &global_grant::GlobalGrant,
    &google::basic_role::BasicRole,
    &google::broad_secret_access::BroadSecretAccess,
    &google::bucket_grant::BucketGrant,
    &google::bucket_safety::BucketSafety,
    &google::dangling_reference::DanglingReference,
    &google::default_account_editor::DefaultAccountEditor,
    &google::key_grant::KeyGrant,
    &google::literal_env_secret::LiteralEnvSecret,
    &google::missing_rotation::MissingRotation,
    &google::mixed_duties::MixedDuties,
    &google::open_federation::OpenFederation,
    &google::public_secret_store::PublicSecretStore,
    &google::public_service::PublicService,
    &google::stale_member::StaleMember,
    &google::stale_secret_version::StaleSecretVersion,
    &google::user_managed_key::UserManagedKey,
    &google::wide_impersonation::WideImpersonation,
];

/// The check of that name.
#[must_use]
pub fn find(name: &str) -> Option<&'static dyn Check> {
    CHECKS.iter().copied().find(|check| check.name() == name)
}
