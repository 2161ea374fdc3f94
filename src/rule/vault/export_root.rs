//! Which exports are of one server: those below one folder.
//!
//! A list of mounts speaks for all that lies at or below its folder, and, where it is the only one,
//! for the folder beside it (`vault/config/secrets-list.json` for `vault/policies/app.hcl`).
//! Repositories that happen to be read together share no server.

use std::collections::BTreeSet;

/// The root of the lists that belong to the file at `path`; `None` where none or several may.
pub(super) fn of<'l>(path: &str, lists: &BTreeSet<&'l str>) -> Option<&'l str> {
    let roots: BTreeSet<&str> = lists.iter().map(|list| of_list(list)).collect();
    let folder = folder(path);
    let above = roots.iter().filter(|root| folder.starts_with(**root));
    if let Some(nearest) = above.max_by_key(|root| root.len()) {
        return Some(nearest);
    }
    let own = ["policies/", "policy/", "sys/", "auth/"]
        .into_iter()
        .filter_map(|name| position(folder, name))
        .min();
    let own = own.and_then(|end| folder.get(..end)).unwrap_or(folder);
    let mut beside = roots.into_iter().filter(|root| {
        let below = root
            .strip_prefix(own)
            .map(|rest| rest.trim_end_matches('/'));
        below.is_some_and(|below| !below.contains('/'))
    });
    let first = beside.next()?;
    beside.next().is_none().then_some(first)
}

/// The root that a list of mounts speaks for: its folder, without the parts of an API path.
pub(super) fn of_list(list: &str) -> &str {
    let folder = folder(list);
    let end = ["v1/", "sys/"]
        .into_iter()
        .filter_map(|name| position(folder, name))
        .min();
    end.and_then(|end| folder.get(..end)).unwrap_or(folder)
}

/// Where a folder of that name begins, the last of several.
fn position(folder: &str, name: &str) -> Option<usize> {
    let mut found = folder.rmatch_indices(name).map(|(at, _)| at);
    found.find(|at| *at == 0 || folder.as_bytes().get(at - 1) == Some(&b'/'))
}

/// The folder of a file, with its final slash; empty at the top.
fn folder(path: &str) -> &str {
    let end = path.rfind('/').map_or(0, |slash| slash + 1);
    path.get(..end).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn root<'l>(path: &str, lists: &[&'l str]) -> Option<&'l str> {
        of(path, &lists.iter().copied().collect())
    }

    #[test]
    fn the_nearest_list_above_speaks_for_a_file() {
        let lists = ["a/vault/secrets-list.json", "a/vault/dr/secrets-list.json"];
        assert_eq!(root("a/vault/policies/x.hcl", &lists), Some("a/vault/"));
        assert_eq!(
            root("a/vault/dr/policies/x.hcl", &lists),
            Some("a/vault/dr/")
        );
        assert_eq!(root("policies/x.hcl", &["secrets-list.json"]), Some(""));
        let api = ["v1/sys/mounts.json", "v1/ns1/sys/mounts.json"];
        assert_eq!(root("v1/ns1/sys/policies/acl/x.json", &api), Some(""));
    }

    #[test]
    fn a_list_beside_speaks_where_it_is_the_only_one() {
        let one = [
            "vault/config/secrets-list.json",
            "vault/config/auth-list.json",
        ];
        assert_eq!(root("vault/policies/x.hcl", &one), Some("vault/config/"));
        let two = [
            "vault/dev/secrets-list.json",
            "vault/prod/secrets-list.json",
        ];
        assert_eq!(root("vault/policies/x.hcl", &two), None);
    }

    #[test]
    fn another_repository_is_another_server() {
        let lists = ["live/vault/config/secrets-list.json"];
        assert_eq!(root("shop/policies/x.hcl", &lists), None);
        assert_eq!(root("x.hcl", &lists), None);
    }
}
