//! IM-5: the principal is right and what it reads belongs to somebody else.

use super::{Mismatch, MismatchKind, Seen};
use crate::identity::readers::Readers;
use crate::identity::scope::Scope;
use crate::model::list;

/// A Google secret, key or object read by somebody whom no grant on it names.
#[must_use]
pub fn unexpected_reader(
    readers: &Readers,
    operation: &str,
    principal: &str,
    seen: Seen<'_>,
    declared: &Scope<'_>,
) -> Option<Mismatch> {
    let operation = operation.to_ascii_lowercase();
    let reading = ["decrypt", "asymmetricdecrypt", "accesssecretversion", "get"];
    if !reading.contains(&operation.as_str()) {
        return None;
    }
    let readers = readers.of(seen.object)?;
    if principal.is_empty() || readers.contains(principal) || declared.is_exempt(principal) {
        return None;
    }
    Some(Mismatch::new(
        MismatchKind::UnexpectedReader,
        (principal.to_owned(), seen.object.to_owned()),
        (
            list::joined(readers.iter().map(String::as_str)),
            principal.to_owned(),
        ),
        (seen.at, seen.place),
    ))
}

#[cfg(test)]
mod tests {
    use super::unexpected_reader;
    use crate::identity::Readers;
    use crate::identity::sample::{World, place, seen};
    use crate::model::Grant;
    use std::collections::BTreeMap;

    const SECRET: &str = "gcp:resource/secretmanager.googleapis.com/projects/p/secrets/db";

    fn is_unexpected(operation: &str, reader: &str, granted: &[&str]) -> bool {
        let grants: Vec<Grant> = granted
            .iter()
            .map(|holder| Grant {
                holder: (*holder).to_owned(),
                resource: SECRET.to_owned(),
                capability: "roles/secretmanager.secretAccessor".to_owned(),
                condition: String::new(),
                language: "gcp",
                place: place(1),
            })
            .collect();
        let readers = Readers::new(&grants, BTreeMap::new());
        let world = World {
            exempt: vec!["gcp:sa/admin@x"],
            ..World::default()
        };
        unexpected_reader(
            &readers,
            operation,
            reader,
            seen(SECRET, "", 1),
            &world.scope(),
        )
        .is_some()
    }

    #[test]
    fn a_reader_whom_no_grant_names_is_a_fact() {
        assert!(is_unexpected(
            "AccessSecretVersion",
            "gcp:sa/b@x",
            &["gcp:sa/a@x"]
        ));
    }

    #[test]
    fn its_reader_an_administrator_another_operation_and_groups_are_silent() {
        assert!(!is_unexpected(
            "AccessSecretVersion",
            "gcp:sa/a@x",
            &["gcp:sa/a@x"]
        ));
        assert!(!is_unexpected(
            "AccessSecretVersion",
            "gcp:sa/admin@x",
            &["gcp:sa/a@x"]
        ));
        assert!(!is_unexpected("ListSecrets", "gcp:sa/b@x", &["gcp:sa/a@x"]));
        assert!(!is_unexpected(
            "AccessSecretVersion",
            "gcp:sa/b@x",
            &["gcp:principal/group:g@x"]
        ));
        assert!(!is_unexpected("AccessSecretVersion", "gcp:sa/b@x", &[]));
        assert!(!is_unexpected("AccessSecretVersion", "", &["gcp:sa/a@x"]));
    }
}
