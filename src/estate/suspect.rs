//! Refusals of which many together make a burst.

use super::context::Context;
use super::ownership::owner_match;
use crate::identity::{Suspect, login_failure_class};
use crate::model::{EventKind, Outcome, System, id};
use crate::table::row::half::Field;
use crate::table::row::operation::Told;

/// Below these paths clients ask what they themselves may do.
const INTERACTIVE: [&str; 3] = [
    "sys/internal/ui/",
    "sys/capabilities",
    "sys/internal/counters/",
];

/// A denied request or failed login inside the period; clients asking for their own capabilities
/// are no suspects.
pub(super) fn suspect(told: Told<'_>, context: &Context) -> Option<Suspect> {
    let record = told.record;
    let refused = matches!(record.outcome, Outcome::Denied | Outcome::Failed);
    if !context.inside || record.system != System::Vault || !refused {
        return None;
    }
    let (path, address) = (told.text(Field::Path), told.text(Field::RemoteAddress));
    let login = record.kind == EventKind::Login;
    let (kind, actor, class) = if login {
        let class = login_failure_class(told.text(Field::Error));
        ("login-failure", address, class)
    } else if record.outcome == Outcome::Denied
        && !INTERACTIVE.iter().any(|prefix| path.starts_with(prefix))
    {
        let who = [&context.credential_id, told.text(Field::EntityId), address];
        let actor = who.into_iter().find(|id| !id.is_empty()).unwrap_or("");
        ("denied", actor, "permission denied")
    } else {
        return None;
    };
    let owner = &context.location.owner;
    let other = owner_match(&context.facts, owner) == "other";
    Some(Suspect {
        kind,
        actor: actor.to_owned(),
        scope: if login {
            id::vault_mount(Some(told.text(Field::Namespace)), told.text(Field::Mount))
        } else {
            String::new()
        },
        path: path.to_owned(),
        other_owner: if other { owner.clone() } else { String::new() },
        class,
        event_id: context.event_id.clone(),
        at: record.at,
        place: record.place,
    })
}
