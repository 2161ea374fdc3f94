//! Which exports are of one server: those below one folder.
//!
//! A list of mounts speaks for all that lies at or below its folder, and, where it is the only one,
//! for the folder beside it (`vault/config/secrets-list.json` for `vault/policies/app.hcl`).
//! Repositories that happen to be read together share no server.

use std::collections::BTreeMap;
use std::ops::Bound;

/// The root of the lists that belong to the file at `path`, and what is kept under it; `None` where
/// none or several may.
pub(crate) fn of<'l, T>(path: &str, roots: &'l BTreeMap<String, T>) -> Option<(&'l str, &'l T)> {
    let folder = folder(path);
    // The folder itself, each one above it, and the top.
    let ends = folder.rmatch_indices('/').map(|(at, _)| at + 1);
    let above = ends.chain([0]).filter_map(|end| folder.get(..end));
    let mut above = above.filter_map(|above| roots.get_key_value(above));
    if let Some((nearest, kept)) = above.next() {
        return Some((nearest, kept));
    }
    let own = ["policies/", "policy/", "sys/", "auth/"]
        .into_iter()
        .filter_map(|name| position(folder, name))
        .min();
    let own = own.and_then(|end| folder.get(..end)).unwrap_or(folder);
    let after = (Bound::Included(own), Bound::Unbounded);
    let below = roots.range::<str, _>(after).map_while(|(root, kept)| {
        let below = root.strip_prefix(own)?.trim_end_matches('/');
        Some((below, root.as_str(), kept))
    });
    let mut beside = below.filter(|(below, ..)| !below.contains('/'));
    let (_, root, kept) = beside.next()?;
    beside.next().is_none().then_some((root, kept))
}

/// How many folders two files have in common.
pub(crate) fn nearness(one: &str, other: &str) -> usize {
    let folders = folder(one).split('/').zip(folder(other).split('/'));
    folders.take_while(|(one, other)| one == other).count()
}

/// The root that a list of mounts speaks for: its folder, without the parts of an API path.
pub(crate) fn of_list(list: &str) -> &str {
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

    fn root(path: &str, lists: &[&str]) -> Option<String> {
        let roots = lists.iter().map(|list| (of_list(list).to_owned(), ()));
        of(path, &roots.collect()).map(|(root, ())| root.to_owned())
    }

    #[test]
    fn the_nearest_list_above_speaks_for_a_file() {
        let lists = ["a/vault/secrets-list.json", "a/vault/dr/secrets-list.json"];
        assert_eq!(
            root("a/vault/policies/x.hcl", &lists),
            Some("a/vault/".into())
        );
        assert_eq!(
            root("a/vault/dr/policies/x.hcl", &lists),
            Some("a/vault/dr/".into())
        );
        assert_eq!(
            root("policies/x.hcl", &["secrets-list.json"]),
            Some("".into())
        );
        let api = ["v1/sys/mounts.json", "v1/ns1/sys/mounts.json"];
        assert_eq!(
            root("v1/ns1/sys/policies/acl/x.json", &api),
            Some("".into())
        );
    }

    #[test]
    fn a_list_beside_speaks_where_it_is_the_only_one() {
        let one = [
            "vault/config/secrets-list.json",
            "vault/config/auth-list.json",
        ];
        assert_eq!(
            root("vault/policies/x.hcl", &one),
            Some("vault/config/".into())
        );
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
