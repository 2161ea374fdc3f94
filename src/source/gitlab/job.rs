//! GitLab jobs: elements of `GET /projects/:id/jobs` and webhooks of kind `build`.
//!
//! | job field | REST | webhook |
//! |---|---|---|
//! | id, name, stage, status, failure reason | same names | `build_id`, `build_name`, ... |
//! | project id | `pipeline.project_id`, `project.id`, the path | `project_id` |
//! | project path | `web_url` | `repository.homepage` |
//! | sha | `commit.id`, `pipeline.sha` | `sha`, `commit.sha` |
//! | pipeline source | `pipeline.source`, else `source` | none |
//! | environment | `environment.name` | same |
//! | runner addresses | `runner.ip_address`, `runner_manager.ip_address` | none |
//! | tags | `tag_list` | `runner.tags` |
//!
//! Attributes: kind `gitlab-job`, object `gitlab:job/<project>/<job>`, `path-contradiction` when
//! the file lies below another project than the job says.
//!
//! Bridges (`downstream_pipeline`) run on no runner and hold no token; they are skipped.

use serde_json::Value;

use crate::model::{
    About, Format, Framing, GitlabPath, Holds, Job, Record, Sample, Sink, Source, Verdict, id,
};
use crate::source::borrowed::{Str, Strs};

use super::path;
use super::wire::{self, Commit, Environment, Nested, Runner, User};

/// The format of GitLab jobs.
pub struct Jobs;

#[derive(Debug, Default, serde::Deserialize)]
struct Pipeline<'a> {
    #[serde(borrow, default)]
    id: Str<'a>,
    #[serde(borrow, default)]
    project_id: Str<'a>,
    #[serde(borrow, default)]
    sha: Str<'a>,
    #[serde(borrow, default, rename = "ref")]
    git_ref: Str<'a>,
    #[serde(borrow, default)]
    source: Str<'a>,
}

#[derive(Debug, Default, serde::Deserialize)]
struct Project<'a> {
    #[serde(borrow, default)]
    id: Str<'a>,
    #[serde(borrow, default)]
    path_with_namespace: Str<'a>,
}

#[derive(Debug, Default, serde::Deserialize)]
struct Repository<'a> {
    #[serde(borrow, default)]
    homepage: Str<'a>,
}

#[derive(Debug, Default, serde::Deserialize)]
struct Wire<'a> {
    #[serde(borrow, default)]
    object_kind: Str<'a>,
    #[serde(borrow, default, alias = "build_id")]
    id: Str<'a>,
    #[serde(borrow, default, alias = "build_name")]
    name: Str<'a>,
    #[serde(borrow, default, alias = "build_stage")]
    stage: Str<'a>,
    #[serde(borrow, default, alias = "build_status")]
    status: Str<'a>,
    #[serde(borrow, default, alias = "build_failure_reason")]
    failure_reason: Str<'a>,
    #[serde(borrow, default, rename = "ref")]
    git_ref: Str<'a>,
    #[serde(borrow, default)]
    tag: Str<'a>,
    #[serde(borrow, default)]
    sha: Str<'a>,
    #[serde(borrow, default, alias = "build_created_at")]
    created_at: Str<'a>,
    #[serde(borrow, default, alias = "build_started_at")]
    started_at: Str<'a>,
    #[serde(borrow, default, alias = "build_finished_at")]
    finished_at: Str<'a>,
    #[serde(borrow, default)]
    pipeline_id: Str<'a>,
    #[serde(borrow, default)]
    project_id: Str<'a>,
    #[serde(borrow, default)]
    web_url: Str<'a>,
    #[serde(borrow, default)]
    source: Str<'a>,
    #[serde(borrow, default)]
    tag_list: Strs<'a>,
    #[serde(borrow, default)]
    user: Nested<User<'a>>,
    #[serde(borrow, default)]
    commit: Nested<Commit<'a>>,
    #[serde(borrow, default)]
    pipeline: Nested<Pipeline<'a>>,
    #[serde(borrow, default)]
    project: Nested<Project<'a>>,
    #[serde(borrow, default)]
    repository: Nested<Repository<'a>>,
    #[serde(borrow, default)]
    runner: Nested<Runner<'a>>,
    #[serde(borrow, default)]
    runner_manager: Nested<Runner<'a>>,
    #[serde(borrow, default)]
    environment: Nested<Environment<'a>>,
    #[serde(borrow, default)]
    downstream_pipeline: Nested<Pipeline<'a>>,
}

impl Wire<'_> {
    /// Whether the record is a job and not another object that happens to have an id.
    fn is_job(&self) -> bool {
        match self.object_kind.as_str() {
            "build" => true,
            "" => {
                !self.stage.as_str().is_empty()
                    && !self.status.as_str().is_empty()
                    && (self.pipeline.0.is_some() || self.web_url.as_str().contains("/jobs/"))
            }
            _ => false,
        }
    }
}

/// What its files are records of.
const SOURCE: Source = Source {
    name: "gitlab-jobs",
    holds: Holds::Log {
        ordered: false,
        continuous: true,
    },
};

impl Format for Jobs {
    fn about(&self) -> &About {
        &About {
            source: &SOURCE,
            title: "GitLab jobs",
            framing: Framing::Json,
        }
    }

    fn recognises(&self, sample: &Sample<'_>) -> bool {
        let Some(Value::Object(object)) = sample.value else {
            return false;
        };
        let text = |name: &str| object.get(name).and_then(Value::as_str);
        match text("object_kind") {
            Some(kind) => kind == "build",
            None => {
                object.contains_key("id")
                    && ["name", "stage", "status"]
                        .iter()
                        .all(|name| object.contains_key(*name))
                    && (object.get("pipeline").is_some_and(Value::is_object)
                        || text("web_url").is_some_and(|url| url.contains("/jobs/")))
            }
        }
    }

    fn read(&self, record: &Record<'_>, sink: &mut dyn Sink) -> Verdict {
        let wire: Wire<'_> = match sonic_rs::from_slice(record.bytes) {
            Ok(wire) => wire,
            Err(_) => return Verdict::Rejected("not a GitLab job: unreadable JSON".into()),
        };
        if !wire.is_job() {
            return Verdict::Foreign;
        }
        if wire.downstream_pipeline.0.is_some() {
            return Verdict::Skipped("GitLab bridge: not used".into());
        }
        let Some(job_id) = wire::id(&wire.id) else {
            return Verdict::Rejected("GitLab job without an id".into());
        };
        let hint = GitlabPath::parse(record.path);
        let pipeline = wire.pipeline.or_empty();
        let project = wire.project.or_empty();
        let said = wire::id(&pipeline.project_id)
            .or_else(|| wire::id(&wire.project_id))
            .or_else(|| wire::id(&project.id));
        let Some(project_id) = said.or(hint.project) else {
            return Verdict::Rejected("GitLab job without a project id".into());
        };
        if let Some(expected) = hint.project.filter(|expected| *expected != project_id) {
            let object = id::gitlab_job(project_id, job_id);
            sink.attribute(path::contradiction(
                "gitlab-job",
                object,
                expected,
                record.place,
            ));
        }
        let is_hook = wire.object_kind.as_str() == "build";
        let user = wire.user.or_empty();
        let commit = wire.commit.or_empty();
        let runner = wire.runner.or_empty();
        let manager = wire.runner_manager.or_empty();
        let homepage = wire.repository.or_empty().homepage;
        let project_path = project
            .path_with_namespace
            .get()
            .or_else(|| wire::project_path(wire.web_url.as_str()))
            .or_else(|| wire::below_host(homepage.as_str()))
            .unwrap_or_default();
        let sha = [&wire.sha, &commit.sha]
            .into_iter()
            // In hooks `commit.id` is the pipeline's id.
            .chain((!is_hook).then_some(&commit.id))
            .chain([&pipeline.sha])
            .find_map(Str::get)
            .unwrap_or_default();
        // Newer versions also write the pipeline's source into the job.
        let pipeline_source = pipeline
            .source
            .get()
            .or(wire.source.get())
            .unwrap_or_default();
        let git_ref = wire.git_ref.get().or(pipeline.git_ref.get());
        let addresses: Vec<String> = [&runner.ip_address, &manager.ip_address]
            .into_iter()
            .filter_map(|address| address.get().map(str::to_owned))
            .collect();
        let tags = if wire.tag_list.0.is_empty() {
            runner.tags.0
        } else {
            wire.tag_list.0
        };
        sink.job(Job {
            id: job_id,
            project_id,
            project_path: project_path.to_owned(),
            name: wire.name.0.into_owned(),
            stage: wire.stage.0.into_owned(),
            status: wire.status.0.into_owned(),
            git_ref: git_ref.unwrap_or_default().to_owned(),
            tag: wire.tag.as_str() == "true",
            sha: sha.to_owned(),
            created_at: wire::time(&wire.created_at),
            started_at: wire::time(&wire.started_at),
            finished_at: wire::time(&wire.finished_at),
            user_id: wire::id(&user.id),
            username: user.username.0.into_owned(),
            pipeline_id: wire::id(&pipeline.id).or_else(|| wire::id(&wire.pipeline_id)),
            pipeline_source: pipeline_source.to_owned(),
            environment: wire.environment.or_empty().name.0.into_owned(),
            runner_id: wire::id(&runner.id),
            runner_addresses: deduplicated(addresses),
            runner_description: runner.description.0.into_owned(),
            failure_reason: wire.failure_reason.0.into_owned(),
            tags: tags.into_iter().map(|tag| tag.into_owned()).collect(),
            web_url: wire.web_url.0.into_owned(),
            place: record.place,
        });
        Verdict::Parsed
    }
}

fn deduplicated(mut addresses: Vec<String>) -> Vec<String> {
    addresses.dedup();
    addresses
}
