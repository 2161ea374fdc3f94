//! What an audit entry says beyond the columns, as the event's `metadata`, in key order.
//!
//! | name | from | on |
//! |---|---|---|
//! | `effect`, `org_constraint`, ... | the request | changes that [`change`] knows |
//! | `constraint` | `policyViolationInfo...violationInfo[].constraint` | Policy Denied |
//! | `delegate` | `metadata.identityDelegationChain[]`, `request.delegates[]` as `gcp:sa/...` | iamcredentials: accounts between the caller and the target, in order |
//! | `dry_run`, `violation` | `metadata.dryRun`, `metadata.violationReason` | VPC Service Controls |
//! | `image` | container images of the request | Cloud Run deploys |
//! | `key_state` | `request.cryptoKeyVersion.state` | KMS UpdateCryptoKeyVersion |
//! | `label.<name>` | labels and annotations of the deployed service; `client-knative...` ones included | Cloud Run deploys |
//! | `location`, `resource_type` | `resource.labels.location`, `resource.type` | all |
//! | `permission_added` | `serviceData.permissionDelta.addedPermissions[]`, else `request.role.includedPermissions[]` | IAM CreateRole, UpdateRole |
//! | `principal_subject` | `principalSubject` of a federated caller who also has an e-mail | all |
//! | `project_number` | `projects/<number>/` at the head of `resourceName`; with `project` it maps ids to numbers | all |
//! | `revision`, `run_service` | `resource.labels`; `run:service/<project>/<region>/<name>` | Cloud Run |
//! | `sts_audience`, `sts_grant_type`, `sts_mapped_principal` | `request.audience`, `request.grantType`, `metadata.mapped_principal` | STS ExchangeToken |
//! | `trace` | `trace` | where logged |

use serde_json::Value;

use crate::model::{Text, id};

use super::change;
use super::target::{account_in, json};
use super::wire::{AuditLog, Entry};

/// Longest label or annotation that is kept; labels end at 63 characters, and what is longer in an
/// annotation is a document.
const MAX_LABEL: usize = 128;

type Pairs<'e> = Vec<(Text<'e>, Text<'e>)>;

/// The facts of an entry.
pub(super) fn of<'e>(entry: &'e Entry<'_>, audit: &'e AuditLog<'_>) -> Pairs<'e> {
    let mut pairs = Pairs::new();
    if let Some(resource) = &entry.resource {
        borrow(&mut pairs, "resource_type", resource.kind.as_str());
        if let Some(labels) = &resource.labels {
            borrow(&mut pairs, "location", labels.location.as_str());
            borrow(&mut pairs, "revision", labels.revision_name.as_str());
            if let Some(name) = labels.service_name.get()
                && resource.kind.as_str().starts_with("cloud_run")
            {
                let run =
                    id::run_service(labels.project_id.as_str(), labels.location.as_str(), name);
                own(&mut pairs, "run_service", run);
            }
        }
    }
    borrow(&mut pairs, "trace", entry.trace.as_str());
    borrow(
        &mut pairs,
        "project_number",
        project_number(audit.resource_name.as_str()),
    );
    if let Some(caller) = &audit.authentication_info
        && caller.principal_email.get().is_some()
        && caller.principal_subject.as_str().contains("://")
    {
        borrow(
            &mut pairs,
            "principal_subject",
            caller.principal_subject.as_str(),
        );
    }
    by_service(&mut pairs, audit);
    for (name, value) in change::of(audit) {
        own(&mut pairs, name, value);
    }
    constraints(&mut pairs, audit);
    pairs.sort_by(|left, right| left.0.cmp(&right.0));
    pairs
}

/// What Google made of the token that was exchanged
/// (`cloud.google.com/iam/docs/audit-logging/examples-workload-identity`).
pub(super) fn mapped_principal(audit: &AuditLog<'_>) -> Option<String> {
    if audit.service_name.as_str() != "sts.googleapis.com" {
        return None;
    }
    let metadata = json(&audit.metadata, "mapped")?;
    let mapped = ["mapped_principal", "mappedPrincipal"]
        .iter()
        .find_map(|name| metadata.get(*name)?.as_str())?;
    (!mapped.is_empty()).then(|| mapped.to_owned())
}

/// Whether the entry only rehearses a refusal (VPC Service Controls, organisation policies).
pub(super) fn is_dry_run(audit: &AuditLog<'_>) -> bool {
    json(&audit.metadata, "dryRun")
        .is_some_and(|metadata| metadata.get("dryRun") == Some(&Value::Bool(true)))
}

fn borrow<'e>(pairs: &mut Pairs<'e>, name: &'static str, value: &'e str) {
    if !value.is_empty() {
        pairs.push((Text::Borrowed(name), Text::Borrowed(value)));
    }
}

fn own(pairs: &mut Pairs<'_>, name: &'static str, value: String) {
    pairs.push((Text::Borrowed(name), Text::Owned(value)));
}

fn project_number(resource_name: &str) -> &str {
    let number = resource_name
        .strip_prefix("projects/")
        .and_then(|rest| rest.split('/').next())
        .unwrap_or("");
    if number.bytes().all(|byte| byte.is_ascii_digit()) {
        number
    } else {
        ""
    }
}

fn by_service(pairs: &mut Pairs<'_>, audit: &AuditLog<'_>) {
    match audit.service_name.as_str() {
        "cloudkms.googleapis.com" => {
            if let Some(request) = json(&audit.request, "\"state\"") {
                all(
                    pairs,
                    "key_state",
                    [request.pointer("/cryptoKeyVersion/state")],
                );
            }
        }
        "sts.googleapis.com" => {
            if let Some(request) = json(&audit.request, "{") {
                let either = |a: &str, b: &str| request.get(a).or_else(|| request.get(b)).cloned();
                all(pairs, "sts_audience", [request.get("audience")]);
                all(
                    pairs,
                    "sts_grant_type",
                    [either("grantType", "grant_type").as_ref()],
                );
            }
            if let Some(mapped) = mapped_principal(audit) {
                own(pairs, "sts_mapped_principal", mapped);
            }
        }
        "iamcredentials.googleapis.com" => delegates(pairs, audit),
        "iam.googleapis.com" => permissions_added(pairs, audit),
        "run.googleapis.com" => deployment(pairs, audit),
        _ => {}
    }
}

fn all<'v>(
    pairs: &mut Pairs<'_>,
    name: &'static str,
    values: impl IntoIterator<Item = Option<&'v Value>>,
) {
    for value in values.into_iter().flatten().filter_map(Value::as_str) {
        own(pairs, name, value.to_owned());
    }
}

fn list(value: Option<&Value>) -> impl Iterator<Item = Option<&Value>> {
    value
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .map(Some)
}

fn delegates(pairs: &mut Pairs<'_>, audit: &AuditLog<'_>) {
    let chain = json(&audit.metadata, "identityDelegationChain")
        .and_then(|metadata| metadata.get("identityDelegationChain").cloned())
        .or_else(|| json(&audit.request, "delegates")?.get("delegates").cloned());
    for account in list(chain.as_ref()).flatten().filter_map(Value::as_str) {
        let account = account_in(account).unwrap_or(account);
        own(pairs, "delegate", id::gcp_service_account(account));
    }
}

fn permissions_added(pairs: &mut Pairs<'_>, audit: &AuditLog<'_>) {
    if let Some(logged) = json(&audit.service_data, "permissionDelta") {
        let added = logged.pointer("/permissionDelta/addedPermissions");
        return all(pairs, "permission_added", list(added));
    }
    if let Some(request) = json(&audit.request, "ermissions") {
        let spelled = ["/role/includedPermissions", "/role/included_permissions"];
        for pointer in spelled {
            all(pairs, "permission_added", list(request.pointer(pointer)));
        }
    }
}

fn deployment(pairs: &mut Pairs<'_>, audit: &AuditLog<'_>) {
    let Some(request) = json(&audit.request, "ontainers") else {
        return;
    };
    let images = [
        "/service/spec/template/spec/containers",
        "/service/template/containers",
        "/job/spec/template/spec/template/spec/containers",
        "/job/template/template/containers",
        "/workerPool/spec/template/spec/containers",
        "/workerPool/template/containers",
    ];
    for containers in images {
        let containers = list(request.pointer(containers));
        all(
            pairs,
            "image",
            containers.map(|container| container?.get("image")),
        );
    }
    for labels in [
        "/service/metadata/labels",
        "/service/metadata/annotations",
        "/service/labels",
        "/service/annotations",
        "/job/metadata/labels",
        "/job/labels",
        "/workerPool/metadata/labels",
        "/workerPool/labels",
    ] {
        let labels = request.pointer(labels).and_then(Value::as_object);
        for (name, value) in labels.into_iter().flatten() {
            // `kubectl` keeps the whole configuration, environment included, in an annotation.
            let short = |text: &&str| text.len() <= MAX_LABEL && !text.contains('{');
            if let Some(value) = value.as_str().filter(short) {
                pairs.push((
                    Text::Owned(format!("label.{name}")),
                    Text::Owned(value.to_owned()),
                ));
            }
        }
    }
}

fn constraints(pairs: &mut Pairs<'_>, audit: &AuditLog<'_>) {
    for (member, name) in [("violationReason", "violation"), ("dryRun", "dry_run")] {
        let logged = json(&audit.metadata, member).and_then(|logged| logged.get(member).cloned());
        match logged {
            Some(Value::String(text)) => own(pairs, name, text),
            Some(Value::Bool(true)) => own(pairs, name, "true".to_owned()),
            _ => {}
        }
    }
    if let Some(violation) = json(&audit.policy_violation_info, "constraint") {
        let violations = violation.pointer("/orgPolicyViolationInfo/violationInfo");
        let violations = list(violations);
        all(
            pairs,
            "constraint",
            violations.map(|one| one?.get("constraint")),
        );
    }
}
