//! Dataplanes: the proxies beside the workloads.
//!
//! Kind `mesh-dataplane`, object `mesh:dataplane/<mesh>/<name>`: `mesh`, `label.<key>`; `service`
//! for each inbound that has one (tag `kuma.io/service`) or the label `kuma.io/workload`;
//! `tag.<key>` for every tag of every inbound or of the gateway; `gateway` where it is one; `inbound`
//! where it takes calls for a workload, as a proxy of a zone does not.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::member::{object, objects};
use super::resource::{Pushed, Resource, strings};
use super::thing::Thing;
use crate::model::{Place, Sink};

/// Pushes what a dataplane states.
pub(super) fn push(resource: &Resource<'_>, place: Place, sink: &mut dyn Sink) -> Pushed {
    of(resource, resource.spec, place, sink)
}

/// Pushes what a dataplane states whose description is `spec`.
pub(super) fn of(
    resource: &Resource<'_>,
    spec: &Map<String, Value>,
    place: Place,
    sink: &mut dyn Sink,
) -> Result<(), String> {
    let mut said: BTreeSet<(String, String)> = BTreeSet::new();
    let mut tags = |fields: &Map<String, Value>| -> Result<(), String> {
        for (key, value) in strings(fields, "tags")? {
            if key == "kuma.io/service" {
                said.insert(("service".to_owned(), value.to_owned()));
            }
            said.insert((format!("tag.{key}"), value.to_owned()));
        }
        Ok(())
    };
    let (mut gateway, mut called) = (false, false);
    if let Some(networking) = object(spec, "networking")? {
        for inbound in objects(networking, "inbound")? {
            called = true;
            tags(inbound)?;
        }
        if let Some(described) = object(networking, "gateway")? {
            gateway = true;
            tags(described)?;
        }
    }
    for (key, value) in &resource.labels {
        if *key == "kuma.io/workload" {
            said.insert(("service".to_owned(), (*value).to_owned()));
        }
    }
    let id = resource.id("dataplane");
    let mut thing = Thing::new("mesh-dataplane", id, resource, place, sink);
    thing.say_some("gateway", gateway.then_some("true"));
    thing.say_some("inbound", called.then_some("true"));
    for (name, value) in said {
        thing.say(&name, &value);
    }
    Ok(())
}
