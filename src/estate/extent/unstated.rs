//! What every export of a thing says, and some things here leave out: whoever fetched them was not
//! shown it, or it was cut from them.

use std::collections::{BTreeMap, BTreeSet};

use crate::identity::Directory;
use crate::model::{Hole, Job, Period, TAKEN_OUT_OF, is_silent, listed};
use crate::posture::PIPELINES;
use crate::rule::in_words;

/// Kinds of things, and what the server says of each.
const SAID: [(&str, &[&str]); 2] = [
    ("gitlab-variable", &["masked", "protected"]),
    ("gitlab-token", &["scope", "lifetime_days", "revoked"]),
];

/// The holes of jobs that do not say what started their pipeline, and no exported pipeline does, or
/// who did.
pub(super) fn pipelines(jobs: &[Job], period: Period) -> Vec<Hole> {
    let ran = jobs.iter().filter(|job| {
        let at = job.started_at.or(job.created_at);
        at.is_some_and(|at| period.contains(at))
    });
    let started = ran.clone().filter(|job| is_silent(&job.pipeline_source));
    let nobodys = ran.clone().filter(|job| is_silent(&job.username));
    let said = [
        (started.count(), "what started their pipeline"),
        (nobodys.count(), "whose they are"),
    ];
    let all = ran.count();
    let open = said.into_iter().filter(|(open, _)| *open > 0);
    let holes = open.map(|(open, what)| {
        let words = format!("{open} of {all} job(s) do not say {what}");
        Hole::somewhere(PIPELINES, words)
    });
    holes.collect()
}

/// What became of jobs that ended after a runner took them; of those that one never took, the last
/// alone is certain.
const ENDED: [&str; 3] = ["canceled", "failed", SUCCEEDED];
const SUCCEEDED: &str = "success";

/// The hole of jobs that ran and do not say from when to when: which logins were theirs, and what
/// their tokens outlived, nobody knows.
pub(super) fn times(jobs: &[Job], period: Period) -> Option<Hole> {
    let ran = jobs.iter().filter(|job| {
        let at = job.started_at.or(job.finished_at).or(job.created_at);
        let began = job.started_at.is_some() || job.status == SUCCEEDED;
        began && at.is_some_and(|at| period.contains(at)) && ENDED.contains(&job.status.as_str())
    });
    let is_open = |job: &&Job| [job.created_at, job.started_at, job.finished_at].contains(&None);
    let open = ran.clone().filter(is_open).count();
    (open > 0).then(|| {
        let all = ran.count();
        let words = format!("{open} of {all} job(s) that ran do not say from when to when");
        Hole::somewhere("gitlab-jobs", words)
    })
}

/// The bucket that Cloud Logging makes in every project, and that nobody can delete or change.
const REQUIRED: &str = "/buckets/_Required";

/// The hole of exports of Cloud Logging's buckets that lack the one of every project.
pub(super) fn log_buckets(directory: &Directory) -> Option<Hole> {
    let mut projects: BTreeMap<&str, bool> = BTreeMap::new();
    let named = directory.of_kind("gcp-log-bucket");
    for (project, bucket) in named.filter_map(|it| it.object.split_once("/locations/")) {
        *projects.entry(project).or_default() |= bucket.ends_with(REQUIRED);
    }
    let lacking = projects.iter().filter(|(_, whole)| !**whole);
    let lacking: BTreeSet<&&str> = lacking.map(|(project, _)| project).collect();
    (!lacking.is_empty()).then(|| {
        let words = format!(
            "buckets of Cloud Logging were exported without _Required, which every project has: {}",
            listed(&lacking)
        );
        Hole::somewhere("gcp-log-bucket", words)
    })
}

/// A hole for each kind of which things leave out what the server says of each.
pub(super) fn holes(directory: &Directory) -> Vec<Hole> {
    let holes = SAID.iter().filter_map(|(kind, names)| {
        let mut things: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for attribute in directory.of_kind(kind) {
            let thing = things.entry(&attribute.object).or_default();
            thing.insert(&attribute.name);
        }
        let all = things.len();
        let lacks = |of: &&&str| things.values().any(|own| !own.contains(**of));
        let lacking: BTreeSet<&&str> = names.iter().filter(lacks).collect();
        let bare = things
            .values()
            .filter(|own| names.iter().any(|of| !own.contains(of)));
        let words = format!(
            "{} of {all} {} do not say: {}",
            bare.count(),
            in_words(kind),
            listed(&lacking)
        );
        (!lacking.is_empty()).then(|| Hole::somewhere(*kind, words))
    });
    holes.chain(taken_out(directory)).collect()
}

/// A hole for each kind of which somebody took a value out.
fn taken_out(directory: &Directory) -> Vec<Hole> {
    let mut kinds: BTreeMap<&str, (BTreeSet<&str>, BTreeSet<&str>)> = BTreeMap::new();
    for attribute in directory.attributes.iter() {
        if attribute.name == TAKEN_OUT_OF {
            let (things, names) = kinds.entry(attribute.kind).or_default();
            things.insert(&attribute.object);
            names.insert(&attribute.value);
        }
    }
    let holes = kinds.into_iter().map(|(kind, (things, names))| {
        let words = format!(
            "of {} {} was taken out: {}",
            things.len(),
            in_words(kind),
            listed(&names)
        );
        Hole::somewhere(kind, words)
    });
    holes.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::estate::extent::traced::tests::job;
    use crate::estate::extent::unexported::tests::holding;
    use crate::model::Timestamp;

    fn said(stated: &[(&str, &str)]) -> Vec<String> {
        let stated = stated.iter();
        let stated = stated.map(|(object, name)| ("gitlab-variable", *object, *name, "true"));
        let holes = holes(&holding(&stated.collect::<Vec<_>>())).into_iter();
        holes.map(|hole| hole.words).collect()
    }

    #[test]
    fn a_job_says_what_started_its_pipeline() {
        let at = Timestamp(1);
        let period = Period {
            from: Timestamp(0),
            to: Timestamp(2),
        };
        let started_by = |source: &str| Job {
            started_at: Some(at),
            pipeline_source: source.to_owned(),
            username: "ada".to_owned(),
            ..job(1)
        };
        let said = |jobs: &[Job]| {
            let holes = pipelines(jobs, period).into_iter();
            holes.map(|hole| hole.words).collect::<Vec<_>>()
        };
        assert_eq!(said(&[started_by("push")]), [""; 0]);
        let open = [started_by("push"), started_by(""), started_by("***")];
        let words = "2 of 3 job(s) do not say what started their pipeline";
        assert_eq!(said(&open), [words]);
        let nobodys = Job {
            username: "[REDACTED]".to_owned(),
            ..started_by("push")
        };
        let words = "1 of 2 job(s) do not say whose they are";
        assert_eq!(said(&[nobodys, started_by("push")]), [words]);
    }

    #[test]
    fn a_job_that_ran_says_from_when_to_when() {
        let at = Timestamp(1);
        let period = Period {
            from: Timestamp(0),
            to: Timestamp(2),
        };
        let with = |status: &str, finished_at| Job {
            created_at: Some(at),
            started_at: Some(at),
            finished_at,
            status: status.to_owned(),
            ..job(1)
        };
        let said = |jobs: &[Job]| times(jobs, period).map(|hole| hole.words);
        let whole = [with("success", Some(at)), with("running", None)];
        assert_eq!(said(&whole), None);
        let words = "1 of 2 job(s) that ran do not say from when to when";
        let open = [with("failed", None), with("success", Some(at))];
        assert_eq!(said(&open).as_deref(), Some(words));
        let never = |status| Job {
            started_at: None,
            ..with(status, Some(at))
        };
        assert_eq!(said(&[never("canceled")]), None);
        assert!(said(&[never("success")]).is_some());
    }

    #[test]
    fn what_google_makes_in_every_project_is_in_a_whole_list_of_its_log_buckets() {
        let said = |buckets: &[&str]| {
            let named = buckets.iter().map(|name| {
                format!(
                    "gcp:resource/logging.googleapis.com/projects/p/locations/global/buckets/{name}"
                )
            });
            let named: Vec<String> = named.collect();
            let stated = named.iter();
            let stated =
                stated.map(|name| ("gcp-log-bucket", name.as_str(), "retention_days", "30"));
            log_buckets(&holding(&stated.collect::<Vec<_>>())).map(|hole| hole.of)
        };
        assert_eq!(said(&["_Required", "evidence"]), None);
        assert_eq!(said(&["evidence"]), Some("gcp-log-bucket".to_owned()));
        assert_eq!(said(&[]), None);
    }

    #[test]
    fn a_thing_of_which_a_value_was_taken_out_is_there_in_part() {
        let stated = (
            "gitlab-project",
            "gitlab:project/7",
            TAKEN_OUT_OF,
            "visibility",
        );
        let found = holes(&holding(&[stated]));
        let [hole] = &found[..] else {
            panic!("{found:?}");
        };
        assert_eq!(hole.of, "gitlab-project");
        assert!(hole.words.ends_with(": visibility"), "{}", hole.words);
    }

    #[test]
    fn a_variable_that_does_not_say_whether_it_is_masked_is_there_in_part() {
        let whole = [("a", "masked"), ("a", "protected")];
        assert_eq!(said(&whole), [""; 0]);
        let cut = [&whole[..], &[("b", "protected")]].concat();
        assert_eq!(
            said(&cut),
            ["1 of 2 GitLab CI/CD variables do not say: masked"]
        );
        assert_eq!(said(&[]), [""; 0]);
    }
}
