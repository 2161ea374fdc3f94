//! The GitLab job: the origin that most chains begin with.

use serde::{Deserialize, Serialize};

use super::{Place, Timestamp};

/// One GitLab job as the jobs API shows it, joined with its pipeline where one was exported.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Job {
    /// Numeric job id.
    pub id: u64,
    /// Numeric project id (`pipeline.project_id`).
    pub project_id: u64,
    /// Full project path, from `web_url`; empty when it cannot be told.
    pub project_path: String,
    /// Job name.
    pub name: String,
    /// Stage name.
    pub stage: String,
    /// `success`, `failed`, `running`, ...
    pub status: String,
    /// Branch or tag name.
    pub git_ref: String,
    /// Whether `git_ref` is a tag.
    pub tag: bool,
    /// Commit SHA.
    pub sha: String,
    /// When the job was created.
    pub created_at: Option<Timestamp>,
    /// When a runner started it.
    pub started_at: Option<Timestamp>,
    /// When it ended; `None` while it runs.
    pub finished_at: Option<Timestamp>,
    /// Numeric id of the user the job ran as.
    pub user_id: Option<u64>,
    /// User name of the user the job ran as.
    pub username: String,
    /// Pipeline id.
    pub pipeline_id: Option<u64>,
    /// Pipeline source (`push`, `schedule`, ...), empty when not exported with the job.
    pub pipeline_source: String,
    /// Environment name the job declares, empty without one.
    pub environment: String,
    /// Runner id.
    pub runner_id: Option<u64>,
    /// Addresses of the runner and its manager, as GitLab saw them.
    pub runner_addresses: Vec<String>,
    /// Runner description.
    pub runner_description: String,
    /// Why it failed (`script_failure`, `runner_system_failure`, ...); empty where nothing says.
    pub failure_reason: String,
    /// Runner tags.
    pub tags: Vec<String>,
    /// The page of the job.
    pub web_url: String,
    /// Where it was read.
    pub place: Place,
}

/// A GitLab pipeline, which tells a job's source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pipeline {
    /// Numeric pipeline id (not `iid`).
    pub id: u64,
    /// Numeric project id.
    pub project_id: u64,
    /// `success`, `failed`, `skipped`, ...; empty when not exported.
    pub status: String,
    /// `push`, `web`, `schedule`, `merge_request_event`, ...
    pub source: String,
    /// Branch or tag name.
    pub git_ref: String,
    /// Commit SHA.
    pub sha: String,
    /// User name of the user who triggered it.
    pub username: String,
    /// Where it was read.
    pub place: Place,
}
