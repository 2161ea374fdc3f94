//! The shapes in which Google log entries arrive, brought to the one that sinks write.
//!
//! Pub/Sub envelopes, wrappers of log shippers, BigQuery rows, Log Analytics rows and lower-cased
//! copies become entries in proto3 camelCase, so that only one set of wire types exists. This is
//! the slow path: whole values are rebuilt.

use std::collections::HashMap;
use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};

/// Deepest nesting of envelopes that is followed: array, pull answer, message, shipper, entry.
const MAX_WRAPPERS: usize = 6;

/// Members under which shippers put the entry, in the order tried.
const WRAPPERS: &[&str] = &[
    "message", "data", "event", "original", "result", "_raw", "_source",
];

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
        Value::Object(members) if is_entry(&members) => {
            out.push(canonical(Value::Object(members)));
            Ok(())
        }
        Value::Object(mut members) => {
            if let Some(messages) = members.remove("receivedMessages") {
                return collect(messages, depth, out);
            }
            if is_pubsub_message(&members) {
                return collect(pubsub_data(&members)?, depth, out);
            }
            let found = out.len();
            for inner in WRAPPERS.iter().filter_map(|name| members.remove(*name)) {
                collect(inner, depth, out)?;
                if out.len() > found {
                    break;
                }
            }
            Ok(())
        }
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

fn canonical_name(name: &str) -> Option<&'static str> {
    CANONICAL.get(squash(name).as_str()).copied()
}

/// A `PubsubMessage`: base64 data beside an id, a publication time or Cloud Logging's attributes.
fn is_pubsub_message(members: &Map<String, Value>) -> bool {
    members.get("data").is_some_and(Value::is_string)
        && [
            "messageId",
            "message_id",
            "publishTime",
            "publish_time",
            "attributes",
        ]
        .iter()
        .any(|name| members.contains_key(*name))
}

fn pubsub_data(members: &Map<String, Value>) -> Result<Value, &'static str> {
    let text = members.get("data").and_then(Value::as_str).unwrap_or("");
    if let Some(plain) = parse_object(text) {
        return Ok(plain);
    }
    let bytes = STANDARD
        .decode(text.trim())
        .map_err(|_| "the data of the Pub/Sub message is not base64")?;
    serde_json::from_slice(&bytes).map_err(|_| "the data of the Pub/Sub message is not JSON")
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
