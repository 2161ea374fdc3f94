//! GCP-DAT-005: buckets whose access cannot be reviewed or whose content can be lost.

use super::{Check, Known, Verdict, has_word, without};
use crate::model::Severity;
use crate::posture::{Posture, Thing};
use crate::rule::Observation;

pub(in crate::check) struct BucketSafety;

impl Check for BucketSafety {
    fn name(&self) -> &'static str {
        "bucket-safety"
    }

    fn run(&self, input: &Posture<'_>, _: &Known<'_>) -> Verdict {
        if let Some(verdict) = without(input, "gcs-bucket", "Cloud Storage buckets") {
            return verdict;
        }
        let (mut population, mut observations) = (0, Vec::new());
        for bucket in input.things.of("gcs-bucket") {
            population += 1;
            let mut report = |fault: &str, name: &str, severity: Severity| {
                if let Some(place) = bucket.place_of(name) {
                    let evidence = input.evidence(place);
                    let seen = Observation::of(bucket.object, fault, evidence);
                    observations.push(seen.with_severity(severity));
                }
            };
            if !bucket.is_true("uniform_access") {
                report(
                    "uniform bucket-level access is off",
                    "uniform_access",
                    Severity::Med,
                );
            }
            let soft = bucket.number("soft_delete_seconds").unwrap_or(0) > 0;
            if !bucket.is_true("versioning") && !soft {
                report(
                    "neither versioning nor soft delete",
                    "versioning",
                    Severity::Low,
                );
            }
            if is_log(&bucket) && !bucket.is_true("retention_locked") {
                report(
                    "a log bucket without locked retention",
                    "retention_locked",
                    Severity::Low,
                );
            }
        }
        Verdict::Looked {
            population,
            observations,
        }
    }
}

/// A bucket whose name or labels say that it holds logs.
fn is_log(bucket: &Thing<'_>) -> bool {
    let words = ["audit", "auditlogs", "log", "logs"];
    let name = bucket.object.rsplit('/').next().unwrap_or("");
    let mut labels = bucket.below("label.");
    has_word(name, &words)
        || labels.any(|(key, value)| has_word(key, &words) || has_word(value, &words))
}
