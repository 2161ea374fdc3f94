//! Checks of Google Cloud configuration, and what they share: grants, accounts, roles, resources.

mod basic_role;
mod broad_secret_access;
mod bucket_grant;
mod bucket_safety;
mod dangling_reference;
mod default_account_editor;
mod default_run_account;
mod key_grant;
mod literal_env_secret;
mod missing_rotation;
mod mixed_duties;
mod open_federation;
mod public_secret_store;
mod public_service;
mod shared_run_account;
mod stale_member;
mod stale_secret_version;
mod unused_role;
mod user_managed_key;
mod wide_impersonation;

use super::{Check, Known, Verdict};
use crate::model::{Grant, Timestamp, asked_by, is_google_agent as is_agent};
use crate::posture::Posture;
use crate::rule::Observation;
use crate::snapshot::gcp::condition::{Standing, narrows, standing};

/// Every check of this folder.
pub(super) const CHECKS: &[&dyn Check] = &[
    &basic_role::BasicRole,
    &broad_secret_access::BroadSecretAccess,
    &bucket_grant::BucketGrant,
    &bucket_safety::BucketSafety,
    &dangling_reference::DanglingReference,
    &default_account_editor::DefaultAccountEditor,
    &default_run_account::DefaultRunAccount,
    &key_grant::KeyGrant,
    &literal_env_secret::LiteralEnvSecret,
    &missing_rotation::MissingRotation,
    &mixed_duties::MixedDuties,
    &open_federation::OpenFederation,
    &public_secret_store::PublicSecretStore,
    &public_service::PublicService,
    &shared_run_account::SharedRunAccount,
    &stale_member::StaleMember,
    &stale_secret_version::StaleSecretVersion,
    &unused_role::UnusedRole,
    &user_managed_key::UserManagedKey,
    &wide_impersonation::WideImpersonation,
];

/// Microseconds of a day.
const DAY: i64 = 86_400_000_000;
const MANAGER: &str = "gcp:resource/cloudresourcemanager.googleapis.com/";
const KMS: &str = "gcp:resource/cloudkms.googleapis.com/";
const SECRETS: &str = "gcp:resource/secretmanager.googleapis.com/";
const BUCKETS: &str = "gcp:resource/storage.googleapis.com/";

/// Every access that an IAM policy grants at the time of the report: a binding whose condition is
/// false then applies to no request.
fn grants<'i>(input: &'i Posture<'_>) -> impl Iterator<Item = &'i Grant> {
    let at = input.as_of;
    written(input).filter(move |grant| standing(&grant.condition, at) != Standing::Fails)
}

/// Every grant that stands in an IAM policy.
fn written<'i>(input: &'i Posture<'_>) -> impl Iterator<Item = &'i Grant> {
    input.grants.iter().filter(|grant| grant.language == "gcp")
}

/// What to say when no IAM policy was read.
fn without_grants(input: &Posture<'_>) -> Option<Verdict> {
    written(input)
        .next()
        .is_none()
        .then(|| Verdict::NotAssessed("no IAM policy with bindings was supplied".to_owned()))
}

/// What to say when nothing of a kind was read.
fn without(input: &Posture<'_>, kind: &str, what: &str) -> Option<Verdict> {
    (!input.things.has(kind)).then(|| Verdict::NotAssessed(format!("no export of {what}")))
}

/// What to say when no Cloud Run service was read.
fn without_services(input: &Posture<'_>) -> Option<Verdict> {
    let reason = "nothing was read for: Cloud Run service descriptions";
    let none = input.services.is_empty();
    none.then(|| Verdict::NotAssessed(reason.to_owned()))
}

/// An observation about a grant: its holder, the resource, the role and its condition.
fn observe(input: &Posture<'_>, grant: &Grant) -> Observation {
    let evidence = input.evidence(grant.place);
    let seen = Observation::of(&*grant.holder, &*grant.resource, evidence);
    seen.with_detail(under_condition(input, grant))
}

/// The role of a grant, and the condition under which it is held.
fn under_condition(input: &Posture<'_>, grant: &Grant) -> String {
    let role = &grant.capability;
    // A condition is written over several lines; a message is one.
    let words: Vec<&str> = grant.condition.split_whitespace().collect();
    let condition = words.join(" ");
    match standing(&grant.condition, input.as_of) {
        Standing::Absent => role.clone(),
        Standing::Open if !narrows(&grant.condition) => {
            format!("{role} (under a condition that was not evaluated: {condition})")
        }
        _ => format!("{role} (under the condition {condition})"),
    }
}

/// The e-mail of a service account that is somebody's workload: neither one of Google's agents,
/// which hold the roles they come with, nor a declared administrator.
fn workload<'g>(input: &Posture<'_>, grant: &'g Grant) -> Option<&'g str> {
    let email = grant.holder.strip_prefix("gcp:sa/")?;
    let exempt = is_own_agent(input, email) || input.settings.people.is_admin(&grant.holder);
    (!exempt).then_some(email)
}

/// Whether an account is one of Google's agents, and does not act for the people of a project that
/// the exported list of projects does not have.
fn is_own_agent(input: &Posture<'_>, email: &str) -> bool {
    let of_others = asked_by(email).is_some_and(|number| {
        let mut projects = input.things.of("gcp-project").peekable();
        let listed = projects.peek().is_some();
        listed && !projects.any(|project| project.value("number") == Some(number))
    });
    is_agent(email) && !of_others
}

/// Whether an account is the default one of Compute Engine or App Engine.
fn is_default_account(email: &str) -> bool {
    email.ends_with("@appspot.gserviceaccount.com")
        || email
            .strip_suffix("-compute@developer.gserviceaccount.com")
            .is_some_and(is_number)
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether everybody holds the grant.
fn is_public(grant: &Grant) -> bool {
    matches!(
        grant.holder.as_str(),
        "gcp:principal/allUsers" | "gcp:principal/allAuthenticatedUsers"
    )
}

/// Whether a grant is on a project, a folder or an organization, and no condition narrows it to
/// resources in there.
fn is_broad(grant: &Grant) -> bool {
    is_container(&grant.resource) && !narrows(&grant.condition)
}

/// Whether a resource is a project, a folder or an organization.
fn is_container(resource: &str) -> bool {
    let Some(name) = resource.strip_prefix(MANAGER) else {
        return false;
    };
    let mut segments = name.split('/');
    let collection = segments.next().unwrap_or("");
    ["projects", "folders", "organizations"].contains(&collection)
        && segments.next().is_some()
        && segments.next().is_none()
}

/// The project a resource is in, where its name says so.
fn project(resource: &str) -> Option<&str> {
    let (_, rest) = resource.split_once("/projects/")?;
    rest.split('/').next()
}

/// A role without `roles/` and without the place of a custom one.
fn role(grant: &Grant) -> &str {
    let role = grant.capability.as_str();
    role.rsplit_once("roles/").map_or(role, |(_, name)| name)
}

/// How long before the report speaks a time was, in microseconds.
fn age(input: &Posture<'_>, at: Option<&str>) -> Option<i64> {
    let at = Timestamp::parse(at?)?;
    Some(input.as_of.0.saturating_sub(at.0))
}

/// A duration as Google writes it (`7776000s`), in seconds.
fn seconds(text: &str) -> Option<i64> {
    text.strip_suffix('s')?.split('.').next()?.parse().ok()
}

/// Whether a word of a name, between separators, is one of `words`.
fn has_word(name: &str, words: &[&str]) -> bool {
    let name = name.to_ascii_lowercase();
    name.split(|c: char| !c.is_ascii_alphanumeric())
        .any(|part| words.contains(&part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accounts_and_resources_are_told_apart() {
        assert!(is_default_account(
            "123-compute@developer.gserviceaccount.com"
        ));
        assert!(!is_default_account(
            "app-compute@developer.gserviceaccount.com"
        ));
        assert!(is_container(&format!("{MANAGER}projects/p")));
        assert!(!is_container(&format!("{BUCKETS}projects/_/buckets/b")));
        assert_eq!(project(&format!("{KMS}projects/p/locations/l")), Some("p"));
        assert_eq!(seconds("7776000s"), Some(7_776_000));
    }
}
