//! Personal, project and group access tokens, and deploy tokens: `GET /personal_access_tokens`,
//! `/projects/:id/access_tokens`, `/groups/:id/access_tokens`, `/deploy_tokens`. GitLab never lists
//! the token itself; a field that holds one all the same is not kept.
//!
//! Kind `gitlab-token`, object `gitlab:token/<project or group by path>/<id>`. Attributes, named as
//! in the API: `name`, `created_at`, `expires_at`, `last_used_at`, `user_id`, `revoked`, `active`,
//! `username`; `scope`, one per scope; `lifetime_days` from creation to expiry, `none` where the
//! token never expires.

use chrono::{DateTime, NaiveDate};

use crate::model::{Sink, Verdict};

use super::statement::{Exported, Statement, about};

/// The format of GitLab access tokens.
pub(super) const ACCESS_TOKENS: Exported = Exported {
    about: about("GitLab access tokens"),
    told: &[(&["id", "scopes", "expires_at"], OTHERS)],
    push,
};

const COPIED: &[&str] = &[
    "name",
    "created_at",
    "expires_at",
    "last_used_at",
    "user_id",
    "revoked",
    "active",
    "username",
];
/// What webhooks and audit events about tokens have and the API's answer has not.
const OTHERS: &[&str] = &["object_kind", "event_name", "entity_type"];

fn push(statement: &Statement, sink: &mut dyn Sink) -> Verdict {
    let Some(id) = statement.id("id") else {
        return Verdict::Rejected("GitLab access token without an id".into());
    };
    let prefix = statement.hint.prefix(&statement.path);
    let object = format!("gitlab:token/{prefix}/{id}");
    let created = statement.text("created_at");
    let expires = statement.text("expires_at");
    let lifetime = match (&created, &expires) {
        (_, None) => Some("none".to_owned()),
        (Some(created), Some(expires)) => days(created, expires),
        (None, Some(_)) => None,
    };
    let scopes: Vec<String> = statement
        .fields
        .get("scopes")
        .and_then(serde_json::Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(|scope| scope.as_str().map(str::to_owned))
        .collect();
    let mut thing = statement.about(sink, "gitlab-token", object);
    if let Some(owner) = statement.hint.owner() {
        thing.say("project", &owner);
    }
    statement.copy(&mut thing, COPIED);
    for scope in &scopes {
        thing.say("scope", scope);
    }
    if let Some(lifetime) = lifetime {
        thing.say("lifetime_days", &lifetime);
    }
    Verdict::Parsed
}

/// Whole days from one date or time to another; `None` where one of them is none.
fn days(from: &str, to: &str) -> Option<String> {
    let date = |text: &str| -> Option<NaiveDate> {
        let time = DateTime::parse_from_rfc3339(text).ok();
        time.map(|time| time.date_naive())
            .or_else(|| text.get(..10)?.parse().ok())
    };
    Some((date(to)? - date(from)?).num_days().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Kept;

    fn read(text: &str) -> (Verdict, Vec<String>) {
        let path = "gitlab/projects/7/access_tokens.json";
        let (verdict, kept) = Kept::of(&ACCESS_TOKENS, path, text);
        let said = kept
            .exports
            .attributes
            .iter()
            .map(|said| format!("{said:?}"));
        (verdict, said.collect())
    }

    #[test]
    fn a_token_says_its_scopes_and_how_long_it_lives() {
        let (verdict, said) = read(
            r#"{"id": 5, "name": "ci", "scopes": ["api"], "created_at": "2026-01-01T10:00:00.000Z", "expires_at": "2026-12-31", "revoked": false, "token": "glpat-NeverKeptAnywhere000"}"#,
        );
        assert_eq!(verdict, Verdict::Parsed);
        let said = said.join("\n");
        for part in ["gitlab:token/7/5", "\"364\"", "\"api\""] {
            assert!(said.contains(part), "{part} is not in {said}");
        }
        assert!(!said.contains("NeverKept"));
    }

    #[test]
    fn a_token_without_expiry_never_expires_and_a_webhook_is_none() {
        let (_, said) = read(r#"{"id": 5, "scopes": ["api"], "expires_at": null}"#);
        assert!(said.join("\n").contains("\"none\""));
        let (verdict, _) =
            read(r#"{"object_kind": "access_token", "id": 5, "scopes": [], "expires_at": null}"#);
        assert_eq!(verdict, Verdict::Foreign);
    }
}
