//! IAM policies: who holds which role on which resource, and what is kept out of the audit logs.
//!
//! Read: `get-iam-policy` output, asset exports (`iamPolicy`, `iam_policy`),
//! `search-all-iam-policies` results (`policy` beside `resource`), recorded responses.
//!
//! | pushed | content |
//! |---|---|
//! | grant | holder `gcp:sa/...` or `gcp:principal/<member>`, resource `gcp:resource/...`, capability the role, condition its CEL expression, language `gcp` |
//! | `iam-policy` | `version`, `etag` |
//! | `audit-config` | `<service>.<logType>` = `enabled`; `<service>.<logType>.exempted` = one holder id each |
//!
//! The resource is the one that the asset or search result names; else the one the path names
//! (`run.googleapis.com/projects/p/locations/l/services/s/iam-policy.json`,
//! `projects/<id>/iam-policy.json`, also folders and organizations); else the file stem.

use serde_json::Value;

use super::export::{self, Attributes, Item};
use crate::model::{Format, Framing, Grant, Record, Sample, Sink, Verdict, id};

/// Reads IAM policies.
#[derive(Clone, Copy, Debug)]
pub struct IamPolicies;

/// What older readers append to a role instead of its condition, with a hash behind.
const HIDDEN_CONDITION: &str = "_withcond_";

impl Format for IamPolicies {
    fn source(&self) -> &'static str {
        "gcp-config"
    }

    fn title(&self) -> &'static str {
        "Google Cloud IAM policy"
    }

    fn framing(&self) -> Framing {
        Framing::Json
    }

    fn recognises(&self, sample: &Sample<'_>) -> bool {
        export::recognises(sample, |item| policy(item).is_some())
    }

    fn read(&self, record: &Record<'_>, sink: &mut dyn Sink) -> Verdict {
        let is_policy = |item: &Item<'_>| policy(item).is_some();
        export::read(record, is_policy, |item| {
            if let Some((name, policy)) = policy(item) {
                let object = match name {
                    Some(name) => id::gcp_resource("", name),
                    None => named_by_path(record.path),
                };
                push(policy, object, item, record, sink);
            }
        })
    }
}

/// The policy of a thing and the full resource name that is exported with it.
fn policy<'v>(item: &Item<'v>) -> Option<(Option<&'v str>, &'v Value)> {
    let asset = ["iamPolicy", "iam_policy"];
    if let Some(policy) = asset.iter().find_map(|name| item.body.get(*name)) {
        return Some((item.text("name"), policy)).filter(|_| policy.is_object());
    }
    if let Some(policy) = item.body.get("policy").filter(|policy| is_policy(policy)) {
        return Some((item.text("resource"), policy));
    }
    is_policy(item.body).then_some((None, item.body))
}

/// A policy has bindings, or nothing beside an etag: the policy of a resource without any.
fn is_policy(value: &Value) -> bool {
    let Some(members) = value.as_object() else {
        return false;
    };
    let known = [
        "auditConfigs",
        "bindings",
        "etag",
        "kind",
        "resourceId",
        "version",
    ];
    let bare =
        members.contains_key("etag") && members.keys().all(|name| known.contains(&name.as_str()));
    let bindings = members.get("bindings").and_then(Value::as_array);
    bindings.map_or(bare, |bindings| {
        bindings
            .iter()
            .all(|binding| binding.get("role").is_some_and(Value::is_string))
            && (bare || !bindings.is_empty())
    })
}

fn push(policy: &Value, object: String, item: &Item<'_>, record: &Record<'_>, sink: &mut dyn Sink) {
    for binding in elements(policy, "bindings") {
        let logged_role = binding.get("role").and_then(Value::as_str).unwrap_or("");
        let (role, hidden) = match logged_role.split_once(HIDDEN_CONDITION) {
            Some((role, _)) => (role, "unknown: the policy was not read at version 3"),
            None => (logged_role, ""),
        };
        let condition = ["/condition/expression", "/condition/title"]
            .iter()
            .find_map(|pointer| binding.pointer(pointer)?.as_str())
            .unwrap_or(hidden);
        for member in texts(binding, "members") {
            sink.grant(Grant {
                holder: id::gcp_member(member),
                resource: object.clone(),
                capability: role.to_owned(),
                condition: condition.to_owned(),
                language: "gcp",
                place: record.place,
            });
        }
    }
    let mut attributes = Attributes {
        kind: "iam-policy",
        object,
        valid_from: item.taken_at,
        place: record.place,
        sink,
    };
    attributes.put_first("version", policy, &["/version"]);
    attributes.put_first("etag", policy, &["/etag"]);
    attributes.kind = "audit-config";
    for config in ["auditConfigs", "audit_configs"]
        .iter()
        .flat_map(|name| elements(policy, name))
    {
        let service = config.get("service").and_then(Value::as_str).unwrap_or("");
        for log in ["auditLogConfigs", "audit_log_configs"]
            .iter()
            .flat_map(|name| elements(config, name))
        {
            let log_type = ["logType", "log_type"]
                .iter()
                .find_map(|name| export::scalar(log.get(*name)?));
            let name = format!(
                "{service}.{}",
                log_type_name(log_type.as_deref().unwrap_or(""))
            );
            attributes.put(&name, "enabled");
            for member in ["exemptedMembers", "exempted_members"]
                .iter()
                .flat_map(|name| texts(log, name))
            {
                attributes.put(format!("{name}.exempted"), id::gcp_member(member));
            }
        }
    }
}

/// Exports of the API's own structures write the enum as a number (`audit_config.proto`).
fn log_type_name(logged: &str) -> &str {
    match logged {
        "1" => "ADMIN_READ",
        "2" => "DATA_WRITE",
        "3" => "DATA_READ",
        other => other,
    }
}

fn elements<'v>(value: &'v Value, member: &str) -> impl Iterator<Item = &'v Value> {
    value
        .get(member)
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
}

fn texts<'v>(value: &'v Value, member: &str) -> impl Iterator<Item = &'v str> {
    elements(value, member).filter_map(Value::as_str)
}

/// The resource that a path names; a hint where the policy itself names none.
fn named_by_path(path: &str) -> String {
    let stem = path.rsplit_once('.').map_or(path, |(stem, _)| stem);
    let segments: Vec<&str> = stem.split('/').collect();
    let (last, folders) = segments.split_last().unwrap_or((&"", &[]));
    let generic =
        last.to_ascii_lowercase().contains("iam") || last.to_ascii_lowercase().contains("policy");
    let tail = |from: usize| {
        let whole = if generic { folders } else { &segments[..] };
        whole.get(from..).unwrap_or(&[]).join("/")
    };
    if let Some(at) = folders
        .iter()
        .position(|segment| segment.ends_with(".googleapis.com"))
    {
        return id::gcp_resource("", &tail(at));
    }
    let above = folders.len().checked_sub(2).and_then(|at| folders.get(at));
    if generic && above.is_some_and(|kind| ["projects", "folders", "organizations"].contains(kind))
    {
        return id::gcp_resource(
            "cloudresourcemanager.googleapis.com",
            &tail(folders.len() - 2),
        );
    }
    id::gcp_resource("", last)
}

#[cfg(test)]
#[path = "iam_policy_tests.rs"]
pub(super) mod tests;
