//! KMA-008: services whose proxies no access-log policy makes log what comes in.

use std::collections::BTreeSet;

use super::{Check, Known, Verdict, without};
use super::{includes, is_tried_only, mesh_of, within};
use crate::posture::{Posture, Thing};
use crate::rule::Observation;

pub(in crate::check) struct UnloggedService;

impl Check for UnloggedService {
    fn name(&self) -> &'static str {
        "unlogged-service"
    }

    fn run(&self, input: &Posture<'_>, _: &Known<'_>) -> Verdict {
        let nothing = without(input, "mesh-dataplane", "Kuma dataplanes")
            // Without any policy nobody knows whether there is none, or whether it was not exported.
            .or_else(|| without(input, "mesh-access-log", "access-log policies of Kuma"));
        if let Some(verdict) = nothing {
            return verdict;
        }
        let (mut services, mut observations) = (BTreeSet::new(), Vec::new());
        let mut unexported = BTreeSet::new();
        for dataplane in input.things.of("mesh-dataplane") {
            let mesh = mesh_of(&dataplane);
            let policies = within(input, "mesh-access-log", mesh);
            if policies.is_empty() {
                unexported.insert(mesh);
                continue;
            }
            let covered = policies.iter().any(|policy| logs(policy, &dataplane));
            for service in dataplane.values("service") {
                let id = format!("mesh:service/{mesh}/{service}");
                if !covered && let Some(place) = dataplane.place() {
                    let fault = "no policy logs what comes in";
                    observations.push(Observation::of(&*id, fault, input.evidence(place)));
                }
                services.insert(id);
            }
        }
        let population = u64::try_from(services.len()).unwrap_or(u64::MAX);
        let missing = (!unexported.is_empty()).then(|| {
            let names: Vec<&str> = unexported.into_iter().collect();
            format!(
                "no access-log policies of mesh {} were supplied",
                names.join(", ")
            )
        });
        Verdict::looked(population, observations, missing)
    }
}

fn logs(policy: &Thing<'_>, dataplane: &Thing<'_>) -> bool {
    let inbound = policy
        .values("direction")
        .any(|direction| direction == "inbound");
    inbound && !is_tried_only(policy) && includes(policy, dataplane)
}
