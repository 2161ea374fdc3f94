//! GitLab projects: elements of `GET /projects`, and the system hooks that rename one.
//!
//! Kind `gitlab-project`, object `gitlab:project/<id>`. Attributes, named as in the API:
//! `path_with_namespace`, `default_branch`, `visibility`, `archived`, `created_at`,
//! `ci_job_token_scope_enabled`, `ci_inbound_job_token_scope_enabled`, `public_jobs`,
//! `shared_runners_enabled`, `group_runners_enabled`, `ci_config_path`,
//! `ci_forward_deployment_enabled`, `ci_restrict_pipeline_cancellation_role`,
//! `restrict_user_defined_variables`, `ci_pipeline_variables_minimum_override_role`,
//! `only_allow_merge_if_pipeline_succeeds`, `namespace_id`, `forked_from_project`; and
//! `path_history`, one per former path, from `path_history`, `previous_paths` or a rename hook.

use crate::model::{About, Format, Framing, Record, Sample, Sink, Verdict, id};

use super::statement::{self, Statement};

/// The format of GitLab projects.
pub struct Projects;

const COPIED: &[&str] = &[
    "path_with_namespace",
    "default_branch",
    "visibility",
    "archived",
    "created_at",
    "ci_job_token_scope_enabled",
    "ci_inbound_job_token_scope_enabled",
    "public_jobs",
    "shared_runners_enabled",
    "group_runners_enabled",
    "ci_config_path",
    "ci_forward_deployment_enabled",
    "ci_restrict_pipeline_cancellation_role",
    "restrict_user_defined_variables",
    "ci_pipeline_variables_minimum_override_role",
    "only_allow_merge_if_pipeline_succeeds",
];

const RENAMES: &[&str] = &["project_rename", "project_transfer"];

/// Whether a system hook says that a project got another path.
pub(super) fn is_rename(event: &str) -> bool {
    RENAMES.contains(&event)
}

impl Format for Projects {
    fn about(&self) -> &About {
        &About {
            source: &super::SOURCE,
            title: "GitLab projects",
            framing: Framing::Json,
        }
    }

    fn recognises(&self, sample: &Sample<'_>) -> bool {
        let event = sample
            .value
            .and_then(|value| value.get("event_name"))
            .and_then(|event| event.as_str());
        match event {
            Some(event) => is_rename(event),
            None => statement::has(sample, &["id", "path_with_namespace"], &["object_kind"]),
        }
    }

    fn read(&self, record: &Record<'_>, sink: &mut dyn Sink) -> Verdict {
        let statement = match Statement::read(record, &["path_with_namespace"], &["object_kind"]) {
            Ok(statement) => statement,
            Err(verdict) => return verdict,
        };
        let event = statement.text("event_name");
        if event.as_deref().is_some_and(|event| !is_rename(event)) {
            return Verdict::Foreign;
        }
        let project_id = if event.is_some() { "project_id" } else { "id" };
        let Some(project_id) = statement.id(project_id) else {
            return Verdict::Rejected("GitLab project without an id".into());
        };
        let mut thing = statement.about(sink, "gitlab-project", id::gitlab_project(project_id));
        statement.compare_project(&mut thing, Some(project_id));
        if event.is_some() {
            // The hook is old news as soon as the next rename comes; only the past is certain.
            if let Some(old) = statement.text("old_path_with_namespace") {
                thing.say("path_history", &old);
            }
            return Verdict::Parsed;
        }
        statement.copy(&mut thing, COPIED);
        if let Some(namespace) = statement.nested("namespace", "id") {
            thing.say("namespace_id", &namespace);
        }
        if let Some(parent) = statement.nested("forked_from_project", "id") {
            thing.say("forked_from_project", &format!("gitlab:project/{parent}"));
        }
        for name in ["path_history", "previous_paths"] {
            for old in statement.list(name) {
                thing.say("path_history", &old);
            }
        }
        Verdict::Parsed
    }
}
