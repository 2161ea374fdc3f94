//! Which refs a project protects, and which it protected when a job ran.
//!
//! An export says what is protected now. GitLab's audit events say when a branch was protected or
//! freed (`protected_branch_created`, `_updated`, `_removed`; older versions only in words), and so
//! what held before. Changes of protected tags are not audited: tags are judged by the export
//! alone.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{Attribute, Job, Timestamp};

/// An audited change of the protection of a branch, or of a pattern of branches.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ProtectionChange {
    /// When.
    pub at: Timestamp,
    /// Project.
    pub project: u64,
    /// Branch or pattern.
    pub name: String,
    /// Whether it was protected before and is after.
    pub held: (bool, bool),
}

/// Whether the name or the words of an audit event are about the protection of a branch.
pub(super) fn is_protection(operation: &str) -> bool {
    [
        "protected_branch_",
        "Added protected branch",
        "Unprotected branch",
    ]
    .iter()
    .any(|word| operation.starts_with(word))
}

impl ProtectionChange {
    /// Reads an audit event; `None` when it changes no protection.
    pub(super) fn read(
        at: Timestamp,
        operation: &str,
        project: &str,
        name: &str,
    ) -> Option<ProtectionChange> {
        let begins = |words: [&str; 2]| words.iter().any(|word| operation.starts_with(word));
        let held = if begins(["protected_branch_created", "Added protected branch"]) {
            (false, true)
        } else if begins(["protected_branch_removed", "Unprotected branch"]) {
            (true, false)
        } else if operation.starts_with("protected_branch_") {
            (true, true)
        } else {
            return None;
        };
        Some(ProtectionChange {
            at,
            project: project.parse().ok()?,
            name: Some(name).filter(|name| !name.is_empty())?.to_owned(),
            held,
        })
    }
}

/// When a name was changed, and whether it was protected before and is after.
type Change = (Timestamp, (bool, bool));

/// What is known of one project.
#[derive(Debug, Default)]
struct Protected {
    branches: BTreeSet<String>,
    tags: BTreeSet<String>,
    /// By branch or pattern, in the order of time.
    changes: BTreeMap<String, Vec<Change>>,
}

/// The protected refs of all projects.
#[derive(Debug, Default)]
pub(super) struct Protections(BTreeMap<u64, Protected>);

impl Protections {
    /// Takes `protected-branch` and `protected-tag` attributes.
    pub(super) fn exported<'a>(&mut self, attributes: impl Iterator<Item = &'a Attribute>) {
        for attribute in attributes.filter(|attribute| attribute.name == "name") {
            let branch = attribute.object.strip_prefix("gitlab:branch/");
            let tag = attribute.object.strip_prefix("gitlab:tag/");
            // What a group protects stands in its projects' own exports too, as inherited.
            let project = branch.or(tag).and_then(|rest| rest.split('/').next());
            if let Some(project) = project.and_then(|number| number.parse().ok()) {
                let known: &mut Protected = self.0.entry(project).or_default();
                let list = if branch.is_some() {
                    &mut known.branches
                } else {
                    &mut known.tags
                };
                list.insert(attribute.value.clone());
            }
        }
    }

    /// Takes audited changes, in any order.
    pub(super) fn changed(&mut self, mut changes: Vec<ProtectionChange>) {
        changes.sort();
        for change in changes {
            let known = self.0.entry(change.project).or_default();
            let list = known.changes.entry(change.name).or_default();
            list.push((change.at, change.held));
        }
    }

    /// Whether the ref of a job was protected when it ran; `None` where nothing says so: without an
    /// export of the project's protected branches (or tags), and for the refs of merge requests.
    pub(super) fn of(&self, job: &Job) -> Option<bool> {
        let known = self.0.get(&job.project_id)?;
        if job.tag {
            let hit = known.tags.iter().any(|name| wildcard(name, &job.git_ref));
            return (!known.tags.is_empty()).then_some(hit);
        }
        if job.git_ref.starts_with("refs/") {
            return None;
        }
        let at = job.started_at.or(job.created_at);
        let hit = (known.branches.iter().chain(known.changes.keys()))
            .any(|name| wildcard(name, &job.git_ref) && known.held(name, at));
        (hit || !known.branches.is_empty()).then_some(hit)
    }
}

impl Protected {
    /// Whether a branch or pattern was protected: as the last change before says, else as the next
    /// one presumes, else as exported.
    fn held(&self, name: &str, at: Option<Timestamp>) -> bool {
        let changes = self.changes.get(name).map_or(&[][..], Vec::as_slice);
        let exported = self.branches.contains(name);
        let Some(at) = at else {
            return exported;
        };
        let later = changes.partition_point(|(change, _)| *change <= at);
        let before = later.checked_sub(1).and_then(|last| changes.get(last));
        match (before, changes.get(later)) {
            (Some((_, (_, after))), _) => *after,
            (None, Some((_, (before, _)))) => *before,
            (None, None) => exported,
        }
    }
}

/// GitLab's protected names, and values of `bound_claims` that are globs: `*` stands for any text.
#[must_use]
pub fn wildcard(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| text.strip_prefix(first)) else {
        return false;
    };
    let mut last = None;
    for part in parts {
        last = Some(part);
        match rest.find(part) {
            Some(at) => rest = rest.get(at + part.len()..).unwrap_or(""),
            None => return false,
        }
    }
    match last {
        None => rest.is_empty(),
        Some(tail) => text.ends_with(tail),
    }
}

#[cfg(test)]
mod tests {
    use super::{ProtectionChange, wildcard};
    use crate::identity::sample::{Sample, World, minute, of};

    /// Whether `main` counts as protected for a job that started at minute 10.
    fn protected(exported: &[(&str, &str)], changes: &[(&str, i64)]) -> Option<bool> {
        let mut sample = Sample::default();
        sample.job(7, 1, 10, 20);
        for (kind, name) in exported {
            let kind = if *kind == "tag" {
                "protected-tag"
            } else {
                "protected-branch"
            };
            let object = format!("gitlab:{}/7/{name}", kind.trim_start_matches("protected-"));
            sample.says(kind, &object, "name", name);
        }
        for (operation, at) in changes {
            sample.gitlab(operation, "7", "main", *at);
        }
        sample.login("l", "auth/gitlab/", 12, "10.1.0.1", &[("job_id", "1")]);
        let op = sample.request("r", "l", 13);
        let world = World::default();
        of(&sample.join(&world), op, &world).1.ref_protected
    }

    #[test]
    fn an_export_alone_says_what_holds() {
        assert_eq!(protected(&[("branch", "main")], &[]), Some(true));
        assert_eq!(protected(&[("branch", "release/*")], &[]), Some(false));
        assert_eq!(protected(&[], &[]), None);
        assert_eq!(protected(&[("tag", "main")], &[]), None);
    }

    #[test]
    fn what_was_freed_after_the_job_was_protected_then() {
        let other = [("branch", "release/*")];
        let freed = "protected_branch_removed";
        assert_eq!(protected(&other, &[(freed, 30)]), Some(true));
        assert_eq!(protected(&other, &[(freed, 5)]), Some(false));
        assert_eq!(protected(&[], &[(freed, 30)]), Some(true));
        assert_eq!(protected(&other, &[("Unprotected branch", 30)]), Some(true));
    }

    #[test]
    fn what_was_protected_after_the_job_was_not_then() {
        let main = [("branch", "main")];
        let made = "protected_branch_created";
        assert_eq!(protected(&main, &[(made, 30)]), Some(false));
        assert_eq!(protected(&main, &[(made, 5)]), Some(true));
        // Freed in between, and protected again.
        let gap = [("protected_branch_removed", 5), (made, 30)];
        assert_eq!(protected(&main, &gap), Some(false));
        // A change of who may push says that it was protected all along.
        let updated = [("protected_branch_updated", 30)];
        assert_eq!(protected(&[("branch", "release/*")], &updated), Some(true));
        // Without an export another pattern may have held.
        assert_eq!(protected(&[], &[(made, 30)]), None);
    }

    #[test]
    fn other_events_and_unnamed_branches_change_nothing() {
        let read = |operation, project, name| {
            ProtectionChange::read(minute(1), operation, project, name).is_some()
        };
        assert!(read("protected_branch_removed", "7", "main"));
        assert!(!read("member_updated", "7", "main"));
        assert!(!read("protected_branch_removed", "", "main"));
        assert!(!read("protected_branch_removed", "7", ""));
    }

    /// The token's own claim is what GitLab held to be true when it made the token.
    #[test]
    fn the_claim_of_the_token_counts_before_any_export() {
        let claimed = |claim: &'static str| {
            let mut sample = Sample::default();
            sample.job(7, 1, 10, 20);
            sample.says("protected-branch", "gitlab:branch/7/main", "name", "main");
            let claims = [("job_id", "1"), ("ref_protected", claim)];
            sample.login("l", "auth/gitlab/", 12, "10.1.0.1", &claims);
            let op = sample.request("r", "l", 13);
            let world = World::default();
            of(&sample.join(&world), op, &world).1.ref_protected
        };
        assert_eq!(claimed("false"), Some(false));
        assert_eq!(claimed("true"), Some(true));
        assert_eq!(claimed("perhaps"), Some(true));
    }

    #[test]
    fn protected_branch_patterns_match_as_gitlab_does() {
        assert!(wildcard("main", "main") && !wildcard("main", "main2"));
        assert!(wildcard("release/*", "release/1") && !wildcard("release/*", "rel"));
        assert!(wildcard("*-stable", "14-stable") && !wildcard("*-stable", "14-stable-ee"));
    }

    #[test]
    fn a_glob_stands_for_any_text() {
        for (value, actual, expected) in [
            ("mill/*", "mill/orders", true),
            ("mill/*", "mill/data/orders", true),
            ("*/orders", "mill/orders", true),
            ("mill/*-api", "mill/orders-api", true),
            ("mill/*-api", "mill/orders", false),
            ("m*l/*s", "mill/orders", true),
            ("mill/orders", "mill/orders", true),
            ("mill/orders", "mill/orders-2", false),
            ("a*a", "a", false),
        ] {
            assert_eq!(wildcard(value, actual), expected, "{value} {actual}");
        }
    }
}
