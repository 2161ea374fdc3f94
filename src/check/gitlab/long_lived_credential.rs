//! GLC-002: a lasting credential where the job could show an ID token.

use std::collections::BTreeSet;

use super::written::{self, pattern};
use super::{Check, Known, Verdict, observe, of_jobs};
use crate::posture::Posture;
use crate::rule::Observation;
use crate::snapshot::gitlab::ci::Job;

pub(in crate::check) struct LongLivedCredential;

pattern!(KEY_FILE, r"\bgcloud\s+auth\s+activate-service-account\b");
/// Variables that Vault's and Google's programs read by themselves.
const VARIABLES: [&str; 3] = [
    "GOOGLE_APPLICATION_CREDENTIALS",
    "VAULT_SECRET_ID",
    "VAULT_TOKEN",
];

impl Check for LongLivedCredential {
    fn name(&self) -> &'static str {
        "long-lived-credential"
    }

    fn run(&self, input: &Posture<'_>, _: &Known<'_>) -> Verdict {
        let mut verdict = of_jobs(
            input,
            |_| true,
            |file, job, observations| {
                let project = file.project.as_deref().unwrap_or("");
                if !input.settings.people.is_admin(project) {
                    let uses = uses(job).into_iter();
                    observations
                        .extend(uses.map(|(object, line)| observe(file, job, object, &line)));
                }
            },
        );
        let Verdict::Looked {
            population,
            observations,
        } = &mut verdict
        else {
            return verdict;
        };
        for variable in input.things.of("gitlab-variable") {
            *population += 1;
            let project = variable.value("project").unwrap_or(variable.object);
            let key = variable.value("key").unwrap_or("");
            if VARIABLES.contains(&key)
                && !input.settings.people.is_admin(project)
                && let Some(place) = variable.place_of("key")
            {
                let evidence = input.evidence(place);
                observations.push(Observation::of(project, key, evidence));
            }
        }
        verdict
    }
}

/// What a job uses, and the text that shows it; once each.
fn uses(job: &Job) -> Vec<(String, String)> {
    let lines = written::command_lines(job);
    // A variable that the job fills itself, from a login or a federation, is none of GitLab's.
    let own: BTreeSet<&str> = lines
        .iter()
        .flat_map(|line| written::assignments(line))
        .map(|(name, _)| name)
        .collect();
    let federated = lines.iter().any(|line| line.contains("create-cred-config"));
    let mut found: Vec<(String, String)> = Vec::new();
    let mut add = |what: &str, line: &str| {
        if !found.iter().any(|(known, _)| known == what) {
            found.push((what.to_owned(), line.to_owned()));
        }
    };
    for line in &lines {
        for name in written::references(line) {
            let filled = own.contains(name)
                || job.secrets.contains_key(name)
                || job.id_tokens.contains_key(name);
            if VARIABLES.contains(&name) && !filled {
                add(name, line);
            }
        }
        if written::matches(&KEY_FILE, line) && line.contains("--key-file") {
            add("gcloud auth activate-service-account", line);
        }
    }
    // A login with what the job itself exchanged its ID token for is not a lasting token.
    let fetched = |line: &str| {
        written::references(line).into_iter().any(|name| {
            own.contains(name) || job.secrets.contains_key(name) || job.id_tokens.contains_key(name)
        })
    };
    for login in job.token_logins() {
        if !fetched(&login.line) {
            add("vault login with a token", &login.line);
        }
    }
    for name in VARIABLES {
        let lasting = name != "GOOGLE_APPLICATION_CREDENTIALS" || !federated;
        if lasting
            && let Some(value) = job.variables.get(name)
            && value.contains('$')
        {
            add(name, name);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_compile() {
        assert!(KEY_FILE.is_some());
    }
}
