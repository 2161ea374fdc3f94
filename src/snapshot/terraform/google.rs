//! Access in Google Cloud that Terraform grants: `google_*_iam_member`, `_iam_binding`, `_iam_policy`
//! with `google_iam_policy`, and providers of workload identity pools.
//!
//! Source: the registry's documentation of the `google` provider. A member, a role, a condition or a
//! binding that only Terraform can evaluate is named and not judged; what is written beside it is.

use super::google_names::{ACCOUNTS, items};
use super::resource::{Resource, emit_value, not_known, say};
use super::value::Value;
use crate::model::{Grant, Place, Sink, id};

/// Kinds of resources that grant roles by what they grant them on: the attribute that names it, the
/// service, and the collections its full name is built of where it is a short name.
const ON: [(&str, &str, &str, &str); 14] = [
    (
        "artifact_registry_repository",
        "repository",
        "artifactregistry.googleapis.com",
        "repositories",
    ),
    (
        "cloud_run_service",
        "service",
        "run.googleapis.com",
        "services",
    ),
    ("cloud_run_v2_job", "name", "run.googleapis.com", "jobs"),
    (
        "cloud_run_v2_service",
        "name",
        "run.googleapis.com",
        "services",
    ),
    (
        "cloud_run_v2_worker_pool",
        "name",
        "run.googleapis.com",
        "workerPools",
    ),
    ("folder", "folder", MANAGER, "folders"),
    (
        "kms_crypto_key",
        "crypto_key_id",
        "cloudkms.googleapis.com",
        "",
    ),
    ("kms_key_ring", "key_ring_id", "cloudkms.googleapis.com", ""),
    ("organization", "org_id", MANAGER, "organizations"),
    ("project", "project", MANAGER, "projects"),
    ("pubsub_topic", "topic", "pubsub.googleapis.com", "topics"),
    (
        "secret_manager_secret",
        "secret_id",
        "secretmanager.googleapis.com",
        "secrets",
    ),
    (
        "service_account",
        "service_account_id",
        "iam.googleapis.com",
        "serviceAccounts",
    ),
    (
        "storage_bucket",
        "bucket",
        "storage.googleapis.com",
        "buckets",
    ),
];

/// Where projects, folders and organizations live.
const MANAGER: &str = "cloudresourcemanager.googleapis.com";

/// A provider of a workload identity pool.
const PROVIDER: &str = "google_iam_workload_identity_pool_provider";

/// What a kind of resource grants on, and how (`member`, `binding`, `policy`).
fn granted_on(kind: &str) -> Option<(usize, &str)> {
    let (on, how) = kind.strip_prefix("google_")?.rsplit_once("_iam_")?;
    let at = ON.iter().position(|(name, ..)| *name == on)?;
    ["member", "binding", "policy"]
        .contains(&how)
        .then_some((at, how))
}

/// Whether a kind of resource is read here.
pub(super) fn reads(kind: &str) -> bool {
    kind == PROVIDER || granted_on(kind).is_some()
}

/// Emits what a resource of such a kind grants.
pub(super) fn emit(resource: &Resource<'_>, kind: &str, sink: &mut dyn Sink) {
    let Some((at, how)) = granted_on(kind) else {
        return provider(resource, sink);
    };
    let granting = Granting {
        resource,
        on: resource.granted_on(at),
    };
    match how {
        "policy" => granting.policy(sink),
        _ => {
            let stated = ["role", "member", "members"].map(|name| resource.value(name));
            let [role, member, members] = stated;
            let condition = resource.scope.nested(resource.block, "condition");
            let members = match member {
                Some(member) => vec![member],
                None => items(members),
            };
            let at = resource.attribute("role").map(|role| resource.at(role));
            let at = at.unwrap_or_else(|| resource.at(resource.block));
            granting.binding(role, members, condition, at, sink);
        }
    }
}

struct Granting<'r, 'm> {
    resource: &'r Resource<'m>,
    /// The resource on which roles are granted.
    on: String,
}

impl Granting<'_, '_> {
    /// `policy_data`: the text of a policy, or what `google_iam_policy` holds.
    fn policy(&self, sink: &mut dyn Sink) {
        let Some(written) = self.resource.attribute("policy_data") else {
            return;
        };
        let at = self.resource.at(written);
        let value = self.resource.scope.value(&written.value);
        let policy = match &value {
            Value::Text(text) => text.known().and_then(|text| {
                let policy = serde_json::from_str(&text).ok()?;
                Some(of_json(policy))
            }),
            map @ Value::Map(_) => Some(map.clone()),
            _ => None,
        };
        let Some(policy) = policy else {
            return self.not_judged("policy_data", at, sink);
        };
        for binding in items(policy.get("bindings").cloned()) {
            if !matches!(binding, Value::Map(_)) {
                self.not_judged("policy_data", at, sink);
                continue;
            }
            let member = |name: &str| binding.get(name).cloned();
            let conditions = items(member("condition"));
            self.binding(
                member("role"),
                items(member("members")),
                conditions,
                at,
                sink,
            );
        }
    }

    /// One role, whoever holds it.
    fn binding(
        &self,
        role: Option<Value>,
        members: Vec<Value>,
        conditions: Vec<Value>,
        at: Place,
        sink: &mut dyn Sink,
    ) {
        let Some(role) = role.and_then(|role| role.known()) else {
            return self.not_judged("role", at, sink);
        };
        let condition = match conditions.first() {
            None => Some(String::new()),
            Some(condition) => {
                let expression = condition.get("expression");
                expression.and_then(|expression| match expression {
                    Value::Text(text) => text.known(),
                    _ => None,
                })
            }
        };
        let Some(condition) = condition else {
            return self.not_judged("condition", at, sink);
        };
        for member in members {
            let Some(member) = member_of(&member) else {
                self.not_judged("member", at, sink);
                continue;
            };
            sink.grant(Grant {
                holder: id::gcp_member(&member),
                resource: self.on.clone(),
                capability: role.clone(),
                condition: condition.clone(),
                language: "gcp",
                place: at,
            });
        }
    }

    fn not_judged(&self, attribute: &str, at: Place, sink: &mut dyn Sink) {
        not_known(&self.resource.address, attribute, at, sink);
    }
}

/// A member that is known; an account of the configuration whose project alone is not, or members of
/// a pool of which only the project or its own name is not.
fn member_of(member: &Value) -> Option<String> {
    let Value::Text(text) = member else {
        return None;
    };
    text.known().or_else(|| {
        let shown = text.shown();
        let (before, hole) = shown.split_once("${")?;
        let (_, after) = hole.split_once('}')?;
        let account = before.ends_with('@') && after == ACCOUNTS;
        let of_pool = before.starts_with("principal")
            && [POOLS, &format!("{POOLS}projects/")]
                .iter()
                .any(|end| before.ends_with(end))
            && after.starts_with('/');
        let one = text.holes().count() == 1 && !after.contains("${");
        (one && (account || of_pool)).then_some(shown)
    })
}

/// What stands before the name of a pool in a member.
const POOLS: &str = "://iam.googleapis.com/";

impl Resource<'_> {
    /// An attribute's value.
    fn value(&self, name: &str) -> Option<Value> {
        Some(self.scope.value(&self.attribute(name)?.value))
    }

    /// The full name of what roles are granted on, with the expressions of what is not known.
    fn granted_on(&self, at: usize) -> String {
        let Some((on, attribute, service, collection)) = ON.get(at) else {
            return String::new();
        };
        let project = || {
            self.name("project")
                .unwrap_or_else(|| self.scope.default_project())
        };
        let name = match *on {
            "project" => project(),
            _ => self.name(attribute).unwrap_or_default(),
        };
        // Either the short name or the whole one may stand there.
        let whole = name.starts_with("projects/")
            || (!collection.is_empty() && name.starts_with(&format!("{collection}/")));
        let full = match *on {
            _ if whole || collection.is_empty() => name,
            "project" | "folder" | "organization" => format!("{collection}/{name}"),
            "storage_bucket" => format!("projects/_/buckets/{}", name.trim_start_matches("b/")),
            "secret_manager_secret" | "pubsub_topic" | "service_account" => {
                format!("projects/{}/{collection}/{name}", project())
            }
            _ => {
                let location = self.name("location").unwrap_or_else(|| "-".to_owned());
                format!(
                    "projects/{}/locations/{location}/{collection}/{name}",
                    project()
                )
            }
        };
        id::gcp_resource(service, &full)
    }
}

/// The provider, as an export of it would be.
fn provider(resource: &Resource<'_>, sink: &mut dyn Sink) {
    let named = |name: &str| resource.name(name).unwrap_or_else(|| "-".to_owned());
    let project = resource
        .name("project")
        .unwrap_or_else(|| resource.scope.default_project());
    let pool = named("workload_identity_pool_id");
    let provider = named("workload_identity_pool_provider_id");
    let object = id::gcp_resource(
        "iam.googleapis.com",
        &format!(
            "projects/{project}/locations/global/workloadIdentityPools/{pool}/providers/{provider}"
        ),
    );
    let members = [
        ("condition", "attribute_condition"),
        ("disabled", "disabled"),
        ("mapping", "attribute_mapping"),
    ];
    let mut stated: Vec<(&str, Value, Place)> = members
        .into_iter()
        .filter_map(|(name, attribute)| {
            let at = resource.at(resource.attribute(attribute)?);
            Some((name, resource.value(attribute)?, at))
        })
        .collect();
    let block = resource.at(resource.block);
    for oidc in resource.scope.nested(resource.block, "oidc") {
        for (name, member) in [("issuer", "issuer_uri"), ("audience", "allowed_audiences")] {
            stated.extend(oidc.get(member).map(|value| (name, value.clone(), block)));
        }
    }
    // What is trusted cannot be judged by half a condition or mapping.
    let open = stated
        .iter()
        .find(|(name, value, _)| *name != "audience" && !value.is_resolved());
    if let Some((name, _, at)) = open {
        return not_known(&resource.address, name, *at, sink);
    }
    say(
        sink,
        "wif-provider",
        &object,
        "address",
        &resource.address,
        block,
    );
    for (name, value, at) in stated {
        emit_value(sink, "wif-provider", &object, name, &value, at);
    }
}

fn of_json(value: serde_json::Value) -> Value {
    match value {
        serde_json::Value::String(text) => Value::text(text),
        serde_json::Value::Array(items) => Value::List(items.into_iter().map(of_json).collect()),
        serde_json::Value::Object(members) => {
            let members = members
                .into_iter()
                .map(|(name, value)| (name, of_json(value)));
            Value::Map(members.collect())
        }
        other => Value::Plain(other.to_string()),
    }
}
