//! Where the two Cloud Run APIs keep the same facts: v1 (Knative) and v2.

use serde_json::Value;

use super::export::Item;

/// The region label that Cloud Run sets on every Knative resource.
const LOCATION_LABEL: &str = "cloud.googleapis.com/location";
/// The label by which a Knative revision names its service.
const SERVICE_LABEL: &str = "serving.knative.dev/service";

/// The spelling a service or revision is exported in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Api {
    /// `apiVersion: serving.knative.dev/v1`.
    V1,
    /// `projects/P/locations/L/services/S[/revisions/R]`.
    V2,
}

/// What names a service or revision.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Name<'v> {
    pub(super) api: Api,
    pub(super) is_revision: bool,
    pub(super) project: &'v str,
    pub(super) region: &'v str,
    pub(super) service: &'v str,
    /// Empty when the service does not name its newest revision.
    pub(super) revision: &'v str,
}

/// The name of a thing, if it is a Cloud Run service or revision.
pub(super) fn name<'v>(item: &Item<'v>) -> Option<Name<'v>> {
    let knative = item
        .text("apiVersion")
        .is_some_and(|version| version.starts_with("serving.knative.dev/"));
    if knative {
        return v1(item.body);
    }
    let path = [item.text("name"), item.name]
        .into_iter()
        .flatten()
        .find_map(v2)?;
    let described = ["template", "containers"];
    if !described
        .iter()
        .any(|member| item.body.get(member).is_some())
    {
        return None;
    }
    let newest = ["latestReadyRevision", "latestCreatedRevision"]
        .iter()
        .find_map(|member| item.text(member));
    let revision = match (path.revision, newest) {
        ("", Some(newest)) => newest.rsplit('/').next().unwrap_or(newest),
        (revision, _) => revision,
    };
    Some(Name { revision, ..path })
}

fn v1(body: &Value) -> Option<Name<'_>> {
    let kind = body.get("kind")?.as_str()?;
    if !["Service", "Revision"].contains(&kind) {
        return None;
    }
    let metadata = body.get("metadata")?;
    let text = |member: &str| metadata.get(member).and_then(Value::as_str);
    let label = |name: &str| metadata.get("labels")?.get(name)?.as_str();
    let own = text("name")?;
    let is_revision = kind == "Revision";
    let newest = ["latestReadyRevisionName", "latestCreatedRevisionName"]
        .iter()
        .find_map(|member| body.get("status")?.get(member)?.as_str());
    Some(Name {
        api: Api::V1,
        is_revision,
        project: text("namespace").unwrap_or(""),
        region: label(LOCATION_LABEL).unwrap_or(""),
        service: if is_revision {
            label(SERVICE_LABEL)?
        } else {
            own
        },
        revision: if is_revision {
            own
        } else {
            newest.unwrap_or("")
        },
    })
}

fn v2(path: &str) -> Option<Name<'_>> {
    let path = path.trim_start_matches("//run.googleapis.com/");
    let mut segments = path.split('/');
    let mut pair = |collection: &str| {
        (segments.next()? == collection)
            .then(|| segments.next())
            .flatten()
    };
    let project = pair("projects")?;
    let region = pair("locations")?;
    let service = pair("services")?;
    let revision = pair("revisions");
    Some(Name {
        api: Api::V2,
        is_revision: revision.is_some(),
        project,
        region,
        service,
        revision: revision.unwrap_or(""),
    })
}

impl Api {
    /// Where the containers' surroundings stand in a description.
    pub(super) fn pod(self, body: &Value, is_revision: bool) -> Option<&Value> {
        match (self, is_revision) {
            (Api::V1, false) => body.pointer("/spec/template/spec"),
            (Api::V1, true) => body.get("spec"),
            (Api::V2, false) => body.get("template"),
            (Api::V2, true) => Some(body),
        }
    }

    /// The member of the pod that names its service account.
    pub(super) fn account_member(self) -> &'static str {
        match self {
            Api::V1 => "serviceAccountName",
            Api::V2 => "serviceAccount",
        }
    }
}

/// A container's environment variable.
pub(super) enum Variable<'v> {
    Literal(&'v str),
    /// Secret and version.
    Secret(&'v str, &'v str),
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
        let version = at("/valueFrom/secretKeyRef/key")
            .or_else(|| at("/valueSource/secretKeyRef/version"))
            .unwrap_or("latest");
        return Variable::Secret(secret, version);
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

/// The ingress setting in the words of v1, whichever API it comes from.
pub(super) fn ingress(logged: &str) -> &str {
    match logged {
        "INGRESS_TRAFFIC_ALL" => "all",
        "INGRESS_TRAFFIC_INTERNAL_ONLY" => "internal",
        "INGRESS_TRAFFIC_INTERNAL_LOAD_BALANCER" => "internal-and-cloud-load-balancing",
        "INGRESS_TRAFFIC_NONE" => "none",
        other => other,
    }
}
