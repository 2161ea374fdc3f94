//! Checks of `.gitlab-ci.yml`, and what they share: jobs, their commands, and where text stands.

mod admission;
mod attacker_text;
mod audience_mismatch;
mod branch;
mod example;
mod expression;
mod job_login;
mod job_secrets;
mod literal_ci_secret;
mod long_lived_credential;
mod mutable_ci_code;
mod overprovisioned_token;
mod persisted_secret;
mod printed_secret;
mod removed_token;
mod trigger;
mod unprotected_production;
mod untrusted_reach;
mod written;

use std::collections::BTreeMap;

use super::{Check, Known, Verdict};
use crate::model::listed;
use crate::posture::{CiText, Posture, Thing};
use crate::rule::Observation;
use crate::snapshot::gitlab::ci::{Job, Run};

/// Every check of this folder.
pub(super) const CHECKS: &[&dyn Check] = &[
    &attacker_text::AttackerText,
    &audience_mismatch::AudienceMismatch,
    &literal_ci_secret::LiteralCiSecret,
    &long_lived_credential::LongLivedCredential,
    &mutable_ci_code::MutableCiCode,
    &overprovisioned_token::OverprovisionedToken,
    &persisted_secret::PersistedSecret,
    &printed_secret::PrintedSecret,
    &removed_token::RemovedToken,
    &unprotected_production::UnprotectedProduction,
    &untrusted_reach::UntrustedReach,
];

/// Every job of every CI file.
fn jobs<'i>(input: &'i Posture<'_>) -> impl Iterator<Item = (&'i CiText<'i>, &'i Job)> {
    input
        .ci_files
        .iter()
        .flat_map(|file| file.ci.jobs.iter().map(move |job| (file, job)))
}

/// Looks at every job that holds secrets.
fn of_secret_jobs(
    input: &Posture<'_>,
    look: impl FnMut(&CiText<'_>, &Job, &mut Vec<Observation>),
) -> Verdict {
    of_jobs(input, job_secrets::holds_secrets, look)
}

/// Looks at every job that is `meant`.
fn of_jobs(
    input: &Posture<'_>,
    meant: impl Fn(&Job) -> bool,
    mut look: impl FnMut(&CiText<'_>, &Job, &mut Vec<Observation>),
) -> Verdict {
    if let Some(verdict) = without_files(input) {
        return verdict;
    }
    let (mut population, mut observations) = (0, Vec::new());
    for (file, job) in jobs(input) {
        if meant(job) {
            population += 1;
            look(file, job, &mut observations);
        }
    }
    Verdict::Looked {
        population,
        observations,
    }
}

/// Looks at every login of a job with a role that is in the export: `look` answers nothing for one
/// that it cannot judge. `none` says what was missing where it could judge none.
fn of_logins(
    input: &Posture<'_>,
    none: &str,
    look: impl Fn(&CiText<'_>, &Run, &job_login::Login, Thing<'_>) -> Option<Option<Observation>>,
) -> Verdict {
    if let Some(verdict) = without_files(input) {
        return verdict;
    }
    let (mut population, mut observations) = (0, Vec::new());
    let mut unjudged: Vec<String> = Vec::new();
    for (file, job) in jobs(input) {
        let runs = file.ci.login_runs(job);
        let mut whys = runs.iter();
        let why = whys.find_map(|run| job_login::unjudged(input, &run.job));
        unjudged.extend(why.map(|why| format!("{} ({why})", file.job_id(&job.name))));
        // A role that the job takes in several of its variants, or that several servers have, is
        // one login of it.
        let mut looked: BTreeMap<_, Option<Observation>> = BTreeMap::new();
        for run in runs {
            for login in job_login::resolved(input, &run.job) {
                for role in job_login::roles(input, &login) {
                    if let Some(seen) = look(file, &run, &login, role) {
                        let key = (role.object, login.token.clone(), login.needle.clone());
                        let slot = looked.entry(key).or_default();
                        *slot = slot.take().or(seen);
                    }
                }
            }
        }
        population += looked.len() as u64;
        observations.extend(looked.into_values().flatten());
    }
    if population == 0 {
        return Verdict::NotAssessed(none.to_owned());
    }
    let missing = (!unjudged.is_empty()).then(|| {
        let shown = listed(&unjudged);
        format!("logins that the files do not show whole were not judged: {shown}")
    });
    Verdict::looked(population, observations, missing)
}

/// What to say when no CI file was read.
fn without_files(input: &Posture<'_>) -> Option<Verdict> {
    input
        .ci_files
        .is_empty()
        .then(|| Verdict::NotAssessed("no .gitlab-ci.yml that can be read was supplied".to_owned()))
}

/// An observation about a job, at the line of it where `text` stands.
fn observe(file: &CiText<'_>, job: &Job, object: impl Into<String>, text: &str) -> Observation {
    let line = written::line_in(&file.lines, job.line, text);
    let subject = file.job_id(&job.name);
    Observation::of(subject, object, file.evidence(line)).with_excerpt(file.excerpt(line))
}

/// An observation about the file as a whole, at the line where `text` stands.
fn observe_file(file: &CiText<'_>, object: impl Into<String>, text: &str) -> Observation {
    let line = written::line_in(&file.lines, 1, text);
    let subject = format!("gitlab:ci-file/{}", file.prefix);
    Observation::of(subject, object, file.evidence(line)).with_excerpt(file.excerpt(line))
}
