//! KMA-009: calls that came through and that the permissions, or the caller's certificate, contradict.

use std::collections::BTreeSet;

use super::permitted::{NOTHING, Permitted, permitted};
use super::{Check, Known, Verdict, without};
use crate::model::Severity;
use crate::posture::Posture;
use crate::rule::Observation;
use crate::usage::{Called, Pair};

pub(in crate::check) struct UnpermittedCall;

impl Check for UnpermittedCall {
    fn name(&self) -> &'static str {
        "unpermitted-call"
    }

    fn run(&self, input: &Posture<'_>, known: &Known<'_>) -> Verdict {
        let Some(calls) = known.calls else {
            let reason = "no access log of Kuma's proxies was supplied";
            return Verdict::NotAssessed(reason.to_owned());
        };
        if let Some(verdict) = without(input, "mesh-permission", "traffic permissions of Kuma") {
            return verdict;
        }
        let (mut population, mut observations) = (0, Vec::new());
        let mut undecided: BTreeSet<String> = BTreeSet::new();
        for (pair, called) in &calls.pairs {
            let Some((mesh, from, to)) = services(pair) else {
                continue;
            };
            let fault = match permitted(input, mesh, from, to) {
                Permitted::Yes => None,
                Permitted::No(why) => {
                    let words = match is_enforced(input, mesh) {
                        true => why.to_owned(),
                        false => format!("{why}, and the mesh enforces none without mTLS"),
                    };
                    let suspected = why == NOTHING;
                    Some((words, suspected.then_some(Severity::Med)))
                }
                Permitted::Unknown(why) => {
                    undecided.insert(why);
                    continue;
                }
            };
            population += 1;
            let fault = fault.or_else(|| Some((other_identity(mesh, from, called)?, None)));
            if let Some((fault, severity)) = fault {
                report(input, pair, called, (&fault, severity), &mut observations);
            }
        }
        if population == 0 && observations.is_empty() && !undecided.is_empty() {
            return Verdict::NotAssessed(join(&undecided));
        }
        let missing = (!undecided.is_empty()).then(|| join(&undecided));
        Verdict::looked(population, observations, missing)
    }
}

fn join(reasons: &BTreeSet<String>) -> String {
    reasons.iter().cloned().collect::<Vec<_>>().join("; ")
}

/// Mesh, caller and called of a pair of one mesh.
fn services(pair: &Pair) -> Option<(&str, &str, &str)> {
    let (mesh, from) = pair.from.strip_prefix("mesh:service/")?.split_once('/')?;
    let (_, to) = pair.to.strip_prefix("mesh:service/")?.split_once('/')?;
    Some((mesh, from, to))
}

/// Whether permissions are in force: not in a mesh whose mTLS is switched off.
fn is_enforced(input: &Posture<'_>, mesh: &str) -> bool {
    let id = format!("mesh:mesh/{mesh}");
    let mut meshes = input.things.named("mesh", &id);
    !meshes.any(|mesh| mesh.value("mtls") == Some("off"))
}

/// The service that the callers' certificates name, where it is another than the line's. Only the
/// older schema writes a service into them.
fn other_identity(mesh: &str, from: &str, called: &Called) -> Option<String> {
    let domain = format!("spiffe://{mesh}/");
    let named = called
        .peers
        .iter()
        .filter_map(|uri| uri.strip_prefix(&domain));
    let named: Vec<&str> = named.filter(|name| !name.contains('/')).collect();
    if named.is_empty() || named.contains(&from) {
        return None;
    }
    Some(format!(
        "the caller's certificate is that of {}",
        named.join(", ")
    ))
}

fn report(
    input: &Posture<'_>,
    pair: &Pair,
    called: &Called,
    (fault, severity): (&str, Option<Severity>),
    observations: &mut Vec<Observation>,
) {
    let detail = format!("{fault} ({} line(s) of the log)", called.count);
    let ends = BTreeSet::from([called.first, called.last]);
    for (at, place) in ends {
        let seen = Observation::of(&*pair.from, &*pair.to, input.evidence(place));
        let mut seen = seen.with_detail(&*detail);
        seen.severity = severity;
        seen.at = Some(at);
        observations.push(seen);
    }
}
