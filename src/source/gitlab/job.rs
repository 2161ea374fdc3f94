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
    About, Format, Framing, GitlabPath, Holds, Job, Place, Record, Sample, Sink, Source, Verdict,
    id,
};
use crate::source::borrowed::{Str, Strs};
use crate::source::nested::Nested;

use super::path;
use super::wire::{self, Commit, Environment, Runner, User};

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

/// How far two clocks of one server may be apart, in microseconds.
const CLOCKS: i64 = 3_600_000_000;

impl Wire<'_> {
    /// What is wrong with its times: one that is none, or an end before its beginning. A job that
    /// nobody can place would be missing where it ran, and nothing would say so.
    fn fault_of_times(&self) -> Option<&'static str> {
        let texts = [&self.created_at, &self.started_at, &self.finished_at];
        if texts.iter().any(|text| wire::is_no_time(text)) {
            return Some("GitLab job with a time that is none");
        }
        let times: Vec<_> = texts.iter().filter_map(|text| wire::time(text)).collect();
        let turned = times.windows(2).any(|pair| match pair {
            [before, after] => after.plus_micros(CLOCKS) < *before,
            _ => false,
        });
        turned.then_some("GitLab job that ends before it begins")
    }

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

    /// The project that the record itself names.
    fn said_project(&self) -> Option<u64> {
        let of_pipeline = self.pipeline.0.as_ref().map(|one| &one.project_id);
        let of_project = self.project.0.as_ref().map(|one| &one.id);
        let said = [of_pipeline, Some(&self.project_id), of_project];
        said.into_iter().flatten().find_map(wire::id)
    }

    /// The commit that the job ran on.
    fn sha(&self) -> Option<&str> {
        let commit = self.commit.0.as_ref();
        // In hooks `commit.id` is the pipeline's id.
        let is_hook = self.object_kind.as_str() == "build";
        [
            Some(&self.sha),
            commit.map(|commit| &commit.sha),
            commit.map(|commit| &commit.id).filter(|_| !is_hook),
            self.pipeline.0.as_ref().map(|pipeline| &pipeline.sha),
        ]
        .into_iter()
        .flatten()
        .find_map(Str::get)
    }

    /// The path of the job's project.
    fn project_path(&self) -> Option<&str> {
        let project = self.project.0.as_ref();
        let said = project.and_then(|project| project.path_with_namespace.get());
        let repository = self.repository.0.as_ref();
        let homepage = || wire::below_host(repository?.homepage.as_str());
        said.or_else(|| wire::project_path(self.web_url.as_str()))
            .or_else(homepage)
    }

    /// The job that the record tells.
    fn job(self, id: u64, project_id: u64, place: Place) -> Job {
        let owned = |text: Option<&str>| text.unwrap_or_default().to_owned();
        let (project_path, sha) = (owned(self.project_path()), owned(self.sha()));
        let pipeline = self.pipeline.or_empty();
        // Newer versions also write the pipeline's source into the job.
        let pipeline_source = owned(pipeline.source.get().or(self.source.get()));
        let git_ref = owned(self.git_ref.get().or(pipeline.git_ref.get()));
        let (user, runner) = (self.user.or_empty(), self.runner.or_empty());
        let manager = self.runner_manager.or_empty();
        let addresses = [&runner.ip_address, &manager.ip_address];
        let addresses = addresses.map(|address| address.get().map(str::to_owned));
        let mut runner_addresses: Vec<String> = addresses.into_iter().flatten().collect();
        runner_addresses.dedup();
        let listed = self.tag_list.0;
        let tags = if listed.is_empty() {
            runner.tags.0
        } else {
            listed
        };
        Job {
            id,
            project_id,
            project_path,
            name: self.name.0.into_owned(),
            stage: self.stage.0.into_owned(),
            status: self.status.0.into_owned(),
            git_ref,
            tag: self.tag.as_str() == "true",
            sha,
            created_at: wire::time(&self.created_at),
            started_at: wire::time(&self.started_at),
            finished_at: wire::time(&self.finished_at),
            user_id: wire::id(&user.id),
            username: user.username.0.into_owned(),
            pipeline_id: wire::id(&pipeline.id).or_else(|| wire::id(&self.pipeline_id)),
            pipeline_source,
            environment: self.environment.or_empty().name.0.into_owned(),
            runner_id: wire::id(&runner.id),
            runner_addresses,
            runner_description: runner.description.0.into_owned(),
            failure_reason: self.failure_reason.0.into_owned(),
            tags: tags.into_iter().map(|tag| tag.into_owned()).collect(),
            web_url: self.web_url.0.into_owned(),
            place,
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
        let Some(project_id) = wire.said_project().or(hint.project) else {
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
        // What else it says holds: who ran it is found, and when is in doubt.
        let fault = wire.fault_of_times();
        sink.job(wire.job(job_id, project_id, record.place));
        match fault {
            Some(fault) => Verdict::Rejected(fault.into()),
            None => Verdict::Parsed,
        }
    }
}
