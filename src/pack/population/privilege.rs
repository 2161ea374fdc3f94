//! Who may do much: privileged access, from what configuration states.

use super::REVIEW;
use super::grant;
use super::membership::{GITLAB_MEMBERS, GITLAB_USERS, memberships};
use super::table::{Draft, Need, Row, things};
use super::usage::Uses;
use crate::estate::Estate;
use crate::model::Evidence;
use crate::pack::Error;
use crate::table::engine::Store;

const NEEDS: &[Need] = &[
    grant::NEEDS[0],
    grant::NEEDS[1],
    GITLAB_USERS,
    GITLAB_MEMBERS,
];

/// Access level of a maintainer of GitLab: from here on protected branches and runners can be
/// changed.
const MAINTAINER: i64 = 40;

/// Endings of Google roles that administer, or let their holder be somebody else.
const POWERFUL: [&str; 10] = [
    "/owner",
    "/editor",
    "admin",
    // Where the audit log goes, and what of it is kept.
    "logging.configWriter",
    ".securityAdmin",
    ".serviceAccountTokenCreator",
    ".serviceAccountUser",
    ".serviceAccountKeyAdmin",
    ".workloadIdentityUser",
    ".organizationRoleAdmin",
];

/// Where the Vault paths lie whose writer decides who may do what.
const GOVERNING: [&str; 9] = [
    "sys/policy",
    "sys/policies",
    "sys/auth",
    "sys/audit",
    "sys/config",
    "sys/mounts",
    "auth",
    "identity",
    "sys/generate-root",
];

/// The rows as they come together.
struct Privileges<'u> {
    uses: &'u Uses,
    rows: Vec<Row>,
}

impl Privileges<'_> {
    fn add(&mut self, cells: [&str; 4], condition: &str, evidence: &Evidence) {
        let [_, identity, ..] = cells;
        let used = self.uses.cells([identity]);
        let [system, identity, privilege, scope] = cells.map(str::to_owned);
        let mut cells = vec![identity, system, privilege, scope, condition.to_owned()];
        cells.extend(used);
        self.rows.push(Row {
            cells,
            evidence: evidence.clone(),
        });
    }

    fn granted(&mut self, grants: &[Row]) {
        for row in grants {
            let [system, holder, capability, resource, condition] = row.cells.as_slice() else {
                continue;
            };
            let powerful = match system.as_str() {
                "vault" => governs(capability, resource),
                _ => {
                    let role = capability.to_ascii_lowercase();
                    let mut ends = POWERFUL.iter();
                    ends.any(|end| role.ends_with(&end.to_ascii_lowercase()))
                }
            };
            if powerful {
                let cells = [system.as_str(), holder, capability, resource];
                self.add(cells, condition, &row.evidence);
            }
        }
    }

    fn gitlab(&mut self, store: &Store) -> Result<(), Error> {
        for thing in things(store, "gitlab-user")? {
            if thing.get("is_admin") == "true" {
                let cells = ["gitlab", &thing.object, "administrator", "instance"];
                self.add(cells, "", &thing.evidence);
            }
        }
        for thing in things(store, "gitlab-member")? {
            for member in memberships(&thing) {
                let level = member.level.parse::<i64>();
                if level.is_ok_and(|level| level >= MAINTAINER) {
                    let cells = ["gitlab", &thing.object, member.role(), member.scope];
                    self.add(cells, &member.until, &thing.evidence);
                }
            }
        }
        Ok(())
    }
}

pub(super) fn draft(estate: &Estate, uses: &Uses) -> Result<Draft, Error> {
    let mut privileges = Privileges {
        uses,
        rows: Vec::new(),
    };
    privileges.granted(&grant::draft(estate)?.rows);
    privileges.gitlab(&estate.store)?;
    Ok(Draft {
        id: "privileged_access",
        title: "Who may do much, by configuration: administrators, owners, wildcards, sudo",
        columns: vec![
            "identity_id",
            "system",
            "privilege",
            "scope",
            "condition",
            "uses_in_period",
            "last_used_at",
        ],
        worksheet: REVIEW,
        rows: privileges.rows,
        needs: NEEDS,
    })
}

/// Whether a capability on a path of Vault decides over others' access, or over everything.
fn governs(capability: &str, path: &str) -> bool {
    let writes = ["create", "update", "patch", "delete", "sudo"].contains(&capability);
    let everything = ["*", "+", "+/*", "sys/*"].contains(&path);
    // What a token asks of itself decides over nobody else.
    let own = path.ends_with("-self");
    capability == "sudo"
        || (everything && capability != "deny")
        || (writes && !own && GOVERNING.iter().any(|place| may_lie_below(path, place)))
}

/// Whether a pattern stands for paths at or below a place, segment by segment.
fn may_lie_below(pattern: &str, place: &str) -> bool {
    let (stem, open) = match pattern.strip_suffix('*') {
        Some(stem) => (stem, true),
        None => (pattern, false),
    };
    let mut own = stem.split('/').peekable();
    for wanted in place.split('/') {
        let Some(segment) = own.next() else {
            return false;
        };
        if open && own.peek().is_none() {
            return wanted.starts_with(segment);
        }
        if segment != "+" && segment != wanted {
            return false;
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_may_write_where_access_is_decided_is_privileged() {
        for path in [
            "sys/policies/acl/x",
            "sys/policy/*",
            "sys/pol*",
            "s*",
            "+/policies/acl/*",
            "auth/gitlab/role/x",
            "auth/*",
            "identity/entity",
            "sys/audit/file",
            "sys/audit",
        ] {
            assert!(governs("update", path), "{path}");
        }
        for path in [
            "sys/audit-hash/file",
            "auth/token/renew-self",
            "secret/data/x",
            "sys/leases/renew",
            "a/*",
            "authors/x",
        ] {
            assert!(!governs("update", path), "{path}");
        }
        assert!(!governs("read", "sys/policies/acl/x"));
        assert!(governs("sudo", "secret/data/x") && governs("read", "*"));
    }
}
