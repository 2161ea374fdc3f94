//! GitLab objects that nothing here uses: known, counted, and passed over.
//!
//! Webhooks and system hooks other than builds, pipelines and renames; test
//! reports; association counts; the application's own logs (`production_json.log`,
//! `api_json.log`, `auth_json.log`). Nothing of them is emitted.

use serde_json::{Map, Value};

use crate::model::{About, Format, Framing, Record, Sample, Sink, Verdict};

/// The format of GitLab objects of no use.
pub struct Others;

/// What an object is, by fields that no other kind has together.
const KINDS: &[(&str, &[&str])] = &[
    ("test report", &["total_count", "test_suites"]),
    ("user counts", &["projects_count", "merge_requests_count"]),
    ("application log", &["correlation_id", "remote_ip"]),
    ("application log", &["correlation_id", "severity"]),
    (
        "application log",
        &["controller", "action", "path", "params"],
    ),
    ("group", &["full_path", "web_url", "visibility"]),
    ("deployment", &["deployable", "environment"]),
    ("environment", &["external_url", "slug", "name"]),
    ("runner", &["runner_type", "is_shared"]),
    ("issue", &["iid", "project_id", "title", "author"]),
];

/// System hooks: the names of `event_name` (`doc/administration/system_hooks`).
const HOOK_SUBJECTS: &[&str] = &[
    "project_",
    "group_",
    "user_",
    "key_",
    "subgroup_",
    "push",
    "tag_push",
    "repository_update",
    "gitlab_subscription_",
];

/// Webhooks: the values of `object_kind` (`doc/user/project/integrations/webhook_events`).
const WEBHOOKS: &[&str] = &[
    "access_token",
    "deploy_token",
    "deployment",
    "emoji",
    "feature_flag",
    "issue",
    "member",
    "merge_request",
    "milestone",
    "note",
    "project",
    "push",
    "release",
    "subgroup",
    "tag_push",
    "vulnerability",
    "wiki_page",
    "work_item",
];

fn kind(object: &Map<String, Value>) -> Option<String> {
    let text = |name: &str| object.get(name).and_then(Value::as_str);
    if let Some(kind) = text("object_kind") {
        return WEBHOOKS.contains(&kind).then(|| format!("{kind} webhook"));
    }
    if let Some(event) = text("event_name") {
        let is_hook = HOOK_SUBJECTS
            .iter()
            .any(|subject| event.starts_with(subject));
        return (is_hook && !super::project::is_rename(event)).then(|| "system hook".to_owned());
    }
    if object.contains_key("source_branch") {
        return None;
    }
    KINDS
        .iter()
        .find(|(_, fields)| fields.iter().all(|field| object.contains_key(*field)))
        .map(|(kind, _)| (*kind).to_owned())
}

impl Format for Others {
    fn about(&self) -> &About {
        &About {
            source: &super::SOURCE,
            title: "GitLab objects that are not used",
            framing: Framing::Json,
        }
    }

    fn recognises(&self, sample: &Sample<'_>) -> bool {
        sample
            .value
            .and_then(Value::as_object)
            .is_some_and(|object| kind(object).is_some())
    }

    fn read(&self, record: &Record<'_>, _: &mut dyn Sink) -> Verdict {
        match serde_json::from_slice(record.bytes) {
            Ok(Value::Object(object)) => match kind(&object) {
                Some(kind) => Verdict::Skipped(format!("GitLab {kind}: not used").into()),
                None => Verdict::Foreign,
            },
            Ok(_) => Verdict::Foreign,
            Err(_) => Verdict::Rejected("unreadable JSON".into()),
        }
    }
}
