//! Merge requests: elements of `GET /projects/:id/merge_requests`.
//!
//! Kind `gitlab-merge-request`, object `gitlab:merge-request/<project>/<iid>`. Attributes:
//! `project` (a URI), `state`, `source_branch`, `target_branch`, `source_project`,
//! `target_project` (URIs), `author`, `merged_by` (URIs of users), one `approved_by`, `assignee`
//! and `reviewer` each, `created_at`, `merged_at`, `closed_at`, `sha`, `merge_commit_sha`,
//! `squash_commit_sha`, `draft`, `head_pipeline`, `path-contradiction`; `approvals_exported` =
//! `true` where the object holds its approvers, even if there are none. The list of merge requests
//! holds none; `GET .../merge_requests/:iid/approvals` does, and is read for them alone. In the Free
//! tier it names nothing, and its path has to: `projects/<id>/merge_requests/<iid>/approvals.json`.

use crate::model::{Sink, Verdict, id};

use super::statement::{Exported, Statement, Thing, about, scalar};

/// The format of merge requests.
pub(super) const MERGE_REQUESTS: Exported = Exported {
    about: about("GitLab merge requests"),
    told: &[(WITH, WITHOUT), (APPROVALS, WITHOUT), (FREE, NOT_FREE)],
    push,
};

const WITH: &[&str] = &["iid", "source_branch", "target_branch"];
const WITHOUT: &[&str] = &["object_kind"];
/// The answer about approvals alone.
const APPROVALS: &[&str] = &["iid", "approved_by", "approvals_left"];
/// The same in the Free tier, which names neither the project nor the merge request
/// (`lib/api/entities/merge_request_approvals.rb`): the path does.
const FREE: &[&str] = &["approved", "approved_by", "user_has_approved"];
const NOT_FREE: &[&str] = &["object_kind", "source_branch"];

const COPIED: &[&str] = &[
    "state",
    "source_branch",
    "target_branch",
    "created_at",
    "merged_at",
    "closed_at",
    "sha",
    "merge_commit_sha",
    "squash_commit_sha",
    "draft",
];

/// The number of the merge request whose approvals lie at a path.
fn in_path(path: &str) -> Option<u64> {
    let segments: Vec<&str> = path.split('/').collect();
    match segments.as_slice() {
        [.., "merge_requests", iid, file] if file.starts_with("approvals") => iid.parse().ok(),
        _ => None,
    }
}

fn push(statement: &Statement, sink: &mut dyn Sink) -> Verdict {
    let whole = statement.fields.contains_key("source_branch");
    let Some(iid) = statement.id("iid").or_else(|| in_path(&statement.path)) else {
        return Verdict::Rejected("GitLab merge request without an iid".into());
    };
    let said = statement
        .id("project_id")
        .or_else(|| statement.id("target_project_id"));
    let Some(project) = said.or(statement.hint.project) else {
        return Verdict::Rejected("GitLab merge request without a project id".into());
    };
    let object = format!("gitlab:merge-request/{project}/{iid}");
    let mut thing = statement.about(sink, "gitlab-merge-request", object);
    statement.compare_project(&mut thing, said);
    thing.say("project", &id::gitlab_project(project));
    if whole {
        statement.copy(&mut thing, COPIED);
    }
    if statement
        .fields
        .get("approved_by")
        .is_some_and(|list| list.is_array())
    {
        thing.say("approvals_exported", "true");
    }
    for (field, name) in [
        ("source_project_id", "source_project"),
        ("target_project_id", "target_project"),
    ] {
        if let Some(project) = statement.id(field) {
            thing.say(name, &id::gitlab_project(project));
        }
    }
    say_people(statement, &mut thing);
    if let Some(pipeline) = statement.nested("head_pipeline", "id") {
        thing.say("head_pipeline", &pipeline);
    }
    Verdict::Parsed
}

/// Says who merged it, who wrote it, and whom its lists name.
fn say_people(statement: &Statement, thing: &mut Thing<'_>) {
    let merger = statement
        .nested("merge_user", "username")
        .or_else(|| statement.nested("merged_by", "username"));
    if let Some(merger) = merger {
        thing.say("merged_by", &id::gitlab_user(&merger));
    }
    if let Some(author) = statement.nested("author", "username") {
        thing.say("author", &id::gitlab_user(&author));
    }
    for (list, name) in [
        ("assignees", "assignee"),
        ("reviewers", "reviewer"),
        ("approved_by", "approved_by"),
    ] {
        for person in statement.objects(list) {
            // Approvals nest the user once more.
            let user = person.get("user").unwrap_or(&serde_json::Value::Null);
            let username = person.get("username").or_else(|| user.get("username"));
            if let Some(username) = username.and_then(scalar) {
                thing.say(name, &id::gitlab_user(&username));
            }
        }
    }
}
