//! WVR-003: a waiver that accepts nothing that was found.

use super::{Check, Known, Verdict};
use crate::posture::Posture;
use crate::rule::Observation;

pub(in crate::check) struct UnusedWaiver;

impl Check for UnusedWaiver {
    fn name(&self) -> &'static str {
        "unused-waiver"
    }

    fn run(&self, input: &Posture<'_>, known: &Known<'_>) -> Verdict {
        let population = input.waivers.len() + input.settings.waivers.len();
        if population == 0 {
            return Verdict::NotAssessed("no waiver is written down".to_owned());
        }
        let Some(unused) = known.unused_waivers else {
            let reason = "no other rule has answered yet";
            return Verdict::NotAssessed(reason.to_owned());
        };
        let observations = unused.iter().map(|evidence| {
            let subject = format!("waiver:{}", evidence.file);
            Observation::of(subject, format!("line:{}", evidence.line), evidence.clone())
        });
        Verdict::Looked {
            population: population as u64,
            observations: observations.collect(),
        }
    }
}
