//! What exports of Google name, or leave open, and no export holds.

use std::collections::{BTreeMap, BTreeSet};

use crate::identity::Directory;
use crate::model::{Attribute, FileId, Hole, Service, listed};

/// Projects of Google that a list names and whose IAM policy no export holds; nothing where none
/// was exported at all.
pub(super) fn cloud_projects(directory: &Directory) -> Option<Hole> {
    let project = |object: &str| {
        let (_, project) = object.rsplit_once("projects/")?;
        (!project.contains('/')).then(|| project.to_owned())
    };
    let policies = ["iam-policy", "audit-config"].into_iter();
    let policies = policies.flat_map(|kind| directory.of_kind(kind));
    let held: BTreeSet<String> = policies.filter_map(|it| project(&it.object)).collect();
    let named = directory.of_kind("gcp-project");
    let is_active = |it: &&Attribute| it.name == "state" && it.value == "ACTIVE";
    let active = named.filter(is_active).filter_map(|it| project(&it.object));
    let missing: BTreeSet<String> = active.filter(|project| !held.contains(project)).collect();
    (!missing.is_empty() && !held.is_empty()).then(|| {
        let words = format!(
            "projects of Google are listed whose IAM policy was not exported: {}",
            listed(&missing)
        );
        Hole::somewhere("iam-policy", words)
    })
}

/// Cloud Run services that were described without what they run.
pub(super) fn containers(services: &[Service]) -> Option<Hole> {
    let empty = services.iter().filter(|service| service.images.is_empty());
    let empty: BTreeSet<String> = empty.map(|service| service.id.clone()).collect();
    (!empty.is_empty()).then(|| {
        let words = format!(
            "Cloud Run services were described without their containers: {}",
            listed(&empty)
        );
        Hole::somewhere("run-service", words)
    })
}

/// Cloud Run services that were described one by one: nothing says that they are all. Whoever
/// declares the files says so.
pub(super) fn services(services: &[Service], vouched: &BTreeSet<FileId>) -> Option<Hole> {
    let mut files: BTreeMap<FileId, BTreeSet<&str>> = BTreeMap::new();
    for service in services {
        files
            .entry(service.place.file)
            .or_default()
            .insert(&service.id);
    }
    // A list begins before its first service.
    let alone = services.iter().all(|service| service.place.byte == 0)
        && files.values().all(|ids| ids.len() == 1);
    let declared = files.keys().all(|file| vouched.contains(file));
    (!files.is_empty() && alone && !declared).then(|| {
        let words = format!(
            "Cloud Run services were described one by one ({} file(s)), and no list says that they are all",
            files.len()
        );
        Hole::somewhere("run-service", words)
    })
}

/// Accounts of Google that roles let in, where no service that may run as one was exported.
pub(super) fn accounts(services: &[Service], directory: &Directory) -> Option<Hole> {
    let bound = directory.of_kind("vault-role").filter(|it| {
        it.name == "bound_service_accounts" && it.value.ends_with(".iam.gserviceaccount.com")
    });
    let bound: BTreeSet<String> = bound.map(|it| it.value.clone()).collect();
    (services.is_empty() && !bound.is_empty()).then(|| {
        let words = format!(
            "roles let in accounts of Google and no Cloud Run service was exported: {}",
            listed(&bound)
        );
        Hole::somewhere("run-service", words)
    })
}

#[cfg(test)]
mod tests {
    use super::super::unexported::tests::holding;
    use super::*;

    #[test]
    fn a_listed_project_without_its_policy_is_missed_and_one_that_is_going_is_not() {
        let own = "gcp:resource/cloudresourcemanager.googleapis.com/projects/";
        let (a, b) = (format!("{own}a"), format!("{own}b"));
        let said = |policies: &[&str], state: &str| {
            let policies = policies.iter().map(|on| ("iam-policy", *on, "etag", "x"));
            let listed = [
                ("gcp-project", a.as_str(), "state", "ACTIVE"),
                ("gcp-project", b.as_str(), "state", state),
            ];
            let all: Vec<_> = policies.chain(listed).collect();
            cloud_projects(&holding(&all)).map(|hole| hole.words)
        };
        let words = said(&[&a], "ACTIVE").unwrap();
        assert!(words.ends_with(": b"), "{words}");
        assert_eq!(said(&[&a, &b], "ACTIVE"), None);
        assert_eq!(said(&[&a], "DELETE_REQUESTED"), None);
        assert_eq!(said(&[], "ACTIVE"), None);
    }
}
