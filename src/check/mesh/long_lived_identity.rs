//! KMA-002: certificates of workloads that live longer than a day, or that nobody vouches for.

use super::{Check, Known, Verdict};
use super::{is_for_development, mesh_of};
use crate::model::Severity;
use crate::posture::{Posture, Thing};
use crate::rule::Observation;

pub(in crate::check) struct LongLivedIdentity;

impl Check for LongLivedIdentity {
    fn name(&self) -> &'static str {
        "long-lived-identity"
    }

    fn run(&self, input: &Posture<'_>, _: &Known<'_>) -> Verdict {
        let identified =
            |mesh: &Thing<'_>| matches!(mesh.value("mtls"), Some("strict" | "permissive"));
        let meshes = input.things.of("mesh").filter(identified);
        let issuers: Vec<Thing<'_>> = meshes.chain(input.things.of("mesh-identity")).collect();
        if issuers.is_empty() {
            let reason = "no Kuma mesh with mTLS and no `MeshIdentity` were supplied";
            return Verdict::NotAssessed(reason.to_owned());
        }
        let limit = input.threshold("mesh_certificate").unwrap_or(86_400);
        let mut observations = Vec::new();
        for issuer in &issuers {
            let mut report = |name: &str, fault: &str, severity: Severity| {
                if let Some(place) = issuer.place_of(name) {
                    let seen = Observation::of(issuer.object, fault, input.evidence(place));
                    observations.push(seen.with_severity(severity));
                }
            };
            // Unset means a day.
            if let Some(seconds) = issuer.number("certificate_seconds").filter(|s| *s > limit) {
                let fault = format!(
                    "certificates of workloads live {} h",
                    seconds.div_euclid(3_600)
                );
                report("certificate_seconds", &fault, Severity::Med);
            }
            if issuer.is_true("self_signed") && !is_for_development(input, mesh_of(issuer)) {
                let fault = "a self-signed authority is accepted";
                report("self_signed", fault, Severity::Med);
            }
        }
        let population = u64::try_from(issuers.len()).unwrap_or(u64::MAX);
        let missing =
            "tokens of dataplanes are in no export: their lifetime and binding are not judged";
        Verdict::looked(population, observations, Some(missing.to_owned()))
    }
}
