//! What changes became: the jobs that ran on the commits of a merge request.
//!
//! GitLab's answers name the commits that a merge made (`merge_commit_sha`, `squash_commit_sha`)
//! and the head of its source branch (`sha`); a job names the commit that it ran on
//! (`job.commit.id`). A commit's name is the digest of its content, so equal names are one commit
//! (K1). The head is also what a merge request's own pipelines run on, and what stands on the
//! target branch after a fast-forward.

use std::collections::{BTreeMap, BTreeSet};

use super::edge::{Candidates, Edge};
use super::edges::{End, candidates};
use super::resolve::Identity;
use crate::model::{Attribute, Job, Key, Place, Timestamp, id};

/// What names a commit of a merge request, and the equality that it makes; a commit that a merge
/// made says more than a head, which several merge requests may share.
const COMMITS: [(&str, &str); 3] = [
    (
        "merge_commit_sha",
        "merge_request.merge_commit_sha = job.commit.id",
    ),
    (
        "squash_commit_sha",
        "merge_request.squash_commit_sha = job.commit.id",
    ),
    ("sha", "merge_request.sha = job.commit.id"),
];

/// Merge requests, by project and commit.
#[derive(Debug, Default)]
pub(super) struct Changes {
    merge_requests: Vec<MergeRequest>,
    by_commit: [BTreeMap<(String, String), BTreeSet<u32>>; COMMITS.len()],
}

#[derive(Debug)]
struct MergeRequest {
    id: String,
    place: Place,
    /// When it was merged, or else opened.
    at: Option<Timestamp>,
}

impl Changes {
    /// Reads the attributes of merge requests, sorted by object.
    pub(super) fn new<'a>(attributes: impl Iterator<Item = &'a Attribute>) -> Changes {
        let mut by_object: BTreeMap<&str, Vec<&Attribute>> = BTreeMap::new();
        for attribute in attributes {
            let said = by_object.entry(&attribute.object).or_default();
            said.push(attribute);
        }
        let mut changes = Changes::default();
        for ((object, said), number) in by_object.into_iter().zip(0u32..) {
            changes.add(number, object, &said);
        }
        changes
    }

    fn add(&mut self, number: u32, object: &str, said: &[&Attribute]) {
        let values = |name: &str| {
            let named = said.iter().filter(move |found| found.name == *name);
            named.map(|found| found.value.clone()).collect::<Vec<_>>()
        };
        let Some(first) = said.first() else {
            return;
        };
        let time = |name| values(name).iter().find_map(|text| Timestamp::parse(text));
        self.merge_requests.push(MergeRequest {
            id: object.to_owned(),
            place: first.place,
            at: time("merged_at").or_else(|| time("created_at")),
        });
        for ((name, _), commits) in COMMITS.iter().zip(&mut self.by_commit) {
            let mut projects = values("project");
            if *name == "sha" {
                // The pipelines of a fork's branch run in the fork.
                projects.extend(values("source_project"));
            }
            for commit in values(name).iter().filter(|commit| !commit.is_empty()) {
                for project in &projects {
                    let key = (project.clone(), commit.clone());
                    commits.entry(key).or_default().insert(number);
                }
            }
        }
    }

    /// The merge requests that a job's commit is of: several where they share a head.
    fn of(&self, job: &Job) -> Option<Candidates> {
        let key = (id::gitlab_project(job.project_id), job.sha.clone());
        let mut levels = COMMITS.iter().zip(&self.by_commit);
        levels.find_map(|((_, key_name), commits)| {
            let found = commits.get(&key)?.iter().copied().collect();
            Some(Candidates {
                found,
                key: Key::K1,
                key_name,
            })
        })
    }
}

impl Identity {
    /// One edge from each merge request to every job that ran on a commit of it.
    pub(super) fn merge_request_jobs(&self, edges: &mut Vec<Edge>) {
        let changes = self.directory.changes();
        for job in &self.directory.jobs {
            let Some(found) = changes.of(job) else {
                continue;
            };
            let at = job.started_at.or(job.created_at).unwrap_or(Timestamp::MIN);
            let end = End {
                right: id::gitlab_job(job.project_id, job.id),
                place: job.place,
                at,
            };
            let name = |number: u32| {
                let request = changes.merge_requests.get(number as usize)?;
                Some((request.id.clone(), request.place, request.at.unwrap_or(at)))
            };
            candidates("merge-request-job", &found, &end, name, edges);
        }
    }

    /// The merge requests that a job's commit is of, and the equality that says so.
    #[must_use]
    pub fn merge_requests_of(&self, job: &Job) -> Option<(Vec<&str>, &'static str)> {
        let changes = self.directory.changes();
        let found = changes.of(job)?;
        let named = found.found.iter();
        let named = named.filter_map(|&number| changes.merge_requests.get(number as usize));
        Some((
            named.map(|request| request.id.as_str()).collect(),
            found.key_name,
        ))
    }
}

#[cfg(test)]
mod tests {
    use crate::identity::sample::{Sample, World};

    /// Edges of job 1 of project 7, which ran on `sha1`.
    fn edges(said: &[(&str, &str, &str)]) -> Vec<(String, &'static str, u8)> {
        let mut sample = Sample::default();
        sample.job(7, 1, 5, 20);
        for (request, name, value) in said {
            sample.says("gitlab-merge-request", request, name, value);
        }
        let world = World::default();
        let found = sample.join(&world).edges(&world);
        let found = found
            .into_iter()
            .filter(|edge| edge.edge == "merge-request-job");
        found
            .map(|edge| (edge.left, edge.key_name, edge.confidence.0))
            .collect()
    }

    const THREE: &str = "gitlab:merge-request/7/3";
    const FOUR: &str = "gitlab:merge-request/7/4";
    const FORKED: &str = "gitlab:merge-request/9/1";
    const HERE: &str = "gitlab:project/7";

    #[test]
    fn a_job_on_the_commit_of_a_merge_is_of_that_change() {
        let merged = [
            (THREE, "project", HERE),
            (THREE, "merge_commit_sha", "sha1"),
            // A head that another change shares says less than the merge's own commit.
            (FOUR, "project", HERE),
            (FOUR, "sha", "sha1"),
        ];
        let key = "merge_request.merge_commit_sha = job.commit.id";
        assert_eq!(edges(&merged), [(THREE.to_owned(), key, 100)]);
    }

    #[test]
    fn changes_that_share_a_head_are_all_candidates() {
        let shared = [
            (THREE, "project", HERE),
            (THREE, "sha", "sha1"),
            (FOUR, "project", HERE),
            (FOUR, "sha", "sha1"),
        ];
        let key = "merge_request.sha = job.commit.id";
        let halves = [(THREE.to_owned(), key, 50), (FOUR.to_owned(), key, 50)];
        assert_eq!(edges(&shared), halves);
    }

    #[test]
    fn a_forks_pipeline_is_of_the_change_and_another_projects_commit_is_not() {
        let forked = [
            (FORKED, "project", "gitlab:project/9"),
            (FORKED, "source_project", HERE),
            (FORKED, "sha", "sha1"),
        ];
        let key = "merge_request.sha = job.commit.id";
        assert_eq!(edges(&forked), [(FORKED.to_owned(), key, 100)]);
        let elsewhere = [
            (FORKED, "project", "gitlab:project/9"),
            (FORKED, "merge_commit_sha", "sha1"),
        ];
        assert_eq!(edges(&elsewhere), []);
        assert_eq!(edges(&[]), []);
    }

    #[test]
    fn a_job_without_a_commit_is_of_no_change() {
        let mut sample = Sample::default();
        sample.job(7, 1, 5, 20).sha = String::new();
        sample.says("gitlab-merge-request", THREE, "project", HERE);
        sample.says("gitlab-merge-request", THREE, "merge_commit_sha", "");
        let world = World::default();
        let found = sample.join(&world).edges(&world);
        assert!(found.iter().all(|edge| edge.edge != "merge-request-job"));
    }
}
