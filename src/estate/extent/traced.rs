//! Jobs that left a trace, or that logins name, and that no list holds; and what nobody can read in a
//! trace.

use std::collections::BTreeSet;

use crate::identity::{Directory, Identity};
use crate::model::{Hole, Period, id, listed};

/// Jobs that logins name and no list holds from which the list may have lost some, and of how many
/// one must be: a job that is in none is a finding of its own.
const SEVERAL: usize = 3;
const SHARE: usize = 10;

/// Projects that logins name and whose exported jobs do not reach to those logins, or lack some of
/// the jobs that GitLab signed for.
pub(super) fn projects(identity: &Identity, period: Period) -> Vec<Hole> {
    let beyond = identity.logins_beyond_jobs(period).into_iter();
    let named = identity.named_jobs(period).into_iter();
    let unlisted = named.filter_map(|(project, (missing, named))| {
        let words = format!(
            "{missing} of {named} job(s) of project {project} that logins name are in no list of jobs"
        );
        (missing >= SEVERAL && missing * SHARE >= named)
            .then(|| Hole::somewhere("gitlab-jobs", words))
    });
    beyond
        .map(|(project, logins)| {
            let words = format!(
                "{logins} login(s) of project {project} lie where no job of it was exported"
            );
            Hole::somewhere("gitlab-jobs", words)
        })
        .chain(unlisted)
        .collect()
}

/// A hole of the lists of jobs, where some were exported and others left their traces alone.
pub(super) fn unlisted_jobs(directory: &Directory) -> Option<Hole> {
    let jobs = directory.jobs.iter();
    let jobs: BTreeSet<String> = jobs
        .map(|job| id::gitlab_job(job.project_id, job.id))
        .collect();
    let traced = directory.of_kind("job-trace");
    let unlisted = traced.filter(|trace| !jobs.contains(&trace.object));
    let unlisted: BTreeSet<&str> = unlisted.map(|trace| trace.object.as_str()).collect();
    let missing = !jobs.is_empty() && !unlisted.is_empty();
    missing.then(|| {
        let words = format!(
            "{} job(s) left a trace and are in no list of jobs: {}",
            unlisted.len(),
            listed(&unlisted)
        );
        Hole::somewhere("gitlab-jobs", words)
    })
}

/// A hole of the traces: a job printed something packed or encrypted that nothing here opens, and a
/// secret may be in it.
pub(super) fn sealed_traces(directory: &Directory) -> Option<Hole> {
    let told = directory.of_kind("job-trace");
    let told = told.filter(|trace| trace.name == "sealed");
    let (jobs, kinds): (BTreeSet<&str>, BTreeSet<&str>) = told
        .map(|trace| (trace.object.as_str(), trace.value.as_str()))
        .unzip();
    (!jobs.is_empty()).then(|| {
        let words = format!(
            "{} trace(s) hold what was packed or encrypted and is not opened ({})",
            jobs.len(),
            listed(&kinds)
        );
        Hole::somewhere("gitlab-trace", words)
    })
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::estate::extent::unexported::tests::holding;
    use crate::model::{Job, Place};

    /// A job of which nothing is known but its id.
    pub(in crate::estate::extent) fn job(id: u64) -> Job {
        let empty = String::new;
        Job {
            id,
            project_id: 7,
            project_path: empty(),
            name: empty(),
            stage: empty(),
            status: empty(),
            git_ref: empty(),
            tag: false,
            sha: empty(),
            created_at: None,
            started_at: None,
            finished_at: None,
            user_id: None,
            username: empty(),
            pipeline_id: None,
            pipeline_source: empty(),
            environment: empty(),
            runner_id: None,
            runner_addresses: Vec::new(),
            runner_description: empty(),
            failure_reason: empty(),
            tags: Vec::new(),
            web_url: empty(),
            place: Place::of_line(1),
        }
    }

    fn said(listed: &[u64], traced: &[u64]) -> Option<String> {
        let traced: Vec<String> = traced.iter().map(|job| id::gitlab_job(7, *job)).collect();
        let traced = traced.iter();
        let traced = traced.map(|job| ("job-trace", job.as_str(), "bytes", "1"));
        let mut directory = holding(&traced.collect::<Vec<_>>());
        directory.jobs = listed.iter().map(|id| job(*id)).collect();
        unlisted_jobs(&directory).map(|hole| hole.words)
    }

    #[test]
    fn a_job_that_left_a_trace_is_in_a_list() {
        assert_eq!(said(&[1, 2], &[1]), None);
        let words = said(&[1], &[1, 2]).unwrap();
        assert!(words.ends_with(": gitlab:job/7/2"), "{words}");
        assert_eq!(said(&[], &[1]), None, "no list was exported at all");
    }

    #[test]
    fn what_a_job_printed_and_nobody_can_open_is_said() {
        let directory = holding(&[("job-trace", "gitlab:job/7/1", "bytes", "1")]);
        assert_eq!(sealed_traces(&directory), None);
        let directory = holding(&[
            ("job-trace", "gitlab:job/7/1", "sealed", "xz"),
            ("job-trace", "gitlab:job/7/1", "sealed", "bzip2"),
            ("job-trace", "gitlab:job/7/2", "sealed", "xz"),
        ]);
        let hole = sealed_traces(&directory).unwrap();
        assert_eq!(hole.of, "gitlab-trace");
        assert!(hole.words.starts_with("2 trace(s)"), "{}", hole.words);
        assert!(hole.words.ends_with("(bzip2, xz)"), "{}", hole.words);
    }
}
