//! The shapes in which Google log entries arrive, brought to the one that sinks write.
//!
//! What stands in wrappers, BigQuery rows, Log Analytics rows and lower-cased
//! copies become entries in proto3 camelCase, so that only one set of wire types exists. This is
//! the slow path: whole values are rebuilt.

use std::collections::HashMap;
use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};

use crate::source::shipper::{self, Inner, container};

/// Deepest nesting of envelopes that is followed: array, pull answer, message, shipper, entry.
const MAX_WRAPPERS: usize = 6;

/// Every member whose name we read, as sinks spell it.
const NAMES: &[&str] = &[
    "logName",
    "resource",
    "timestamp",
    "receiveTimestamp",
    "insertId",
    "operation",
    "httpRequest",
    "trace",
    "split",
    "totalSplits",
    "protoPayload",
    "jsonPayload",
    "textPayload",
    "labels",
    "producer",
    "serviceName",
    "methodName",
    "resourceName",
    "status",
    "authenticationInfo",
    "principalEmail",
    "principalSubject",
    "serviceAccountKeyName",
    "serviceAccountDelegationInfo",
    "firstPartyPrincipal",
    "thirdPartyPrincipal",
    "thirdPartyClaims",
    "authorizationInfo",
    "permissionType",
    "requestMetadata",
    "callerIp",
    "callerSuppliedUserAgent",
    "policyViolationInfo",
    "orgPolicyViolationInfo",
    "violationInfo",
    "request",
    "response",
    "metadata",
    "serviceData",
    "policyDelta",
    "bindingDeltas",
    "auditConfigDeltas",
    "exemptedMember",
    "logType",
    "auditConfigs",
    "auditLogConfigs",
    "exemptedMembers",
    "permissionDelta",
    "addedPermissions",
    "identityDelegationChain",
    "mappedPrincipal",
    "requestMethod",
    "requestUrl",
    "remoteIp",
    "serverIp",
    "userAgent",
    "serviceAccountName",
    "serviceAccountEmail",
    "serviceAccounts",
    "serviceAccount",
    "cryptoKeyVersion",
    "dryRun",
    "includedPermissions",
    "grantType",
    "audience",
];

/// Names that differ by more than case and underscores: BigQuery's payload and text columns
/// (`cloud.google.com/logging/docs/export/bigquery`), Log Analytics' payload, Panther's `@type`.
const RENAMED: &[(&str, &str)] = &[
    ("protopayloadauditlog", "protoPayload"),
    ("requestjson", "request"),
    ("responsejson", "response"),
    ("metadatajson", "metadata"),
    ("servicedatajson", "serviceData"),
    ("servicedatav1iam", "serviceData"),
    ("atsigntype", "@type"),
];

/// Members whose value may come as JSON text.
const MAY_BE_TEXT: &[&str] = &[
    "protoPayload",
    "request",
    "response",
    "metadata",
    "serviceData",
    "resource",
    "httpRequest",
    "authenticationInfo",
    "authorizationInfo",
    "requestMetadata",
    "status",
    "operation",
    "labels",
];

static CANONICAL: LazyLock<HashMap<String, &'static str>> = LazyLock::new(|| {
    let spelled = NAMES.iter().map(|name| (squash(name), *name));
    let renamed = RENAMED.iter().map(|(from, to)| ((*from).to_owned(), *to));
    spelled.chain(renamed).collect()
});

fn squash(name: &str) -> String {
    name.chars()
        .filter(|character| *character != '_')
        .map(|character| character.to_ascii_lowercase())
        .collect()
}

/// What a record turns out to hold.
#[derive(Debug, PartialEq)]
pub(super) enum Unwrapped {
    /// Log entries in the sinks' spelling, in order.
    Entries(Vec<Value>),
    /// A Pub/Sub message whose data is damaged.
    Damaged(&'static str),
    /// Nothing of Google's logging.
    Foreign,
}

/// Takes a record out of its envelopes and spells its entries as sinks do.
pub(super) fn unwrap(value: Value) -> Unwrapped {
    let mut entries = Vec::new();
    match collect(value, MAX_WRAPPERS, &mut entries) {
        Err(reason) => Unwrapped::Damaged(reason),
        Ok(()) if entries.is_empty() => Unwrapped::Foreign,
        Ok(()) => Unwrapped::Entries(entries),
    }
}

fn collect(value: Value, depth: usize, out: &mut Vec<Value>) -> Result<(), &'static str> {
    let Some(depth) = depth.checked_sub(1) else {
        return Ok(());
    };
    match value {
        Value::Array(items) => items
            .into_iter()
            .try_for_each(|item| collect(item, depth, out)),
        Value::String(text) => match parse_object(&text).or_else(|| encoded_object(&text)) {
            Some(inner) => collect(inner, depth, out),
            None => Ok(()),
        },
        Value::Object(members) if is_entry(&members) && !container::is_servers(&members) => {
            out.push(canonical(Value::Object(members)));
            Ok(())
        }
        Value::Object(members) => match shipper::open(&members) {
            None => Ok(()),
            Some(Err(reason)) => Err(reason),
            Some(Ok(contents)) => contents.into_iter().try_for_each(|inner| match inner {
                Inner::Object(members) => collect(Value::Object(members), depth, out),
                Inner::Text(text) => collect(Value::String(text), depth, out),
            }),
        },
        _ => Ok(()),
    }
}

fn parse_object(text: &str) -> Option<Value> {
    let text = text.trim_start();
    if !text.starts_with(['{', '[']) {
        return None;
    }
    serde_json::from_str(text).ok()
}

/// A Pub/Sub message's data that lost everything around it.
fn encoded_object(text: &str) -> Option<Value> {
    let bytes = STANDARD.decode(text.trim()).ok()?;
    serde_json::from_slice::<Value>(&bytes)
        .ok()
        .filter(Value::is_object)
}

/// Whether an object is a log entry in some spelling: it names a log, or carries an audit payload.
fn is_entry(members: &Map<String, Value>) -> bool {
    members
        .iter()
        .any(|(name, value)| match canonical_name(name) {
            Some("logName") => value.as_str().is_some_and(|log| log.contains("/logs/")),
            Some("protoPayload") => value.is_object() || value.is_string(),
            _ => false,
        })
}

/// The name that sinks write for one. Exports that write capitals are not read: many names are single
/// words, known in the sinks' spelling alone, and half an entry says that nothing was granted.
fn canonical_name(name: &str) -> Option<&'static str> {
    if name.starts_with(|letter: char| letter.is_ascii_uppercase()) {
        return None;
    }
    CANONICAL.get(squash(name).as_str()).copied()
}

/// Spells the members we read as sinks do, drops nulls, and opens JSON text columns.
///
/// Labels keep their names: those are snake_case at Google and the user's own elsewhere.
fn canonical(value: Value) -> Value {
    match value {
        Value::Object(members) => {
            let mut out = Map::new();
            for (name, value) in members {
                let known = canonical_name(&name);
                let value = match known {
                    Some(known) if MAY_BE_TEXT.contains(&known) => opened(value),
                    _ => value,
                };
                let value = match known {
                    Some("labels") => value,
                    Some("protoPayload") => audit_log(value),
                    _ => canonical(value),
                };
                if !value.is_null() {
                    out.entry(known.map_or(name, str::to_owned))
                        .or_insert(value);
                }
            }
            Value::Object(out)
        }
        Value::Array(items) => Value::Array(
            items
                .into_iter()
                .filter(|item| !item.is_null())
                .map(canonical)
                .collect(),
        ),
        other => other,
    }
}

/// Log Analytics puts the payload one level down, under `audit_log`.
fn audit_log(mut payload: Value) -> Value {
    let inner = payload.as_object_mut().and_then(|members| {
        members
            .remove("audit_log")
            .or_else(|| members.remove("auditLog"))
    });
    canonical(inner.unwrap_or(payload))
}

fn opened(value: Value) -> Value {
    match value {
        Value::String(text) => parse_object(&text).unwrap_or(Value::String(text)),
        other => other,
    }
}
