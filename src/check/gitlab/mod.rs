//! Checks of `.gitlab-ci.yml`, and what they share: jobs, their commands, and where text stands.

mod admission;
pub(super) mod attacker_text;
pub(super) mod audience_mismatch;
mod expression;
mod job_login;
mod job_secrets;
pub(super) mod literal_ci_secret;
pub(super) mod long_lived_credential;
pub(super) mod mutable_ci_code;
pub(super) mod overprovisioned_token;
pub(super) mod persisted_secret;
pub(super) mod printed_secret;
pub(super) mod removed_token;
mod trigger;
pub(super) mod unprotected_production;
pub(super) mod untrusted_reach;
mod written;

use super::{Check, Known, Verdict};
use crate::posture::{CiText, Posture};
use crate::rule::Observation;
use crate::snapshot::gitlab::ci::Job;

/// Every job of every CI file.
fn jobs<'i>(input: &'i Posture<'_>) -> impl Iterator<Item = (&'i CiText<'i>, &'i Job)> {
    input
        .ci_files
        .iter()
        .flat_map(|file| file.ci.jobs.iter().map(move |job| (file, job)))
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
    let line = written::line_in(file.text, job.line, text);
    let subject = file.job_id(&job.name);
    Observation::of(subject, object, file.evidence(line)).with_excerpt(file.excerpt(line))
}

/// An observation about the file as a whole, at the line where `text` stands.
fn observe_file(file: &CiText<'_>, object: impl Into<String>, text: &str) -> Observation {
    let line = written::line_in(file.text, 1, text);
    let subject = format!("gitlab:ci-file/{}", file.prefix);
    Observation::of(subject, object, file.evidence(line)).with_excerpt(file.excerpt(line))
}
