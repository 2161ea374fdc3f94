//! Which traffic is logged, and how: `MeshAccessLog`, and `TrafficLog` of the 2.x schema.
//!
//! Kind `mesh-access-log`, object `mesh:access-log/<mesh>/<name>`: `mesh`, `label.<key>`; `target`
//! and `target.<key>`, whose proxies log; `direction` = `inbound` or `outbound`; `backend` for each
//! that the policy names by type, or `default` where the mesh's own is meant; `format` for each
//! format that is written out, its fields behind one another.

use serde_json::{Map, Value};

use super::member::{object, objects, text};
use super::resource::{Pushed, Resource};
use super::target;
use super::thing::Thing;
use crate::model::{Place, Sink};

/// Pushes what a `MeshAccessLog` states.
pub(super) fn push(resource: &Resource<'_>, place: Place, sink: &mut dyn Sink) -> Pushed {
    let mut said = target::of_policy(resource)?;
    for (member, direction) in [
        ("from", "inbound"),
        ("rules", "inbound"),
        ("to", "outbound"),
    ] {
        for rule in objects(resource.spec, member)? {
            let Some(default) = object(rule, "default")? else {
                continue;
            };
            // An empty list of backends is how logs are switched off.
            for backend in objects(default, "backends")? {
                said.push(("direction".to_owned(), direction.to_owned()));
                of_backend(backend, &mut said)?;
            }
        }
    }
    let id = resource.id("access-log");
    Thing::new("mesh-access-log", id, resource, place, sink).say_policy(resource, &said);
    Ok(())
}

fn of_backend(
    backend: &Map<String, Value>,
    said: &mut Vec<(String, String)>,
) -> Result<(), String> {
    for (member, kind) in [
        ("file", "File"),
        ("tcp", "Tcp"),
        ("openTelemetry", "OpenTelemetry"),
    ] {
        let Some(described) = object(backend, member)? else {
            continue;
        };
        said.push(("backend".to_owned(), kind.to_owned()));
        let Some(format) = object(described, "format")? else {
            continue;
        };
        let mut written: Vec<&str> = text(format, "plain")?.into_iter().collect();
        for field in objects(format, "json")? {
            written.extend(text(field, "value")?);
        }
        if !written.is_empty() {
            said.push(("format".to_owned(), written.join(" ")));
        }
    }
    Ok(())
}

/// Pushes what a `TrafficLog` states: both ends of the traffic log it.
pub(super) fn legacy(resource: &Resource<'_>, place: Place, sink: &mut dyn Sink) -> Pushed {
    let callers = target::of_tags(resource.spec, "sources")?;
    let whole = |ends: &[String]| ends.iter().any(|end| end == target::MESH);
    let called = target::of_tags(resource.spec, "destinations")?;
    let target = if whole(&callers) && whole(&called) {
        target::MESH.to_owned()
    } else {
        format!("{} to {}", callers.join(" or "), called.join(" or "))
    };
    let conf = object(resource.spec, "conf")?;
    let backend = conf.map(|conf| text(conf, "backend")).transpose()?;
    let said = vec![
        ("target".to_owned(), target),
        ("direction".to_owned(), "inbound".to_owned()),
        ("direction".to_owned(), "outbound".to_owned()),
        (
            "backend".to_owned(),
            backend.flatten().unwrap_or("default").to_owned(),
        ),
    ];
    let id = resource.id("access-log");
    Thing::new("mesh-access-log", id, resource, place, sink).say_policy(resource, &said);
    Ok(())
}
