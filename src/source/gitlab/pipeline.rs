//! GitLab pipelines: elements of `GET /projects/:id/pipelines` and webhooks of kind `pipeline`.
//!
//! The pipeline tells a job's source (`push`, `schedule`, ...). Webhooks hold it in
//! `object_attributes`, with the project beside it; their `builds` are left to job exports.
//!
//! Attributes: kind `gitlab-pipeline`, object `gitlab:pipeline/<project>/<pipeline>`,
//! `path-contradiction` when the file lies below another project than the pipeline says.

use serde_json::Value;

use crate::model::{
    About, Format, Framing, GitlabPath, Holds, Pipeline, Record, Sample, Sink, Source, Verdict,
};
use crate::source::borrowed::Str;
use crate::source::nested::Nested;

use super::path;
use super::wire::{self, User};

/// The format of GitLab pipelines.
pub struct Pipelines;

#[derive(Debug, Default, serde::Deserialize)]
struct Project<'a> {
    #[serde(borrow, default)]
    id: Str<'a>,
}

#[derive(Debug, Default, serde::Deserialize)]
struct Attributes<'a> {
    #[serde(borrow, default)]
    id: Str<'a>,
    #[serde(borrow, default)]
    source: Str<'a>,
    #[serde(borrow, default, rename = "ref")]
    git_ref: Str<'a>,
    #[serde(borrow, default)]
    sha: Str<'a>,
}

#[derive(Debug, Default, serde::Deserialize)]
struct Wire<'a> {
    #[serde(borrow, default)]
    object_kind: Str<'a>,
    #[serde(borrow, default)]
    id: Str<'a>,
    #[serde(borrow, default)]
    project_id: Str<'a>,
    #[serde(borrow, default)]
    source: Str<'a>,
    #[serde(borrow, default, rename = "ref")]
    git_ref: Str<'a>,
    #[serde(borrow, default)]
    sha: Str<'a>,
    #[serde(borrow, default)]
    status: Str<'a>,
    #[serde(borrow, default)]
    stage: Str<'a>,
    #[serde(borrow, default)]
    user: Nested<User<'a>>,
    #[serde(borrow, default)]
    project: Nested<Project<'a>>,
    #[serde(borrow, default)]
    object_attributes: Nested<Attributes<'a>>,
}

/// What its files are records of.
const SOURCE: Source = Source {
    name: "gitlab-pipelines",
    holds: Holds::Records,
};

impl Format for Pipelines {
    fn about(&self) -> &About {
        &About {
            source: &SOURCE,
            title: "GitLab pipelines",
            framing: Framing::Json,
        }
    }

    fn recognises(&self, sample: &Sample<'_>) -> bool {
        let Some(Value::Object(object)) = sample.value else {
            return false;
        };
        let has = |name: &str| object.contains_key(name);
        match object.get("object_kind").and_then(Value::as_str) {
            Some(kind) => kind == "pipeline",
            None => {
                ["id", "sha", "ref", "status"].into_iter().all(has)
                    && !["stage", "title", "deployable"].into_iter().any(has)
                    && (has("source")
                        || object
                            .get("web_url")
                            .and_then(Value::as_str)
                            .is_some_and(|url| url.contains("/pipelines/")))
            }
        }
    }

    fn read(&self, record: &Record<'_>, sink: &mut dyn Sink) -> Verdict {
        let mut wire: Wire<'_> = match sonic_rs::from_slice(record.bytes) {
            Ok(wire) => wire,
            Err(_) => return Verdict::Rejected("not a GitLab pipeline: unreadable JSON".into()),
        };
        match wire.object_kind.as_str() {
            "pipeline" => {
                let inner = wire.object_attributes.or_empty();
                wire.id = inner.id;
                wire.source = inner.source;
                wire.git_ref = inner.git_ref;
                wire.sha = inner.sha;
            }
            "" if !wire.sha.as_str().is_empty()
                && !wire.status.as_str().is_empty()
                && wire.stage.as_str().is_empty() => {}
            _ => return Verdict::Foreign,
        }
        let Some(pipeline_id) = wire::id(&wire.id) else {
            return Verdict::Rejected("GitLab pipeline without an id".into());
        };
        let hint = GitlabPath::parse(record.path);
        let said = wire::id(&wire.project_id).or_else(|| wire::id(&wire.project.or_empty().id));
        let Some(project_id) = said.or(hint.project) else {
            return Verdict::Rejected("GitLab pipeline without a project id".into());
        };
        if let Some(expected) = hint.project.filter(|expected| *expected != project_id) {
            let object = format!("gitlab:pipeline/{project_id}/{pipeline_id}");
            sink.attribute(path::contradiction(
                "gitlab-pipeline",
                object,
                expected,
                record.place,
            ));
        }
        sink.pipeline(Pipeline {
            id: pipeline_id,
            project_id,
            status: wire.status.0.into_owned(),
            source: wire.source.0.into_owned(),
            git_ref: wire.git_ref.0.into_owned(),
            sha: wire.sha.0.into_owned(),
            username: wire.user.or_empty().username.0.into_owned(),
            place: record.place,
        });
        Verdict::Parsed
    }
}
