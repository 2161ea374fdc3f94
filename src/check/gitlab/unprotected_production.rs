//! GLC-006: a job that reaches production without a protected environment.

use std::collections::BTreeSet;

use super::{Check, Known, Verdict, job_login, jobs, observe, without_files};
use crate::posture::Posture;
use crate::snapshot::gitlab::ci::Job;

pub(in crate::check) struct UnprotectedProduction;

impl Check for UnprotectedProduction {
    fn name(&self) -> &'static str {
        "unprotected-production"
    }

    fn run(&self, input: &Posture<'_>, _: &Known<'_>) -> Verdict {
        if let Some(verdict) = without_files(input) {
            return verdict;
        }
        let protected: BTreeSet<(&str, &str)> = input
            .things
            .of("protected-environment")
            .filter_map(|thing| Some((thing.value("project")?, thing.value("name")?)))
            .collect();
        let (mut population, mut observations, mut unjudged) = (0, Vec::new(), 0);
        for (file, job) in jobs(input) {
            let Some((object, needle)) = reaches(input, job) else {
                continue;
            };
            if job.environment.is_empty() {
                population += 1;
                let seen = observe(file, job, object, &needle);
                observations.push(seen.with_detail("it has no environment"));
                continue;
            }
            let project = file.project.as_deref().unwrap_or("");
            let listed = protected.iter().any(|(owner, _)| *owner == project);
            // A name that only the pipeline knows cannot be looked up.
            if !listed || job.environment.contains('$') {
                unjudged += 1;
                continue;
            }
            population += 1;
            if !protected.contains(&(project, job.environment.as_str())) {
                let detail = format!("its environment {} is not protected", job.environment);
                observations.push(observe(file, job, object, "environment").with_detail(detail));
            }
        }
        if population == 0 && unjudged > 0 {
            return Verdict::NotAssessed(
                "no protected environments of these projects are in the export".to_owned(),
            );
        }
        let missing = (unjudged > 0).then(|| {
            format!("{unjudged} job(s) whose protected environments are not in the export, or whose environment only the pipeline knows")
        });
        Verdict::looked(population, observations, missing)
    }
}

/// What of production a job uses, and the text that shows it.
fn reaches(input: &Posture<'_>, job: &Job) -> Option<(String, String)> {
    let environments = &input.settings.environments;
    let is_production = |name: &str| {
        name.split(['/', '-', '_', '.'])
            .any(|part| environments.is_production(part))
    };
    for secret in job.secrets.values() {
        let owner = input.settings.owners.find(&secret.path);
        let production = match owner.and_then(|owner| owner.environment) {
            Some(environment) => environments.is_production(&environment),
            None => is_production(&secret.path),
        };
        if production {
            let needle = secret.path.rsplit('/').next().unwrap_or("").to_owned();
            return Some((format!("secret {}", secret.path), needle));
        }
    }
    let login = job_login::logins(job)
        .into_iter()
        .find(|login| is_production(&login.role));
    if let Some(login) = login {
        return Some((format!("role {}", login.role), login.needle));
    }
    let identity = !job.id_tokens.is_empty() || !job.secrets.is_empty();
    (identity && environments.is_production(&job.environment)).then(|| {
        let object = format!("environment {}", job.environment);
        (object, "environment".to_owned())
    })
}
