//! One record of a Google log file: out of its shape, to its kind, to the event.

use std::borrow::Cow;

use serde_json::Value;

use crate::model::{EventKind, Record, Sink, Verdict, secret};

use super::shape::{self, Unwrapped};
use super::wire::{Entry, ResourceLabels};
use super::{log_name, normalise, served};
use crate::source::depth;
use crate::source::shipper::container;

/// The type of an audit payload.
const AUDIT_TYPE: &str = "google.cloud.audit.AuditLog";

/// What a log entry is to us.
#[derive(Debug, PartialEq)]
enum Kind {
    Audit(EventKind),
    Request,
    /// Any other log, by its id.
    Other(String),
}

/// Which entries a format reads; the others are foreign to it.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Reads {
    Audit,
    Requests,
}

impl Reads {
    /// Whether the entries of a record are for this format; a pull answer may mix both kinds, and
    /// is then an audit record whole. Logs that nobody reads are skipped by either.
    fn takes(self, kinds: &[Kind]) -> bool {
        let audit = kinds.iter().any(|kind| matches!(kind, Kind::Audit(_)));
        let request = kinds.contains(&Kind::Request);
        match self {
            Reads::Audit => audit || !request,
            Reads::Requests => !audit,
        }
    }
}

/// Whether a value holds entries that a format reads.
pub(super) fn recognises(value: &Value, reads: Reads) -> bool {
    let Unwrapped::Entries(entries) = shape::unwrap(value.clone()) else {
        return false;
    };
    let kinds: Vec<Kind> = entries
        .iter()
        .filter_map(|entry| serde_json::to_string(entry).ok())
        .filter_map(|text| {
            sonic_rs::from_str::<Entry<'_>>(&text)
                .ok()
                .map(|entry| kind(&entry))
        })
        .collect();
    match reads {
        // An unused log still makes the file a Google log; one format must account for its lines.
        Reads::Audit => !kinds.is_empty() && reads.takes(&kinds),
        Reads::Requests => kinds.contains(&Kind::Request) && reads.takes(&kinds),
    }
}

/// Reads one record. The sinks' shape is read in place; every other is brought to it first.
pub(super) fn read(record: &Record<'_>, reads: Reads, sink: &mut dyn Sink) -> Verdict {
    if depth::exceeded(record.bytes) {
        return Verdict::Rejected(Cow::Borrowed("the record nests too deeply"));
    }
    // Serde would also read an array as an entry, member by member.
    if record.bytes.trim_ascii_start().starts_with(b"{")
        && let Ok(entry) = sonic_rs::from_slice::<Entry<'_>>(record.bytes)
        && is_complete(&entry)
    {
        if is_servers(&entry) {
            return Verdict::Foreign;
        }
        let kind = kind(&entry);
        if !reads.takes(std::slice::from_ref(&kind)) {
            return Verdict::Foreign;
        }
        return one(&entry, &kind, record, 0, sink);
    }
    let Ok(value) = serde_json::from_slice::<Value>(record.bytes) else {
        return Verdict::Rejected(Cow::Borrowed("the record is not JSON"));
    };
    let is_entry = is_some_entry(&value);
    match shape::unwrap(value) {
        Unwrapped::Foreign if is_entry => Verdict::Rejected(Cow::Borrowed(
            "a log entry without the name of its log and without a payload of an audit log",
        )),
        Unwrapped::Foreign => Verdict::Foreign,
        Unwrapped::Damaged(reason) => Verdict::Rejected(Cow::Borrowed(reason)),
        Unwrapped::Entries(entries) => several(&entries, record, reads, sink),
    }
}

/// Whether an object is an entry of Cloud Logging, of whatever log, that wraps no other program's record:
/// nothing else has such an id beside such times.
fn is_some_entry(value: &Value) -> bool {
    let has = |name: &str| value.get(name).is_some_and(Value::is_string);
    let wraps = ["jsonPayload", "textPayload"]
        .iter()
        .any(|name| value.get(name).is_some());
    has("insertId") && has("timestamp") && has("receiveTimestamp") && !wraps
}

/// Whether an entry is a line that Vault or OpenBao wrote, which is no record of Google's.
fn is_servers(entry: &Entry<'_>) -> bool {
    let kind = entry
        .resource
        .as_ref()
        .map_or("", |resource| resource.kind.as_str());
    let log = log_name::decode(entry.log_name.as_str());
    let container = |labels: &ResourceLabels<'_>| {
        let (name, namespace) = (
            labels.container_name.as_str(),
            labels.namespace_name.as_str(),
        );
        container::is_server_container(kind, name, namespace, &log)
    };
    entry.proto_payload.is_none() && entry.resource_labels().is_some_and(container)
}

/// Whether an entry is already in the sinks' spelling: it names its log, and an audit log's
/// payload was found where sinks put it.
fn is_complete(entry: &Entry<'_>) -> bool {
    let log = log_name::decode(entry.log_name.as_str());
    let log_id = log_name::log_id(&log);
    match &entry.proto_payload {
        Some(payload) => !log_id.is_empty() && payload.method_name.get().is_some(),
        None => match log_id {
            "" => false,
            log_name::RUN_REQUESTS => entry.http_request.is_some(),
            other => !other.starts_with("cloudaudit"),
        },
    }
}

fn kind(entry: &Entry<'_>) -> Kind {
    let log = log_name::decode(entry.log_name.as_str());
    let log_id = log_name::log_id(&log);
    // Without its payload such an entry is damaged, not unused.
    if let Some(kind) = log_name::audit_kind(log_id) {
        return Kind::Audit(kind);
    }
    if let Some(payload) = &entry.proto_payload {
        let named = payload.method_name.get().is_some() && payload.service_name.get().is_some();
        let typed = payload.type_url.as_str().ends_with(AUDIT_TYPE);
        // Whoever may write to a log of a project may write such a payload there. Only to its own logs
        // Google lets nobody write; one that was encoded twice is still its own.
        let of_google = log_id.is_empty() || log_id.starts_with("cloudaudit.googleapis.com%");
        if of_google && (typed || named) {
            return Kind::Audit(unnamed_log(payload));
        }
    }
    if log_id == log_name::RUN_REQUESTS {
        return Kind::Request;
    }
    Kind::Other(printable(log_id))
}

/// The kind of an audit entry whose copy lost its log name, from the permissions' type: reads of
/// data and of configuration are Data Access.
fn unnamed_log(payload: &super::wire::AuditLog<'_>) -> EventKind {
    let reads = payload.checks().any(|check| {
        matches!(
            check.permission_type.as_str(),
            "DATA_READ" | "DATA_WRITE" | "ADMIN_READ"
        )
    });
    if reads {
        EventKind::DataAccess
    } else {
        EventKind::AdminActivity
    }
}

/// A log id fit for a message: the writer of a log chooses its name.
fn printable(log_id: &str) -> String {
    log_id
        .chars()
        .filter(|c| c.is_ascii_alphanumeric() || "./_-".contains(*c))
        .take(100)
        .collect()
}

fn several(entries: &[Value], record: &Record<'_>, reads: Reads, sink: &mut dyn Sink) -> Verdict {
    let texts: Vec<String> = entries
        .iter()
        .map(|entry| serde_json::to_string(entry).unwrap_or_default())
        .collect();
    let parsed: Vec<Option<Entry<'_>>> = texts
        .iter()
        .map(|text| sonic_rs::from_str(text).ok())
        .collect();
    let kinds: Vec<Kind> = parsed.iter().flatten().map(kind).collect();
    if !kinds.is_empty() && !reads.takes(&kinds) {
        return Verdict::Foreign;
    }
    let mut verdict = None;
    for (nth, entry) in parsed.iter().enumerate() {
        let next = match entry {
            Some(entry) => one(entry, &kind(entry), record, nth, sink),
            None => Verdict::Rejected(Cow::Borrowed(
                "a member of the log entry is not of its type",
            )),
        };
        verdict = Some(worse(verdict, next));
    }
    verdict.unwrap_or(Verdict::Foreign)
}

/// What Google itself calls logs of its services, behind the service's name.
const OF_SERVICES: [&str; 4] = ["requests", "stderr", "stdout", "varlog/system"];

/// As much of a log's name as Google chose: whoever writes a log names it, and what he puts behind a
/// service's name, or in place of one, may be anything, a secret too.
fn told(log_id: &str) -> &str {
    let (service, name) = log_id.split_once('/').unwrap_or((log_id, ""));
    let plain = |byte: u8| byte.is_ascii_lowercase() || matches!(byte, b'-' | b'.');
    if !service.ends_with(".googleapis.com") || !service.bytes().all(plain) {
        return "of another name";
    }
    if OF_SERVICES.contains(&name) {
        log_id
    } else {
        service
    }
}

/// One damaged entry makes the record damaged, so that it is counted; else one read entry makes it
/// read.
fn worse(so_far: Option<Verdict>, next: Verdict) -> Verdict {
    let rank = |verdict: &Verdict| match verdict {
        Verdict::Rejected(_) => 3,
        Verdict::Parsed => 2,
        Verdict::Skipped(_) => 1,
        Verdict::Foreign => 0,
    };
    match so_far {
        Some(so_far) if rank(&so_far) >= rank(&next) => so_far,
        _ => next,
    }
}

fn one(
    entry: &Entry<'_>,
    kind: &Kind,
    record: &Record<'_>,
    nth: usize,
    sink: &mut dyn Sink,
) -> Verdict {
    let event = match kind {
        Kind::Audit(kind) => normalise::event(entry, *kind, record.place, nth),
        Kind::Request => served::event(entry, record.place, nth),
        Kind::Other(log_id) => {
            let log_id = secret::redacted(told(log_id));
            return Verdict::Skipped(Cow::Owned(format!("Google log {log_id}: not used")));
        }
    };
    match event {
        Ok(event) => {
            sink.event(&event);
            Verdict::Parsed
        }
        Err(reason) => Verdict::Rejected(Cow::Borrowed(reason)),
    }
}
