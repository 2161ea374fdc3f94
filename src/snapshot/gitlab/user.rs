//! GitLab users: elements of `GET /users`, or one user.
//!
//! Kind `gitlab-user`, object `gitlab:user/<username>`. Attributes, named as in the API: `id`,
//! `username`, `name`, `state`, `email`, `public_email`, `commit_email`, `bot`, `created_at`,
//! `is_admin`, `is_auditor`, `external`, `locked`, `two_factor_enabled`, `last_activity_on`,
//! `confirmed_at`; and `identities.<provider>` = `extern_uid`, the only built-in join to an
//! identity provider. Where an export does not say `bot`, it is `by name` for names that GitLab gives
//! its token bots (`project_<id>_bot_<hash>`, `group_<id>_bot_<hash>`) and service accounts: a user may
//! choose one.

use crate::model::{BY_NAME, Sink, Verdict, id, is_bot_name};

use super::statement::{Exported, Statement, about, scalar};

/// The format of GitLab users.
pub(super) const USERS: Exported = Exported {
    about: about("GitLab users"),
    told: &[(WITH, WITHOUT)],
    push,
};

const WITH: &[&str] = &["id", "username", "name", "state"];
/// Members of projects have a level; hooks have a kind.
const WITHOUT: &[&str] = &["access_level", "object_kind", "event_name"];

const COPIED: &[&str] = &[
    "id",
    "username",
    "name",
    "state",
    "email",
    "public_email",
    "commit_email",
    "created_at",
    "is_admin",
    "is_auditor",
    "external",
    "locked",
    "two_factor_enabled",
    "last_activity_on",
    "confirmed_at",
];

fn push(statement: &Statement, sink: &mut dyn Sink) -> Verdict {
    let Some(username) = statement.text("username") else {
        return Verdict::Rejected("GitLab user without a username".into());
    };
    let mut thing = statement.about(sink, "gitlab-user", id::gitlab_user(&username));
    statement.copy(&mut thing, COPIED);
    match statement.text("bot") {
        Some(said) => thing.say("bot", &said),
        None if is_bot(&username) => thing.say("bot", BY_NAME),
        None => {}
    }
    for identity in statement.objects("identities") {
        let field = |name: &str| identity.get(name).and_then(scalar);
        if let (Some(provider), Some(extern_uid)) = (field("provider"), field("extern_uid")) {
            thing.say(&format!("identities.{provider}"), &extern_uid);
        }
    }
    Verdict::Parsed
}

/// Bots of tokens, and service accounts.
fn is_bot(username: &str) -> bool {
    is_bot_name(username) || username.starts_with("service_account_")
}
