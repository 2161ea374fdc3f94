//! A call in an access log as our event.
//!
//! | event field | from |
//! |---|---|
//! | id | the digest of the line: a request's own id stands in the lines of both its ends, and of every retry |
//! | at | `%START_TIME%`, as RFC 3339 |
//! | operation | the method of a request; `connection` of a connection |
//! | principal | `mesh:service/<mesh>/<%KUMA_SOURCE_SERVICE%>`; none for `-`, `unknown` and `*` |
//! | object | `mesh:service/<mesh>/<%KUMA_DESTINATION_SERVICE%>`, else `mesh:mesh/<mesh>` |
//! | path | the path without its query, which may hold a secret |
//! | outcome | of a request by its status: 401 and 403 denied, 100 to 399 allowed, other ones failed, none or 0 unknown; of a connection allowed where bytes went both ways and no flag is set, failed where a flag is, else unknown |
//! | status, user_agent, remote_address | as logged; `%KUMA_SOURCE_ADDRESS%` is the address |
//! | metadata | `authority`, `destination`, `details`, `direction`, `flags`, `mesh`, `peer`, `request_id`, `source`, `trace`, `upstream`, where logged; `ambiguous` = `true` where a caller's text leaves open what the proxy wrote |

use super::call::{Call, Told};
use crate::model::{Event, EventKind, Outcome, Place, System, Text, Timestamp};

/// The event of a call, or why there is none.
pub(super) fn event<'c>(place: Place, call: &'c Call<'_>) -> Result<Event<'c>, &'static str> {
    let at = call.get(Told::Start).and_then(Timestamp::parse);
    let at = at.ok_or("a line of an access log without a readable time")?;
    let id = Text::Owned(place.sha256.to_string());
    let mut event = Event::new(System::Mesh, EventKind::MeshCall, id, place, at);
    let mesh = call.get(Told::Mesh);
    let service = |told| {
        let name = call.get(told).filter(|name| names(name))?;
        Some(format!("mesh:service/{}/{name}", mesh?))
    };
    event.operation = Text::Borrowed(call.get(Told::Method).unwrap_or("connection"));
    event.principal = service(Told::Source).map(Text::Owned);
    let object = service(Told::Destination);
    let object = object.or_else(|| mesh.map(|mesh| format!("mesh:mesh/{mesh}")));
    event.object = Text::Owned(object.ok_or("a line of an access log without its mesh")?);
    let path = call.get(Told::Path).unwrap_or_default();
    let end = path.find(['?', '#']).unwrap_or(path.len());
    event.path = Text::Borrowed(path.get(..end).unwrap_or_default());
    event.status = call.get(Told::Status).and_then(|code| code.parse().ok());
    event.outcome = outcome(call, event.status);
    event.user_agent = call.get(Told::Agent).map(Text::Borrowed);
    let address = call.get(Told::SourceAddress);
    event.remote_address = address.map(|address| Text::Borrowed(without_port(address)));
    event.metadata = metadata(call);
    Ok(event)
}

/// Whether a service is named: Kuma writes these where it does not know one.
fn names(name: &str) -> bool {
    !matches!(name, "unknown" | "*")
}

/// An address without its port, if it has one.
fn without_port(address: &str) -> &str {
    match address.parse::<std::net::SocketAddr>() {
        Ok(_) => {
            let host = address.rsplit_once(':').map_or(address, |(host, _)| host);
            host.trim_start_matches('[').trim_end_matches(']')
        }
        Err(_) => address,
    }
}

fn outcome(call: &Call<'_>, status: Option<i64>) -> Outcome {
    let request = call.get(Told::Method).is_some() || status.is_some();
    if request {
        return match status {
            None | Some(..=99) => Outcome::Unknown,
            Some(401 | 403) => Outcome::Denied,
            Some(100..=399) => Outcome::Allowed,
            Some(_) => Outcome::Failed,
        };
    }
    let moved = |told| call.get(told).is_some_and(|bytes| bytes != "0");
    match call.get(Told::Flags) {
        Some(_) => Outcome::Failed,
        None if moved(Told::Sent) && moved(Told::Received) => Outcome::Allowed,
        None => Outcome::Unknown,
    }
}

/// What rules ask by, in key order.
fn metadata<'c>(call: &'c Call<'_>) -> Vec<(Text<'c>, Text<'c>)> {
    let ambiguous = call.is_ambiguous.then_some("true");
    [
        ("ambiguous", ambiguous),
        ("authority", call.get(Told::Authority)),
        ("destination", call.get(Told::Destination)),
        ("details", call.get(Told::Details)),
        ("direction", call.get(Told::Direction)),
        ("flags", call.get(Told::Flags)),
        ("mesh", call.get(Told::Mesh)),
        ("peer", call.get(Told::Peer)),
        ("request_id", call.get(Told::Request)),
        ("source", call.get(Told::Source)),
        ("trace", call.get(Told::Trace)),
        ("upstream", call.get(Told::Upstream)),
    ]
    .into_iter()
    .filter_map(|(name, value)| Some((Text::Borrowed(name), Text::Borrowed(value?))))
    .collect()
}
