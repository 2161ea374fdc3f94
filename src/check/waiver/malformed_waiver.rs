//! WVR-002: a comment that means to be a waiver and accepts nothing.

use super::{Check, Known, Verdict};
use crate::posture::Posture;
use crate::rule::Observation;

pub(in crate::check) struct MalformedWaiver;

impl Check for MalformedWaiver {
    fn name(&self) -> &'static str {
        "malformed-waiver"
    }

    fn run(&self, input: &Posture<'_>, _: &Known<'_>) -> Verdict {
        let population = input.waivers.len() + input.malformed_waivers.len();
        if population == 0 {
            return Verdict::NotAssessed("no waiver is written in a comment".to_owned());
        }
        let observations = input.malformed_waivers.iter().map(|found| {
            let subject = format!("waiver:{}", found.evidence.file);
            let rule = if found.rule.is_empty() {
                "-"
            } else {
                &found.rule
            };
            Observation::of(subject, format!("rule:{rule}"), found.evidence.clone())
                .with_detail(found.fault.clone())
        });
        Verdict::Looked {
            population: population as u64,
            observations: observations.collect(),
        }
    }
}
