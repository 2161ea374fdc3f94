//! GCP-RUN-005: a service that holds on to one version of a secret.

use super::{Check, Known, Verdict, age, without};
use crate::model::Severity;
use crate::posture::{Posture, Thing};
use crate::rule::Observation;

pub(in crate::check) struct StaleSecretVersion;

impl Check for StaleSecretVersion {
    fn name(&self) -> &'static str {
        "stale-secret-version"
    }

    fn run(&self, input: &Posture<'_>, _: &Known<'_>) -> Verdict {
        if let Some(verdict) = without(input, "run-service", "Cloud Run services") {
            return verdict;
        }
        let (mut population, mut observations) = (0, Vec::new());
        for service in input.things.of("run-service") {
            let kept = service.number("min_instances").unwrap_or(0) > 0;
            for (prefix, in_environment) in [("secret_ref.", true), ("secret_volume.", false)] {
                for (name, reference) in service.below(prefix) {
                    let Some((secret, version)) = reference.rsplit_once(':') else {
                        continue;
                    };
                    let verdict = if version == "latest" {
                        population += 1;
                        let read_once = "latest is read only when an instance starts";
                        (in_environment && kept).then(|| (Severity::Med, read_once.to_owned()))
                    } else {
                        let Some(verdict) = pinned(input, &service, secret, version) else {
                            continue;
                        };
                        population += 1;
                        verdict
                    };
                    let place = service.place_of(&format!("{prefix}{name}"));
                    if let (Some((severity, detail)), Some(place)) = (verdict, place) {
                        let object = format!("{name} = {reference}");
                        let seen = Observation::of(service.object, object, input.evidence(place));
                        observations.push(seen.with_severity(severity).with_detail(detail));
                    }
                }
            }
        }
        if population == 0 {
            return Verdict::NotAssessed(
                "no service reads a secret whose versions are in the export".to_owned(),
            );
        }
        Verdict::Looked {
            population,
            observations,
        }
    }
}

/// The names that a secret may have: Google's exports have the number of its project, people write
/// the id.
fn spelled(input: &Posture<'_>, service: &Thing<'_>, secret: &str) -> Vec<String> {
    let own = service.object.split('/').nth(1).unwrap_or("");
    let (project, name) = match secret.strip_prefix("projects/") {
        Some(rest) => rest.split_once("/secrets/").unwrap_or((rest, "")),
        None => (own, secret),
    };
    let mut projects = vec![project];
    if !secret.starts_with("projects/") {
        projects.extend(service.value("project_number"));
    }
    for known in input.things.of("gcp-project") {
        let id = known.object.rsplit('/').next().unwrap_or("");
        let number = known.value("number").unwrap_or("");
        if id == project || number == project {
            projects.extend([id, number]);
        }
    }
    for known in input.things.of("run-service") {
        let id = known.object.split('/').nth(1).unwrap_or("");
        if let Some(number) = known.value("project_number")
            && (id == project || number == project)
        {
            projects.extend([id, number]);
        }
    }
    projects.sort_unstable();
    projects.dedup();
    let names = projects.into_iter().filter(|project| !project.is_empty());
    names
        .map(|project| format!("projects/{project}/secrets/{name}"))
        .collect()
}

/// What is wrong with a pinned version; outer none where its versions were not exported.
#[allow(clippy::option_option, reason = "unknown is not the same as sound")]
fn pinned(
    input: &Posture<'_>,
    service: &Thing<'_>,
    secret: &str,
    version: &str,
) -> Option<Option<(Severity, String)>> {
    let overlap = input.threshold("version_overlap").unwrap_or(7 * 86_400);
    let secrets = spelled(input, service, secret);
    let versions: Vec<(&str, Thing<'_>)> = input
        .things
        .of("gcp-secret-version")
        .filter_map(|thing| {
            let (parent, version) = thing.object.rsplit_once("/versions/")?;
            let own = secrets
                .iter()
                .any(|secret| parent.ends_with(&format!("/{secret}")));
            own.then_some((version, thing))
        })
        .collect();
    // A version may be called by an alias of the secret.
    let alias = format!("alias.{version}");
    let mut exports = input.things.of("gcp-secret");
    let version = exports
        .find(|thing| {
            let name = |secret: &String| thing.object.ends_with(&format!("/{secret}"));
            secrets.iter().any(name)
        })
        .and_then(|thing| thing.value(&alias))
        .unwrap_or(version);
    let (_, used) = versions.iter().find(|(name, _)| *name == version)?;
    let state = used.value("state").unwrap_or("");
    if matches!(state, "DISABLED" | "DESTROYED") {
        let detail = format!("the version is {}", state.to_lowercase());
        return Some(Some((Severity::High, detail)));
    }
    let created = |thing: &Thing<'_>| age(input, thing.value("created_at"));
    let newest = versions
        .iter()
        .filter(|(_, thing)| thing.value("state") == Some("ENABLED"))
        .filter_map(|(name, thing)| Some((created(thing)?, *name)))
        .min()?;
    let replaced = newest.1 != version && newest.0 / 1_000_000 > overlap;
    Some(replaced.then(|| (Severity::Med, format!("version {} replaced it", newest.1))))
}
