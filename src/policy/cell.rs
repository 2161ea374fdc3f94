//! The finitely many kinds of path that a set of patterns can tell apart.
//!
//! Two paths are of one kind if they match the same patterns, and so do they without their
//! trailing slash where a listing would try that. Each kind is reached by a path built segment by
//! segment from the literals and glob stems of the patterns at that depth, each stem continued by a
//! character that no pattern has, and one segment that no pattern has. The walk is a subset
//! construction over the patterns still alive, so the result is exact; no sampling is needed.

mod route;
mod state;

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashSet};

use super::pattern::Pattern;
use route::{Route, Routes};
use state::{Numbers, Patterns, State};

/// The states walked before the enumeration gives up.
pub const DEFAULT_CAP: usize = 200_000;
/// How many pattern numbers the states may hold together, for each state that may be walked: a few
/// thousand `+` beside a few thousand names are more than anybody waits for.
const NUMBERS_PER_STATE: usize = 128;

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
    cells_beside(patterns, patterns, cap)
}

/// The same, by paths that no pattern of `others` names by accident.
pub(super) fn cells_beside(patterns: &[&Pattern], others: &[&Pattern], cap: usize) -> Cells {
    let fresh = fresh(others);
    let patterns = Patterns::new(patterns);
    let (mut seen, mut expanded) = (HashSet::new(), HashSet::new());
    let mut witnesses = Vec::new();
    let mut walk = Walk {
        patterns: &patterns,
        fresh: &fresh,
        routes: Routes::default(),
        heap: BinaryHeap::new(),
        left: cap.saturating_mul(NUMBERS_PER_STATE),
    };
    let mut complete = walk.extend(&patterns.start(), None);
    'walk: while complete {
        let next = walk.cheapest();
        if next.is_empty() {
            break;
        }
        for step in next {
            if seen.insert((step.state.matched(), step.listed)) {
                witnesses.push(walk.routes.path(step.route));
            }
            if expanded.contains(&step.state) {
                continue;
            }
            complete = expanded.len() < cap && walk.extend(&step.state, Some(step.route));
            if !complete {
                break 'walk;
            }
            expanded.insert(step.state);
        }
    }
    witnesses.sort_by(|a, b| (a.len(), a).cmp(&(b.len(), b)));
    Cells {
        witnesses,
        complete,
    }
}

/// A path on the way.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Step {
    cost: usize,
    route: Route,
    state: State,
    /// What the path without its trailing slash matches, if it has one.
    listed: Option<Numbers>,
}

/// The paths that are still to be walked.
struct Walk<'w> {
    patterns: &'w Patterns<'w>,
    fresh: &'w str,
    routes: Routes<'w>,
    heap: BinaryHeap<Reverse<Step>>,
    /// How many pattern numbers further states may hold.
    left: usize,
}

impl Walk<'_> {
    /// The steps of least cost, by their paths: what follows one costs more.
    fn cheapest(&mut self) -> Vec<Step> {
        let mut found: Vec<Step> = Vec::new();
        while let Some(Reverse(next)) = self.heap.peek()
            && found.first().is_none_or(|first| first.cost == next.cost)
            && let Some(Reverse(step)) = self.heap.pop()
        {
            found.push(step);
        }
        found.sort_by(|a, b| self.routes.compare(a.route, b.route));
        found
    }

    /// Puts the children of a path on the heap; `false` where they would be too much. An empty
    /// segment is dear, so that it shows up in a witness only where it makes a difference.
    fn extend(&mut self, state: &State, route: Option<Route>) -> bool {
        const EMPTY_SEGMENT: usize = 1 << 12;
        if route.is_some() && state.is_spent() {
            return true;
        }
        let base = route.map_or(0, |route| self.routes.cost(route) + 1);
        let ahead = self.patterns.ahead(state);
        for segment in ahead.segments(self.fresh) {
            let next = self.patterns.step(state, &ahead, &segment);
            let Some(left) = self.left.checked_sub(next.size()) else {
                return false;
            };
            self.left = left;
            let empty = segment.is_empty();
            let cost = base + segment.len() + usize::from(empty) * EMPTY_SEGMENT;
            let listed = (empty && route.is_some()).then(|| state.matched());
            let route = self.routes.add(route, segment, cost);
            self.heap.push(Reverse(Step {
                cost,
                route,
                state: next,
                listed,
            }));
        }
        true
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
    use std::collections::BTreeSet;

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
    fn a_pattern_of_many_segments_costs_what_its_length_does() {
        let long = format!("{}*", "{{identity.entity.name}}/".repeat(50_000));
        let found = witnesses(&[&long]);
        assert!(found.iter().any(|path| path.len() > long.len() - 2));
    }

    #[test]
    fn many_patterns_of_one_head_cost_what_their_number_does() {
        let texts: Vec<String> = (0..60_000).map(|n| format!("secret/app{n}/*")).collect();
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        assert!(witnesses(&texts).len() > texts.len());
    }

    #[test]
    fn many_wildcards_beside_many_names_are_given_up() {
        let names = (0..9_000).map(|n| format!("a{n}/x"));
        let texts: Vec<String> = names.chain((0..9_000).map(|n| format!("+/y{n}"))).collect();
        let patterns: Vec<Pattern> = texts.iter().map(|text| Pattern::new(text, "")).collect();
        let cells = cells(&patterns.iter().collect::<Vec<_>>(), DEFAULT_CAP);
        assert!(!cells.complete);
    }

    #[test]
    fn the_cap_is_told() {
        let texts: Vec<String> = (0..12).map(|n| format!("{}a*", "+/".repeat(n))).collect();
        let patterns: Vec<Pattern> = texts.iter().map(|text| Pattern::new(text, "")).collect();
        let cells = cells(&patterns.iter().collect::<Vec<_>>(), 5);
        assert!(!cells.complete);
    }
}
