//! The folders above the place where the command runs that say what lies there: a file is the same
//! policy from inside `policies/` as from above.

use std::path::{Component, Path, PathBuf};

/// How far up such folders are looked for.
const FOLDERS: usize = 6;
/// Folders of exports by which a path names what lies below: the last of the first kind that is
/// there, since a path below `v1` says the namespace too.
const NAMING: [&str; 4] = ["v1", "auth", "policies", "identity"];

/// The folders from the one that names on, with `/`.
pub(super) fn above(folder: &Path) -> Option<String> {
    let last = last_folders(folder);
    let names: Vec<String> = last
        .components()
        .map(|part| part.as_os_str().to_string_lossy().into_owned())
        .collect();
    let number = |name: &String| !name.is_empty() && name.bytes().all(|c| c.is_ascii_digit());
    let naming = NAMING
        .iter()
        .find_map(|naming| names.iter().rposition(|name| name == naming));
    let project = || {
        let held = |pair: &[String]| matches!(pair, [kind, id] if kind == "projects" && number(id));
        names.windows(2).rposition(held)
    };
    let from = naming.or_else(project)?;
    Some(names.get(from..)?.join("/"))
}

/// The last folders of a path, as far as [`above`] looks: what lies in a copy of them elsewhere is
/// the same.
#[must_use]
pub fn last_folders(folder: &Path) -> PathBuf {
    let parts = folder
        .components()
        .filter(|part| matches!(part, Component::Normal(_)));
    let all: Vec<Component<'_>> = parts.collect();
    let from = all.len().saturating_sub(FOLDERS);
    all.get(from..).unwrap_or_default().iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_folders_of_exports_say_what_lies_below() {
        for (folder, expected) in [
            ("/srv/repo/policies", Some("policies")),
            ("/srv/repo/policies/team", Some("policies/team")),
            ("/srv/v1/team-a", Some("v1/team-a")),
            ("/srv/v1/team-a/policies/db", Some("v1/team-a/policies/db")),
            ("/srv/auth/gitlab/role", Some("auth/gitlab/role")),
            ("/srv/gitlab/projects/101", Some("projects/101")),
            ("/srv/projects/shop", None),
            ("/srv/repo", None),
            ("/policies/1/2/3/4/5/6", None),
            ("/", None),
        ] {
            let said = above(Path::new(folder));
            assert_eq!(said.as_deref(), expected, "{folder}");
        }
    }
}
