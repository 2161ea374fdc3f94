//! Names of claims in a JWT role.
//!
//! A name that begins with `/` is a JSON pointer in `bound_claims`, `claim_mappings` and
//! `groups_claim`, in `user_claim` only with `user_claim_json_pointer` (`getClaim` in `claims.go`
//! of the method's plugin). A pointer of one segment names what the bare name names, so both are
//! stated alike; a deeper one stays a pointer.

use serde_json::{Map, Value};

/// The claim that a pointer of one segment names; any other text as it is.
pub(in crate::snapshot) fn plain(name: &str) -> String {
    match name.strip_prefix('/') {
        Some(segment) if !segment.is_empty() && !segment.contains('/') => {
            segment.replace("~1", "/").replace("~0", "~")
        }
        _ => name.to_owned(),
    }
}

/// A map whose keys are claims, with plain names. Where both spellings bind one claim, both hold:
/// the pointer keeps its name.
pub(in crate::snapshot) fn plain_keys(claims: &Map<String, Value>) -> Map<String, Value> {
    let named = claims.iter().map(|(name, value)| {
        let plain = plain(name);
        let taken = plain != *name && claims.contains_key(&plain);
        (if taken { name.clone() } else { plain }, value.clone())
    });
    named.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pointer_of_one_segment_is_the_bare_name() {
        for (name, expected) in [
            ("/project_id", "project_id"),
            ("project_id", "project_id"),
            ("/a~1b~0c", "a/b~c"),
            ("/realm_access/roles", "/realm_access/roles"),
            ("/", "/"),
            ("", ""),
        ] {
            assert_eq!(plain(name), expected);
        }
    }

    #[test]
    fn two_spellings_of_one_claim_are_not_merged_into_alternatives() {
        let both = serde_json::json!({"/ref": "main", "ref": "dev", "/job_id": "1"});
        let found = plain_keys(both.as_object().unwrap());
        let keys: Vec<&String> = found.keys().collect();
        assert_eq!(keys, ["/ref", "job_id", "ref"]);
    }
}
