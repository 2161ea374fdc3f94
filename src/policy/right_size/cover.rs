//! Which patterns stand for the paths that were used: exact ones, `+` for one segment with many
//! values, `dir/*` where the depth varies.
//!
//! A stanza costs one; a wildcard costs more, by what it opens besides: a fixed amount for what
//! nobody has seen yet, and one for every other logged path that it matches. The cheapest pattern
//! is taken first and again, in an order that only the paths decide.

use std::collections::{BTreeMap, BTreeSet};

use super::Sizing;
use crate::policy::capability::Capabilities;
use crate::policy::pattern::Pattern;

/// How many values a segment must have had before `+` stands for it, and how many paths `dir/*`.
const VALUES: usize = 5;
/// Segments that stay as they are: nothing is generalised above `<mount>/<data>/<owner>/`.
const FIXED: usize = 3;
/// What one opened path costs of a stanza.
const OPENED: f64 = 0.05;
/// Unseen paths that a `+` opens.
const UNSEEN_SEGMENT: usize = 16;
/// Unseen paths that a `*` opens.
const UNSEEN_REST: usize = 64;

/// One stanza of the new policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Piece {
    pub(super) label: String,
    pub(super) capabilities: Capabilities,
    /// The used paths that it stands for.
    pub(super) paths: Vec<String>,
    /// Whether it stands for further paths.
    pub(super) general: bool,
}

/// Whether a path means itself as a label: no wildcard, template or sign that HCL reads.
pub(super) fn is_plain(path: &str) -> bool {
    let signs = |c: char| c.is_control() || "\"\\{}$*".contains(c);
    let wild = path.split('/').any(|segment| segment == "+");
    !path.is_empty()
        && !wild
        && !path.contains("/+")
        && !path.contains(signs)
        && !path.starts_with('+')
}

/// Patterns for used paths, in the order of their text.
pub(super) fn cover(
    sizing: &Sizing<'_>,
    atoms: &BTreeMap<String, Capabilities>,
    generalise: bool,
) -> Vec<Piece> {
    let mut left: BTreeMap<Capabilities, BTreeSet<&str>> = BTreeMap::new();
    for (path, capabilities) in atoms {
        left.entry(*capabilities).or_default().insert(path);
    }
    let mut pieces = Vec::new();
    for (capabilities, mut paths) in left {
        while generalise && let Some(label) = best(sizing, &paths) {
            let pattern = Pattern::new(&label, "");
            let (under, rest) = paths.into_iter().partition(|path| pattern.matches(path));
            let under: BTreeSet<&str> = under;
            paths = rest;
            pieces.push(Piece {
                label,
                capabilities,
                paths: under.into_iter().map(str::to_owned).collect(),
                general: true,
            });
        }
        pieces.extend(paths.into_iter().map(|path| Piece {
            label: path.to_owned(),
            capabilities,
            paths: vec![path.to_owned()],
            general: false,
        }));
    }
    pieces.sort_by(|a, b| a.label.cmp(&b.label));
    pieces
}

/// The wildcard pattern that saves most, if one does.
fn best(sizing: &Sizing<'_>, paths: &BTreeSet<&str>) -> Option<String> {
    let mut best: Option<(f64, String)> = None;
    for (label, unseen) in candidates(paths) {
        let pattern = Pattern::new(&label, "");
        let under: Vec<&str> = paths
            .iter()
            .copied()
            .filter(|p| pattern.matches(p))
            .collect();
        if !one_owner(sizing, &label, &under) {
            continue;
        }
        let others = sizing.paths.iter().filter(|path| pattern.matches(path));
        let opened = others.filter(|path| !paths.contains(path.as_str())).count();
        let cost = 1.0 + OPENED * (unseen + opened) as f64;
        let saved = under.len() as f64 - cost;
        let better = best.as_ref().is_none_or(|(most, _)| saved > *most);
        if saved > 0.0 && better {
            best = Some((saved, label));
        }
    }
    best.map(|(_, label)| label)
}

/// Labels with a wildcard that enough paths ask for, and how many unseen paths each opens.
fn candidates(paths: &BTreeSet<&str>) -> BTreeMap<String, usize> {
    let mut found = BTreeMap::new();
    let mut values: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    let mut below: BTreeMap<String, (usize, BTreeSet<usize>)> = BTreeMap::new();
    for path in paths {
        let segments: Vec<&str> = path.split('/').collect();
        for at in FIXED..segments.len() {
            let (Some(head), Some(tail)) = (segments.get(..at), segments.get(at + 1..)) else {
                continue;
            };
            let folder = below.entry(format!("{}/*", head.join("/"))).or_default();
            folder.0 += 1;
            folder.1.insert(segments.len());
            let Some(value) = segments.get(at).filter(|value| !value.is_empty()) else {
                continue;
            };
            let label = [head, &["+"][..], tail].concat().join("/");
            values.entry(label).or_default().insert(value);
        }
    }
    let many = values
        .into_iter()
        .filter(|(_, values)| values.len() >= VALUES);
    found.extend(many.map(|(label, _)| (label, UNSEEN_SEGMENT)));
    let deep = below.into_iter();
    let deep = deep.filter(|(_, (count, depths))| *count >= VALUES && depths.len() > 1);
    found.extend(deep.map(|(label, _)| (label, UNSEEN_REST)));
    found
}

/// Whether all paths, and all that the label stands for besides, belong to one owner. Where no
/// owner is known, the fixed segments are taken to name one.
fn one_owner(sizing: &Sizing<'_>, label: &str, under: &[&str]) -> bool {
    let owners: BTreeSet<Option<String>> = under.iter().map(|path| (sizing.owner)(path)).collect();
    let head = label.split(['+', '*']).next().unwrap_or_default();
    // A path that nobody has: whose it would be says whether the wildcard stays with the owner.
    let unseen = (sizing.owner)(&format!("{head}\u{1}/\u{1}"));
    owners.len() == 1 && owners.contains(&unseen)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_that_would_be_more_than_itself_is_not_plain() {
        assert!(is_plain("secret/data/ci/orders/prod/db"));
        assert!(is_plain("secret/metadata/ci/"));
        for path in [
            "secret/*",
            "secret/+/a",
            "a/+b",
            "a/{{x}}",
            "a\"b",
            "a\nb",
            "a${b}",
            "",
        ] {
            assert!(!is_plain(path), "{path}");
        }
    }

    #[test]
    fn a_segment_with_five_values_asks_for_a_wildcard_below_the_owner_only() {
        let paths: Vec<String> = (0..5).map(|n| format!("kv/data/own/{n}/db")).collect();
        let paths: BTreeSet<&str> = paths.iter().map(String::as_str).collect();
        let found: Vec<String> = candidates(&paths).into_keys().collect();
        assert_eq!(found, ["kv/data/own/+/db"]);
        let owners: Vec<String> = (0..5).map(|n| format!("kv/data/{n}/db")).collect();
        let owners: BTreeSet<&str> = owners.iter().map(String::as_str).collect();
        assert!(candidates(&owners).is_empty());
    }
}
