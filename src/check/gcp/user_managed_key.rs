//! GCP-IAM-004: a downloaded key of a service account that still opens it.

use super::{Check, DAY, Known, Verdict, age, has_word, without};
use crate::model::Severity;
use crate::posture::Posture;
use crate::rule::Observation;

pub(in crate::check) struct UserManagedKey;

impl Check for UserManagedKey {
    fn name(&self) -> &'static str {
        "user-managed-key"
    }

    fn run(&self, input: &Posture<'_>, _: &Known<'_>) -> Verdict {
        if let Some(verdict) = without(input, "gcp-service-account-key", "service account keys") {
            return verdict;
        }
        let (mut population, mut observations) = (0, Vec::new());
        let oldest = input.threshold("key_age").unwrap_or(90 * 86_400);
        for key in input.things.of("gcp-service-account-key") {
            population += 1;
            let expired = age(input, key.value("valid_before")).is_some_and(|age| age >= 0);
            let user_managed = key.value("key_type") == Some("USER_MANAGED");
            let (Some(account), Some(place)) = (key.value("account"), key.place()) else {
                continue;
            };
            if !user_managed || key.is_true("disabled") || expired {
                continue;
            }
            let evidence = input.evidence(place);
            let mut seen = Observation::of(account, key.object, evidence);
            let age = age(input, key.value("valid_after"));
            let old = age.is_some_and(|age| age / 1_000_000 > oldest);
            let production = has_word(account, &["live", "prod", "production"]);
            if old || production {
                seen.severity = Some(Severity::Crit);
            }
            seen.detail = match age {
                Some(age) => format!("{} days old", age / DAY),
                None => "of unknown age".to_owned(),
            };
            observations.push(seen);
        }
        Verdict::Looked {
            population,
            observations,
        }
    }
}
