//! Secret Manager secrets and versions (`gcloud secrets list|describe`, `versions list`). Never
//! their payloads.
//!
//! Object `gcp:resource/secretmanager.googleapis.com/<name>`.
//! `gcp-secret`: `rotation_period`, `next_rotation_at`, `expires_at`, `ttl`, `created_at`,
//! `label.<key>`, `alias.<alias>` = version. `gcp-secret-version`: `state`, `created_at`,
//! `destroyed_at`.

use super::export::{Attributes, Exported, Item, about};
use crate::model::{Record, Sink};

/// Reads Secret Manager secrets and versions.
pub(super) const SECRETS: Exported = Exported {
    about: about("Secret Manager secrets"),
    told: matches,
    push,
};

fn matches(item: &Item<'_>) -> bool {
    let named = item.resource_name().is_some_and(|name| {
        let mut segments = name.split('/');
        segments.next() == Some("projects") && name.contains("/secrets/")
    });
    named
        && ["createTime", "replication", "state"]
            .iter()
            .any(|member| item.body.get(member).is_some())
}

fn push(item: &Item<'_>, record: &Record<'_>, sink: &mut dyn Sink) {
    let name = item.resource_name().unwrap_or("");
    let version = name.contains("/versions/");
    let kind = if version {
        "gcp-secret-version"
    } else {
        "gcp-secret"
    };
    let service = "secretmanager.googleapis.com";
    let mut attributes = Attributes::of_resource(kind, service, name, item, record.place, sink);
    let members: &[(&str, &[&str])] = &[
        ("created_at", &["/createTime"]),
        ("destroyed_at", &["/destroyTime"]),
        ("expires_at", &["/expireTime"]),
        ("next_rotation_at", &["/rotation/nextRotationTime"]),
        ("rotation_period", &["/rotation/rotationPeriod"]),
        ("state", &["/state"]),
        ("ttl", &["/ttl"]),
    ];
    for (name, pointers) in members {
        attributes.put_first(name, item.body, pointers);
    }
    attributes.put_map("alias", item.body.get("versionAliases"));
    attributes.put_map("label", item.body.get("labels"));
}
