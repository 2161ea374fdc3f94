//! What a Cloud Run container gets from outside: environment variables, secrets, mounted files.

use std::collections::BTreeMap;

use serde_json::Value;

use super::export::{self, Attributes};
use super::literal;

/// The annotation of v1 that names secrets of other projects
/// (`cloud.google.com/run/docs/reference/rest/v1/RevisionSpec`).
const ALIASES: &str = "run.googleapis.com/secrets";

/// Where it stands: on the whole, and on the templates inside, which win.
const ALIAS_PLACES: &[&str] = &[
    "/metadata/annotations",
    "/spec/template/metadata/annotations",
    "/spec/template/spec/template/metadata/annotations",
];

/// Pushes `env...`, `secret_ref...` and `secret_volume...` of the containers in `pod`, whose
/// description is `body`.
pub(super) fn push(attributes: &mut Attributes<'_>, pod: &Value, body: &Value) {
    let aliases = aliases(body);
    environment(attributes, pod, &aliases);
    volumes(attributes, pod, &aliases);
}

/// The containers of a pod.
pub(super) fn containers(pod: Option<&Value>) -> impl Iterator<Item = &Value> {
    pod.into_iter().flat_map(|pod| list(pod, "containers"))
}

/// The secrets that stand behind an alias: `alias:projects/p/secrets/s`, separated by commas.
fn aliases(body: &Value) -> BTreeMap<&str, &str> {
    let annotations = ALIAS_PLACES.iter().filter_map(|place| body.pointer(place));
    annotations
        .filter_map(|annotations| annotations.get(ALIASES)?.as_str())
        .flat_map(|text| text.split(','))
        .filter_map(|pair| {
            let (alias, secret) = pair.trim().split_once(':')?;
            Some((alias.trim(), secret.trim()))
        })
        .filter(|(_, secret)| secret.starts_with("projects/"))
        .collect()
}

fn named<'v>(secret: &'v str, aliases: &BTreeMap<&'v str, &'v str>) -> &'v str {
    aliases.get(secret).copied().unwrap_or(secret)
}

/// A container's environment variable.
pub(super) enum Variable<'v> {
    Literal(&'v str),
    /// Secret and version.
    Secret(&'v str, String),
    /// Another source (`configMapKeyRef` of Knative elsewhere).
    Other,
}

/// What a variable is set from: `value`, `valueFrom.secretKeyRef` (v1) or
/// `valueSource.secretKeyRef` (v2).
pub(super) fn variable(entry: &Value) -> Variable<'_> {
    let at = |pointer: &str| entry.pointer(pointer).and_then(Value::as_str);
    let secret =
        at("/valueFrom/secretKeyRef/name").or_else(|| at("/valueSource/secretKeyRef/secret"));
    if let Some(secret) = secret {
        // An unquoted number of YAML is one of JSON.
        let version = entry
            .pointer("/valueFrom/secretKeyRef/key")
            .or_else(|| entry.pointer("/valueSource/secretKeyRef/version"));
        return Variable::Secret(secret, version_of(version));
    }
    match (
        at("/value"),
        entry.get("valueFrom").or_else(|| entry.get("valueSource")),
    ) {
        (Some(value), _) => Variable::Literal(value),
        // The default value, an empty text, is left out of proto3 JSON.
        (None, None) => Variable::Literal(""),
        (None, Some(_)) => Variable::Other,
    }
}

/// The version that is asked for, the latest where none is.
fn version_of(version: Option<&Value>) -> String {
    let written = version.and_then(export::scalar);
    written.unwrap_or_else(|| "latest".to_owned())
}

fn environment(attributes: &mut Attributes<'_>, pod: &Value, aliases: &BTreeMap<&str, &str>) {
    for entry in containers(Some(pod)).flat_map(|container| list(container, "env")) {
        let Some(name) = entry.get("name").and_then(Value::as_str) else {
            continue;
        };
        let kind = match variable(entry) {
            Variable::Literal(value) => {
                attributes.put(format!("env.{name}"), literal::shown(name, value));
                if let Some(pattern) = literal::pattern(name, value) {
                    attributes.put(format!("env_pattern.{name}"), pattern);
                }
                "literal"
            }
            Variable::Secret(secret, version) => {
                let secret = named(secret, aliases);
                attributes.put(format!("secret_ref.{name}"), format!("{secret}:{version}"));
                "secret-ref"
            }
            Variable::Other => "other",
        };
        attributes.put(format!("env_kind.{name}"), kind);
    }
}

fn volumes(attributes: &mut Attributes<'_>, pod: &Value, aliases: &BTreeMap<&str, &str>) {
    for volume in list(pod, "volumes") {
        let (Some(name), Some(source)) = (
            volume.get("name").and_then(Value::as_str),
            volume.get("secret"),
        ) else {
            continue;
        };
        // v1 names the version `key`; in v2 that word is not used.
        let v1 = source.get("secretName").and_then(Value::as_str);
        let Some(secret) = v1.or_else(|| source.get("secret")?.as_str()) else {
            continue;
        };
        let secret = named(secret, aliases);
        let member = if v1.is_some() { "key" } else { "version" };
        let mut versions: Vec<String> = list(source, "items")
            .map(|item| version_of(item.get(member)))
            .collect();
        if versions.is_empty() {
            versions.push(version_of(None));
        }
        for version in versions {
            attributes.put(
                format!("secret_volume.{name}"),
                format!("{secret}:{version}"),
            );
        }
    }
}

fn list<'v>(value: &'v Value, member: &str) -> impl Iterator<Item = &'v Value> {
    value
        .get(member)
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
}
