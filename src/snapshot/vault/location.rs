//! What the path of an export says: most API answers name neither their namespace nor themselves.
//!
//! Below a folder `v1`, a path is one of the API, as in a URL: what stands between it and the
//! folder of the API (`auth`, `sys`, `policies`, ...) is the namespace. Any other folder is just a
//! folder.

use crate::model::unpacked;

/// A policy that the path of its file names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyPlace {
    /// The namespace, empty for root.
    pub namespace: String,
    /// The policy's name: the path below `policies/` (or `sys/policies/acl/`, `sys/policy/`), so
    /// that a slash in a name is a folder.
    pub name: String,
}

/// The policy that a path names, if it lies below a folder of policies.
#[must_use]
pub fn policy_place(path: &str) -> Option<PolicyPlace> {
    let (folders, _) = path.rsplit_once('/')?;
    let folders: Vec<&str> = folders.split('/').collect();
    let roots: Vec<(usize, usize)> = (0..folders.len())
        .filter(|at| {
            let above = at.checked_sub(1).and_then(|above| folders.get(above));
            above != Some(&"sys")
        })
        .filter_map(|at| Some((at, policy_root(folders.get(at..)?)?)))
        .collect();
    // The folder `v1` that a folder of policies follows; the name itself may hold both words.
    let version = roots.last().and_then(|(last, _)| {
        let above = folders.get(..*last)?;
        above.iter().rposition(|folder| *folder == "v1")
    });
    let (at, length) = match version {
        Some(version) => *roots.iter().find(|(at, _)| *at > version)?,
        None => *roots.last()?,
    };
    let namespace = version
        .and_then(|version| folders.get(version + 1..at))
        .map(|between| between.join("/"));
    let mut name = folders.get(at + length..)?.join("/");
    if !name.is_empty() {
        name.push('/');
    }
    name.push_str(stem(path));
    Some(PolicyPlace {
        namespace: namespace.unwrap_or_default(),
        name,
    })
}

/// How many folders name the root of policies, where they begin with one.
fn policy_root(folders: &[&str]) -> Option<usize> {
    match folders {
        ["sys", "policies", "acl", ..] => Some(3),
        // Password policies and the like are no access control policies.
        ["sys", "policies", ..] => None,
        ["sys", "policy", ..] => Some(2),
        ["policies", ..] => Some(1),
        _ => None,
    }
}

/// What stands between the last folder `v1` and the folder `api`, of a path like a URL's.
pub(super) fn namespace_of_path(path: &str, api: &str) -> Option<String> {
    let segments: Vec<&str> = path.split('/').collect();
    let start = segments.iter().rposition(|segment| *segment == "v1")? + 1;
    let below = segments.get(start..)?;
    let length = below.iter().position(|segment| *segment == api)?;
    below.get(..length).map(|namespace| namespace.join("/"))
}

/// The namespace of a list that lies in the folder of its namespace: what stands between the last
/// folder `v1` and the file.
pub(super) fn namespace_of_list(path: &str) -> Option<String> {
    let (folders, _) = path.rsplit_once('/')?;
    let folders: Vec<&str> = folders.split('/').collect();
    let start = folders.iter().rposition(|folder| *folder == "v1")? + 1;
    let below: Vec<&str> = folders.get(start..)?.to_vec();
    let end = below.iter().position(|folder| *folder == "sys");
    below
        .get(..end.unwrap_or(below.len()))
        .map(|namespace| namespace.join("/"))
}

/// The name of the thing that a file holds: its file name without extension.
pub(super) fn stem(path: &str) -> &str {
    let name = unpacked(path.rsplit('/').next().unwrap_or(path));
    let known = [".json", ".hcl", ".policy", ".pol", ".txt"];
    known
        .iter()
        .find_map(|extension| name.strip_suffix(extension))
        .unwrap_or(name)
}

/// The folders of an auth method's API that hold a thing each, in the order of preference.
const HOLDERS: [&str; 7] = [
    "cel/role", "role", "roles", "users", "groups", "certs", "map",
];

/// Mount, folder and name of `.../auth/<mount>/role/<name>.json` (or `roles`, `users`, `groups`,
/// `certs`, `cel/role`). A slash in a name is a folder: groups of LDAP may have one.
pub(super) fn method_thing(path: &str) -> Option<(String, &'static str, &str)> {
    let file = path.rsplit('/').next().unwrap_or(path);
    let extension = file.len() - stem(path).len();
    let ends = path.rmatch_indices('/').map(|(at, _)| at);
    ends.filter_map(|at| {
        let (above, name) = (path.get(..at)?, path.get(at + 1..path.len() - extension)?);
        HOLDERS.iter().find_map(|holder| {
            let mount = above.strip_suffix(holder)?.strip_suffix('/')?;
            Some((auth_mount(mount)?, *holder, name))
        })
    })
    .next()
}

/// The mount of `.../auth/<mount>/config.json`.
pub(super) fn mount_of_config(path: &str) -> Option<String> {
    let (above, _) = path.rsplit_once('/')?;
    (stem(path) == "config").then(|| auth_mount(above))?
}

/// What follows the last folder `auth`: a mount may span several folders.
pub(super) fn auth_mount(folders: &str) -> Option<String> {
    let segments: Vec<&str> = folders.split('/').collect();
    let start = segments.iter().rposition(|segment| *segment == "auth")? + 1;
    let mount = segments.get(start..)?.join("/");
    (!mount.is_empty()).then_some(mount)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_is_named_by_its_path_below_the_policies() {
        let named =
            |path| policy_place(path).map(|place| format!("{}|{}", place.namespace, place.name));
        for (path, expected) in [
            ("policies/db.hcl", "|db"),
            ("x/policies/team/db-admin.hcl", "|team/db-admin"),
            ("policies/x/policies/app.prod.hcl.gz", "|app.prod"),
            ("sys/policies/acl/team/db.json", "|team/db"),
            ("sys/policy/old.json", "|old"),
            ("v1/sys/policies/acl/db.json", "|db"),
            (
                "policies/v1/team-a/sub/policies/team/v1/x.hcl",
                "team-a/sub|team/v1/x",
            ),
            ("v1/team-a/sys/policies/acl/team/db.json", "team-a|team/db"),
            ("policies/-dash and 100%? #1.hcl", "|-dash and 100%? #1"),
        ] {
            assert_eq!(named(path).as_deref(), Some(expected), "{path}");
        }
        for path in ["db.hcl", "vault/db.hcl", "sys/policies/password/p.json"] {
            assert_eq!(named(path), None, "{path}");
        }
    }

    #[test]
    fn a_mount_is_read_off_the_end_of_the_path() {
        let role = |path| {
            let (mount, holder, name) = method_thing(path)?;
            Some(format!("{mount}|{holder}|{name}"))
        };
        let role = |path| role(path).unwrap_or_default();
        for (path, expected) in [
            ("x/auth/gitlab/role/a.json", "gitlab|role|a"),
            ("auth/team/jwt/roles/role.json.gz", "team/jwt|roles|role"),
            ("auth/export/auth/jwt/role/a.json", "jwt|role|a"),
            ("auth/jwt/cel/role/a.json", "jwt|cel/role|a"),
            ("auth/jwt/role/x/a.b.json", "jwt|role|x/a.b"),
            ("auth/ldap/groups/team/a/b.json.zst", "ldap|groups|team/a/b"),
            ("auth/team/role/jwt/role/a.json", "team/role/jwt|role|a"),
        ] {
            assert_eq!(role(path), expected);
        }
        for path in [
            "gitlab/role/a.json",
            "auth/role/a.json",
            "auth/userpass/keys/a.json",
            "a.json",
        ] {
            assert_eq!(role(path), "", "{path}");
        }
        let config = |path| mount_of_config(path).unwrap_or_default();
        assert_eq!(config("vault/config/auth/gitlab/config.json"), "gitlab");
        assert_eq!(config("auth/gitlab/settings.json"), "");
    }

    #[test]
    fn only_a_path_like_a_url_states_a_namespace() {
        assert_eq!(namespace_of_path("ns1/auth/jwt/role/a.json", "auth"), None);
        let stated = namespace_of_path("x/v1/ns1/sub/auth/jwt/role/a.json", "auth");
        assert_eq!(stated.as_deref(), Some("ns1/sub"));
        assert_eq!(namespace_of_path("v1/auth/a", "auth").as_deref(), Some(""));
        let list = |path| namespace_of_list(path);
        assert_eq!(
            list("x/v1/ns1/sub/auth-list.json").as_deref(),
            Some("ns1/sub")
        );
        assert_eq!(list("v1/ns1/sys/mounts.json").as_deref(), Some("ns1"));
        assert_eq!(list("v1/secrets-list.json").as_deref(), Some(""));
        assert_eq!(list("ns1/secrets-list.json"), None);
    }

    #[test]
    fn a_stem_keeps_the_dots_of_a_name() {
        assert_eq!(stem("policies/app.prod.hcl.gz"), "app.prod");
        assert_eq!(stem("app.prod"), "app.prod");
    }
}
