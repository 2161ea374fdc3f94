//! WVR-002: a comment that means to be a waiver and accepts nothing.

use super::{Check, Known, Verdict};
use crate::config::meant;
use crate::posture::Posture;
use crate::rule::{self, Observation};

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
        let mut ids = rule::ids();
        ids.extend(input.own_rules.iter().map(String::as_str));
        // Whoever misspells a rule believes that something is accepted.
        let unknown = input.waivers.iter().filter(|found| {
            let named = found.waiver.rule.as_str();
            !ids.contains(&named)
        });
        let unknown = unknown.map(|found| {
            let subject = format!("waiver:{}", found.evidence.file);
            let named = &found.waiver.rule;
            let near = meant(named, &ids);
            Observation::of(subject, format!("rule:{named}"), found.evidence.clone())
                .with_detail(format!("there is no rule `{named}`; {near}"))
        });
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
            observations: observations.chain(unknown).collect(),
        }
    }
}
