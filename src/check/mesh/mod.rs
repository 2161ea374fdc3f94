//! Checks of the service mesh, and what they share: meshes, whom a policy is about.

mod allow_all;
mod inconsistent_tags;
mod long_lived_identity;
mod permitted;
mod plaintext_traffic;
mod poor_log_format;
mod stalled_rotation;
mod unlogged_service;
mod unpermitted_call;
mod unstaged_permission;

use super::{Check, Known, Verdict};
use crate::config::Environments;
use crate::posture::{Posture, Thing};

/// Every check of this folder.
pub(super) const CHECKS: &[&dyn Check] = &[
    &allow_all::AllowAll,
    &inconsistent_tags::InconsistentTags,
    &long_lived_identity::LongLivedIdentity,
    &plaintext_traffic::PlaintextTraffic,
    &poor_log_format::PoorLogFormat,
    &stalled_rotation::StalledRotation,
    &unlogged_service::UnloggedService,
    &unpermitted_call::UnpermittedCall,
    &unstaged_permission::UnstagedPermission,
];

/// How a policy that is about the whole mesh, or lets all of it in, says so.
const WHOLE: &str = "mesh";

/// What to say when nothing of a kind was read.
fn without(input: &Posture<'_>, kind: &str, what: &str) -> Option<Verdict> {
    (!input.things.has(kind)).then(|| Verdict::NotAssessed(format!("no {what} were supplied")))
}

/// The mesh of a resource.
fn mesh_of<'t>(thing: &Thing<'t>) -> &'t str {
    thing.value("mesh").unwrap_or_default()
}

/// The things of a kind that belong to a mesh.
fn within<'p>(input: &'p Posture<'_>, kind: &str, mesh: &str) -> Vec<Thing<'p>> {
    let all = input.things.of(kind);
    all.filter(|thing| mesh_of(thing) == mesh).collect()
}

/// Whether a policy is tried only: `kuma.io/effect: shadow` is in effect nowhere.
fn is_tried_only(policy: &Thing<'_>) -> bool {
    policy.value("label.kuma.io/effect") == Some("shadow")
}

/// Whether a mesh is one for development, by its name or its label.
fn is_for_development(input: &Posture<'_>, mesh: &str) -> bool {
    tier(input, mesh) == Some("dev")
}

/// Whether a mesh that no setting calls anything is one for development as the word is used:
/// the setting may be misspelt.
fn may_be_for_development(input: &Posture<'_>, mesh: &str) -> bool {
    let usual = Environments::default();
    tier(input, mesh).is_none() && tier_in(&usual, input, mesh) == Some("dev")
}

/// The tier of a mesh, by its name or its label.
fn tier<'p>(input: &'p Posture<'_>, mesh: &str) -> Option<&'p str> {
    tier_in(&input.settings.environments, input, mesh)
}

fn tier_in<'e>(names: &'e Environments, input: &Posture<'_>, mesh: &str) -> Option<&'e str> {
    let tier = |name: &str| names.tier(name);
    let id = format!("mesh:mesh/{mesh}");
    let labelled = input.things.named("mesh", &id).find_map(|thing| {
        let label = thing
            .value("label.env")
            .or(thing.value("label.environment"));
        label.and_then(tier)
    });
    tier(mesh).or(labelled)
}

/// Whether what a policy is about includes a dataplane.
fn includes(policy: &Thing<'_>, dataplane: &Thing<'_>) -> bool {
    let Some(target) = policy.value("target") else {
        return false;
    };
    if target == WHOLE {
        return true;
    }
    let mut asked = policy.below("target.").peekable();
    if asked.peek().is_some() {
        return asked.all(|(key, value)| {
            let has = |prefix: &str| {
                dataplane
                    .values(&format!("{prefix}{key}"))
                    .any(|v| v == value)
            };
            has("tag.") || has("label.")
        });
    }
    let named = target.split_once(' ').map_or(target, |(_, name)| name);
    dataplane.values("service").any(|service| service == named)
        || dataplane.object.rsplit('/').next() == Some(named)
        || target.strip_prefix("namespace ").is_some_and(|namespace| {
            dataplane.object.ends_with(&format!(".{namespace}"))
                || dataplane
                    .values("label.k8s.kuma.io/namespace")
                    .any(|n| n == namespace)
        })
}
