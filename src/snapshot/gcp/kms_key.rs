//! Cloud KMS keys and key versions (`gcloud kms keys list|describe`, `keys versions list`).
//!
//! Object `gcp:resource/cloudkms.googleapis.com/<name>`, as the audit log names it.
//! `kms-key`: `purpose`, `rotation_period`, `next_rotation_at`, `primary`, `primary_state`,
//! `protection_level`, `created_at`, `label.<key>`. A key without automatic rotation has no
//! `rotation_period`. `kms-key-version`: `state`, `algorithm`, `created_at`, `destroy_at`.

use super::export::{Attributes, Exported, Item, about};
use crate::model::{Record, Sink};

/// Reads Cloud KMS keys and key versions.
pub(super) const KMS_KEYS: Exported = Exported {
    about: about("Cloud KMS keys"),
    told: matches,
    push,
};

fn matches(item: &Item<'_>) -> bool {
    let named = item
        .resource_name()
        .is_some_and(|name| name.contains("/keyRings/") && name.contains("/cryptoKeys/"));
    named
        && ["purpose", "state"]
            .iter()
            .any(|member| item.text(member).is_some())
}

fn push(item: &Item<'_>, record: &Record<'_>, sink: &mut dyn Sink) {
    let name = item.resource_name().unwrap_or("");
    let version = name.contains("/cryptoKeyVersions/");
    let kind = if version {
        "kms-key-version"
    } else {
        "kms-key"
    };
    let service = "cloudkms.googleapis.com";
    let mut attributes = Attributes::of_resource(kind, service, name, item, record.place, sink);
    let members: &[(&str, &[&str])] = &[
        ("algorithm", &["/algorithm"]),
        ("created_at", &["/createTime"]),
        ("destroy_at", &["/destroyTime"]),
        ("next_rotation_at", &["/nextRotationTime"]),
        ("primary", &["/primary/name"]),
        ("primary_state", &["/primary/state"]),
        (
            "protection_level",
            &["/protectionLevel", "/versionTemplate/protectionLevel"],
        ),
        ("purpose", &["/purpose"]),
        ("rotation_period", &["/rotationPeriod"]),
        ("state", &["/state"]),
    ];
    for (name, pointers) in members {
        attributes.put_first(name, item.body, pointers);
    }
    attributes.put_map("label", item.body.get("labels"));
}
