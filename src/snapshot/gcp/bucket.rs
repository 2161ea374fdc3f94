//! Cloud Storage buckets: the JSON API's spelling and that of `gcloud storage buckets describe`.
//!
//! Object `gcp:resource/storage.googleapis.com/projects/_/buckets/<name>`, as the audit log names
//! it. `gcs-bucket`: `name`, `uniform_access`, `public_access_prevention`, `versioning`,
//! `soft_delete_seconds`, `retention_seconds`, `retention_locked`, `kms_key`, `location`,
//! `created_at`, `label.<key>`. What is switched off is often left out of the export.

use super::export::{Attributes, Exported, Item, about};
use crate::model::{Record, Sink};

/// Reads Cloud Storage buckets.
pub(super) const BUCKETS: Exported = Exported {
    about: about("Cloud Storage buckets"),
    told: matches,
    push,
};

fn matches(item: &Item<'_>) -> bool {
    let gcloud = item
        .text("storage_url")
        .is_some_and(|url| url.starts_with("gs://"));
    item.text("kind") == Some("storage#bucket")
        || gcloud && item.text("name").is_some_and(|name| !name.contains('/'))
}

fn push(item: &Item<'_>, record: &Record<'_>, sink: &mut dyn Sink) {
    let name = format!("projects/_/buckets/{}", item.text("name").unwrap_or(""));
    let service = "storage.googleapis.com";
    let mut attributes =
        Attributes::of_resource("gcs-bucket", service, &name, item, record.place, sink);
    let members: &[(&str, &[&str])] = &[
        ("created_at", &["/timeCreated", "/creation_time"]),
        (
            "kms_key",
            &["/encryption/defaultKmsKeyName", "/default_kms_key"],
        ),
        ("location", &["/location"]),
        ("name", &["/name"]),
        (
            "public_access_prevention",
            &[
                "/iamConfiguration/publicAccessPrevention",
                "/public_access_prevention",
            ],
        ),
        (
            "retention_locked",
            &["/retentionPolicy/isLocked", "/retention_policy/isLocked"],
        ),
        (
            "retention_seconds",
            &[
                "/retentionPolicy/retentionPeriod",
                "/retention_policy/retentionPeriod",
            ],
        ),
        (
            "soft_delete_seconds",
            &[
                "/softDeletePolicy/retentionDurationSeconds",
                "/soft_delete_policy/retentionDurationSeconds",
            ],
        ),
        (
            "uniform_access",
            &[
                "/iamConfiguration/uniformBucketLevelAccess/enabled",
                "/uniform_bucket_level_access",
            ],
        ),
        (
            "versioning",
            &["/versioning/enabled", "/versioning_enabled"],
        ),
    ];
    for (name, pointers) in members {
        attributes.put_first(name, item.body, pointers);
    }
    attributes.put_map("label", item.body.get("labels"));
}
