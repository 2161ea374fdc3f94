//! Merge requests by the commits that they became.
//!
//! GitLab's answers name the commits that a merge made (`merge_commit_sha`, `squash_commit_sha`)
//! and the head of its source branch (`sha`); a job names the commit that it ran on
//! (`job.commit.id`). A commit's name is the digest of its content, so equal names are one commit
//! (K1). The head is also what a merge request's own pipelines run on, and what stands on the
//! target branch after a fast-forward.

use std::collections::{BTreeMap, BTreeSet};

use super::edge::Candidates;
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
pub(super) struct MergeRequests {
    list: Vec<MergeRequest>,
    by_commit: [BTreeMap<(String, String), BTreeSet<u32>>; COMMITS.len()],
}

/// One merge request.
#[derive(Debug)]
pub(super) struct MergeRequest {
    pub(super) id: String,
    pub(super) place: Place,
    /// When it was merged, or else opened.
    pub(super) at: Option<Timestamp>,
}

impl MergeRequests {
    /// Reads the attributes of merge requests, sorted by object.
    pub(super) fn new<'a>(attributes: impl Iterator<Item = &'a Attribute>) -> MergeRequests {
        let mut by_object: BTreeMap<&str, Vec<&Attribute>> = BTreeMap::new();
        for attribute in attributes {
            let said = by_object.entry(&attribute.object).or_default();
            said.push(attribute);
        }
        let mut known = MergeRequests::default();
        for ((object, said), number) in by_object.into_iter().zip(0u32..) {
            known.add(number, object, &said);
        }
        known
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
        self.list.push(MergeRequest {
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
    pub(super) fn of(&self, job: &Job) -> Option<Candidates> {
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

    /// A merge request by its position, as [`Candidates`] name it.
    pub(super) fn get(&self, number: u32) -> Option<&MergeRequest> {
        self.list.get(number as usize)
    }
}
