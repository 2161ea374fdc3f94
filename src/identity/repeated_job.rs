//! Jobs that stand in several pages of exports: a later state of one job, or two that differ.

use crate::model::{Job, Pipeline, Place, Timestamp, id};

/// In what two jobs of one id differ that a job never changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JobDifference {
    /// Branch, tag or commit.
    Ref,
    /// Who it ran as.
    User,
    /// How it ended.
    Outcome,
    /// When it was created, started or ended.
    Time,
    /// Whose project it is of: within one GitLab an id is given once.
    Project,
    /// What began it.
    Source,
    /// Of a user: an e-mail address that another claims.
    Address,
}

impl JobDifference {
    /// The word used in every output.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            JobDifference::Ref => "ref",
            JobDifference::User => "user",
            JobDifference::Outcome => "outcome",
            JobDifference::Time => "time",
            JobDifference::Project => "project",
            JobDifference::Source => "source",
            JobDifference::Address => "address",
        }
    }
}

/// A job, pipeline or user that bears the id of another and says something else. Both are kept.
#[derive(Clone, Debug)]
pub struct JobConflict {
    /// Id of the job, pipeline or user.
    pub id: String,
    /// In what they differ.
    pub difference: JobDifference,
    /// When the first started or was created.
    pub first_at: Option<Timestamp>,
    /// When this one did.
    pub at: Option<Timestamp>,
    /// Where this one was read.
    pub place: Place,
}

/// Jobs by project and id, each in its latest state, and those that contradict it.
pub(super) fn unique(mut jobs: Vec<Job>) -> (Vec<Job>, Vec<JobConflict>) {
    jobs.sort_by(|a, b| {
        let state = |job: &Job| {
            (
                job.finished_at.is_none(),
                job.started_at.is_none(),
                job.place,
            )
        };
        (a.project_id, a.id, state(a)).cmp(&(b.project_id, b.id, state(b)))
    });
    let mut kept: Vec<Job> = Vec::with_capacity(jobs.len());
    let mut conflicts = Vec::new();
    for job in jobs {
        let same = |known: &&Job| (known.project_id, known.id) == (job.project_id, job.id);
        let known = kept.iter().rev().take_while(same);
        let differences: Vec<Option<JobDifference>> =
            known.clone().map(|known| difference(known, &job)).collect();
        // A repetition of any of those that are kept.
        if differences.contains(&None) {
            continue;
        }
        if let (Some(first), Some(Some(difference))) = (known.last(), differences.last()) {
            conflicts.push(conflict(first, &job, *difference));
        }
        kept.push(job);
    }
    conflicts.extend(of_several_projects(&kept));
    (kept, conflicts)
}

fn conflict(first: &Job, job: &Job, difference: JobDifference) -> JobConflict {
    JobConflict {
        id: id::gitlab_job(job.project_id, job.id),
        difference,
        first_at: first.started_at.or(first.created_at),
        at: job.started_at.or(job.created_at),
        place: job.place,
    }
}

/// Jobs whose id a job of another project of the same GitLab bears.
fn of_several_projects(kept: &[Job]) -> Vec<JobConflict> {
    let mut by_id: Vec<&Job> = kept.iter().collect();
    by_id.sort_by_key(|job| (job.id, job.place));
    let mut conflicts = Vec::new();
    for same in by_id.chunk_by(|one, other| one.id == other.id) {
        let Some((first, others)) = same.split_first() else {
            continue;
        };
        let others = others
            .iter()
            .filter(|job| job.project_id != first.project_id);
        let others = others.filter(|job| of_one_instance(first, job));
        conflicts.extend(others.map(|job| conflict(first, job, JobDifference::Project)));
    }
    conflicts
}

/// Whether one GitLab gave both their ids: by the host of their pages, and where one names none by
/// the pipeline and the moment they were made.
fn of_one_instance(one: &Job, other: &Job) -> bool {
    match (host(&one.web_url), host(&other.web_url)) {
        (Some(one), Some(other)) => one.eq_ignore_ascii_case(other),
        _ => {
            one.created_at == other.created_at
                && (one.pipeline_id, one.name.as_str()) == (other.pipeline_id, other.name.as_str())
        }
    }
}

fn host(url: &str) -> Option<&str> {
    let (_, rest) = url.split_once("://")?;
    rest.split(['/', '?', '#'])
        .next()
        .filter(|host| !host.is_empty())
}

/// Pipelines that bear the id of another and say something else that a pipeline never changes.
pub(super) fn repeated_pipelines(pipelines: &[Pipeline]) -> Vec<JobConflict> {
    let mut by_id: Vec<&Pipeline> = pipelines.iter().collect();
    by_id.sort_by_key(|pipeline| (pipeline.project_id, pipeline.id, pipeline.place));
    let of = |pipeline: &Pipeline| (pipeline.project_id, pipeline.id);
    let mut conflicts = Vec::new();
    for same in by_id.chunk_by(|one, other| of(one) == of(other)) {
        for (first, other) in same.first().into_iter().flat_map(|first| {
            let others = same.iter().skip(1);
            others.map(move |other| (first, other))
        }) {
            let difference =
                if differ(&first.git_ref, &other.git_ref) || differ(&first.sha, &other.sha) {
                    JobDifference::Ref
                } else if differ(&first.username, &other.username) {
                    JobDifference::User
                } else if differ(&first.source, &other.source) {
                    JobDifference::Source
                } else {
                    continue;
                };
            conflicts.push(JobConflict {
                id: format!("gitlab:pipeline/{}/{}", other.project_id, other.id),
                difference,
                first_at: None,
                at: None,
                place: other.place,
            });
        }
    }
    conflicts
}

fn differ(one: &str, other: &str) -> bool {
    !one.is_empty() && !other.is_empty() && one != other
}

/// In what a job, exported in an earlier state or the same one, differs from `later`.
fn difference(later: &Job, job: &Job) -> Option<JobDifference> {
    fn two<T: PartialEq>(one: Option<T>, other: Option<T>) -> bool {
        matches!((one, other), (Some(one), Some(other)) if one != other)
    }
    // A manual job belongs to whoever plays it.
    let played = later.started_at.is_some() && job.started_at.is_none();
    if later.tag != job.tag
        || differ(&later.git_ref, &job.git_ref)
        || differ(&later.sha, &job.sha)
        || two(later.pipeline_id, job.pipeline_id)
    {
        Some(JobDifference::Ref)
    } else if !played && (differ(&later.username, &job.username) || two(later.user_id, job.user_id))
    {
        Some(JobDifference::User)
    } else if two(later.created_at, job.created_at)
        || two(later.started_at, job.started_at)
        || two(later.finished_at, job.finished_at)
    {
        Some(JobDifference::Time)
    } else if later.finished_at.is_some()
        && job.finished_at.is_some()
        && differ(&later.status, &job.status)
    {
        Some(JobDifference::Outcome)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::sample::{Sample, minute};

    /// The job 1 of project 7, changed, behind the same as it is.
    fn beside(change: impl FnOnce(&mut Job)) -> (Vec<Job>, Vec<JobConflict>) {
        let mut sample = Sample::default();
        let job = sample.job(7, 1, 10, 20).clone();
        let mut other = job.clone();
        change(&mut other);
        unique(vec![other, job])
    }

    #[test]
    fn an_earlier_state_of_a_job_is_no_other_job() {
        for change in [
            (|_| ()) as fn(&mut Job),
            |job| (job.finished_at, job.status) = (None, "running".to_owned()),
            |job| {
                (job.started_at, job.finished_at) = (None, None);
                (job.status, job.username) = ("manual".to_owned(), "bob".to_owned());
            },
        ] {
            let (jobs, conflicts) = beside(change);
            assert_eq!((jobs.len(), conflicts.len()), (1, 0));
            assert_eq!(jobs[0].finished_at, Some(minute(20)));
        }
    }

    #[test]
    fn an_id_is_given_once_within_one_gitlab() {
        let told = |own: &str, others: &str, change: fn(&mut Job)| {
            let mut sample = Sample::default();
            let mut job = sample.job(7, 1, 10, 20).clone();
            let mut other = job.clone();
            (job.web_url, other.web_url) = (own.to_owned(), others.to_owned());
            other.project_id = 999;
            change(&mut other);
            let (jobs, conflicts) = unique(vec![other, job]);
            assert_eq!(jobs.len(), 2);
            let told = conflicts.iter().map(|found| found.difference);
            told.collect::<Vec<JobDifference>>()
        };
        let one = "https://gitlab.example/a/b/-/jobs/1";
        assert_eq!(told(one, one, |_| ()), [JobDifference::Project]);
        let page = "https://GITLAB.example/c/-/jobs/1";
        assert_eq!(told(one, page, |_| ()), [JobDifference::Project]);
        assert_eq!(told("", "", |_| ()), [JobDifference::Project]);
        assert_eq!(told("", one, |job| job.pipeline_id = Some(5)), []);
        assert_eq!(told(one, "https://other.example/c/-/jobs/1", |_| ()), []);
    }

    #[test]
    fn a_pipeline_that_says_something_else_is_told() {
        let mut sample = Sample::default();
        sample.pipeline(1, "ann");
        sample.pipeline(1, "");
        sample.pipeline(2, "bob");
        assert_eq!(repeated_pipelines(sample.pipelines()).len(), 0);
        sample.pipeline(1, "eve");
        let told = repeated_pipelines(sample.pipelines());
        let told: Vec<_> = told.iter().map(|one| (&*one.id, one.difference)).collect();
        assert_eq!(told, [("gitlab:pipeline/7/1", JobDifference::User)]);
    }

    #[test]
    fn a_job_that_says_something_else_is_kept_and_told() {
        type Case = (JobDifference, fn(&mut Job));
        let cases: [Case; 4] = [
            (JobDifference::Ref, |job| job.git_ref = "evil".to_owned()),
            (JobDifference::User, |job| job.username = "bob".to_owned()),
            (JobDifference::Outcome, |job| {
                job.status = "failed".to_owned()
            }),
            (JobDifference::Time, |job| {
                job.finished_at = Some(minute(999))
            }),
        ];
        for (difference, change) in cases {
            let (jobs, conflicts) = beside(change);
            assert_eq!(jobs.len(), 2, "{difference:?}");
            assert_eq!(conflicts[0].difference, difference);
        }
    }
}
