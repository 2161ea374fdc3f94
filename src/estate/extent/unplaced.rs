//! IAM policies of which nothing says whose they are: neither the policy names its resource nor
//! does its path. Whether they open one thing or everything, nobody can tell.

use std::collections::BTreeSet;

use crate::model::listed;
use crate::model::{Grant, Hole};

/// A hole for all such policies together.
pub(in crate::estate) fn policies(grants: &[Grant]) -> Option<Hole> {
    // A full name has a service or a collection before the name.
    let unplaced = grants.iter().filter(|grant| grant.language == "gcp");
    let names = unplaced.filter_map(|grant| grant.resource.strip_prefix("gcp:resource/"));
    let names: BTreeSet<String> = names
        .filter(|name| !name.contains('/') || is_cut_key(name))
        .map(str::to_owned)
        .collect();
    (!names.is_empty()).then(|| {
        let words = format!(
            "IAM policies whose path is no API path, so that nothing says which resource they are for: {}",
            listed(&names)
        );
        Hole::somewhere("iam-policy", words)
    })
}

/// Whether a name of the key service ends above a key ring, where no policy is.
fn is_cut_key(name: &str) -> bool {
    name.starts_with("cloudkms.googleapis.com/") && !name.contains("/keyRings/")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Place;

    #[test]
    fn a_policy_that_only_its_file_names_is_a_hole_and_one_with_a_full_name_is_none() {
        let said = |resource: &str| {
            let grant = Grant {
                holder: "gcp:sa/a@p".to_owned(),
                resource: resource.to_owned(),
                capability: "roles/editor".to_owned(),
                condition: String::new(),
                language: "gcp",
                place: Place::of_line(1),
            };
            policies(&[grant]).map(|hole| hole.of)
        };
        for unknown in [
            "gcp:resource/export",
            "gcp:resource/cloudkms.googleapis.com/projects/p/locations/europe-no",
        ] {
            assert_eq!(said(unknown), Some("iam-policy".to_owned()));
        }
        for known in [
            "gcp:resource/cloudresourcemanager.googleapis.com/projects/p",
            "gcp:resource/projects/p",
            "gcp:resource/cloudkms.googleapis.com/projects/p/locations/eu/keyRings/r",
        ] {
            assert_eq!(said(known), None);
        }
    }
}
