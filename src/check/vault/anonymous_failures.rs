//! VLT-MNT-004: refused logins name no role in the audit log, or dynamic secrets live long.

use super::{Check, Known, Verdict};
use crate::posture::Posture;
use crate::rule::Observation;

pub(in crate::check) struct AnonymousFailures;

/// Methods whose logins name a role.
const WITH_ROLES: [&str; 5] = ["gcp", "jwt", "kubernetes", "oidc", "azure"];
/// Engines whose leases are credentials.
const DYNAMIC: [&str; 6] = ["aws", "azure", "consul", "database", "gcp", "rabbitmq"];

impl Check for AnonymousFailures {
    fn name(&self) -> &'static str {
        "anonymous-failures"
    }

    fn run(&self, input: &Posture<'_>, _: &Known<'_>) -> Verdict {
        let (mut population, mut observations) = (0, Vec::new());
        for mount in input.things.of("vault-auth-mount") {
            if !mount
                .value("type")
                .is_some_and(|kind| WITH_ROLES.contains(&kind))
            {
                continue;
            }
            population += 1;
            let keys = "config.audit_non_hmac_request_keys";
            let clear = mount.values(keys).any(|key| key == "role");
            if let Some(place) = mount.place_of(keys).filter(|_| !clear) {
                let object = "setting:audit_non_hmac_request_keys";
                let seen = Observation::of(mount.object, object, input.evidence(place));
                let detail = "a refused login shows its role only as a hash";
                observations.push(seen.with_detail(detail));
            }
        }
        let limit = input.threshold("dynamic_lease").unwrap_or(86_400);
        for mount in input.things.of("vault-secret-mount") {
            if !mount
                .value("type")
                .is_some_and(|kind| DYNAMIC.contains(&kind))
            {
                continue;
            }
            population += 1;
            let lease = mount.number("config.max_lease_ttl").unwrap_or(0);
            let place = mount.place_of("config.max_lease_ttl");
            if let Some(place) = place.filter(|_| lease > limit) {
                let object = "setting:max_lease_ttl";
                let seen = Observation::of(mount.object, object, input.evidence(place));
                observations.push(
                    seen.with_detail(format!("leases of up to {lease} s, the limit is {limit} s")),
                );
            }
        }
        if population == 0 {
            let reason = "no list of auth methods or engines that make credentials was supplied";
            return Verdict::NotAssessed(reason.to_owned());
        }
        Verdict::Looked {
            population,
            observations,
        }
    }
}
