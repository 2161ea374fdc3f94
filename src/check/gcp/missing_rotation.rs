//! GCP-DAT-003: keys and secrets that nobody rotates, and old versions that still work.

use std::collections::BTreeMap;

use super::{Check, DAY, Known, Verdict, age, seconds};
use crate::posture::{Posture, Thing};
use crate::rule::Observation;

pub(in crate::check) struct MissingRotation;

impl Check for MissingRotation {
    fn name(&self) -> &'static str {
        "missing-rotation"
    }

    fn run(&self, input: &Posture<'_>, _: &Known<'_>) -> Verdict {
        let longest = input.threshold("rotation").unwrap_or(90 * 86_400);
        let overlap = input.threshold("version_overlap").unwrap_or(7 * 86_400);
        let (mut population, mut observations) = (0, Vec::new());
        for key in input.things.of("kms-key") {
            // Only symmetric encryption keys can rotate by themselves.
            if key
                .value("purpose")
                .is_some_and(|purpose| purpose != "ENCRYPT_DECRYPT")
            {
                continue;
            }
            population += 1;
            let period = key.value("rotation_period").and_then(seconds);
            let detail = match period {
                Some(period) if period <= longest => continue,
                Some(period) => format!("it rotates every {} days", period / 86_400),
                None => "no rotation period".to_owned(),
            };
            observations.extend(observe(input, &key, "rotation", "rotation_period", detail));
        }
        let versions = versions(input);
        for secret in input.things.of("gcp-secret") {
            let Some(versions) = versions.get(secret.object) else {
                continue;
            };
            population += 1;
            let newest = versions.iter().map(|(age, _)| *age).min().unwrap_or(0);
            if !secret.has("rotation_period") && newest / 1_000_000 > longest {
                let detail = format!(
                    "no rotation, and the newest version is {} days old",
                    newest / DAY
                );
                observations.extend(observe(input, &secret, "rotation", "created_at", detail));
            }
            let enabled = versions.iter().filter(|(_, enabled)| *enabled).count();
            if enabled > 2 && newest / 1_000_000 > overlap {
                let detail = format!("{enabled} versions are enabled");
                observations.extend(observe(input, &secret, "versions", "created_at", detail));
            }
        }
        if population == 0 {
            return Verdict::NotAssessed(
                "no export of KMS keys, nor of secrets together with their versions".to_owned(),
            );
        }
        Verdict::Looked {
            population,
            observations,
        }
    }
}

fn observe(
    input: &Posture<'_>,
    thing: &Thing<'_>,
    object: &str,
    name: &str,
    detail: String,
) -> Option<Observation> {
    let evidence = input.evidence(thing.place_of(name)?);
    Some(Observation::of(thing.object, object, evidence).with_detail(detail))
}

/// Age in microseconds, and whether it is enabled, of every version of every secret.
fn versions<'i>(input: &'i Posture<'_>) -> BTreeMap<&'i str, Vec<(i64, bool)>> {
    let mut found: BTreeMap<&str, Vec<(i64, bool)>> = BTreeMap::new();
    for version in input.things.of("gcp-secret-version") {
        let Some((secret, _)) = version.object.rsplit_once("/versions/") else {
            continue;
        };
        if let Some(age) = age(input, version.value("created_at")) {
            let enabled = version.value("state") == Some("ENABLED");
            found.entry(secret).or_default().push((age, enabled));
        }
    }
    found
}
