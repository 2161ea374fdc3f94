//! Google's log entries of what Vault or OpenBao wrote: a container of GKE, or a receiver of the Ops
//! Agent named for it.
//!
//! Everybody who runs a container in a project writes to the same logs, so that only what Google says
//! of the resource tells whose word an entry is: the container, pod or namespace (`k8s_container`,
//! cloud.google.com/monitoring/api/resources). The agents take `time` out of the payload and keep it
//! as the entry's.

use serde_json::Value;

use super::{Inner, Members, content, object, text};

/// Members in which the payload stands, as sinks spell them and as BigQuery does.
const PAYLOADS: [&str; 2] = ["jsonPayload", "textPayload"];

/// What the server wrote, if the entry is one of its container's.
pub(super) fn of_server(entry: &Members) -> Option<Vec<Inner>> {
    if !is_servers(entry) {
        return None;
    }
    let payload = PAYLOADS.iter().find_map(|name| entry.get(*name))?;
    let mut inner = content(payload)?;
    // The Ops Agent keeps a line that it does not parse as `message`.
    if let Inner::Object(members) = &inner
        && !members.contains_key("type")
        && let Some(line) = members.get("message").and_then(content)
    {
        inner = line;
    }
    if let (Inner::Object(members), Some(at)) = (&mut inner, text(entry, "timestamp"))
        && !members.contains_key("time")
    {
        members.insert("time".to_owned(), Value::String(at.to_owned()));
    }
    Some(vec![inner])
}

/// Whether a log entry is what Vault or OpenBao wrote, by the resource that Google names.
pub(in crate::source) fn is_servers(entry: &Members) -> bool {
    let (Some(log), Some(resource)) = (text(entry, "logName"), object(entry, "resource")) else {
        return false;
    };
    let label = |name: &str| {
        let labels = object(resource, "labels");
        labels.and_then(|labels| text(labels, name)).unwrap_or("")
    };
    is_server_container(
        text(resource, "type").unwrap_or(""),
        label("container_name"),
        label("namespace_name"),
        log,
    )
}

/// The same of the parts of an entry.
pub(in crate::source) fn is_server_container(
    kind: &str,
    container: &str,
    namespace: &str,
    log: &str,
) -> bool {
    let server = |name: &str| matches!(name, "vault" | "openbao" | "bao");
    let log = log.rsplit('/').next().unwrap_or(log);
    match kind {
        "k8s_container" => {
            matches!(log, "stdout" | "stderr") && (server(container) || server(namespace))
        }
        "gce_instance" => log == "vault_audit",
        _ => false,
    }
}
