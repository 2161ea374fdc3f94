//! A session of the proxy as our event.
//!
//! | event field | from |
//! |---|---|
//! | id | `id`: `hoop:session/<id>` |
//! | at | `start_date` |
//! | ends_at | `end_date` |
//! | operation | `verb`: `connect` or `exec` |
//! | principal | `hoop:machine/<machine_identity_id>` of a machine, else the user of the identity provider, `okta:user/<login in lower case>` |
//! | display_name | `user` |
//! | entity_id | `user_id`, the number at the identity provider; of people only |
//! | object | `hoop:connection/<connection>` |
//! | path | `resource_name`, else the connection |
//! | service | `type` |
//! | outcome | `open` and `done` allowed, the rest (`ready`) unknown: nothing ran yet |
//! | metadata | `identity` = `machine` or `user`, `status`, `end`, `review` = `none` or its status, `approvals` = how many approved, `approved_by` for each, `forced`, `review_lacks` = `status`, `approvals`, `other-person`, `time`; `correlation` |

use super::review;
use super::wire::Session;
use crate::model::{Event, EventKind, Outcome, Place, System, Text, Timestamp};

/// The event of a session, or why there is none.
pub(super) fn event<'w>(place: Place, wire: &'w Session<'_>) -> Result<Event<'w>, &'static str> {
    let id = wire.id.get().ok_or("session without an id")?;
    let at = wire.start_date.get().and_then(Timestamp::parse);
    let at = at.ok_or("session without a readable start")?;
    let connection = wire
        .connection
        .get()
        .ok_or("session without a connection")?;
    let verb = wire.verb.get().ok_or("session without a verb")?;
    let (system, kind) = (System::Hoop, EventKind::ProxySession);
    let mut event = Event::new(system, kind, Text::Borrowed(id), place, at);
    event.operation = Text::Borrowed(verb);
    event.object = Text::Owned(format!("hoop:connection/{connection}"));
    event.path = Text::Borrowed(wire.resource_name.get().unwrap_or(connection));
    event.service = wire.kind.get().map(Text::Borrowed);
    event.outcome = match wire.status.as_str() {
        "open" | "done" => Outcome::Allowed,
        _ => Outcome::Unknown,
    };
    let machine = wire.identity_type.as_str() == "machine";
    let user = wire.user.get();
    event.display_name = user.map(Text::Borrowed);
    event.principal = if machine {
        let machine = wire.machine_identity_id.get();
        machine.map(|id| Text::Owned(format!("hoop:machine/{id}")))
    } else {
        user.map(|user| Text::Owned(format!("okta:user/{}", user.to_lowercase())))
    };
    event.entity_id = wire.user_id.get().filter(|_| !machine).map(Text::Borrowed);
    event.ends_at = match wire.end_date.get() {
        Some(end) => Some(Timestamp::parse(end).ok_or("session without a readable end")?),
        None => None,
    };
    event.metadata = metadata(wire, at, machine)?;
    Ok(event)
}

/// What rules ask by, in key order.
fn metadata<'w>(
    wire: &'w Session<'_>,
    at: Timestamp,
    machine: bool,
) -> Result<Vec<(Text<'w>, Text<'w>)>, &'static str> {
    let end = wire.end_date.get();
    let reviewed = review::of(wire, at)?;
    let mut pairs: Vec<(Text<'w>, Text<'w>)> = Vec::new();
    let mut say = |name: &'static str, value: Text<'w>| {
        pairs.push((Text::Borrowed(name), value));
    };
    let approvals = reviewed.approved_by.len().to_string();
    say("approvals", Text::Owned(approvals));
    for who in reviewed.approved_by {
        say("approved_by", Text::Owned(who));
    }
    if let Some(correlation) = wire.correlation_id.get() {
        say("correlation", Text::Borrowed(correlation));
    }
    if let Some(end) = end {
        say("end", Text::Borrowed(end));
    }
    if reviewed.forced {
        say("forced", Text::Borrowed("true"));
    }
    say(
        "identity",
        Text::Borrowed(if machine { "machine" } else { "user" }),
    );
    say("review", Text::Owned(reviewed.status));
    for lack in reviewed.lacks {
        say("review_lacks", Text::Borrowed(lack));
    }
    if let Some(status) = wire.status.get() {
        say("status", Text::Borrowed(status));
    }
    Ok(pairs)
}
