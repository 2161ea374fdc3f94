//! The formats that policies have proxies write their access logs in.

use serde_json::{Map, Value};

use super::member::{object, objects, text};
use super::resource::{self, Resource};
use crate::model::{AccessLogFormat, AccessLogLine};

/// The formats that a document states: of every `MeshAccessLog`, and of the `logging` of a mesh of
/// the 2.x schema. What is damaged states none; reading it as a resource says so.
#[must_use]
pub fn log_formats(value: &Value) -> Vec<AccessLogFormat> {
    let ones = resource::listed(value).filter(|one| resource::is_one(one));
    let resources = ones.filter_map(|one| Resource::of(one).ok());
    resources
        .flat_map(|resource| {
            let lines = match resource.kind {
                "MeshAccessLog" => of_policy(resource.spec),
                "Mesh" => of_mesh(resource.spec),
                _ => Ok(Vec::new()),
            };
            let mesh = resource.mesh.to_owned();
            let lines = lines.unwrap_or_default().into_iter();
            lines.map(move |line| AccessLogFormat {
                mesh: mesh.clone(),
                line,
            })
        })
        .collect()
}

fn of_policy(spec: &Map<String, Value>) -> Result<Vec<AccessLogLine>, String> {
    let mut lines = Vec::new();
    for member in ["from", "to", "rules"] {
        for rule in objects(spec, member)? {
            let Some(default) = object(rule, "default")? else {
                continue;
            };
            for backend in objects(default, "backends")? {
                for kind in ["file", "tcp"] {
                    let described = object(backend, kind)?;
                    let format = described.map(|described| object(described, "format"));
                    if let Some(format) = format.transpose()?.flatten() {
                        lines.extend(of_format(format)?);
                    }
                }
            }
        }
    }
    Ok(lines)
}

fn of_format(format: &Map<String, Value>) -> Result<Vec<AccessLogLine>, String> {
    let mut lines = Vec::new();
    lines.extend(text(format, "plain")?.map(|plain| AccessLogLine::Plain(plain.to_owned())));
    let mut fields = Vec::new();
    for field in objects(format, "json")? {
        if let (Some(key), Some(value)) = (text(field, "key")?, text(field, "value")?) {
            fields.push((key.to_owned(), value.to_owned()));
        }
    }
    if !fields.is_empty() {
        lines.push(AccessLogLine::Json(fields));
    }
    Ok(lines)
}

fn of_mesh(spec: &Map<String, Value>) -> Result<Vec<AccessLogLine>, String> {
    let Some(logging) = object(spec, "logging")? else {
        return Ok(Vec::new());
    };
    let mut lines = Vec::new();
    for backend in objects(logging, "backends")? {
        lines.extend(text(backend, "format")?.map(|line| AccessLogLine::Plain(line.to_owned())));
    }
    Ok(lines)
}
