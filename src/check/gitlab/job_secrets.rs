//! Which secrets a job holds, and under which variable names.

use std::collections::BTreeSet;

use super::written::{self, pattern};
use crate::model::secret;
use crate::snapshot::gitlab::ci::Job;

pattern!(
    FETCHES,
    r"\b(?:vault|bao)\s+(?:kv\s+get|read|login|write\s+(?:-\S+\s+)*\S*auth/)|\bgcloud\s+secrets\s+versions\s+access\b|\bgcloud\s+auth\b"
);
pattern!(
    FETCHED,
    r"^\$\((?:\s*)(?:vault|bao|gcloud\s+secrets|curl\b.*vault)|^`(?:vault|bao)"
);

/// How a variable holds its secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Held {
    /// The variable is the secret.
    Value,
    /// The variable is the path of a file with the secret, GitLab's default for `secrets:`.
    File,
}

/// Whether a job gets an identity or secrets, or fetches some itself.
pub(super) fn holds_secrets(job: &Job) -> bool {
    !job.id_tokens.is_empty()
        || !job.secrets.is_empty()
        || job.variables.contains_key("VAULT_AUTH_ROLE")
        || job
            .variables
            .iter()
            .any(|(name, value)| value.contains('$') && secret::is_secret_name(name))
        || written::command_lines(job).iter().any(|line| {
            written::matches(&FETCHES, line)
                || written::references(line)
                    .into_iter()
                    .any(secret::is_secret_name)
        })
}

/// How the variable `name` of a job holds a secret; `None` when it holds none.
pub(super) fn held(job: &Job, name: &str) -> Option<Held> {
    if job.secrets.contains_key(name) {
        let entry = job.body.get("secrets").and_then(|all| all.get(name));
        let file = entry.and_then(|entry| entry.get("file")?.text());
        return Some(if file == Some("false") {
            Held::Value
        } else {
            Held::File
        });
    }
    let is_secret = job.id_tokens.contains_key(name)
        || (secret::is_secret_name(name) && !is_written_out(job, name))
        || fetched(job).contains(name);
    is_secret.then_some(Held::Value)
}

/// Whether the file itself says the value: what is in the repository is no secret of the job.
fn is_written_out(job: &Job, name: &str) -> bool {
    job.variables
        .get(name)
        .is_some_and(|value| !value.contains('$'))
}

/// Variables that commands set from what Vault or Secret Manager answers.
fn fetched(job: &Job) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for line in written::command_lines(job) {
        for (name, value) in written::assignments(&line) {
            let rest = line.split_once(&format!("{name}={value}"));
            let value = format!("{value} {}", rest.map_or("", |(_, rest)| rest));
            if written::matches(&FETCHED, value.trim_start_matches(['"', '\''])) {
                names.insert(name.to_owned());
            }
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_compile() {
        for pattern in [&FETCHES, &FETCHED] {
            assert!(pattern.is_some());
        }
    }
}
