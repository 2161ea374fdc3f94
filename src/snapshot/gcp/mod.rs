//! Google Cloud configuration exports: IAM policies, Cloud Run, service accounts and their keys,
//! federation providers, KMS keys, buckets and secrets.
//!
//! Every module's head says which attributes it pushes, and on which object.

mod bucket;
mod export;
mod iam_policy;
mod kms_key;
mod literal;
mod run_service;
mod run_shape;
mod secret;
mod service_account;
mod wif_provider;

pub use bucket::Buckets;
pub use iam_policy::IamPolicies;
pub use kms_key::KmsKeys;
pub use run_service::RunServices;
pub use secret::Secrets;
pub use service_account::ServiceAccounts;
pub use wif_provider::WifProviders;

use crate::model::Format;

/// Every format of Google Cloud configuration.
pub const FORMATS: &[&dyn Format] = &[
    &IamPolicies,
    &RunServices,
    &ServiceAccounts,
    &WifProviders,
    &KmsKeys,
    &Buckets,
    &Secrets,
];
