//! What to do about a rule that was not assessed, by the reason that is given for it.

const VAULT: &str = "piperoll inputs vault (every device's log; a script exports the rest)";
const GITLAB: &str = "piperoll inputs gitlab (a script exports all but the traces)";
const GCP: &str = "piperoll inputs gcp (logs by gcloud or a sink; a script exports the rest)";
const OKTA: &str = "piperoll inputs okta (pages of its API, or a stream of events)";
const HOOP: &str = "piperoll inputs hoop (sessions and configuration by its API)";
const MESH: &str = "piperoll inputs mesh (kumactl or kubectl, in YAML or JSON)";
const AWS: &str = "piperoll inputs aws (a script fetches the trail)";
const REVIEW: &str = "piperoll inputs review (worksheets of an earlier pack, filled in)";
const SETTING: &str = "piperoll config reference (docs/configuration.md): what the keys mean";

/// Words of a reason, and the step that they ask for. The first that fits is taken.
const STEPS: &[(&str, &str)] = &[
    (
        "which nothing in the inputs matches",
        "piperoll config check INPUT... (what a setting names, and what is there)",
    ),
    (
        "is proposed and not confirmed",
        "look through piperoll.toml and take what is right out of [proposed]",
    ),
    ("is not set", SETTING),
    ("is configured", SETTING),
    ("Vault configuration export", VAULT),
    ("Vault roles", VAULT),
    ("Vault policies", VAULT),
    ("Vault audit log", VAULT),
    ("GitLab jobs", GITLAB),
    ("Google", GCP),
    ("Cloud Run", GCP),
    ("Cloud Logging", GCP),
    ("IAM policies", GCP),
    ("service accounts", GCP),
    ("GitLab", GITLAB),
    ("Okta", OKTA),
    ("identity-aware proxy", HOOP),
    ("worksheets of a review", REVIEW),
    ("Kuma", MESH),
    ("MeshIdentity", MESH),
    ("CloudTrail", AWS),
    ("AWS", AWS),
    ("`.gitlab-ci.yml`", GITLAB),
    ("merge requests", GITLAB),
    ("identity directory", GITLAB),
    ("issued credentials", VAULT),
    (
        "nothing was read for",
        "piperoll inputs (what can be read, and how it is exported)",
    ),
];

/// The step that a reason asks for, where one is known.
pub(super) fn of(reason: &str) -> Option<&'static str> {
    let found = STEPS.iter().find(|(words, _)| reason.contains(words));
    found.map(|(_, step)| *step)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::convert::Infallible;

    use super::of;
    use crate::config::Settings;
    use crate::rule::{Facts, embedded, missing_input};

    #[test]
    fn whatever_a_rule_lacks_has_a_next_step() {
        let nothing = Facts::new(BTreeSet::new(), &Settings::default());
        for rule in embedded().unwrap() {
            let Ok(reason) = missing_input(
                &rule.requires,
                &nothing,
                |_| 0,
                |_, _| Ok::<_, Infallible>(0),
            );
            if let Some(reason) = reason {
                assert!(of(&reason).is_some(), "{}: {reason}", rule.id);
            }
        }
    }
}
