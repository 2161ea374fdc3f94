//! Providers of workload identity pools (`gcloud iam workload-identity-pools providers list`).
//!
//! Object `gcp:resource/iam.googleapis.com/<name>`. `wif-provider`: `issuer`, `audience` (one
//! each), `condition` (absent when empty), `mapping.<target>` = CEL, `state`, `disabled`,
//! `aws_account`.

use super::export::{self, Attributes, Item};
use crate::model::{Format, Framing, Record, Sample, Sink, Verdict};

/// Reads providers of workload identity pools.
#[derive(Clone, Copy, Debug)]
pub struct WifProviders;

impl Format for WifProviders {
    fn source(&self) -> &'static str {
        "gcp-config"
    }

    fn title(&self) -> &'static str {
        "workload identity providers"
    }

    fn framing(&self) -> Framing {
        Framing::Json
    }

    fn recognises(&self, sample: &Sample<'_>) -> bool {
        export::recognises(sample, matches)
    }

    fn read(&self, record: &Record<'_>, sink: &mut dyn Sink) -> Verdict {
        export::read(record, matches, |item| push(item, record, sink))
    }
}

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
