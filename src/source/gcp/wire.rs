//! A Google `LogEntry` and its `AuditLog` payload as logged (`google/logging/v2/log_entry.proto`,
//! `google/cloud/audit/audit_log.proto`), in the camelCase of proto3 JSON.
//!
//! Scalars are read as text whatever their JSON type: exports differ in what they quote. The four
//! free-form members (`request`, `response`, `metadata`, `serviceData`) stay unparsed until a
//! method needs them.

use serde::Deserialize;
use sonic_rs::LazyValue;

use super::many::Many;
use crate::source::borrowed::Str;

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Entry<'a> {
    #[serde(borrow)]
    pub(super) log_name: Str<'a>,
    #[serde(borrow)]
    pub(super) insert_id: Str<'a>,
    #[serde(borrow)]
    pub(super) timestamp: Str<'a>,
    #[serde(borrow)]
    pub(super) receive_timestamp: Str<'a>,
    #[serde(borrow)]
    pub(super) trace: Str<'a>,
    #[serde(borrow)]
    pub(super) resource: Option<Resource<'a>>,
    #[serde(borrow)]
    pub(super) operation: Option<Operation<'a>>,
    #[serde(borrow)]
    pub(super) split: Option<Split<'a>>,
    #[serde(borrow)]
    pub(super) http_request: Option<HttpRequest<'a>>,
    #[serde(borrow)]
    pub(super) labels: Option<EntryLabels<'a>>,
    #[serde(borrow)]
    pub(super) proto_payload: Option<AuditLog<'a>>,
}

impl<'a> Entry<'a> {
    /// The labels of the monitored resource.
    pub(super) fn resource_labels(&self) -> Option<&ResourceLabels<'a>> {
        self.resource.as_ref()?.labels.as_ref()
    }
}

/// `resource`: the monitored resource.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Resource<'a> {
    #[serde(borrow, rename = "type")]
    pub(super) kind: Str<'a>,
    #[serde(borrow)]
    pub(super) labels: Option<ResourceLabels<'a>>,
}

/// The labels of the monitored resources that we read; keys are snake_case in every shape.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct ResourceLabels<'a> {
    #[serde(borrow)]
    pub(super) project_id: Str<'a>,
    #[serde(borrow)]
    pub(super) location: Str<'a>,
    #[serde(borrow)]
    pub(super) service_name: Str<'a>,
    #[serde(borrow)]
    pub(super) revision_name: Str<'a>,
    #[serde(borrow)]
    pub(super) container_name: Str<'a>,
    #[serde(borrow)]
    pub(super) namespace_name: Str<'a>,
    #[serde(borrow)]
    pub(super) email_id: Str<'a>,
}

/// Labels of the entry itself.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct EntryLabels<'a> {
    #[serde(borrow)]
    pub(super) instance_id: Str<'a>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Operation<'a> {
    #[serde(borrow)]
    pub(super) id: Str<'a>,
    #[serde(borrow)]
    pub(super) producer: Str<'a>,
    #[serde(borrow)]
    pub(super) first: Str<'a>,
    #[serde(borrow)]
    pub(super) last: Str<'a>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Split<'a> {
    #[serde(borrow)]
    pub(super) uid: Str<'a>,
    #[serde(borrow)]
    pub(super) index: Str<'a>,
    #[serde(borrow)]
    pub(super) total_splits: Str<'a>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct HttpRequest<'a> {
    #[serde(borrow)]
    pub(super) request_method: Str<'a>,
    #[serde(borrow)]
    pub(super) request_url: Str<'a>,
    #[serde(borrow)]
    pub(super) status: Str<'a>,
    #[serde(borrow)]
    pub(super) user_agent: Str<'a>,
    #[serde(borrow)]
    pub(super) remote_ip: Str<'a>,
    #[serde(borrow)]
    pub(super) server_ip: Str<'a>,
    #[serde(borrow)]
    pub(super) latency: Str<'a>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct AuditLog<'a> {
    #[serde(borrow, rename = "@type")]
    pub(super) type_url: Str<'a>,
    #[serde(borrow)]
    pub(super) service_name: Str<'a>,
    #[serde(borrow)]
    pub(super) method_name: Str<'a>,
    #[serde(borrow)]
    pub(super) resource_name: Str<'a>,
    #[serde(borrow)]
    pub(super) status: Option<Status<'a>>,
    #[serde(borrow)]
    pub(super) authentication_info: Option<Authentication<'a>>,
    #[serde(borrow)]
    pub(super) authorization_info: Many<Authorization<'a>>,
    #[serde(borrow)]
    pub(super) request_metadata: Option<RequestMetadata<'a>>,
    #[serde(borrow)]
    pub(super) policy_violation_info: Option<LazyValue<'a>>,
    #[serde(borrow)]
    pub(super) request: Option<LazyValue<'a>>,
    #[serde(borrow)]
    pub(super) response: Option<LazyValue<'a>>,
    #[serde(borrow)]
    pub(super) metadata: Option<LazyValue<'a>>,
    #[serde(borrow)]
    pub(super) service_data: Option<LazyValue<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Status<'a> {
    #[serde(borrow)]
    pub(super) code: Str<'a>,
    #[serde(borrow)]
    pub(super) message: Str<'a>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Authentication<'a> {
    #[serde(borrow)]
    pub(super) principal_email: Str<'a>,
    #[serde(borrow)]
    pub(super) principal_subject: Str<'a>,
    #[serde(borrow)]
    pub(super) service_account_key_name: Str<'a>,
    #[serde(borrow)]
    pub(super) service_account_delegation_info: Many<Delegation<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Delegation<'a> {
    #[serde(borrow)]
    pub(super) principal_subject: Str<'a>,
    #[serde(borrow)]
    pub(super) first_party_principal: Option<FirstParty<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct FirstParty<'a> {
    #[serde(borrow)]
    pub(super) principal_email: Str<'a>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Authorization<'a> {
    #[serde(borrow)]
    pub(super) resource: Str<'a>,
    #[serde(borrow)]
    pub(super) permission: Str<'a>,
    #[serde(borrow)]
    pub(super) granted: Str<'a>,
    #[serde(borrow, rename = "permissionType")]
    pub(super) permission_type: Str<'a>,
}

impl Authorization<'_> {
    /// Whether the permission was granted; absent, it was not. `None` for what is no truth value.
    pub(super) fn is_granted(&self) -> Option<bool> {
        match self.granted.as_str() {
            "true" | "True" | "TRUE" | "1" => Some(true),
            "" | "false" | "False" | "FALSE" | "0" => Some(false),
            _ => None,
        }
    }
}

impl<'a> AuditLog<'a> {
    /// The permissions that were checked. An element without any member says of nothing whether it
    /// was granted: proto3 JSON leaves such a one where nothing was checked.
    pub(super) fn checks(&self) -> impl Iterator<Item = &Authorization<'a>> {
        self.authorization_info.iter().filter(|check| {
            [&check.permission, &check.resource, &check.granted]
                .iter()
                .any(|member| member.get().is_some())
        })
    }
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct RequestMetadata<'a> {
    #[serde(borrow)]
    pub(super) caller_ip: Str<'a>,
    #[serde(borrow)]
    pub(super) caller_supplied_user_agent: Str<'a>,
}
