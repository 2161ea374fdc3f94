//! The account that a call acts on: impersonated, keyed, created, or deployed with.

use serde_json::Value;
use sonic_rs::LazyValue;

use crate::model::id;

use super::wire::{AuditLog, ResourceLabels};

/// Where deploy and key requests name a service account, by API:
/// Cloud Run v1 and v2 services, jobs and worker pools, Cloud Functions v1 and v2, Cloud Build, Storage HMAC
/// keys, Compute instances, Cloud Scheduler and Pub/Sub push tokens.
const REQUEST_POINTERS: &[&str] = &[
    "/service/spec/template/spec/serviceAccountName",
    "/service/template/serviceAccount",
    "/job/spec/template/spec/template/spec/serviceAccountName",
    "/job/template/template/serviceAccount",
    "/workerPool/spec/template/spec/serviceAccountName",
    "/workerPool/template/serviceAccount",
    "/function/serviceAccountEmail",
    "/function/serviceConfig/serviceAccountEmail",
    "/build/serviceAccount",
    "/serviceAccountEmail",
    "/serviceAccounts/0/email",
    "/instance/serviceAccounts/0/email",
    "/properties/serviceAccounts/0/email",
];

/// Where answers name the account that was created, deployed or keyed.
const RESPONSE_POINTERS: &[&str] = &[
    "/spec/template/spec/serviceAccountName",
    "/template/serviceAccount",
    "/metadata/serviceAccountEmail",
];

/// The id of the account acted on, `gcp:sa/<email>`; a numeric id stays where no e-mail is logged.
pub(super) fn of(audit: &AuditLog<'_>, labels: Option<&ResourceLabels<'_>>) -> Option<String> {
    let labelled = || labels.and_then(|labels| labels.email_id.get());
    let acted_on = account_in(audit.resource_name.as_str());
    if let Some(account) = acted_on.filter(|account| account.contains('@')) {
        return Some(id::gcp_service_account(account));
    }
    if let Some(number) = acted_on {
        let asked = || {
            let request = json(&audit.request, "serviceAccounts/")?;
            let account = account_in(request.get("name")?.as_str()?)?;
            account.contains('@').then(|| account.to_owned())
        };
        let email = labelled().map(str::to_owned).or_else(asked);
        return Some(id::gcp_service_account(email.as_deref().unwrap_or(number)));
    }
    created(audit)
        .or_else(|| named(&audit.request, REQUEST_POINTERS))
        .or_else(|| named(&audit.response, RESPONSE_POINTERS))
        .or_else(|| acted_as(audit))
        .or_else(|| labelled().map(id::gcp_service_account))
}

/// `CreateServiceAccount` acts on a project; the new account stands in the answer.
fn created(audit: &AuditLog<'_>) -> Option<String> {
    if audit.service_name.as_str() != "iam.googleapis.com" {
        return None;
    }
    let response = json(&audit.response, "@")?;
    let email = response.get("email")?.as_str()?;
    email.contains('@').then(|| id::gcp_service_account(email))
}

/// The account of a permission check for `iam.serviceAccounts.actAs` and its like.
fn acted_as(audit: &AuditLog<'_>) -> Option<String> {
    audit
        .checks()
        .filter(|check| check.permission.as_str().starts_with("iam.serviceAccount"))
        .find_map(|check| account_in(check.resource.as_str()))
        .map(id::gcp_service_account)
}

fn named(source: &Option<LazyValue<'_>>, pointers: &[&str]) -> Option<String> {
    let value = json(source, "erviceAccount")?;
    let account = pointers
        .iter()
        .find_map(|pointer| value.pointer(pointer)?.as_str())
        .filter(|account| !account.is_empty())?;
    Some(id::gcp_service_account(
        account_in(account).unwrap_or(account),
    ))
}

/// `ci@p.iam.gserviceaccount.com` of `projects/-/serviceAccounts/ci@p.iam.gserviceaccount.com/keys/1`.
pub(super) fn account_in(name: &str) -> Option<&str> {
    let (_, rest) = name.split_once("serviceAccounts/")?;
    let account = rest.split(['/', ':']).next()?;
    (!account.is_empty()).then_some(account)
}

/// Parses a free-form member, if its text may hold `hint` at all.
pub(super) fn json(source: &Option<LazyValue<'_>>, hint: &str) -> Option<Value> {
    serde_json::from_str(holding(source, hint)?).ok()
}

/// The text of a free-form member that may hold `hint`: as it stands, or with letters of it escaped,
/// which no search of the text tells.
pub(super) fn holding<'s>(source: &'s Option<LazyValue<'_>>, hint: &str) -> Option<&'s str> {
    let raw = source.as_ref()?.as_raw_str();
    let held = memchr::memmem::find(raw.as_bytes(), hint.as_bytes());
    let escaped = || memchr::memmem::find(raw.as_bytes(), b"\\u");
    held.or_else(escaped).map(|_| raw)
}
