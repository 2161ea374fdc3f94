//! GCP-IAM-006: one holder with two duties that control each other.

use std::collections::BTreeMap;

use super::{Check, Known, Verdict, grants, is_own_agent, project, role, without_grants};
use crate::model::Grant;
use crate::posture::Posture;
use crate::rule::Observation;

pub(in crate::check) struct MixedDuties;

impl Check for MixedDuties {
    fn name(&self) -> &'static str {
        "mixed-duties"
    }

    fn run(&self, input: &Posture<'_>, _: &Known<'_>) -> Verdict {
        if let Some(verdict) = without_grants(input) {
            return verdict;
        }
        let mut held: BTreeMap<(&str, &str), Vec<&Grant>> = BTreeMap::new();
        for grant in grants(input) {
            let agent = grant
                .holder
                .strip_prefix("gcp:sa/")
                .is_some_and(|email| is_own_agent(input, email));
            // Folders and organizations count as a place of their own.
            let place = project(&grant.resource).unwrap_or(&grant.resource);
            if !agent && !input.settings.people.is_break_glass(&grant.holder) {
                held.entry((&grant.holder, place)).or_default().push(grant);
            }
        }
        let mut observations = Vec::new();
        for ((holder, place), grants) in &held {
            for (name, first, second) in PAIRS {
                let with = |wanted: &[&str]| {
                    let mut all = grants.iter();
                    all.find(|grant| wanted.contains(&role(grant))).copied()
                };
                if let (Some(one), Some(other)) = (with(first), with(second)) {
                    for grant in [one, other] {
                        let object = format!("{name} in {place}");
                        let evidence = input.evidence(grant.place);
                        observations.push(
                            Observation::of(*holder, object, evidence)
                                .with_detail(&*grant.capability),
                        );
                    }
                }
            }
        }
        Verdict::Looked {
            population: held.len() as u64,
            observations,
        }
    }
}

/// Roles of the first list let their holder arrange what those of the second use.
type Pair = (
    &'static str,
    &'static [&'static str],
    &'static [&'static str],
);

const PAIRS: [Pair; 3] = [
    (
        "administering and using keys",
        &["cloudkms.admin"],
        &[
            "cloudkms.cryptoKeyDecrypter",
            "cloudkms.cryptoKeyEncrypter",
            "cloudkms.cryptoKeyEncrypterDecrypter",
            "cloudkms.signer",
            "cloudkms.signerVerifier",
        ],
    ),
    (
        "administering and using service accounts",
        &["iam.serviceAccountAdmin"],
        &["iam.serviceAccountTokenCreator", "iam.serviceAccountUser"],
    ),
    (
        "changing access and reading secrets",
        &[
            "iam.securityAdmin",
            "resourcemanager.projectIamAdmin",
            "secretmanager.admin",
        ],
        &["secretmanager.secretAccessor"],
    ),
];
