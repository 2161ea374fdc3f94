//! Service accounts and their keys (`gcloud iam service-accounts list|describe`, `keys list`).
//!
//! `gcp-service-account` on `gcp:sa/<email>`: `email`, `unique_id`, `disabled`, `display_name`,
//! `project`. An enabled account has no `disabled`.
//! `gcp-service-account-key` on `gcp:resource/iam.googleapis.com/<key name>`, which is what the
//! audit log's `serviceAccountKeyName` names: `account` (`gcp:sa/<email>`), `key_id`, `key_type`,
//! `key_origin`, `valid_after`, `valid_before`, `disabled`. A downloaded key file is never read.

use super::export::{Attributes, Exported, Item, about};
use crate::model::{Record, Sink, id};

/// Reads service accounts and their keys.
pub(super) const SERVICE_ACCOUNTS: Exported = Exported {
    about: about("Google service accounts"),
    told: matches,
    push,
};

fn matches(item: &Item<'_>) -> bool {
    is_key(item) || (item.text("email").is_some() && item.body.get("uniqueId").is_some())
}

fn is_key(item: &Item<'_>) -> bool {
    item.resource_name()
        .is_some_and(|name| name.contains("/serviceAccounts/") && name.contains("/keys/"))
}

fn push(item: &Item<'_>, record: &Record<'_>, sink: &mut dyn Sink) {
    let name = item.resource_name().unwrap_or("");
    let service = "iam.googleapis.com";
    let mut attributes = Attributes::of_resource(
        "gcp-service-account-key",
        service,
        name,
        item,
        record.place,
        sink,
    );
    if is_key(item) {
        let (account, key) = name.split_once("/keys/").unwrap_or((name, ""));
        let account = account.rsplit('/').next().unwrap_or(account);
        attributes.put("account", id::gcp_service_account(account));
        attributes.put("key_id", key);
        let members = [
            ("disabled", "/disabled"),
            ("key_origin", "/keyOrigin"),
            ("key_type", "/keyType"),
            ("valid_after", "/validAfterTime"),
            ("valid_before", "/validBeforeTime"),
        ];
        for (name, pointer) in members {
            attributes.put_first(name, item.body, &[pointer]);
        }
        return;
    }
    attributes.kind = "gcp-service-account";
    attributes.object = id::gcp_service_account(item.text("email").unwrap_or(""));
    let members = [
        ("disabled", "/disabled"),
        ("display_name", "/displayName"),
        ("email", "/email"),
        ("project", "/projectId"),
        ("unique_id", "/uniqueId"),
    ];
    for (name, pointer) in members {
        attributes.put_first(name, item.body, &[pointer]);
    }
}
