//! Built-in checks: rules that need semantics SQL does not have, named by the bad pattern.
//!
//! One check is one file here and one line in [`CHECKS`]; a rule file names it with `check =`. A
//! check looks at the [`Configuration`] only, so it runs in `lint` and in `report` alike.

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
mod malformed_waiver;
mod mutable_template;
mod name_enumeration;
mod unneeded_sudo;
mod unused_waiver;
mod whole_mount_read;
mod wildcard_minting;

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
    &malformed_waiver::MalformedWaiver,
    &mutable_template::MutableTemplate,
    &name_enumeration::NameEnumeration,
    &unneeded_sudo::UnneededSudo,
    &unused_waiver::UnusedWaiver,
    &whole_mount_read::WholeMountRead,
    &wildcard_minting::WildcardMinting,
];

/// The check of that name.
#[must_use]
pub fn find(name: &str) -> Option<&'static dyn Check> {
    CHECKS.iter().copied().find(|check| check.name() == name)
}
