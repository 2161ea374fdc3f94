//! GCP-IAM-008: members that are deleted, of a consumer domain, or of an unknown project.

use std::collections::BTreeSet;

use super::{Check, Known, Verdict, grants, is_agent, is_default_account, observe, without_grants};
use crate::posture::Posture;

pub(in crate::check) struct StaleMember;

impl Check for StaleMember {
    fn name(&self) -> &'static str {
        "stale-member"
    }

    fn run(&self, input: &Posture<'_>, _: &Known<'_>) -> Verdict {
        if let Some(verdict) = without_grants(input) {
            return verdict;
        }
        // Only a listing of service accounts says which projects are known.
        let known: BTreeSet<&str> = input
            .things
            .of("gcp-service-account")
            .filter_map(|account| account.value("project"))
            .collect();
        let (mut population, mut observations) = (0, Vec::new());
        for grant in grants(input) {
            population += 1;
            if let Some(why) = stale(&grant.holder, &known) {
                let mut seen = observe(input, grant);
                seen.detail = format!("{why}: {}", grant.capability);
                observations.push(seen);
            }
        }
        Verdict::Looked {
            population,
            observations,
        }
    }
}

/// Domains at which anybody gets an address.
const CONSUMER: [&str; 8] = [
    "gmail.com",
    "googlemail.com",
    "hotmail.com",
    "icloud.com",
    "outlook.com",
    "proton.me",
    "protonmail.com",
    "yahoo.com",
];

fn stale(holder: &str, known: &BTreeSet<&str>) -> Option<&'static str> {
    if let Some(email) = holder.strip_prefix("gcp:sa/") {
        let domain = email.split_once('@')?.1;
        let project = domain.strip_suffix(".iam.gserviceaccount.com")?;
        let own = known.is_empty()
            || known.contains(project)
            || is_agent(email)
            || is_default_account(email);
        return (!own).then_some("an account of a project that is not in the export");
    }
    let member = holder.strip_prefix("gcp:principal/")?;
    if member.starts_with("deleted:") {
        return Some("deleted");
    }
    let domain = member.strip_prefix("user:")?.rsplit('@').next()?;
    CONSUMER
        .contains(&domain)
        .then_some("an address of a consumer domain")
}
