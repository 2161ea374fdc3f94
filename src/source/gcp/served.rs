//! The event of a request that Cloud Run served.
//!
//! No request log names its caller, even behind IAM. `operation` is the HTTP method, `path` the URL
//! without query and credentials, `object` the `run:service/...`, `remote_address` `remoteIp`.
//! `metadata`: `instance_id`, `latency`, `revision`, `server_ip`, `trace`, where logged.

use super::normalise::{shell, text};
use super::wire::{Entry, HttpRequest};
use crate::model::{Event, EventKind, Outcome, Place, Text, id};

/// The event of a request entry.
pub(super) fn event<'e>(
    entry: &'e Entry<'_>,
    place: Place,
    nth: usize,
) -> Result<Event<'e>, &'static str> {
    let request = entry
        .http_request
        .as_ref()
        .ok_or("a request log entry without httpRequest")?;
    let mut event = shell(entry, EventKind::HttpRequest, place, nth)?;
    event.operation = text(&request.request_method).unwrap_or_default();
    event.service = Some(Text::Borrowed("run.googleapis.com"));
    event.path = Text::Owned(without_secrets(request.request_url.as_str()));
    event.remote_address = text(&request.remote_ip);
    event.user_agent = text(&request.user_agent);
    event.status = request.status.as_str().parse().ok();
    event.outcome = outcome(event.status);
    event.metadata = metadata(entry, request);
    let labels = entry.resource_labels();
    let name = labels.and_then(|labels| labels.service_name.get().zip(labels.location.get()));
    let (name, region) = name.ok_or("a request log entry that does not say of which service")?;
    let project = event.project.as_deref().unwrap_or("");
    event.object = Text::Owned(id::run_service(project, region, name));
    Ok(event)
}

/// 401 and 403 are what Cloud Run answers when IAM refuses the caller (or the service does).
fn outcome(status: Option<i64>) -> Outcome {
    match status {
        None | Some(..=99) => Outcome::Unknown,
        Some(401 | 403) => Outcome::Denied,
        Some(100..=399) => Outcome::Allowed,
        Some(_) => Outcome::Failed,
    }
}

/// A URL without what may hold a secret: its query, fragment and credentials.
fn without_secrets(url: &str) -> String {
    let end = url.find(['?', '#']).unwrap_or(url.len());
    let url = url.get(..end).unwrap_or(url);
    match url.split_once("://") {
        Some((scheme, rest)) => {
            let (authority, path) = rest.find('/').map_or((rest, ""), |at| rest.split_at(at));
            let host = authority.rsplit('@').next().unwrap_or(authority);
            format!("{scheme}://{host}{path}")
        }
        None => url.to_owned(),
    }
}

fn metadata<'e>(entry: &'e Entry<'_>, request: &'e HttpRequest<'_>) -> Vec<(Text<'e>, Text<'e>)> {
    let labels = entry.resource_labels();
    let instance = entry
        .labels
        .as_ref()
        .and_then(|labels| text(&labels.instance_id));
    [
        ("instance_id", instance),
        ("latency", text(&request.latency)),
        (
            "revision",
            labels.and_then(|labels| text(&labels.revision_name)),
        ),
        ("server_ip", text(&request.server_ip)),
        ("trace", text(&entry.trace)),
    ]
    .into_iter()
    .filter_map(|(name, value)| Some((Text::Borrowed(name), value?)))
    .collect()
}
