//! GCP-RUN-002: a service account that several Cloud Run services run as.

use std::collections::{BTreeMap, BTreeSet};

use super::{Check, Known, Verdict, without_services};
use crate::model::{Service, id};
use crate::posture::Posture;
use crate::rule::Observation;

pub(in crate::check) struct SharedRunAccount;

impl Check for SharedRunAccount {
    fn name(&self) -> &'static str {
        "shared-run-account"
    }

    fn run(&self, input: &Posture<'_>, _: &Known<'_>) -> Verdict {
        if let Some(verdict) = without_services(input) {
            return verdict;
        }
        let mut users: BTreeMap<&str, Vec<&Service>> = BTreeMap::new();
        let named = input
            .services
            .iter()
            .filter(|s| !s.service_account.is_empty());
        for service in named {
            let users = users.entry(&service.service_account).or_default();
            users.push(service);
        }
        if users.is_empty() {
            let reason = "no Cloud Run service names its service account";
            return Verdict::NotAssessed(reason.to_owned());
        }
        let mut observations = Vec::new();
        for (account, services) in &users {
            let ids: BTreeSet<&str> = services.iter().map(|s| s.id.as_str()).collect();
            let families: BTreeSet<String> = services.iter().map(|s| s.family()).collect();
            let dedicated = services
                .iter()
                .all(|service| !service.has_default_account());
            // Revisions of one service are one, and so are blue and green.
            let Some(first) = ids.first().filter(|_| ids.len() > 1 && families.len() > 1) else {
                continue;
            };
            for service in services.iter().filter(|_| dedicated) {
                let subject = id::gcp_service_account(account);
                let evidence = input.evidence(service.place);
                let seen = Observation::of(subject, *first, evidence);
                observations.push(seen.with_detail(&*service.id));
            }
        }
        Verdict::Looked {
            population: users.len() as u64,
            observations,
        }
    }
}
