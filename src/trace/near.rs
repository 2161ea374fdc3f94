//! Known ids that are written like one that is not known.

use std::collections::BTreeSet;

/// How many are named.
const MOST: usize = 5;

/// The known ids nearest to `asked` by edit distance, nearest first; none that differs in more
/// than a third of its characters, and always within two.
pub(super) fn near<'k>(asked: &str, known: impl Iterator<Item = &'k str>) -> Vec<String> {
    let asked = asked.to_lowercase();
    let allowed = (asked.chars().count() / 3).max(2);
    let mut found: BTreeSet<(usize, &str)> = BTreeSet::new();
    for id in known {
        // The lengths alone may tell that it is too far.
        if id.len().abs_diff(asked.len()) > allowed * 4 {
            continue;
        }
        let distance = strsim::osa_distance(&asked, &id.to_lowercase());
        if distance <= allowed {
            found.insert((distance, id));
            if found.len() > MOST {
                found.pop_last();
            }
        }
    }
    found.into_iter().map(|(_, id)| id.to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_come_first_and_at_most_five() {
        let known = [
            "alice", "alicia", "malice", "alise", "alcie", "allice", "bob",
        ];
        let found = near("alice", known.into_iter());
        assert_eq!(found.first().map(String::as_str), Some("alice"));
        assert_eq!(found.len(), 5);
        assert!(near("zebra", known.into_iter()).is_empty());
        assert_eq!(near("88", ["89", "9999999"].into_iter()), ["89"]);
    }
}
