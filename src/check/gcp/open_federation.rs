//! GCP-IAM-005: a workload identity provider that trusts more of GitLab than one project.

use super::{Check, Known, Verdict, grants, without};
use crate::model::Severity;
use crate::posture::{Posture, Thing};
use crate::rule::Observation;

pub(in crate::check) struct OpenFederation;

impl Check for OpenFederation {
    fn name(&self) -> &'static str {
        "open-federation"
    }

    fn run(&self, input: &Posture<'_>, _: &Known<'_>) -> Verdict {
        if let Some(verdict) = without(input, "wif-provider", "workload identity providers") {
            return verdict;
        }
        let (mut population, mut observations) = (0, Vec::new());
        for provider in input.things.of("wif-provider") {
            let off = provider.is_true("disabled") || provider.value("state") == Some("DELETED");
            if off || !is_gitlab(&provider) {
                continue;
            }
            population += 1;
            let hosted = provider
                .value("issuer")
                .is_some_and(|issuer| issuer.trim_end_matches('/') == "https://gitlab.com");
            for (object, name) in faults(&provider) {
                let Some(place) = provider.place_of(name) else {
                    continue;
                };
                let mut seen = Observation::of(provider.object, object, input.evidence(place));
                if hosted && name == "condition" {
                    seen.severity = Some(Severity::Crit);
                }
                observations.push(seen);
            }
            let pool = pool(provider.object);
            for grant in grants(input) {
                let Some(attribute) = bound_attribute(&grant.holder, pool) else {
                    continue;
                };
                let mapped = provider.value(&format!("mapping.attribute.{attribute}"));
                if !mapped.is_some_and(names_project) {
                    let evidence = input.evidence(grant.place);
                    let object = format!("binding of {}", grant.holder);
                    observations.push(
                        Observation::of(provider.object, object, evidence)
                            .with_detail(&*grant.capability),
                    );
                }
            }
        }
        if population == 0 {
            return Verdict::NotAssessed("no workload identity provider trusts GitLab".to_owned());
        }
        Verdict::Looked {
            population,
            observations,
        }
    }
}

/// Claims of GitLab's ID token that say which project, or which group, a job belongs to.
const PROJECT_CLAIMS: [&str; 4] = [
    "namespace_id",
    "namespace_path",
    "project_id",
    "project_path",
];
/// Claims about the person who started the job, whom other projects have too.
const USER_CLAIMS: [&str; 4] = ["user_email", "user_id", "user_identities", "user_login"];

fn names_project(cel: &str) -> bool {
    PROJECT_CLAIMS.iter().any(|claim| cel.contains(claim)) || cel.trim() == "assertion.sub"
}

/// By the issuer, or by claims that only GitLab writes.
fn is_gitlab(provider: &Thing<'_>) -> bool {
    let issuer = provider.value("issuer").unwrap_or("");
    let mut mapping = provider.below("mapping.");
    issuer.contains("gitlab")
        || mapping.any(|(_, cel)| cel.contains("project_path") || cel.contains("namespace_path"))
}

/// What is wrong with a provider itself, and the attribute that shows it.
fn faults(provider: &Thing<'_>) -> Vec<(String, &'static str)> {
    let mut faults = Vec::new();
    match provider.value("condition") {
        None => faults.push(("no attribute condition".to_owned(), "condition")),
        Some(cel) if !PROJECT_CLAIMS.iter().any(|claim| cel.contains(claim)) => faults.push((
            "an attribute condition that names no project or group".to_owned(),
            "condition",
        )),
        Some(cel) if has_open_prefix(cel) => faults.push((
            "an attribute condition whose prefix ends within a name".to_owned(),
            "condition",
        )),
        Some(_) => {}
    }
    if let Some(cel) = provider.value("mapping.google.subject")
        && USER_CLAIMS.iter().any(|claim| cel.contains(claim))
    {
        faults.push((format!("google.subject = {cel}"), "mapping.google.subject"));
    }
    faults
}

/// `startsWith("acme")` admits the group `acme-evil` too.
fn has_open_prefix(cel: &str) -> bool {
    cel.split("startsWith(").skip(1).any(|rest| {
        let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''));
        let prefix = quote.and_then(|quote| rest.get(1..)?.split(quote).next());
        prefix.is_some_and(|prefix| !prefix.ends_with('/'))
    })
}

fn pool(provider: &str) -> &str {
    let name = provider
        .split("/workloadIdentityPools/")
        .nth(1)
        .unwrap_or("");
    name.split('/').next().unwrap_or("")
}

/// The attribute by which a principal set of this pool is bound; none for subjects and others.
fn bound_attribute<'h>(holder: &'h str, of: &str) -> Option<&'h str> {
    let set = holder.strip_prefix("gcp:principal/principalSet://")?;
    let (_, rest) = set.split_once("/workloadIdentityPools/")?;
    let (name, member) = rest.split_once('/')?;
    if name != of || of.is_empty() {
        return None;
    }
    match member.strip_prefix("attribute.") {
        Some(attribute) => attribute.split('/').next(),
        None => (member == "*").then_some("*"),
    }
}
