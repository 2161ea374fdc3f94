//! Cloud Run services, revisions, jobs and worker pools: `gcloud run services|revisions|jobs|
//! worker-pools describe|list --format=json`, the v1 and v2 APIs' answers, asset exports.
//!
//! Pushes a service row (the e-mail of the account, empty for the default compute account) and, on
//! `run:service/<project>/<region>/<name>` (`run:job/...`, `run:worker-pool/...`), attributes of kind
//! `run-service`:
//!
//! | name | value |
//! |---|---|
//! | `service_account` | e-mail; absent when the service runs as the default compute account |
//! | `ingress` | `all`, `internal`, `internal-and-cloud-load-balancing` |
//! | `invoker_iam_disabled` | `true` when no IAM check is made |
//! | `image` | one per container |
//! | `env.<NAME>` | the literal value, `[REDACTED]` when it looks like a secret |
//! | `env_pattern.<NAME>` | the pattern by which the literal value is a secret; `secret-name` when only the name says so |
//! | `env_kind.<NAME>` | `literal`, `secret-ref` or `other` |
//! | `secret_ref.<NAME>` | `<secret>:<version>` of an environment variable; the secret's whole name where an alias stands for it |
//! | `secret_volume.<volume>` | `<secret>:<version>` of each mounted file, version `latest` unless pinned |
//! | `label.<key>` | labels |
//! | `min_instances` | where set |
//! | `revision` | the revision described, or the service's newest |
//! | `project_number` | where the export names the project by number |
//! | `deployed_by`, `updated_at` | who changed it last, and when |
//!
//! v1 names the project by number; where the path holds `projects/<id>/`, that id is used, as the
//! logs do.

use serde_json::Value;

use super::export::{self, Attributes, Item};
use super::run_environment::{self, containers};
use super::run_shape::{self, Api, Name};
use crate::model::{About, Format, Framing, Record, Sample, Service, Sink, Timestamp, Verdict};

/// Reads Cloud Run services, revisions, jobs and worker pools.
#[derive(Clone, Copy, Debug)]
pub struct RunServices;

impl Format for RunServices {
    fn about(&self) -> &About {
        &About {
            source: &super::SOURCE,
            title: "Cloud Run services",
            framing: Framing::Json,
        }
    }

    fn recognises(&self, sample: &Sample<'_>) -> bool {
        export::recognises(sample, |item| run_shape::name(item).is_some())
    }

    fn read(&self, record: &Record<'_>, sink: &mut dyn Sink) -> Verdict {
        let is_service = |item: &Item<'_>| run_shape::name(item).is_some();
        export::read(record, is_service, |item| {
            if let Some(name) = run_shape::name(item) {
                push(&name, item, record, sink);
            }
        })
    }
}

fn push(name: &Name<'_>, item: &Item<'_>, record: &Record<'_>, sink: &mut dyn Sink) {
    let pod = name.pod(item.body);
    let service = service(name, item.body, pod, record);
    let mut attributes = Attributes {
        kind: "run-service",
        object: service.id.clone(),
        valid_from: item.taken_at.or(service.updated_at),
        place: record.place,
        sink: &mut *sink,
    };
    let mut put = |name: &str, value: &str| {
        if !value.is_empty() {
            attributes.put(name, value);
        }
    };
    put("service_account", &service.service_account);
    put("ingress", &service.ingress);
    put("revision", &service.revision);
    put("deployed_by", &service.deployed_by);
    put(
        "updated_at",
        &service
            .updated_at
            .map(|at| at.to_string())
            .unwrap_or_default(),
    );
    if is_number(name.project) {
        put("project_number", name.project);
    }
    for image in &service.images {
        put("image", image);
    }
    for (key, value) in &service.labels {
        put(&format!("label.{key}"), value);
    }
    if first(item.body, INVOKER_OPEN) == Some("true")
        || item.body.get("invokerIamDisabled") == Some(&Value::Bool(true))
    {
        put("invoker_iam_disabled", "true");
    }
    attributes.put_first("min_instances", item.body, MIN_INSTANCES);
    if let Some(pod) = pod {
        run_environment::push(&mut attributes, pod, item.body);
    }
    sink.service(service);
}

const INVOKER_OPEN: &[&str] = &["/metadata/annotations/run.googleapis.com~1invoker-iam-disabled"];

const MIN_INSTANCES: &[&str] = &[
    "/spec/template/metadata/annotations/autoscaling.knative.dev~1minScale",
    "/metadata/annotations/autoscaling.knative.dev~1minScale",
    "/metadata/annotations/run.googleapis.com~1minScale",
    "/template/scaling/minInstanceCount",
    "/scaling/minInstanceCount",
];

fn service(name: &Name<'_>, body: &Value, pod: Option<&Value>, record: &Record<'_>) -> Service {
    let project = match project_of_path(record.path) {
        Some(id) if is_number(name.project) || name.project.is_empty() => id,
        _ => name.project,
    };
    let text = |pointers: &[&str]| first(body, pointers).unwrap_or("").to_owned();
    let time = |pointers: &[&str]| first(body, pointers).and_then(Timestamp::parse);
    let labels = match name.api {
        Api::V1 => body.pointer("/metadata/labels"),
        Api::V2 => body.get("labels"),
    };
    let mut labels: Vec<(String, String)> = labels
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
        .filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned())))
        .collect();
    labels.sort();
    Service {
        id: name.id(project),
        project: project.to_owned(),
        region: name.region.to_owned(),
        name: name.service.to_owned(),
        revision: name.revision.to_owned(),
        service_account: pod
            .and_then(|pod| pod.get(name.api.account_member())?.as_str())
            .unwrap_or("")
            .to_ascii_lowercase(),
        images: containers(pod)
            .filter_map(|container| container.get("image")?.as_str())
            .map(str::to_owned)
            .collect(),
        ingress: run_shape::ingress(&text(&[
            "/metadata/annotations/run.googleapis.com~1ingress",
            "/ingress",
        ]))
        .to_owned(),
        created_at: time(&["/metadata/creationTimestamp", "/createTime"]),
        updated_at: time(&["/updateTime", "/status/conditions/0/lastTransitionTime"]),
        deployed_by: text(&[
            "/metadata/annotations/serving.knative.dev~1lastModifier",
            "/lastModifier",
            "/metadata/annotations/serving.knative.dev~1creator",
            "/creator",
        ]),
        labels,
        place: record.place,
    }
}

fn first<'v>(body: &'v Value, pointers: &[&str]) -> Option<&'v str> {
    pointers
        .iter()
        .find_map(|pointer| body.pointer(pointer)?.as_str())
}

fn is_number(project: &str) -> bool {
    !project.is_empty() && project.bytes().all(|byte| byte.is_ascii_digit())
}

/// The project id in a path such as `gcp/projects/acme-prod/run/services.json`.
fn project_of_path(path: &str) -> Option<&str> {
    let mut segments = path.split('/');
    segments.find(|segment| *segment == "projects")?;
    let id = segments.next()?;
    // The last segment is the file; a number is no better than what the export says.
    (segments.next().is_some() && !is_number(id)).then_some(id)
}

#[cfg(test)]
#[path = "run_service_tests.rs"]
mod tests;
