//! A line of the proxy's log as an event of ours.
//!
//! | event field | from |
//! |---|---|
//! | id, at, operation | `id`, `time`, `verb`: a line without one of them is rejected |
//! | principal, object | `hoop:user/<user>`, `hoop:connection/<connection>` |
//! | outcome | `result`; what the line does not say is unknown |
//! | remote_address | `client.ip` |
//! | metadata | `session` |

use super::wire::Wire;
use crate::model::{Event, EventKind, Outcome, Place, System, Text, Timestamp};

/// The event of a line, or why there is none.
pub(super) fn event<'w>(wire: &'w Wire<'_>, place: Place) -> Result<Event<'w>, &'static str> {
    let id = wire.id.get().ok_or("a line of the proxy without an id")?;
    let at = wire.time.get().and_then(Timestamp::parse);
    let at = at.ok_or("a line of the proxy without a readable time")?;
    let verb = wire
        .verb
        .get()
        .ok_or("a line of the proxy without a verb")?;
    let (system, kind) = (System::Hoop, EventKind::ProxySession);
    let mut event = Event::new(system, kind, Text::Borrowed(id), place, at);
    event.operation = Text::Borrowed(verb);
    event.outcome = match wire.result.get() {
        Some("ok") => Outcome::Allowed,
        Some("denied") => Outcome::Denied,
        Some("error") => Outcome::Failed,
        _ => Outcome::Unknown,
    };
    let user = wire.user.get();
    event.principal = user.map(|user| Text::Owned(format!("hoop:user/{user}")));
    let connection = wire.connection.get().unwrap_or_default();
    event.object = Text::Owned(format!("hoop:connection/{connection}"));
    let client = wire.client.0.as_ref();
    event.remote_address = client.and_then(|client| client.ip.get().map(Text::Borrowed));
    let session = wire.session.get().map(Text::Borrowed);
    let session = session.map(|session| (Text::Borrowed("session"), session));
    event.metadata = session.into_iter().collect();
    Ok(event)
}
