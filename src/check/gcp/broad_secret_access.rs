//! GCP-DAT-006: secrets that are readable for a whole project, or one secret for several workloads.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Check, Known, SECRETS, Verdict, grants, is_broad, is_own_agent, observe, role, without_grants,
    workload,
};
use crate::model::Grant;
use crate::posture::Posture;
use crate::rule::Observation;

pub(in crate::check) struct BroadSecretAccess;

impl Check for BroadSecretAccess {
    fn name(&self) -> &'static str {
        "broad-secret-access"
    }

    fn run(&self, input: &Posture<'_>, _: &Known<'_>) -> Verdict {
        if let Some(verdict) = without_grants(input) {
            return verdict;
        }
        let (mut population, mut observations) = (0, Vec::new());
        let mut readers: BTreeMap<&str, Vec<&Grant>> = BTreeMap::new();
        for grant in grants(input) {
            let agent = grant
                .holder
                .strip_prefix("gcp:sa/")
                .is_some_and(|email| is_own_agent(input, email));
            if role(grant) != "secretmanager.secretAccessor" || agent {
                continue;
            }
            population += 1;
            let admin = input.settings.people.is_admin(&grant.holder);
            if is_broad(grant) && !admin {
                observations.push(observe(input, grant));
            }
            if grant.resource.starts_with(SECRETS) && workload(input, grant).is_some() {
                readers.entry(&grant.resource).or_default().push(grant);
            }
        }
        for (secret, grants) in readers {
            let holders: BTreeSet<&str> = grants.iter().map(|grant| &*grant.holder).collect();
            let mut exports = input.things.named("gcp-secret", secret);
            let shared = exports.any(|export| export.is_true("label.shared"));
            if holders.len() < 2 || shared {
                continue;
            }
            for grant in grants {
                let evidence = input.evidence(grant.place);
                let seen = Observation::of(secret, "several workloads", evidence);
                observations.push(seen.with_detail(&*grant.holder));
            }
        }
        if population == 0 {
            return Verdict::NotAssessed(
                "no exported IAM policy lets anybody read a secret".to_owned(),
            );
        }
        Verdict::Looked {
            population,
            observations,
        }
    }
}
