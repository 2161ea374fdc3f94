//! Finds the one pattern that decides a path.

use std::collections::BTreeSet;

use hashbrown::HashMap;

use super::rule::Rule;
use crate::policy::pattern::PatternKind;

/// An index over the patterns of a policy set.
///
/// A plain prefix is found by hashing the path's head at each length that some prefix has. A
/// pattern with segment wildcards needs the text before its first `+` at the head of the path, so
/// it is found the same way; of those with equal heads the strongest stands first.
#[derive(Clone, Debug, Default)]
pub(super) struct Table {
    exact: HashMap<Vec<u8>, u32>,
    prefixes: ByHead<u32>,
    segments: ByHead<Vec<u32>>,
}

/// A map from the head of a path, asked at the lengths it has.
#[derive(Clone, Debug)]
struct ByHead<T> {
    /// Longest first.
    lengths: Vec<usize>,
    map: HashMap<Vec<u8>, T>,
}

impl<T> Default for ByHead<T> {
    fn default() -> Self {
        ByHead {
            lengths: Vec::new(),
            map: HashMap::new(),
        }
    }
}

impl<T: Default> ByHead<T> {
    fn entry(&mut self, head: &str, lengths: &mut BTreeSet<usize>) -> &mut T {
        lengths.insert(head.len());
        self.map.entry(head.as_bytes().to_vec()).or_default()
    }

    /// The values whose heads begin `path`, the longest head first.
    fn heads<'s>(&'s self, path: &'s [u8]) -> impl Iterator<Item = (usize, &'s T)> {
        self.lengths
            .iter()
            .filter_map(move |length| Some((*length, self.map.get(path.get(..*length)?)?)))
    }
}

impl Table {
    /// Indexes `rules`; a rule's number is its place.
    pub(super) fn new(rules: &[Rule]) -> Table {
        let mut table = Table::default();
        let (mut prefixes, mut segments) = (BTreeSet::new(), BTreeSet::new());
        for (id, rule) in (0_u32..).zip(rules) {
            let pattern = &rule.pattern;
            match pattern.kind() {
                PatternKind::Exact => {
                    table.exact.insert(pattern.as_str().as_bytes().to_vec(), id);
                }
                PatternKind::Prefix => {
                    *table.prefixes.entry(pattern.stem(), &mut prefixes) = id;
                }
                PatternKind::Segments => {
                    let head = pattern.as_str().get(..pattern.first_wildcard());
                    let head = head.unwrap_or_default();
                    table.segments.entry(head, &mut segments).push(id);
                }
            }
        }
        table.prefixes.lengths = prefixes.into_iter().rev().collect();
        table.segments.lengths = segments.into_iter().rev().collect();
        for ids in table.segments.map.values_mut() {
            ids.sort_by(|a, b| match (get(rules, *a), get(rules, *b)) {
                (Some(a), Some(b)) => b.pattern.precedence(&a.pattern),
                _ => std::cmp::Ordering::Equal,
            });
        }
        table
    }

    /// The rule for exactly `path`.
    pub(super) fn exact<'r>(&self, rules: &'r [Rule], path: &str) -> Option<&'r Rule> {
        get(rules, *self.exact.get(path.as_bytes())?)
    }

    /// The strongest of the patterns with wildcards that match `path`.
    ///
    /// Only the longest plain prefix competes with the patterns that have segment wildcards.
    pub(super) fn open<'r>(&self, rules: &'r [Rule], path: &str) -> Option<&'r Rule> {
        let bytes = path.as_bytes();
        let prefix = self
            .prefixes
            .heads(bytes)
            .next()
            .and_then(|(_, id)| get(rules, *id));
        let floor = prefix.map_or(0, |rule| rule.pattern.first_wildcard());
        let segments = self
            .segments
            .heads(bytes)
            .take_while(|(length, _)| prefix.is_none() || *length >= floor)
            .flat_map(|(_, ids)| ids)
            .filter_map(|id| get(rules, *id))
            .find(|rule| rule.pattern.matches(path));
        match (prefix, segments) {
            (Some(prefix), Some(found)) => {
                Some(if found.pattern.precedence(&prefix.pattern).is_gt() {
                    found
                } else {
                    prefix
                })
            }
            (prefix, found) => prefix.or(found),
        }
    }
}

fn get(rules: &[Rule], id: u32) -> Option<&Rule> {
    rules.get(usize::try_from(id).ok()?)
}
