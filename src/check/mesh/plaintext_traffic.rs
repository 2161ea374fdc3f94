//! KMA-001: meshes that let workloads speak without mTLS.

use super::{Check, Known, Verdict};
use super::{WHOLE, is_tried_only, mesh_of, within, without};
use crate::model::Confidence;
use crate::posture::{Posture, Thing};
use crate::rule::Observation;

/// What Kuma refuses to store.
const DANGLING: &str = "the enabled backend is none of its backends";

pub(in crate::check) struct PlaintextTraffic;

impl Check for PlaintextTraffic {
    fn name(&self) -> &'static str {
        "plaintext-traffic"
    }

    fn run(&self, input: &Posture<'_>, _: &Known<'_>) -> Verdict {
        if !input.things.has("mesh-tls")
            && let Some(verdict) = without(input, "mesh", "Kuma meshes")
        {
            return verdict;
        }
        let (mut population, mut observations) = (0, Vec::new());
        let mut missing = None;
        for mesh in input.things.of("mesh") {
            population += 1;
            match of_mesh(input, &mesh) {
                Judged::Sound => {}
                Judged::Unknown(why) => missing = missing.or(Some(why)),
                Judged::Fault(fault) => report(input, &mesh, "mtls", &fault, &mut observations),
                Judged::Cut => {
                    let from = observations.len();
                    report(input, &mesh, "mtls", DANGLING, &mut observations);
                    for seen in observations.iter_mut().skip(from) {
                        seen.confidence = Confidence::SUSPECTED;
                    }
                }
            }
            unselected(input, &mesh, &mut observations);
        }
        for policy in input.things.of("mesh-tls") {
            population += 1;
            if policy.values("mode").any(|mode| mode == "Permissive") && !is_tried_only(&policy) {
                let target = policy.value("target").unwrap_or(WHOLE);
                let about = if target == WHOLE {
                    "the whole mesh"
                } else {
                    target
                };
                let fault = format!("plain connections are taken ({about})");
                report(input, &policy, "mode", &fault, &mut observations);
            }
        }
        Verdict::looked(population, observations, missing)
    }
}

/// What is known of a mesh.
enum Judged {
    Sound,
    Fault(String),
    /// Kuma takes no such mesh: part of the export may be missing.
    Cut,
    Unknown(String),
}

fn of_mesh(input: &Posture<'_>, mesh: &Thing<'_>) -> Judged {
    let name = mesh_of(mesh);
    let strict = |policy: &Thing<'_>| {
        policy.value("target") == Some(WHOLE)
            && policy.has("mode")
            && policy.values("mode").all(|mode| mode == "Strict")
            && !is_tried_only(policy)
    };
    let overridden = within(input, "mesh-tls", name).iter().any(strict);
    let identified = !within(input, "mesh-identity", name).is_empty();
    let fault = |text: &str| Judged::Fault(text.to_owned());
    match mesh.value("mtls").unwrap_or_default() {
        "permissive" if !overridden => fault("the enabled backend takes plain connections too"),
        "dangling" => Judged::Cut,
        "off" if !identified => fault("mTLS is off: no backend is enabled"),
        "absent" if !identified && speaks_of_identities(input, name) => Judged::Unknown(format!(
            "no `MeshIdentity` of mesh {name} was supplied, and its policies are of version 3"
        )),
        "absent" if !identified => fault("mTLS is off: neither `mtls` nor a `MeshIdentity`"),
        _ => Judged::Sound,
    }
}

/// Whether policies of a mesh are such as only version 3 has: its identities are then configured
/// somewhere.
fn speaks_of_identities(input: &Posture<'_>, mesh: &str) -> bool {
    let by_identity = |policy: &Thing<'_>| {
        ["allow", "deny", "shadow-deny"].into_iter().any(|action| {
            let mut callers = policy.values(action);
            callers.any(|caller| caller.contains("spiffe://"))
        })
    };
    !within(input, "mesh-trust", mesh).is_empty()
        || within(input, "mesh-permission", mesh)
            .iter()
            .any(by_identity)
}

/// Dataplanes that no identity of version 3 selects, where the mesh has no mTLS of 2.x.
fn unselected(input: &Posture<'_>, mesh: &Thing<'_>, observations: &mut Vec<Observation>) {
    let name = mesh_of(mesh);
    let identities = within(input, "mesh-identity", name);
    let older = !matches!(mesh.value("mtls"), Some("absent" | "off"));
    if identities.is_empty() || older {
        return;
    }
    for dataplane in within(input, "mesh-dataplane", name) {
        let selected = identities
            .iter()
            .any(|identity| selects(identity, &dataplane));
        if !selected && let Some(place) = dataplane.place() {
            let fault = format!("no `MeshIdentity` selects {}", dataplane.object);
            observations.push(Observation::of(mesh.object, fault, input.evidence(place)));
        }
    }
}

fn selects(identity: &Thing<'_>, dataplane: &Thing<'_>) -> bool {
    match identity.value("selects") {
        Some("all") => true,
        Some("some") => identity.below("select.").all(|(key, value)| {
            let has = |prefix: &str| {
                dataplane
                    .values(&format!("{prefix}{key}"))
                    .any(|v| v == value)
            };
            has("label.") || has("tag.")
        }),
        _ => false,
    }
}

fn report(
    input: &Posture<'_>,
    thing: &Thing<'_>,
    attribute: &str,
    fault: &str,
    observations: &mut Vec<Observation>,
) {
    if let Some(place) = thing.place_of(attribute) {
        let evidence = input.evidence(place);
        observations.push(Observation::of(thing.object, fault, evidence));
    }
}
