//! What exports name, or leave open, and no export holds.

use std::collections::{BTreeMap, BTreeSet};

use crate::identity::Directory;
use crate::model::{Attribute, FileId, Hole, Service, id, listed};

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

/// What is exported of a project of GitLab beside itself, and how the ids of such things begin.
const OF_PROJECTS: [(&str, &str); 4] = [
    ("protected-branch", "gitlab:branch/"),
    ("protected-tag", "gitlab:tag/"),
    ("gitlab-variable", "gitlab:variable/"),
    ("gitlab-token", "gitlab:token/"),
];

/// Projects of GitLab of which something was exported and which no list of projects holds; nothing
/// where none was exported at all.
pub(super) fn gitlab_projects(directory: &Directory) -> Option<Hole> {
    let held = directory.of_kind("gitlab-project");
    let held: BTreeSet<&str> = held.map(|it| it.object.as_str()).collect();
    let number = |object: &str, begin: &str| {
        let (project, _) = object.strip_prefix(begin)?.split_once('/')?;
        project.parse::<u64>().ok()
    };
    let beside = OF_PROJECTS.into_iter().flat_map(|(kind, begin)| {
        let things = directory.of_kind(kind);
        things.filter_map(move |it| number(&it.object, begin))
    });
    let jobs = directory.jobs.iter().map(|job| job.project_id);
    let named = beside.chain(jobs).map(id::gitlab_project);
    let missing: BTreeSet<String> = named.filter(|it| !held.contains(it.as_str())).collect();
    (!missing.is_empty() && !held.is_empty()).then(|| {
        let words = format!(
            "no list of projects holds what something was exported of: {}",
            listed(&missing)
        );
        Hole::somewhere("gitlab-project", words)
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
    let described = services.iter();
    let described = described.map(|it| (it.place.file, it.place.byte, it.id.as_str()));
    let alone = alone(&described.collect::<Vec<_>>());
    let declared = alone.iter().all(|file| vouched.contains(file));
    (!alone.is_empty() && !declared).then(|| {
        let words = format!(
            "Cloud Run services were described one by one ({} file(s)), and no list says that they are all",
            alone.len()
        );
        Hole::somewhere("run-service", words)
    })
}

/// Where a file's text begins: without the mark of an encoding, behind that of UTF-16 and of UTF-8.
const MARKS: [u64; 3] = [0, 2, 3];

/// The files that hold one thing which no list holds, of things by file and byte.
fn alone(described: &[(FileId, u64, &str)]) -> BTreeSet<FileId> {
    let mut files: BTreeMap<FileId, BTreeSet<&str>> = BTreeMap::new();
    for (file, _, id) in described {
        files.entry(*file).or_default().insert(id);
    }
    // A list begins before its first service, with a bracket at the least.
    let of_one = |file: &FileId| files.get(file).is_some_and(|ids| ids.len() == 1);
    let (single, listed): (Vec<_>, Vec<_>) = described
        .iter()
        .copied()
        .partition(|(file, byte, _)| MARKS.contains(byte) && of_one(file));
    let listed: BTreeSet<&str> = listed.into_iter().map(|(_, _, id)| id).collect();
    let single = single.into_iter().filter(|(_, _, id)| !listed.contains(id));
    single.map(|(file, ..)| file).collect()
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

/// Roles of AWS that were exported without what they permit, as `aws iam get-role` answers.
pub(super) fn role_permissions(directory: &Directory) -> Option<Hole> {
    let mut roles: BTreeMap<&str, bool> = BTreeMap::new();
    for said in directory.of_kind("aws-role") {
        *roles.entry(&said.object).or_default() |= said.name == "permissions";
    }
    let bare = roles.values().filter(|listed| !**listed).count();
    (bare > 0).then(|| {
        let words = format!(
            "{bare} of {} role(s) of AWS were exported without their policies",
            roles.len()
        );
        Hole::somewhere("aws-role-permissions", words)
    })
}

/// Dataplanes of meshes with mTLS that are online and of which no export says when their certificate
/// ends.
pub(super) fn certificates(directory: &Directory) -> Option<Hole> {
    let of_mtls = directory
        .of_kind("mesh")
        .filter(|it| it.name == "mtls" && matches!(it.value.as_str(), "strict" | "permissive"));
    let of_mtls: BTreeSet<&str> = of_mtls.map(|it| it.object.as_str()).collect();
    let mut insights: BTreeMap<&str, (bool, bool)> = BTreeMap::new();
    for said in directory.of_kind("mesh-insight") {
        let (open, online) = insights.entry(&said.object).or_insert((true, false));
        *open &= said.name != "expires_at";
        *online |= said.name == "online" && said.value == "true";
    }
    let own = |of: &str| {
        let mesh = of
            .strip_prefix("mesh:dataplane/")
            .and_then(|of| of.split('/').next());
        mesh.is_some_and(|mesh| of_mtls.contains(format!("mesh:mesh/{mesh}").as_str()))
    };
    let open = insights
        .iter()
        .filter(|(of, said)| **said == (true, true) && own(of));
    let count = open.count();
    (count > 0).then(|| {
        let words = format!("{count} dataplane(s) of meshes with mTLS have no certificate here");
        Hole::somewhere("mesh-insight", words)
    })
}

/// Lists of Kuma of which fewer resources were exported than the control plane counted.
pub(super) fn meshes(directory: &Directory) -> Option<Hole> {
    let mut lists: BTreeMap<&str, (u64, u64)> = BTreeMap::new();
    for said in directory.of_kind("mesh-list") {
        let (total, here) = lists.entry(&said.object).or_default();
        match (said.name.as_str(), said.value.parse::<u64>()) {
            ("total", Ok(count)) => *total = count,
            ("items", Ok(count)) => *here = here.saturating_add(count),
            _ => {}
        }
    }
    // The pages of a list each say how long it is.
    let short = lists.into_values().filter(|(total, here)| here < total);
    let short: Vec<String> = short
        .map(|(total, here)| format!("{here} of {total}"))
        .collect();
    (!short.is_empty()).then(|| {
        let words = format!(
            "lists of Kuma hold fewer resources than they say there are: {}",
            listed(&short)
        );
        Hole::somewhere("mesh-config", words)
    })
}

#[cfg(test)]
mod tests {
    use super::super::unexported::tests::holding;
    use super::*;

    #[test]
    fn what_no_list_holds_is_described_alone_whatever_lies_beside_it() {
        let of = |described: &[(u32, u64, &str)]| {
            let described: Vec<_> = described
                .iter()
                .map(|&(file, byte, id)| (FileId(file), byte, id))
                .collect();
            alone(&described).len()
        };
        assert_eq!(of(&[(0, 0, "a"), (1, 0, "b")]), 2);
        // The mark of an encoding makes no list.
        assert_eq!(of(&[(0, 3, "a"), (1, 2, "b"), (2, 0, "c")]), 3);
        assert_eq!(of(&[(0, 4, "a"), (1, 1, "b"), (2, 0, "c")]), 1, "of lists");
        assert_eq!(
            of(&[(0, 1, "a"), (0, 90, "b"), (1, 0, "b")]),
            0,
            "of the list"
        );
        assert_eq!(of(&[(0, 0, "a"), (0, 90, "b")]), 0, "concatenated");
    }

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

    #[test]
    fn a_project_of_which_something_was_exported_is_missed_in_a_list_of_projects() {
        let project = |id: &'static str| ("gitlab-project", id, "visibility", "private");
        let branch = |of: &'static str| ("protected-branch", of, "name", "main");
        let words = |said: &[(&'static str, &str, &str, &str)]| {
            gitlab_projects(&holding(said)).map(|hole| hole.words)
        };
        let (own, other) = (
            branch("gitlab:branch/7/main"),
            branch("gitlab:branch/8/main"),
        );
        let missing = words(&[project("gitlab:project/7"), own, other]).unwrap();
        assert!(missing.ends_with(": gitlab:project/8"), "{missing}");
        let both = [project("gitlab:project/7"), project("gitlab:project/8")];
        assert_eq!(words(&[both[0], both[1], own, other]), None);
        assert_eq!(words(&[own, other]), None, "none was exported");
        let group = (
            "gitlab-variable",
            "gitlab:variable/group/3/KEY",
            "key",
            "KEY",
        );
        assert_eq!(words(&[both[0], own, group]), None);
    }

    #[test]
    fn a_role_of_aws_without_its_policies_is_there_in_part() {
        let words = |said: &[(&'static str, &str, &str, &str)]| {
            role_permissions(&holding(said)).map(|hole| hole.words)
        };
        let role = ("aws-role", "aws:role/1/a", "name", "a");
        let listed = ("aws-role", "aws:role/1/a", "permissions", "listed");
        assert_eq!(words(&[role, listed]), None);
        let said = words(&[role]).unwrap();
        assert!(said.starts_with("1 of 1 role(s)"), "{said}");
        assert_eq!(words(&[]), None);
    }

    #[test]
    fn a_dataplane_of_a_mesh_with_mtls_has_a_certificate() {
        let words = |mtls: &'static str, last: (&'static str, &'static str)| {
            let of = "mesh:dataplane/shop/web";
            let said = [
                ("mesh", "mesh:mesh/shop", "mtls", mtls),
                ("mesh-insight", of, "online", "true"),
                ("mesh-insight", of, last.0, last.1),
            ];
            certificates(&holding(&said)).map(|hole| hole.words)
        };
        assert!(words("strict", ("mesh", "shop")).is_some());
        assert_eq!(words("off", ("mesh", "shop")), None);
        assert_eq!(
            words("strict", ("expires_at", "2026-01-01T00:00:00Z")),
            None
        );
    }

    #[test]
    fn a_list_of_kuma_that_is_shorter_than_its_server_counted_is_there_in_part() {
        let page = |list: &'static str, here: &'static str| {
            [
                ("mesh-list", list, "total", "12"),
                ("mesh-list", list, "items", here),
            ]
        };
        let (own, other) = ("mesh:list/Dataplane/prod/12", "mesh:list/Dataplane/dev/12");
        let words = |said: &[(&'static str, &str, &str, &str)]| {
            meshes(&holding(said)).map(|hole| hole.words)
        };
        let short = words(&page(own, "10")).unwrap();
        assert!(short.ends_with(": 10 of 12"), "{short}");
        let pages = [page(own, "10"), page(own, "2")].concat();
        assert_eq!(words(&pages), None);
        let two = [page(own, "10"), page(other, "2")].concat();
        assert!(words(&two).is_some(), "of another mesh");
        assert_eq!(words(&[]), None);
    }
}
