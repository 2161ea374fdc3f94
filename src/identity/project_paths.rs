//! Which project a path is of, where several say so.

use std::collections::{BTreeMap, BTreeSet};

/// Projects to which the exports give two paths.
pub(super) fn two_paths(stated: &[(u64, String)]) -> BTreeSet<u64> {
    let mut paths: BTreeMap<u64, BTreeSet<String>> = BTreeMap::new();
    for (id, path) in stated {
        paths.entry(*id).or_default().insert(path.to_lowercase());
    }
    paths.retain(|_, paths| paths.len() > 1);
    paths.into_keys().collect()
}

/// The project of each path that one has, out of all that were seen under it; a path of two projects
/// names neither.
pub(super) fn owners(
    seen: BTreeSet<(String, u64)>,
    exported: &BTreeSet<u64>,
    two: &BTreeSet<u64>,
) -> BTreeMap<String, u64> {
    let mut owners: BTreeMap<String, Vec<u64>> = BTreeMap::new();
    for (path, id) in seen {
        owners.entry(path).or_default().push(id);
    }
    // Whoever writes a list of jobs gives a path any number: one that the export of projects
    // has counts more than one that no export of projects knows.
    for ids in owners.values_mut() {
        if ids.len() > 1 && ids.iter().any(|id| exported.contains(id)) {
            ids.retain(|id| exported.contains(id));
        }
        // So counts one that every export calls so more than one that is called otherwise too.
        if ids.len() > 1 && ids.iter().any(|id| !two.contains(id)) {
            ids.retain(|id| !two.contains(id));
        }
    }
    let one = owners
        .into_iter()
        .filter_map(|(path, ids)| match ids.as_slice() {
            [one] => Some((path, *one)),
            _ => None,
        });
    one.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(stated: &[(u64, &str)], path: &str) -> Option<u64> {
        let stated: Vec<(u64, String)> = stated
            .iter()
            .map(|(id, path)| (*id, (*path).to_owned()))
            .collect();
        let exported = stated.iter().map(|(id, _)| *id).collect();
        let two = two_paths(&stated);
        let seen = stated.into_iter().map(|(id, path)| (path, id)).collect();
        owners(seen, &exported, &two).get(path).copied()
    }

    #[test]
    fn a_path_is_of_the_project_that_is_called_nothing_else() {
        let honest = [(1, "mill/orders"), (2, "mill/billing")];
        for forged in [(2, "mill/orders"), (1, "mill/billing"), (1, "mill/x")] {
            let all = [honest[0], honest[1], forged];
            assert_eq!(of(&all, "mill/orders"), Some(1), "{forged:?}");
            assert_eq!(of(&all, "mill/billing"), Some(2), "{forged:?}");
        }
        let other = [honest[0], honest[1], (9, "mill/orders")];
        assert_eq!(of(&other, "mill/orders"), None);
    }
}
