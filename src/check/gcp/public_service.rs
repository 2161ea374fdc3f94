//! GCP-RUN-004: a service that everybody may call, and what its account reads.

use std::collections::BTreeMap;

use super::{Check, Known, Verdict, grants, is_broad, is_public, role};
use crate::model::{Evidence, Severity, id};
use crate::posture::{Posture, Thing};
use crate::rule::Observation;

pub(in crate::check) struct PublicService;

impl Check for PublicService {
    fn name(&self) -> &'static str {
        "public-service"
    }

    fn run(&self, input: &Posture<'_>, _: &Known<'_>) -> Verdict {
        let (population, open) = open_services(input);
        if population == 0 {
            return Verdict::NotAssessed(
                "no Cloud Run service and no IAM policy of one was supplied".to_owned(),
            );
        }
        let observations = open
            .into_iter()
            .flat_map(|(service, openings)| observed(input, &service, openings))
            .collect();
        Verdict::Looked {
            population,
            observations,
        }
    }
}

/// What opens a service: where it is stated, and to whom.
type Openings = Vec<(Evidence, String)>;

/// How many grants and services were looked at, and what opens which service to everybody.
fn open_services(input: &Posture<'_>) -> (u64, BTreeMap<String, Openings>) {
    let mut open: BTreeMap<String, Openings> = BTreeMap::new();
    let mut population = 0;
    for grant in grants(input).filter(|grant| role(grant).starts_with("run.")) {
        population += 1;
        let holder = grant.holder.trim_start_matches("gcp:principal/");
        let calls = matches!(role(grant), "run.invoker" | "run.admin" | "run.developer");
        let service = service_id(&grant.resource);
        let service = service.or_else(|| is_broad(grant).then(|| grant.resource.clone()));
        if let Some(service) = service.filter(|_| calls && is_public(grant)) {
            let shown = (input.evidence(grant.place), holder.to_owned());
            open.entry(service).or_default().push(shown);
        }
    }
    for service in input.things.of("run-service") {
        population += 1;
        if service.is_true("invoker_iam_disabled")
            && let Some(place) = service.place_of("invoker_iam_disabled")
        {
            let shown = (input.evidence(place), "no check of the caller".to_owned());
            open.entry(service.object.to_owned())
                .or_default()
                .push(shown);
        }
    }
    (population, open)
}

/// What is said of an open service, by what its account reads and whether the internet reaches it.
fn observed(input: &Posture<'_>, service: &str, openings: Openings) -> Vec<Observation> {
    let exports: Vec<Thing<'_>> = input
        .things
        .of("run-service")
        .filter(|thing| is_same(thing, service))
        .collect();
    let reads = exports.iter().find_map(|export| reads(input, export));
    // Internal ingress keeps the internet out; the account is then no public matter. A load
    // balancer of Google's takes calls from anywhere.
    let internal = exports.iter().any(|export| {
        export
            .value("ingress")
            .is_some_and(|ingress| matches!(ingress, "internal" | "none"))
    });
    let severity = match (&reads, internal) {
        (_, true) => Severity::Low,
        (Some(_), false) => Severity::High,
        (None, false) => Severity::Med,
    };
    let detail = match reads {
        Some(what) => what,
        None if exports.is_empty() => "its account is not in the export".to_owned(),
        None => "its account reads no secret by the export".to_owned(),
    };
    let of = |(evidence, object)| {
        Observation::of(service, object, evidence)
            .with_severity(severity)
            .with_detail(detail.clone())
    };
    openings.into_iter().map(of).collect()
}

/// The service that a resource of `run.googleapis.com` is.
fn service_id(resource: &str) -> Option<String> {
    let name = resource.strip_prefix("gcp:resource/run.googleapis.com/")?;
    match name.split('/').collect::<Vec<&str>>().as_slice() {
        ["projects", project, "locations", region, "services", name] => {
            Some(id::run_service(project, region, name))
        }
        _ => None,
    }
}

/// Whether an export is of a service: the same id, or the project named by number in one of both.
fn is_same(export: &Thing<'_>, service: &str) -> bool {
    let by_number = export.value("project_number").and_then(|number| {
        let (_, rest) = export
            .object
            .strip_prefix("run:service/")?
            .split_once('/')?;
        Some(format!("run:service/{number}/{rest}"))
    });
    export.object == service || by_number.as_deref() == Some(service)
}

/// What secret the service reads, in words.
fn reads(input: &Posture<'_>, service: &Thing<'_>) -> Option<String> {
    let mut secrets = service
        .below("secret_ref.")
        .chain(service.below("secret_volume."));
    if let Some((_, secret)) = secrets.next() {
        return Some(format!("it reads the secret {secret}"));
    }
    if let Some((name, _)) = service
        .below("env.")
        .find(|(name, _)| name.starts_with("VAULT_"))
    {
        return Some(format!("it uses Vault ({name})"));
    }
    let account = format!("gcp:sa/{}", service.value("service_account")?);
    let grant = grants(input).find(|grant| {
        let decrypts = role(grant).starts_with("cloudkms.") && role(grant).contains("Decrypter");
        let wide = is_broad(grant) && matches!(role(grant), "owner" | "editor");
        let accessor = matches!(
            role(grant),
            "secretmanager.secretAccessor" | "secretmanager.admin"
        );
        grant.holder == account && (decrypts || wide || accessor)
    })?;
    Some(format!("its account holds {}", grant.capability))
}
