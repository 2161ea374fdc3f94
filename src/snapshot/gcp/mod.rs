//! Google Cloud configuration exports: IAM policies, Cloud Run, service accounts and their keys,
//! federation providers, KMS keys, buckets, log buckets, secrets, projects, and insights about
//! use.
//!
//! Every module's head says which attributes it pushes, and on which object.

mod binding;
mod bucket;
pub mod condition;
mod export;
mod iam_policy;
mod kms_key;
mod literal;
mod log_bucket;
mod project;
mod run_environment;
mod run_service;
mod run_shape;
mod secret;
mod service_account;
mod usage_insight;
mod wif_provider;

pub use iam_policy::IamPolicies;
pub use run_service::RunServices;

use crate::model::{Format, Holds, Source};

/// What its files are records of.
const SOURCE: Source = Source {
    name: "gcp-config",
    holds: Holds::Configuration,
};

/// Every format of Google Cloud configuration.
pub const FORMATS: &[&dyn Format] = &[
    &IamPolicies,
    &RunServices,
    &service_account::SERVICE_ACCOUNTS,
    &wif_provider::WIF_PROVIDERS,
    &kms_key::KMS_KEYS,
    &bucket::BUCKETS,
    &log_bucket::LOG_BUCKETS,
    &secret::SECRETS,
    &project::PROJECTS,
    &usage_insight::USAGE_INSIGHTS,
];
