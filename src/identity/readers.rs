//! Who may read a Google secret, key or object by a grant on the thing itself.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::Grant;

/// Parts of the names of roles that open a secret, a key or an object.
const READING: [&str; 6] = [
    "secretAccessor",
    "Decrypter",
    "objectViewer",
    "objectUser",
    "objectAdmin",
    "legacyObjectReader",
];

/// Readers by resource, the project named by its id.
#[derive(Debug, Default)]
pub struct Readers {
    by_resource: BTreeMap<String, BTreeSet<String>>,
    project_numbers: BTreeMap<String, String>,
}

impl Readers {
    /// Indexes the grants on single resources. Grants on projects and above name no intended
    /// reader of one secret.
    #[must_use]
    pub fn new(grants: &[Grant], project_numbers: BTreeMap<String, String>) -> Readers {
        let mut readers = Readers {
            by_resource: BTreeMap::new(),
            project_numbers,
        };
        for grant in grants.iter().filter(|grant| grant.language == "gcp") {
            let reads = READING.iter().any(|role| grant.capability.contains(role));
            if reads
                && !grant
                    .resource
                    .contains("cloudresourcemanager.googleapis.com/")
            {
                let resource = readers.canonical(&grant.resource);
                readers
                    .by_resource
                    .entry(resource)
                    .or_default()
                    .insert(grant.holder.clone());
            }
        }
        readers
    }

    /// The readers of an object by the nearest grant on it or what contains it; `None` when there
    /// is no such grant, or when it names a group, a domain or everybody, whose members no export
    /// shows.
    #[must_use]
    pub fn of(&self, object: &str) -> Option<&BTreeSet<String>> {
        let object = self.canonical(object);
        let mut at = object.as_str();
        loop {
            if let Some(readers) = self.by_resource.get(at) {
                let known = |holder: &String| {
                    holder.starts_with("gcp:sa/")
                        || holder.starts_with("gcp:principal/user:")
                        || holder.starts_with("gcp:principal/principal://")
                };
                return readers.iter().all(known).then_some(readers);
            }
            at = at
                .rfind('/')
                .and_then(|slash| at.get(..slash))
                .filter(|rest| rest.contains('/'))?;
        }
    }

    /// Logs name projects by number where policies name them by id.
    fn canonical(&self, resource: &str) -> String {
        let parts: Vec<&str> = resource
            .split('/')
            .map(|part| self.project_numbers.get(part).map_or(part, String::as_str))
            .collect();
        parts.join("/")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Place;

    fn grant(resource: &str, holder: &str) -> Grant {
        Grant {
            holder: holder.to_owned(),
            resource: resource.to_owned(),
            capability: "roles/secretmanager.secretAccessor".to_owned(),
            condition: String::new(),
            language: "gcp",
            place: Place::of_line(1),
        }
    }

    #[test]
    fn a_version_is_read_by_the_readers_of_its_secret_however_the_project_is_named() {
        let secret = "gcp:resource/secretmanager.googleapis.com/projects/12/secrets/db";
        let numbers = BTreeMap::from([("12".to_owned(), "prod".to_owned())]);
        let readers = Readers::new(&[grant(secret, "gcp:sa/a@x")], numbers);
        let version =
            "gcp:resource/secretmanager.googleapis.com/projects/prod/secrets/db/versions/3";
        assert!(
            readers
                .of(version)
                .is_some_and(|found| found.contains("gcp:sa/a@x"))
        );
        assert!(
            readers
                .of("gcp:resource/secretmanager.googleapis.com/projects/prod/secrets/x")
                .is_none()
        );
    }

    #[test]
    fn members_of_a_group_are_not_known() {
        let secret = "gcp:resource/secretmanager.googleapis.com/projects/p/secrets/db";
        let readers = Readers::new(&[grant(secret, "gcp:principal/group:g@x")], BTreeMap::new());
        assert!(readers.of(secret).is_none());
    }
}
