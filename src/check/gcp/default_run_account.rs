//! GCP-RUN-001: a Cloud Run service that runs as the default compute account.

use std::collections::BTreeSet;

use super::{Check, Known, Verdict, without_services};
use crate::model::{Confidence, id};
use crate::posture::Posture;
use crate::rule::Observation;

pub(in crate::check) struct DefaultRunAccount;

impl Check for DefaultRunAccount {
    fn name(&self) -> &'static str {
        "default-run-account"
    }

    fn run(&self, input: &Posture<'_>, _: &Known<'_>) -> Verdict {
        if let Some(verdict) = without_services(input) {
            return verdict;
        }
        // What runs is not stated, so neither is as whom.
        let described = input.services.iter().filter(|s| !s.images.is_empty());
        let named: BTreeSet<&str> = described.clone().map(|s| s.id.as_str()).collect();
        let others_state = described
            .clone()
            .any(|service| !service.service_account.is_empty());
        let default = described.filter(|s| s.has_default_account());
        let observations = default.map(|service| {
            let account = match service.service_account.as_str() {
                "" => "default",
                account => account,
            };
            let account = id::gcp_service_account(account);
            let evidence = input.evidence(service.place);
            let mut seen = Observation::of(&*service.id, account, evidence);
            // Where others state theirs, one that states none may have lost it.
            let lost = service.service_account.is_empty() && others_state;
            // Without its region nobody can tell which service it is.
            if lost || service.region.is_empty() {
                seen.confidence = Confidence::SUSPECTED;
            }
            seen
        });
        Verdict::Looked {
            population: named.len() as u64,
            observations: observations.collect(),
        }
    }
}
