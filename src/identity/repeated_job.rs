//! Jobs that stand in several pages of exports: a later state of one job, or two that differ.

use crate::model::{Job, Place, Timestamp};

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
        }
    }
}

/// A job that bears the id of another and says something else. Both are kept.
#[derive(Clone, Debug)]
pub struct JobConflict {
    /// Numeric id of the project.
    pub project_id: u64,
    /// Numeric id of the job.
    pub id: u64,
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
            conflicts.push(JobConflict {
                project_id: job.project_id,
                id: job.id,
                difference: *difference,
                first_at: first.started_at.or(first.created_at),
                at: job.started_at.or(job.created_at),
                place: job.place,
            });
        }
        kept.push(job);
    }
    (kept, conflicts)
}

/// In what a job, exported in an earlier state or the same one, differs from `later`.
fn difference(later: &Job, job: &Job) -> Option<JobDifference> {
    fn two<T: PartialEq>(one: Option<T>, other: Option<T>) -> bool {
        matches!((one, other), (Some(one), Some(other)) if one != other)
    }
    let text = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    // A manual job belongs to whoever plays it.
    let played = later.started_at.is_some() && job.started_at.is_none();
    if later.tag != job.tag
        || two(text(&later.git_ref), text(&job.git_ref))
        || two(text(&later.sha), text(&job.sha))
        || two(later.pipeline_id, job.pipeline_id)
    {
        Some(JobDifference::Ref)
    } else if !played
        && (two(text(&later.username), text(&job.username)) || two(later.user_id, job.user_id))
    {
        Some(JobDifference::User)
    } else if two(later.created_at, job.created_at)
        || two(later.started_at, job.started_at)
        || two(later.finished_at, job.finished_at)
    {
        Some(JobDifference::Time)
    } else if later.finished_at.is_some()
        && job.finished_at.is_some()
        && two(text(&later.status), text(&job.status))
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
