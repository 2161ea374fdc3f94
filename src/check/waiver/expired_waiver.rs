//! WVR-001: a waiver that has ended and is still written down.

use super::{Check, Known, Verdict};
use crate::posture::Posture;
use crate::rule::{Observation, declared};

pub(in crate::check) struct ExpiredWaiver;

impl Check for ExpiredWaiver {
    fn name(&self) -> &'static str {
        "expired-waiver"
    }

    fn run(&self, input: &Posture<'_>, _: &Known<'_>) -> Verdict {
        let commented = input
            .waivers
            .iter()
            .map(|found| (&found.waiver, found.evidence.clone()));
        let configured = input.settings.waivers.iter();
        let configured = configured.map(|waiver| (waiver, declared(&waiver.declared_at)));
        let all: Vec<_> = commented.chain(configured).collect();
        if all.is_empty() {
            return Verdict::NotAssessed("no waiver is written down".to_owned());
        }
        let mut observations = Vec::new();
        for (waiver, evidence) in &all {
            if waiver.expires <= input.as_of {
                let subject = format!("waiver:{}", evidence.file);
                let seen =
                    Observation::of(subject, format!("rule:{}", waiver.rule), evidence.clone())
                        .with_detail(format!(
                            "of {}, ended {}",
                            waiver.owner,
                            waiver.expires.date()
                        ));
                observations.push(seen);
            }
        }
        Verdict::Looked {
            population: all.len() as u64,
            observations,
        }
    }
}
