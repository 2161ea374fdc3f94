//! GCP-DAT-004: a workload that may do more with a bucket than read it, or with more than one.

use super::{
    BUCKETS, Check, Known, Verdict, grants, is_broad, observe, role, without_grants, workload,
};
use crate::posture::Posture;

pub(in crate::check) struct BucketGrant;

impl Check for BucketGrant {
    fn name(&self) -> &'static str {
        "bucket-grant"
    }

    fn run(&self, input: &Posture<'_>, _: &Known<'_>) -> Verdict {
        if let Some(verdict) = without_grants(input) {
            return verdict;
        }
        let (mut population, mut observations) = (0, Vec::new());
        for grant in grants(input) {
            if !role(grant).starts_with("storage.") || workload(input, grant).is_none() {
                continue;
            }
            population += 1;
            let on_bucket = grant.resource.starts_with(BUCKETS);
            // A condition on the name narrows a grant on the project to buckets or prefixes.
            let on_all = is_broad(grant);
            if on_all || (on_bucket && WIDE.contains(&role(grant))) {
                observations.push(observe(input, grant));
            }
        }
        if population == 0 {
            return Verdict::NotAssessed(
                "no exported IAM policy gives a workload a role on buckets".to_owned(),
            );
        }
        Verdict::Looked {
            population,
            observations,
        }
    }
}

const WIDE: [&str; 4] = [
    "storage.admin",
    "storage.legacyBucketOwner",
    "storage.legacyBucketWriter",
    "storage.objectAdmin",
];
