//! GCP-RUN-003: a secret written into the environment of a service.

use super::{Check, Known, Verdict, without};
use crate::model::Severity;
use crate::posture::Posture;
use crate::rule::Observation;

pub(in crate::check) struct LiteralEnvSecret;

impl Check for LiteralEnvSecret {
    fn name(&self) -> &'static str {
        "literal-env-secret"
    }

    fn run(&self, input: &Posture<'_>, _: &Known<'_>) -> Verdict {
        if let Some(verdict) = without(input, "run-service", "Cloud Run services") {
            return verdict;
        }
        let (mut population, mut observations) = (0, Vec::new());
        for service in input.things.of("run-service") {
            population += 1;
            for (variable, pattern) in service.below("env_pattern.") {
                let Some(place) = service.place_of(&format!("env_pattern.{variable}")) else {
                    continue;
                };
                let evidence = input.evidence(place);
                let mut seen = Observation::of(service.object, variable, evidence);
                if pattern == "secret-name" {
                    seen.severity = Some(Severity::High);
                }
                observations.push(seen.with_detail(pattern));
            }
        }
        Verdict::Looked {
            population,
            observations,
        }
    }
}
