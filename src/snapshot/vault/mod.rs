//! Vault and OpenBao: roles, mounts, audit devices, entities, groups, policies, Google accounts, AWS
//! engines.
//!
//! Files are API answers as `vault read -format=json` prints them (the object under `data`) or
//! bare objects, and policy texts. What a file is stands in its content; only the mount and name,
//! which most answers leave out, come from the end of its path (`.../auth/<mount>/role/<name>.json`).
//!
//! Namespaces: an answer's `namespace_path` or `namespace` is taken, else what stands between a
//! folder `v1` and the API path (`.../v1/<namespace>/auth/...`), as in a URL. Any other folder is
//! just a folder, so without either the object is of the root namespace. Lists of mounts and
//! policies lie directly below it (`.../v1/<namespace>/auth-list.json`, `.../policies/...`).
//!
//! Attributes: null, empty strings, empty lists and empty maps emit nothing, which is how the API
//! says "not set"; `false` and `0` are emitted. Lists emit one attribute per element, maps one per
//! key after a dot. Values of keys that hold secrets are `[redacted]`.

mod answer;
mod attributes;
mod audit_device;
mod auth_config;
pub(super) mod auth_role;
mod aws_engine;
pub(super) mod claim;
mod entity;
mod group;
mod impersonated_account;
mod location;
mod mounts;
mod policy;
mod policy_answer;
mod sensitive;

#[cfg(test)]
mod tests;

use crate::model::{Format, Holds, Source};

pub use location::policy_place;
pub use policy::has_placeholders;

/// Every format of this folder, in the order of detection; no two recognise the same content.
pub const FORMATS: &[&dyn Format] = &[
    &auth_role::AUTH_ROLE,
    &auth_config::AuthConfig,
    &mounts::MOUNTS,
    &audit_device::AUDIT_DEVICES,
    &entity::ENTITY,
    &group::GROUP,
    &impersonated_account::GCP_ACCOUNT,
    &aws_engine::ROOT,
    &aws_engine::LEASE,
    &aws_engine::ROLE,
    &policy_answer::POLICY_ANSWER,
    &policy::PolicyFile,
    &policy::PolicyJson,
];

/// What its files are records of.
pub(super) const SOURCE: Source = Source {
    name: "vault-config",
    holds: Holds::Configuration,
};
