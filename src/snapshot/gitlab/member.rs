//! Members of projects and groups: `GET /projects|groups/:id/members/all`.
//!
//! Kind `gitlab-member`, object `gitlab:user/<username>`. Attributes: `access.<owner>` = the level
//! (10 guest, 20 reporter, 30 developer, 40 maintainer, 50 owner), where the owner is
//! `gitlab:project/<id>` or `gitlab:group/<id>` from the path; `expires.<owner>` = a date.

use crate::model::{Sink, Verdict, id};

use super::statement::{Exported, Statement, about};

/// The format of project and group members.
pub(super) const MEMBERS: Exported = Exported {
    about: about("GitLab members"),
    told: &[(WITH, WITHOUT)],
    push,
};

const WITH: &[&str] = &["id", "username", "access_level"];
const WITHOUT: &[&str] = &["object_kind", "event_name"];

fn push(statement: &Statement, sink: &mut dyn Sink) -> Verdict {
    let Some(username) = statement.text("username") else {
        return Verdict::Rejected("GitLab member without a username".into());
    };
    let Some(owner) = statement.hint.owner() else {
        return Verdict::Skipped("GitLab members outside projects/<id> or groups/<id>".into());
    };
    let mut thing = statement.about(sink, "gitlab-member", id::gitlab_user(&username));
    for (field, name) in [("access_level", "access"), ("expires_at", "expires")] {
        if let Some(value) = statement.text(field) {
            thing.say(&format!("{name}.{owner}"), &value);
        }
    }
    Verdict::Parsed
}
