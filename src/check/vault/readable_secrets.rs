//! VLT-MNT-002: secrets stand readable in the audit log.

use super::{Check, Known, Verdict};
use crate::posture::Posture;
use crate::rule::Observation;

pub(in crate::check) struct ReadableSecrets;

/// Keys whose values are secrets wherever they are seen.
const SECRET: [&str; 8] = [
    "data",
    "jwt",
    "password",
    "private_key",
    "secret",
    "secret_id",
    "token",
    "value",
];

impl Check for ReadableSecrets {
    fn name(&self) -> &'static str {
        "readable-secrets"
    }

    fn run(&self, input: &Posture<'_>, _: &Known<'_>) -> Verdict {
        let (mut population, mut observations) = (0, Vec::new());
        for device in input.things.of("vault-audit-device") {
            population += 1;
            if let Some(place) = device.place().filter(|_| device.is_true("options.log_raw")) {
                let seen = Observation::of(device.object, "setting:log_raw", input.evidence(place));
                observations.push(seen.with_detail("every value is logged as it is"));
            }
        }
        for kind in ["vault-auth-mount", "vault-secret-mount"] {
            for mount in input.things.of(kind) {
                population += 1;
                for name in [
                    "audit_non_hmac_request_keys",
                    "audit_non_hmac_response_keys",
                ] {
                    let config = format!("config.{name}");
                    let keys = mount.values(&config).filter(|key| SECRET.contains(key));
                    let keys: Vec<&str> = keys.collect();
                    if let Some(place) = mount.place_of(&config).filter(|_| !keys.is_empty()) {
                        let object = format!("setting:{name}");
                        let seen = Observation::of(mount.object, object, input.evidence(place));
                        observations
                            .push(seen.with_detail(format!("{} logged as it is", keys.join(", "))));
                    }
                }
            }
        }
        if population == 0 {
            let reason = "no list of audit devices or mounts was supplied";
            return Verdict::NotAssessed(reason.to_owned());
        }
        Verdict::Looked {
            population,
            observations,
        }
    }
}
