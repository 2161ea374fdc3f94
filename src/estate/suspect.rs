//! Refusals of which many together make a burst.

use super::context::Context;
use super::ownership::owner_match;
use crate::identity::{Suspect, login_failure_class};
use crate::model::id;
use crate::table::row::{Batch, event};

/// A denied request or failed login inside the period; clients asking for their own capabilities
/// are no suspects.
pub(super) fn suspect(batch: &Batch, row: usize, context: &Context) -> Option<Suspect> {
    let text = |column| batch.text(row, column);
    let outcome = text(event::OUTCOME);
    if !context.inside || text(event::SYSTEM) != "vault" || !matches!(outcome, "denied" | "failed")
    {
        return None;
    }
    let namespace = text(event::NAMESPACE);
    let path = text(event::PATH);
    let login = text(event::KIND) == "login";
    let interactive = [
        "sys/internal/ui/",
        "sys/capabilities",
        "sys/internal/counters/",
    ];
    let (kind, actor, class) = if login {
        (
            "login-failure",
            text(event::REMOTE_ADDRESS).to_owned(),
            login_failure_class(text(event::ERROR)),
        )
    } else if outcome == "denied" && !interactive.iter().any(|prefix| path.starts_with(prefix)) {
        let who = [
            context.credential_id.as_str(),
            text(event::ENTITY_ID),
            text(event::REMOTE_ADDRESS),
        ];
        (
            "denied",
            who.into_iter()
                .find(|id| !id.is_empty())
                .unwrap_or("")
                .to_owned(),
            "permission denied",
        )
    } else {
        return None;
    };
    let other = owner_match(&context.facts, &context.owner) == "other";
    Some(Suspect {
        kind,
        actor,
        scope: if login {
            id::vault_mount(Some(namespace), text(event::MOUNT))
        } else {
            String::new()
        },
        path: path.to_owned(),
        other_owner: if other {
            context.owner.clone()
        } else {
            String::new()
        },
        class,
        event_id: text(event::EVENT_ID).to_owned(),
        at: context.at,
        place: context.place,
    })
}
