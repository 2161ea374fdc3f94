//! What merge requests became: the jobs that ran on their commits.

use super::edge::Edge;
use super::edges::{End, candidates};
use super::resolve::Identity;
use crate::model::{Job, Timestamp, id};

impl Identity {
    /// One edge from each merge request to every job that ran on a commit of it.
    pub(super) fn merge_request_jobs(&self, edges: &mut Vec<Edge>) {
        let known = self.directory.merge_requests();
        for job in &self.directory.jobs {
            let Some(found) = known.of(job) else {
                continue;
            };
            let at = job.started_at.or(job.created_at).unwrap_or(Timestamp::MIN);
            let end = End {
                right: id::gitlab_job(job.project_id, job.id),
                place: job.place,
                at,
            };
            let name = |number: u32| {
                let request = known.get(number)?;
                Some((request.id.clone(), request.place, request.at.unwrap_or(at)))
            };
            candidates("merge-request-job", &found, &end, name, edges);
        }
    }

    /// The merge requests that a job's commit is of, and the equality that says so.
    #[must_use]
    pub fn merge_requests_of(&self, job: &Job) -> Option<(Vec<&str>, &'static str)> {
        let known = self.directory.merge_requests();
        let found = known.of(job)?;
        let named = found.found.iter();
        let named = named.filter_map(|&number| known.get(number));
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
        let found = sample.join(&world).edges(&world.scope());
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
        let found = sample.join(&world).edges(&world.scope());
        assert!(found.iter().all(|edge| edge.edge != "merge-request-job"));
    }
}
