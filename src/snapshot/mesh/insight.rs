//! What the control plane knows of a dataplane: `DataplaneInsight`, and `DataplaneOverview`, which
//! holds the dataplane beside it.
//!
//! Kind `mesh-insight`, object `mesh:dataplane/<mesh>/<name>`: `mesh`, `label.<key>`; `online` =
//! `true` where the last connection has not ended; `seen_at`, the latest time that it states: it was
//! exported then or later; of the certificate `expires_at`, `regenerated_at`, `regenerations`,
//! `issued_backend`, `supported_backend`.

use serde_json::{Map, Value};

use super::dataplane;
use super::member::{object, objects, some, text};
use super::resource::{Pushed, Resource};
use super::thing::Thing;
use crate::model::{Place, Sink, Timestamp};

/// Pushes what an insight states.
pub(super) fn push(resource: &Resource<'_>, place: Place, sink: &mut dyn Sink) -> Pushed {
    of(resource, resource.spec, place, sink)
}

/// Pushes what an overview states: the dataplane, and the insight.
pub(super) fn overview(resource: &Resource<'_>, place: Place, sink: &mut dyn Sink) -> Pushed {
    if let Some(described) = object(resource.spec, "dataplane")? {
        dataplane::of(resource, described, place, sink)?;
    }
    match object(resource.spec, "dataplaneInsight")? {
        Some(insight) => of(resource, insight, place, sink),
        None => Ok(()),
    }
}

fn of(
    resource: &Resource<'_>,
    spec: &Map<String, Value>,
    place: Place,
    sink: &mut dyn Sink,
) -> Result<(), String> {
    let mut seen: Option<Timestamp> = None;
    let time = |fields: &Map<String, Value>, name: &str| -> Result<Option<Timestamp>, String> {
        let Some(written) = text(fields, name)? else {
            return Ok(None);
        };
        let at = Timestamp::parse(written).ok_or_else(|| format!("`{name}` is no time"))?;
        Ok(Some(at))
    };
    let mut online = false;
    for subscription in objects(spec, "subscriptions")? {
        let (from, to) = (
            time(subscription, "connectTime")?,
            time(subscription, "disconnectTime")?,
        );
        online = from.is_some() && to.is_none();
        let status = object(subscription, "status")?;
        let updated = status.map(|status| time(status, "lastUpdateTime"));
        seen = seen.max(from).max(to).max(updated.transpose()?.flatten());
    }
    let mut said: Vec<(&str, String)> = Vec::new();
    if let Some(mtls) = object(spec, "mTLS")? {
        let expires = time(mtls, "certificateExpirationTime")?;
        let regenerated = time(mtls, "lastCertificateRegeneration")?;
        seen = seen.max(regenerated);
        said.extend(expires.map(|at| ("expires_at", at.to_string())));
        said.extend(regenerated.map(|at| ("regenerated_at", at.to_string())));
        let times = some(mtls, "certificateRegenerations").and_then(Value::as_u64);
        said.extend(times.map(|times| ("regenerations", times.to_string())));
        let issued = text(mtls, "issuedBackend")?;
        said.extend(issued.map(|backend| ("issued_backend", backend.to_owned())));
        let supported = some(mtls, "supportedBackends").and_then(Value::as_array);
        let supported = supported.into_iter().flatten().filter_map(Value::as_str);
        said.extend(supported.map(|backend| ("supported_backend", backend.to_owned())));
    }
    let id = resource.id("dataplane");
    let mut thing = Thing::new("mesh-insight", id, resource, place, sink);
    thing.say("online", if online { "true" } else { "false" });
    let seen = seen.map(|at| at.to_string());
    thing.say_some("seen_at", seen.as_deref());
    for (name, value) in said {
        thing.say(name, &value);
    }
    Ok(())
}
