//! GCP-IAM-003: the right to act as service accounts, given for many or to many.

use super::{
    Check, Known, Verdict, grants, is_broad, is_own_agent, is_public, observe, role, without_grants,
};
use crate::posture::Posture;

pub(in crate::check) struct WideImpersonation;

impl Check for WideImpersonation {
    fn name(&self) -> &'static str {
        "wide-impersonation"
    }

    fn run(&self, input: &Posture<'_>, _: &Known<'_>) -> Verdict {
        if let Some(verdict) = without_grants(input) {
            return verdict;
        }
        let (mut population, mut observations) = (0, Vec::new());
        for grant in grants(input) {
            if !IMPERSONATING.contains(&role(grant)) {
                continue;
            }
            population += 1;
            let agent = grant
                .holder
                .strip_prefix("gcp:sa/")
                .is_some_and(|email| is_own_agent(input, email));
            if agent || input.settings.people.is_admin(&grant.holder) {
                continue;
            }
            let crowd = is_public(grant)
                || grant.holder.starts_with("gcp:principal/domain:")
                || (grant.holder.contains("principalSet://") && grant.holder.ends_with("/*"));
            if is_broad(grant) || crowd {
                observations.push(observe(input, grant));
            }
        }
        Verdict::Looked {
            population,
            observations,
        }
    }
}

/// Roles that let their holder act as a service account.
const IMPERSONATING: [&str; 4] = [
    "iam.serviceAccountOpenIdTokenCreator",
    "iam.serviceAccountTokenCreator",
    "iam.serviceAccountUser",
    "iam.workloadIdentityUser",
];
