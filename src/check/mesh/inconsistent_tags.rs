//! KMA-005: services whose proxies say too little of themselves, or contradict one another.

use std::collections::{BTreeMap, BTreeSet};

use super::{Check, Known, Verdict, mesh_of, without};
use crate::posture::{Posture, Thing};
use crate::rule::Observation;

pub(in crate::check) struct InconsistentTags;

/// What every service says, and how each is spelled.
const REQUIRED: [(&str, &[&str]); 3] = [
    ("env", &["env", "environment"]),
    ("team", &["team", "owner"]),
    ("version", &["version", "app.kubernetes.io/version"]),
];
/// What all proxies of a service say alike.
const SHARED: [(&str, &[&str]); 2] = [REQUIRED[0], REQUIRED[1]];

impl Check for InconsistentTags {
    fn name(&self) -> &'static str {
        "inconsistent-tags"
    }

    fn run(&self, input: &Posture<'_>, _: &Known<'_>) -> Verdict {
        if let Some(verdict) = without(input, "mesh-dataplane", "Kuma dataplanes") {
            return verdict;
        }
        let mut services: BTreeMap<String, Vec<Thing<'_>>> = BTreeMap::new();
        let mut observations = Vec::new();
        for dataplane in input.things.of("mesh-dataplane") {
            let mesh = mesh_of(&dataplane);
            let names: BTreeSet<&str> = dataplane.values("service").collect();
            if names.is_empty()
                && dataplane.has("inbound")
                && let Some(place) = dataplane.place()
            {
                let fault = "neither a service nor a workload is named";
                observations.push(Observation::of(
                    dataplane.object,
                    fault,
                    input.evidence(place),
                ));
            }
            for name in names {
                let id = format!("mesh:service/{mesh}/{name}");
                services.entry(id).or_default().push(dataplane);
            }
        }
        for (id, proxies) in &services {
            for (fault, proxy) in faults(proxies) {
                if let Some(place) = proxy.place() {
                    observations.push(Observation::of(id, fault, input.evidence(place)));
                }
            }
        }
        Verdict::Looked {
            population: u64::try_from(services.len()).unwrap_or(u64::MAX),
            observations,
        }
    }
}

fn faults<'t>(proxies: &[Thing<'t>]) -> Vec<(String, Thing<'t>)> {
    let mut faults = Vec::new();
    for (key, spellings) in REQUIRED {
        if let Some(proxy) = proxies
            .iter()
            .find(|proxy| said(proxy, spellings).is_empty())
        {
            faults.push((format!("`{key}` is not said by every proxy"), *proxy));
        }
    }
    for (key, spellings) in SHARED {
        let values: BTreeSet<&str> = proxies.iter().flat_map(|p| said(p, spellings)).collect();
        if values.len() > 1
            && let Some(proxy) = proxies.last()
        {
            let values: Vec<&str> = values.into_iter().collect();
            faults.push((format!("`{key}` differs: {}", values.join(", ")), *proxy));
        }
    }
    faults
}

/// What a proxy says under any of some spellings.
fn said<'t>(proxy: &Thing<'t>, spellings: &[&str]) -> Vec<&'t str> {
    let mut values = Vec::new();
    for spelling in spellings {
        for prefix in ["tag.", "label."] {
            values.extend(proxy.values(&format!("{prefix}{spelling}")));
        }
    }
    values
}
