//! GCP-RUN-006: a service that names something which is not there, or an image that can change.

use std::collections::BTreeSet;

use super::{Check, Verdict, without};
use crate::posture::Posture;
use crate::rule::Observation;

pub(in crate::check) struct DanglingReference;

impl Check for DanglingReference {
    fn name(&self) -> &'static str {
        "dangling-reference"
    }

    fn run(&self, input: &Posture<'_>, _: &super::Known<'_>) -> Verdict {
        if let Some(verdict) = without(input, "run-service", "Cloud Run services") {
            return verdict;
        }
        let known = Known::new(input);
        let (mut population, mut observations) = (0, Vec::new());
        for service in input.things.of("run-service") {
            population += 1;
            let mut report = |object: String, attribute: &str, detail: String| {
                if let Some(place) = service.place_of(attribute) {
                    let evidence = input.evidence(place);
                    let seen = Observation::of(service.object, object, evidence);
                    observations.push(seen.with_detail(detail));
                }
            };
            for image in service.values("image") {
                if !image.contains("@sha256:") {
                    report(format!("image {image}"), "image", "no digest".to_owned());
                }
            }
            for (name, value) in service.below("env.") {
                if let Some(detail) = known.missing(name, value) {
                    report(format!("{name} = {value}"), &format!("env.{name}"), detail);
                }
            }
        }
        Verdict::Looked {
            population,
            observations,
        }
    }
}

/// Names of what the export holds, by kind.
struct Known<'i>(Vec<(&'static str, &'static [&'static str], BTreeSet<&'i str>)>);

impl<'i> Known<'i> {
    fn new(input: &'i Posture<'_>) -> Known<'i> {
        let names = |kind: &str, step: &str| -> BTreeSet<&'i str> {
            let things = input.things.of(kind);
            let named = things.filter_map(|thing| {
                let (_, rest) = thing.object.split_once(step)?;
                rest.split('/').next()
            });
            named.collect()
        };
        let roles = input.things.of("vault-role");
        Known(vec![
            ("bucket", &["BUCKET"], names("gcs-bucket", "/buckets/")),
            (
                "key ring",
                &["KEYRING", "KEY_RING"],
                names("kms-key", "/keyRings/"),
            ),
            (
                "key",
                &["KMS_KEY", "CRYPTO_KEY", "CRYPTOKEY"],
                names("kms-key", "/cryptoKeys/"),
            ),
            (
                "secret",
                &["SECRET_NAME", "SECRET_ID"],
                names("gcp-secret", "/secrets/"),
            ),
            (
                "Vault role",
                &["VAULT_ROLE", "VAULT_AUTH_ROLE"],
                roles.filter_map(|role| role.value("name")).collect(),
            ),
        ])
    }

    /// Why the value of a variable names nothing; none where it does, or nothing can be said.
    fn missing(&self, variable: &str, value: &str) -> Option<String> {
        let name = variable.to_ascii_uppercase();
        let (what, _, known) = self.0.iter().find(|(_, words, known)| {
            !known.is_empty() && words.iter().any(|word| name.contains(word))
        })?;
        let plain = value.trim_start_matches("gs://");
        let last = plain.rsplit('/').next().unwrap_or(plain);
        if value.is_empty() || value.starts_with('[') || known.contains(last) {
            return None;
        }
        let near = known.iter().find(|known| distance(known, last) <= 2);
        Some(match near {
            Some(near) => format!("no {what} of that name is in the export; {near} is"),
            None => format!("no {what} of that name is in the export"),
        })
    }
}

/// The edit distance of two names.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut before = i;
        let mut left = i + 1;
        let mut next = vec![left];
        for (y, above) in b.iter().zip(row.iter().skip(1)) {
            left = (before + usize::from(x != *y))
                .min(*above + 1)
                .min(left + 1);
            before = *above;
            next.push(left);
        }
        row = next;
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    #[test]
    fn distances() {
        assert_eq!(super::distance("cloudrun-secrets", "coudrun-secrets"), 1);
        assert_eq!(super::distance("kitten", "sitting"), 3);
        assert_eq!(super::distance("", "ab"), 2);
    }
}
