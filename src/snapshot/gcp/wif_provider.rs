//! Providers of workload identity pools (`gcloud iam workload-identity-pools providers list`).
//!
//! Object `gcp:resource/iam.googleapis.com/<name>`. `wif-provider`: `issuer`, `audience` (one
//! each), `condition` (absent when empty), `mapping.<target>` = CEL, `state`, `disabled`,
//! `aws_account`.

use super::export::{self, Attributes, Exported, Item, about};
use crate::model::{Record, Sink};

/// Reads providers of workload identity pools.
pub(super) const WIF_PROVIDERS: Exported = Exported {
    about: about("workload identity providers"),
    told: matches,
    push,
};

fn matches(item: &Item<'_>) -> bool {
    item.resource_name().is_some_and(|name| {
        name.contains("/workloadIdentityPools/") && name.contains("/providers/")
    })
}

fn push(item: &Item<'_>, record: &Record<'_>, sink: &mut dyn Sink) {
    let name = item.resource_name().unwrap_or("");
    let service = "iam.googleapis.com";
    let mut attributes =
        Attributes::of_resource("wif-provider", service, name, item, record.place, sink);
    let members: &[(&str, &[&str])] = &[
        ("aws_account", &["/aws/accountId"]),
        ("condition", &["/attributeCondition"]),
        ("disabled", &["/disabled"]),
        ("issuer", &["/oidc/issuerUri"]),
        ("state", &["/state"]),
    ];
    for (name, pointers) in members {
        attributes.put_first(name, item.body, pointers);
    }
    let audiences = item.body.pointer("/oidc/allowedAudiences");
    let audiences = audiences.and_then(|audiences| audiences.as_array());
    for audience in audiences.into_iter().flatten().filter_map(export::scalar) {
        attributes.put("audience", audience);
    }
    attributes.put_map("mapping", item.body.get("attributeMapping"));
}
