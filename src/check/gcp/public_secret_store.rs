//! GCP-DAT-002: a key, a secret or a bucket that is open to everybody.

use super::{
    BUCKETS, Check, KMS, Known, SECRETS, Verdict, grants, has_word, is_container, is_public,
    observe, role, without_grants,
};
use crate::model::{Grant, Severity};
use crate::posture::Posture;

pub(in crate::check) struct PublicSecretStore;

impl Check for PublicSecretStore {
    fn name(&self) -> &'static str {
        "public-secret-store"
    }

    fn run(&self, input: &Posture<'_>, _: &Known<'_>) -> Verdict {
        if let Some(verdict) = without_grants(input) {
            return verdict;
        }
        let (mut population, mut observations) = (0, Vec::new());
        for grant in grants(input) {
            let Some(severity) = severity(input, grant) else {
                continue;
            };
            population += 1;
            if is_public(grant) {
                observations.push(observe(input, grant).with_severity(severity));
            }
        }
        if population == 0 {
            return Verdict::NotAssessed(
                "no IAM policy of a key, a secret or a bucket was supplied".to_owned(),
            );
        }
        Verdict::Looked {
            population,
            observations,
        }
    }
}

/// Words of names and labels that say what a bucket is for.
const TELLING: [&str; 9] = [
    "audit", "backup", "backups", "key", "keys", "log", "logs", "secret", "secrets",
];

/// How bad it is that the resource is public; none for resources of other kinds.
fn severity(input: &Posture<'_>, grant: &Grant) -> Option<Severity> {
    let resource = grant.resource.as_str();
    let service = role(grant).split('.').next().unwrap_or("");
    if resource.starts_with(KMS) || resource.starts_with(SECRETS) {
        return Some(Severity::Crit);
    }
    if is_container(resource) {
        // Basic roles reach the objects and metadata of everything below.
        return [
            "cloudkms",
            "editor",
            "owner",
            "secretmanager",
            "storage",
            "viewer",
        ]
        .contains(&service)
        .then_some(Severity::Crit);
    }
    if !resource.starts_with(BUCKETS) {
        return None;
    }
    let name = resource.rsplit('/').next().unwrap_or(resource);
    let mut labels = input.things.named("gcs-bucket", resource);
    let labelled = labels.any(|bucket| {
        let mut labels = bucket.below("label.");
        labels.any(|(key, value)| has_word(key, &TELLING) || has_word(value, &TELLING))
    });
    let telling = labelled || has_word(name, &TELLING);
    Some(if telling {
        Severity::Crit
    } else {
        Severity::High
    })
}
