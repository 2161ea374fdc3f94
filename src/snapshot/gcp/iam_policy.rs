//! IAM policies: who holds which role on which resource, and what is kept out of the audit logs.
//!
//! Read: `get-iam-policy` output, asset exports (`iamPolicy`, `iam_policy`),
//! `search-all-iam-policies` and `get-ancestors-iam-policy` results (`policy` beside `resource`, or
//! beside `type` and `id`), recorded responses; and each of them with `--flatten`, which makes one
//! record per binding or member (`binding` says how).
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
//!
//! A policy whose bindings cannot be read as such is refused: read as a policy without bindings it
//! would say that nobody holds anything.

use std::borrow::Cow;

use serde_json::Value;

use super::binding::{self, Binding};
use super::export::{self, Attributes, Item};
use crate::model::{About, Format, Framing, Grant, Record, Sample, Sink, Verdict, id};

/// Reads IAM policies.
#[derive(Clone, Copy, Debug)]
pub struct IamPolicies;

/// Where projects, folders and organizations live.
const MANAGER: &str = "cloudresourcemanager.googleapis.com";

impl Format for IamPolicies {
    fn about(&self) -> &About {
        &About {
            source: &super::SOURCE,
            title: "Google Cloud IAM policy",
            framing: Framing::Json,
        }
    }

    fn recognises(&self, sample: &Sample<'_>) -> bool {
        export::recognises(sample, |item| policy(item).is_some())
    }

    fn read(&self, record: &Record<'_>, sink: &mut dyn Sink) -> Verdict {
        let Ok(value) = serde_json::from_slice::<Value>(record.bytes) else {
            return Verdict::Rejected(Cow::Borrowed("the record is not JSON"));
        };
        let mut verdict = Verdict::Foreign;
        for item in export::items(&value) {
            let Some((object, policy)) = policy(&item) else {
                continue;
            };
            let bindings = binding::all(policy);
            match bindings.and_then(|all| says_what_is_logged(policy).map(|()| all)) {
                Ok(bindings) => {
                    let object = object.unwrap_or_else(|| named_by_path(record.path));
                    push_grants(&bindings, &object, record, sink);
                    push_policy(policy, object, &item, record, sink);
                    if verdict == Verdict::Foreign {
                        verdict = Verdict::Parsed;
                    }
                }
                Err(problem) => verdict = Verdict::Rejected(Cow::Borrowed(problem)),
            }
        }
        verdict
    }
}

/// The policy of a thing and the id of the resource that is exported with it.
fn policy<'v>(item: &Item<'v>) -> Option<(Option<String>, &'v Value)> {
    let full_name = |name: &str| id::gcp_resource("", name);
    let asset = ["iamPolicy", "iam_policy"];
    if let Some(policy) = asset.iter().find_map(|name| item.body.get(*name)) {
        return Some((item.text("name").map(full_name), policy)).filter(|_| !policy.is_null());
    }
    if let Some(policy) = item
        .body
        .get("policy")
        .filter(|policy| binding::is_policy(policy))
    {
        let object = item.text("resource").map(full_name);
        return Some((object.or_else(|| ancestor(item)), policy));
    }
    binding::is_policy(item.body).then(|| {
        // A bucket's policy names the bucket.
        let bucket = item
            .text("resourceId")
            .filter(|name| name.starts_with("projects/_/buckets/"));
        let object = bucket.map(|name| id::gcp_resource("storage.googleapis.com", name));
        (object, item.body)
    })
}

/// The resource of one element of `get-ancestors-iam-policy`.
fn ancestor(item: &Item<'_>) -> Option<String> {
    let collection = match item.text("type")? {
        "project" => "projects",
        "folder" => "folders",
        "organization" => "organizations",
        _ => return None,
    };
    let id = export::scalar(item.body.get("id")?)?;
    Some(id::gcp_resource(MANAGER, &format!("{collection}/{id}")))
}

fn push_grants(bindings: &[Binding<'_>], object: &str, record: &Record<'_>, sink: &mut dyn Sink) {
    for binding in bindings {
        for member in &binding.members {
            sink.grant(Grant {
                holder: id::gcp_member(member),
                resource: object.to_owned(),
                capability: binding.role.to_owned(),
                condition: binding.condition.to_owned(),
                language: "gcp",
                place: record.place,
            });
        }
    }
}

fn push_policy(
    policy: &Value,
    object: String,
    item: &Item<'_>,
    record: &Record<'_>,
    sink: &mut dyn Sink,
) {
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
    for config in either(policy, ["auditConfigs", "audit_configs"]) {
        let service = config.get("service").and_then(Value::as_str).unwrap_or("");
        for log in either(config, ["auditLogConfigs", "audit_log_configs"]) {
            let log_type = log_type(log);
            let name = format!(
                "{service}.{}",
                log_type_name(log_type.as_deref().unwrap_or(""))
            );
            attributes.put(&name, "enabled");
            for member in either(log, ["exemptedMembers", "exempted_members"])
                .into_iter()
                .filter_map(Value::as_str)
            {
                attributes.put(format!("{name}.exempted"), id::gcp_member(member));
            }
        }
    }
}

fn log_type(log: &Value) -> Option<String> {
    let mut names = ["logType", "log_type"].iter();
    names.find_map(|name| export::scalar(log.get(*name)?))
}

/// A policy says of each service that it audits which kinds of access are logged: one that names the
/// service alone, or no service, or a kind without its name, lost the other, and would say that
/// nothing is.
fn says_what_is_logged(policy: &Value) -> Result<(), &'static str> {
    let mut configs = either(policy, ["auditConfigs", "audit_configs"]).into_iter();
    let is_whole = |config: &Value| {
        let service = config.get("service").and_then(Value::as_str);
        let logged = either(config, ["auditLogConfigs", "audit_log_configs"]);
        let is_named = |log: &&Value| log_type(log).is_some_and(|name| !name.is_empty());
        service.is_some_and(|name| !name.is_empty())
            && !logged.is_empty()
            && logged.iter().all(is_named)
    };
    match configs.all(is_whole) {
        true => Ok(()),
        false => Err("an audit configuration without its service, or without what it logs"),
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

/// The elements of a list under either name; what `--flatten` left alone is its own element.
fn either<'v>(value: &'v Value, names: [&str; 2]) -> Vec<&'v Value> {
    let found = names.iter().filter_map(|name| value.get(*name));
    found
        .flat_map(|found| match found {
            Value::Array(elements) => elements.iter().collect(),
            Value::Null => Vec::new(),
            alone => vec![alone],
        })
        .collect()
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
        return id::gcp_resource(MANAGER, &tail(folders.len() - 2));
    }
    id::gcp_resource("", last)
}

#[cfg(test)]
#[path = "iam_policy_tests.rs"]
pub(super) mod tests;
