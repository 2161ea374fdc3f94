//! GCP-DAT-001: a workload that may do more with a KMS key than decrypt, or with more keys than one.

use super::{
    Check, KMS, Known, Verdict, grants, is_broad, observe, role, without_grants, workload,
};
use crate::model::Grant;
use crate::posture::Posture;

pub(in crate::check) struct KeyGrant;

impl Check for KeyGrant {
    fn name(&self) -> &'static str {
        "key-grant"
    }

    fn run(&self, input: &Posture<'_>, _: &Known<'_>) -> Verdict {
        if let Some(verdict) = without_grants(input) {
            return verdict;
        }
        let (mut population, mut observations) = (0, Vec::new());
        for grant in grants(input) {
            let on_keys = grant.resource.starts_with(KMS);
            let about_keys = role(grant).starts_with("cloudkms.") || (on_keys && is_owner(grant));
            if !about_keys || workload(input, grant).is_none() {
                continue;
            }
            population += 1;
            let wide_role = is_owner(grant)
                || matches!(
                    role(grant),
                    "cloudkms.admin" | "cloudkms.cryptoKeyEncrypterDecrypter"
                );
            let wide_place =
                USING.contains(&role(grant)) && (is_broad(grant) || (on_keys && is_ring(grant)));
            if wide_role || wide_place {
                observations.push(observe(input, grant));
            }
        }
        if population == 0 {
            return Verdict::NotAssessed(
                "no exported IAM policy gives a workload a role on keys".to_owned(),
            );
        }
        Verdict::Looked {
            population,
            observations,
        }
    }
}

const USING: [&str; 2] = ["cloudkms.cryptoKeyDecrypter", "cloudkms.cryptoKeyEncrypter"];

/// Whether a resource of the key service is a ring, which opens every key in it. No policy is of
/// anything above a ring but a project: such a name was cut.
fn is_ring(grant: &Grant) -> bool {
    grant.resource.contains("/keyRings/") && !grant.resource.contains("/cryptoKeys/")
}

fn is_owner(grant: &Grant) -> bool {
    role(grant) == "owner"
}
