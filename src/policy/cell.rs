//! The finitely many kinds of path that a set of patterns can tell apart.
//!
//! Two paths are of one kind if they match the same patterns, and so do they without their
//! trailing slash where a listing would try that. Each kind is reached by a path built segment by
//! segment from the literals and glob stems of the patterns at that depth, each stem continued by a
//! character that no pattern has, and one segment that no pattern has. The walk is a subset
//! construction over the patterns still alive, so the result is exact; no sampling is needed.

mod state;

use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap, HashSet};

use super::pattern::Pattern;
use state::{Patterns, State};

/// The states walked before the enumeration gives up.
pub const DEFAULT_CAP: usize = 200_000;

/// One path of every kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cells {
    /// The shortest path found of each kind, shortest first.
    pub witnesses: Vec<String>,
    /// Says whether every kind has its path; `false` when the walk hit its cap.
    pub complete: bool,
}

/// Enumerates the kinds of path that `patterns` tell apart, walking at most `cap` states.
#[must_use]
pub fn cells(patterns: &[&Pattern], cap: usize) -> Cells {
    let fresh = fresh(patterns);
    let patterns = Patterns::new(patterns);
    let mut seen = HashSet::new();
    let mut expanded = HashSet::new();
    let mut witnesses = Vec::new();
    let mut heap = BinaryHeap::new();
    let start = patterns.start();
    extend(&patterns, &start, None, &fresh, &mut heap);
    while let Some(Reverse(step)) = heap.pop() {
        let Step {
            path,
            state,
            listed,
            ..
        } = step;
        if seen.insert((state.matched(), listed)) {
            witnesses.push(path.clone());
        }
        if !expanded.insert(state.clone()) {
            continue;
        }
        if expanded.len() > cap {
            return Cells {
                witnesses,
                complete: false,
            };
        }
        extend(&patterns, &state, Some(&path), &fresh, &mut heap);
    }
    witnesses.sort_by(|a, b| (a.len(), a).cmp(&(b.len(), b)));
    Cells {
        witnesses,
        complete: true,
    }
}

/// A path on the way; the cheapest is walked first.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Step {
    cost: usize,
    path: String,
    state: State,
    /// What the path without its trailing slash matches, if it has one.
    listed: Option<state::Bits>,
}

/// Puts the path's children on the heap. An empty segment is dear, so that it shows up in a
/// witness only where it makes a difference.
fn extend(
    patterns: &Patterns<'_>,
    state: &State,
    path: Option<&str>,
    fresh: &str,
    heap: &mut BinaryHeap<Reverse<Step>>,
) {
    const EMPTY_SEGMENT: usize = 1 << 12;
    if path.is_some() && state.is_spent() {
        return;
    }
    let mut segments: BTreeSet<String> = [String::new(), fresh.to_owned()].into();
    for (text, open) in patterns.parts(state) {
        segments.insert(text.to_owned());
        if open {
            segments.insert(format!("{text}{fresh}"));
        }
    }
    for segment in segments {
        let next = patterns.step(state, &segment);
        let longer = match path {
            Some(path) => format!("{path}/{segment}"),
            None => segment.clone(),
        };
        let empty = longer
            .split('/')
            .filter(|segment| segment.is_empty())
            .count();
        let listed = (segment.is_empty() && path.is_some()).then(|| state.matched());
        heap.push(Reverse(Step {
            cost: longer.len() + empty * EMPTY_SEGMENT,
            path: longer,
            state: next,
            listed,
        }));
    }
}

/// A character that no pattern has, as a segment.
fn fresh(patterns: &[&Pattern]) -> String {
    let used: HashSet<char> = patterns.iter().flat_map(|p| p.as_str().chars()).collect();
    let plain = ['x', 'y', 'z', 'q', 'j', 'k', 'w', 'v'].into_iter();
    let more = ('a'..='z')
        .chain('0'..='9')
        .chain('A'..='Z')
        .chain('\u{a1}'..='\u{ffff}');
    plain
        .chain(more)
        .find(|c| !used.contains(c))
        .map_or_else(|| "x".to_owned(), String::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn witnesses(texts: &[&str]) -> Vec<String> {
        let patterns: Vec<Pattern> = texts.iter().map(|text| Pattern::new(text, "")).collect();
        let cells = cells(&patterns.iter().collect::<Vec<_>>(), DEFAULT_CAP);
        assert!(cells.complete);
        cells.witnesses
    }

    #[test]
    fn every_subset_that_a_path_can_match_has_a_witness() {
        let found = witnesses(&["a", "a/+/c", "a/b*", "*"]);
        let patterns: Vec<Pattern> = ["a", "a/+/c", "a/b*", "*"]
            .iter()
            .map(|text| Pattern::new(text, ""))
            .collect();
        let kinds: BTreeSet<Vec<bool>> = found
            .iter()
            .map(|path| {
                patterns
                    .iter()
                    .map(|pattern| pattern.matches(path))
                    .collect()
            })
            .collect();
        let wanted = [
            [false, false, false, true],
            [false, false, true, true],
            [false, true, false, true],
            [false, true, true, true],
            [true, false, false, true],
        ];
        assert_eq!(kinds, wanted.iter().map(|kind| kind.to_vec()).collect());
        assert!(found.contains(&"a/".to_owned()), "{found:?}");
    }

    #[test]
    fn the_cap_is_told() {
        let texts: Vec<String> = (0..12).map(|n| format!("{}a*", "+/".repeat(n))).collect();
        let patterns: Vec<Pattern> = texts.iter().map(|text| Pattern::new(text, "")).collect();
        let cells = cells(&patterns.iter().collect::<Vec<_>>(), 5);
        assert!(!cells.complete);
    }
}
