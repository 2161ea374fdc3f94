//! Where the two Cloud Run APIs keep the same facts: v1 (Knative) and v2; for services, jobs and
//! worker pools.

use serde_json::Value;

use super::export::Item;
use crate::model::id;

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

/// What runs: a service answers requests, a job runs to its end, a worker pool keeps running.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sort {
    Service,
    Job,
    WorkerPool,
}

impl Sort {
    const ALL: [Sort; 3] = [Sort::Service, Sort::Job, Sort::WorkerPool];

    /// The kind of a v1 description.
    fn kind(self) -> &'static str {
        match self {
            Sort::Service => "Service",
            Sort::Job => "Job",
            Sort::WorkerPool => "WorkerPool",
        }
    }

    /// The collection in a v2 name.
    fn collection(self) -> &'static str {
        match self {
            Sort::Service => "services",
            Sort::Job => "jobs",
            Sort::WorkerPool => "workerPools",
        }
    }
}

/// What names a service, a job, a worker pool or a revision.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Name<'v> {
    pub(super) api: Api,
    pub(super) sort: Sort,
    pub(super) is_revision: bool,
    pub(super) project: &'v str,
    pub(super) region: &'v str,
    pub(super) service: &'v str,
    /// Empty when the service does not name its newest revision.
    pub(super) revision: &'v str,
}

impl Name<'_> {
    /// `run:service/<project>/<region>/<name>`, `run:job/...` or `run:worker-pool/...`.
    pub(super) fn id(&self, project: &str) -> String {
        let sort = match self.sort {
            Sort::Service => return id::run_service(project, self.region, self.service),
            Sort::Job => "job",
            Sort::WorkerPool => "worker-pool",
        };
        format!("run:{sort}/{project}/{}/{}", self.region, self.service)
    }
}

/// The name of a thing, if it is a Cloud Run service or revision.
pub(super) fn name<'v>(item: &Item<'v>) -> Option<Name<'v>> {
    // Jobs and worker pools are `run.googleapis.com/v1`, services `serving.knative.dev/v1`.
    let knative = item.text("apiVersion").is_some_and(|version| {
        ["serving.knative.dev/", "run.googleapis.com/"]
            .iter()
            .any(|api| version.starts_with(api))
    });
    if knative {
        return v1(item.body);
    }
    let path = [item.text("name"), item.name]
        .into_iter()
        .flatten()
        .find_map(v2)?;
    let described = ["template", "containers"];
    let is_described = match path.sort {
        // Jobs of other services have names of the same form.
        Sort::Job => item.body.pointer("/template/template").is_some(),
        _ => described
            .iter()
            .any(|member| item.body.get(member).is_some()),
    };
    if !is_described {
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
    let is_revision = kind == "Revision";
    let sort = match is_revision {
        true => Sort::Service,
        false => Sort::ALL.into_iter().find(|sort| sort.kind() == kind)?,
    };
    let metadata = body.get("metadata")?;
    let text = |member: &str| metadata.get(member).and_then(Value::as_str);
    let label = |name: &str| metadata.get("labels")?.get(name)?.as_str();
    let own = text("name")?;
    let newest = ["latestReadyRevisionName", "latestCreatedRevisionName"]
        .iter()
        .find_map(|member| body.get("status")?.get(member)?.as_str());
    Some(Name {
        api: Api::V1,
        sort,
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
    let mut behind = |collection: &str| {
        (segments.next()? == collection)
            .then(|| segments.next())
            .flatten()
    };
    let project = behind("projects")?;
    let region = behind("locations")?;
    let collection = segments.next()?;
    let sort = Sort::ALL
        .into_iter()
        .find(|sort| sort.collection() == collection)?;
    let service = segments.next()?;
    let revision = (segments.next() == Some("revisions"))
        .then(|| segments.next())
        .flatten();
    Some(Name {
        api: Api::V2,
        sort,
        is_revision: revision.is_some(),
        project,
        region,
        service,
        revision: revision.unwrap_or(""),
    })
}

impl Name<'_> {
    /// Where the containers' surroundings stand in a description.
    pub(super) fn pod<'b>(&self, body: &'b Value) -> Option<&'b Value> {
        match (self.api, self.sort, self.is_revision) {
            (Api::V1, _, true) => body.get("spec"),
            // An execution's template holds the one of its tasks.
            (Api::V1, Sort::Job, false) => body.pointer("/spec/template/spec/template/spec"),
            (Api::V1, _, false) => body.pointer("/spec/template/spec"),
            (Api::V2, _, true) => Some(body),
            (Api::V2, Sort::Job, false) => body.pointer("/template/template"),
            (Api::V2, _, false) => body.get("template"),
        }
    }
}

impl Api {
    /// The member of the pod that names its service account.
    pub(super) fn account_member(self) -> &'static str {
        match self {
            Api::V1 => "serviceAccountName",
            Api::V2 => "serviceAccount",
        }
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
