//! Buckets of Cloud Logging (`gcloud logging buckets list|describe`).
//!
//! Object `gcp:resource/logging.googleapis.com/<name>`, as the audit log names it.
//! `gcp-log-bucket`: `retention_days`, `locked` (left out where it is not), `lifecycle_state`,
//! `created_at`.

use super::export::{Attributes, Exported, Item, about};
use crate::model::{Record, Sink};

/// Reads buckets of Cloud Logging.
pub(super) const LOG_BUCKETS: Exported = Exported {
    about: about("Cloud Logging buckets"),
    told: matches,
    push,
};

fn matches(item: &Item<'_>) -> bool {
    let named = item
        .resource_name()
        .is_some_and(|name| name.contains("/locations/") && name.contains("/buckets/"));
    named && item.body.get("retentionDays").is_some()
}

fn push(item: &Item<'_>, record: &Record<'_>, sink: &mut dyn Sink) {
    let name = item.resource_name().unwrap_or("");
    let service = "logging.googleapis.com";
    let mut attributes =
        Attributes::of_resource("gcp-log-bucket", service, name, item, record.place, sink);
    let members: &[(&str, &[&str])] = &[
        ("created_at", &["/createTime"]),
        ("lifecycle_state", &["/lifecycleState"]),
        ("locked", &["/locked"]),
        ("retention_days", &["/retentionDays"]),
    ];
    for (name, pointers) in members {
        attributes.put_first(name, item.body, pointers);
    }
}
