//! GCP-IAM-002: a workload that holds a basic role or one that leads to all others.

use super::{
    Check, Known, Verdict, grants, is_broad, is_default_account, observe, role, without_grants,
    workload,
};
use crate::model::{Grant, Severity};
use crate::posture::Posture;

pub(in crate::check) struct BasicRole;

impl Check for BasicRole {
    fn name(&self) -> &'static str {
        "basic-role"
    }

    fn run(&self, input: &Posture<'_>, _: &Known<'_>) -> Verdict {
        if let Some(verdict) = without_grants(input) {
            return verdict;
        }
        let (mut population, mut observations) = (0, Vec::new());
        for grant in grants(input) {
            let told = workload(input, grant).or_else(|| federated(input, grant));
            let Some(email) = told.or_else(|| owning_agent(input, grant)) else {
                continue;
            };
            population += 1;
            // The default account's basic roles are GCP-IAM-001.
            let basic = matches!(role(grant), "editor" | "owner");
            if basic && is_default_account(email) {
                continue;
            }
            if let Some(severity) = severity(grant) {
                observations.push(observe(input, grant).with_severity(severity));
            }
        }
        Verdict::Looked {
            population,
            observations,
        }
    }
}

/// What a workload's identity elsewhere (a job's ID token, a cluster's account) is called that needs
/// no service account; a pool of the workforce holds people.
fn federated<'g>(input: &Posture<'_>, grant: &'g Grant) -> Option<&'g str> {
    let name = grant.holder.strip_prefix("gcp:principal/")?;
    let told = name.starts_with("principal://") || name.starts_with("principalSet://");
    let of_workloads = told && name.contains("/workloadIdentityPools/");
    (of_workloads && !input.settings.people.is_admin(&grant.holder)).then_some(name)
}

/// One of Google's agents as an owner: none comes with that role, and whoever may ask the agent of Cloud
/// Build for a build has it too.
fn owning_agent<'g>(input: &Posture<'_>, grant: &'g Grant) -> Option<&'g str> {
    let email = grant.holder.strip_prefix("gcp:sa/")?;
    let given = role(grant) == "owner" && !input.settings.people.is_admin(&grant.holder);
    given.then_some(email)
}

/// Roles by which a holder can give itself any other, wherever they are held.
const ESCALATING: [&str; 7] = [
    "cloudbuild.builds.editor",
    "deploymentmanager.editor",
    "iam.securityAdmin",
    "resourcemanager.folderAdmin",
    "resourcemanager.organizationAdmin",
    "resourcemanager.projectIamAdmin",
    "run.admin",
];

fn severity(grant: &Grant) -> Option<Severity> {
    let role = role(grant);
    match role {
        "owner" => Some(Severity::Crit),
        "editor" => Some(Severity::High),
        "viewer" => Some(Severity::Med),
        _ if ESCALATING.contains(&role) => Some(Severity::High),
        // An administrator of one bucket or one key is what GCP-DAT rules look at.
        _ if is_broad(grant) && role.to_ascii_lowercase().contains("admin") => Some(Severity::High),
        _ => None,
    }
}
