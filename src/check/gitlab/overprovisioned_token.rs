//! GLC-011: ID tokens for jobs that never use them, and preview commands in production.

use std::collections::{BTreeMap, BTreeSet};

use super::written::{self, pattern};
use super::{Check, Known, Verdict, job_login, jobs, observe, observe_file, without_files};
use crate::model::Severity;
use crate::posture::Posture;
use crate::snapshot::gitlab::ci::{Job, Node};

pub(in crate::check) struct OverprovisionedToken;

pattern!(PREVIEW, r"\bgcloud\s+(alpha|beta)\s");

impl Check for OverprovisionedToken {
    fn name(&self) -> &'static str {
        "overprovisioned-token"
    }

    fn run(&self, input: &Posture<'_>, _: &Known<'_>) -> Verdict {
        if let Some(verdict) = without_files(input) {
            return verdict;
        }
        let (mut population, mut observations) = (0, Vec::new());
        for file in &input.ci_files {
            let mut idle: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
            for job in &file.ci.jobs {
                let own = file
                    .ci
                    .top
                    .get(&job.name)
                    .and_then(|node| node.get("id_tokens"));
                for token in job.id_tokens.keys() {
                    population += 1;
                    let inherited = own.and_then(|own| own.get(token)).is_none();
                    if inherited && !uses(job, token) {
                        idle.entry(token).or_default().insert(&job.name);
                    }
                }
            }
            for (token, jobs) in idle {
                let names: Vec<&str> = jobs.into_iter().collect();
                let seen = observe_file(file, token, &format!("{token}:"));
                observations.push(seen.with_detail(names.join(", ")));
            }
        }
        for (file, job) in jobs(input) {
            let production = input.settings.environments.is_production(&job.environment);
            for line in written::command_lines(job) {
                if production && written::matches(&PREVIEW, &line) {
                    let mut seen = observe(file, job, "gcloud preview command", &line);
                    seen.severity = Some(Severity::Low);
                    seen.detail = job.environment.clone();
                    observations.push(seen);
                    break;
                }
            }
            population += u64::from(production);
        }
        Verdict::Looked {
            population,
            observations,
        }
    }
}

/// Whether a job uses a token: for its secrets, or by name in any command or variable.
fn uses(job: &Job, token: &str) -> bool {
    let variables = job
        .body
        .get("variables")
        .map(Node::entries)
        .unwrap_or_default();
    let in_variables = variables.iter().filter_map(|(_, node)| node.text());
    let mut texts = job.commands().into_iter().chain(in_variables);
    !job.secrets.is_empty()
        || !job_login::logins(job).is_empty() && job.variables.contains_key("VAULT_AUTH_ROLE")
        || !job.unresolved.is_empty()
        || job.body.get("trigger").is_some()
        || texts.any(|text| text.contains(token))
}

#[cfg(test)]
mod tests {
    #[test]
    fn patterns_compile() {
        assert!(super::PREVIEW.is_some());
    }
}
