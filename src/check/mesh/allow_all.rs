//! KMA-004: permissions that let every workload of a mesh call every other.

use super::{Check, Known, Verdict, without};
use super::{WHOLE, is_for_development, is_tried_only, may_be_for_development, mesh_of};
use crate::model::{Confidence, Severity};
use crate::posture::{Posture, Thing};
use crate::rule::Observation;

pub(in crate::check) struct AllowAll;

impl Check for AllowAll {
    fn name(&self) -> &'static str {
        "allow-all"
    }

    fn run(&self, input: &Posture<'_>, _: &Known<'_>) -> Verdict {
        if let Some(verdict) = without(input, "mesh-permission", "traffic permissions of Kuma") {
            return verdict;
        }
        let (mut population, mut observations) = (0, Vec::new());
        for policy in input.things.of("mesh-permission") {
            population += 1;
            let is_born = is_born(&policy);
            if is_tried_only(&policy) || (is_born && is_for_development(input, mesh_of(&policy))) {
                continue;
            }
            let suspected = is_born && may_be_for_development(input, mesh_of(&policy));
            for (fault, attribute, severity) in faults(&policy) {
                if let Some(place) = policy.place_of(attribute) {
                    let seen = Observation::of(policy.object, fault, input.evidence(place));
                    let mut seen = seen.with_severity(severity);
                    if suspected {
                        seen.confidence = Confidence::SUSPECTED;
                    }
                    observations.push(seen);
                }
            }
        }
        Verdict::Looked {
            population,
            observations,
        }
    }
}

/// Whether it is the permission that its mesh is born with.
fn is_born(policy: &Thing<'_>) -> bool {
    let mesh = mesh_of(policy);
    policy.object == format!("mesh:permission/{mesh}/allow-all-{mesh}")
}

fn faults(policy: &Thing<'_>) -> Vec<(String, &'static str, Severity)> {
    let mut faults = Vec::new();
    let whole = policy.value("target") == Some(WHOLE);
    for (action, shadow) in [("allow", ""), ("shadow-deny", ", with a shadow deny")] {
        for caller in policy.values(action) {
            if caller == WHOLE && whole {
                let fault = format!("every workload may call every other{shadow}");
                faults.push((fault, action, Severity::High));
            } else if let Some(prefix) = caller.strip_prefix("Prefix ").filter(|p| is_root(p)) {
                let callers = format!("every workload below {prefix}");
                let fault = if whole {
                    format!("{callers} may call every other{shadow}")
                } else {
                    format!("{callers} may call{shadow}")
                };
                let severity = if whole { Severity::High } else { Severity::Med };
                faults.push((fault, action, severity));
            }
        }
    }
    faults
}

/// Whether a prefix ends with a trust domain, or before its end: text is compared, so
/// `spiffe://shop` is the beginning of `spiffe://shop2/` too.
fn is_root(prefix: &str) -> bool {
    match prefix.strip_prefix("spiffe://") {
        Some(rest) => rest.split_once('/').is_none_or(|(_, path)| path.is_empty()),
        None => "spiffe://".starts_with(prefix),
    }
}

#[cfg(test)]
mod tests {
    use super::is_root;

    #[test]
    fn a_prefix_without_a_path_is_a_whole_trust_domain() {
        for root in ["spiffe://", "spiffe://shop", "spiffe://shop/", "spi"] {
            assert!(is_root(root), "{root}");
        }
        for narrower in ["spiffe://shop/ns/a/", "spiffe://shop/n", "other"] {
            assert!(!is_root(narrower), "{narrower}");
        }
    }
}
