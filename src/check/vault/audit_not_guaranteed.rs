//! VLT-MNT-001: fewer than two audit devices.

use super::{Check, Known, Verdict};
use crate::model::{Confidence, Severity};
use crate::posture::Posture;
use crate::rule::Observation;

pub(in crate::check) struct AuditNotGuaranteed;

impl Check for AuditNotGuaranteed {
    fn name(&self) -> &'static str {
        "audit-not-guaranteed"
    }

    fn run(&self, input: &Posture<'_>, _: &Known<'_>) -> Verdict {
        let (mut population, mut observations) = (0, Vec::new());
        for list in input.things.of("vault-audit-list") {
            let Some(place) = list.place() else { continue };
            population += 1;
            let (severity, detail) = match list.number("devices") {
                Some(0) => (Severity::Crit, "no device: nothing is recorded"),
                Some(1) => (
                    Severity::High,
                    "one device: if it blocks, so does Vault; if it is lost, so is the trail",
                ),
                _ => continue,
            };
            let seen = Observation::of(list.object, "vault:audit", input.evidence(place));
            let mut seen = seen.with_severity(severity).with_detail(detail);
            if list.value("answer") == Some("bare") && input.facts.sources.contains("vault") {
                // The command prints `{}` where no device is; so does a filter that found nothing. A
                // log of the server shows that there was one.
                seen.severity = Some(Severity::High);
                seen.confidence = seen.confidence.min(Confidence::SUSPECTED);
                let detail = "none is listed, but a log of one was supplied";
                detail.clone_into(&mut seen.detail);
            }
            observations.push(seen);
        }
        if population == 0 {
            let reason =
                "no list of audit devices was supplied (`vault audit list -detailed -format=json`)";
            return Verdict::NotAssessed(reason.to_owned());
        }
        Verdict::Looked {
            population,
            observations,
        }
    }
}
