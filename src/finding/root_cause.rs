//! Findings that one thing stands behind: told as one story, so that it is mended once.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};

use crate::model::RootCause;

/// How much a thing explains: rules first, then findings; of equals the first by name.
type Weight = (usize, usize, Reverse<String>);

/// Groups findings by what stands behind them. `things[n]` are the things that may stand behind
/// finding `n`, `rules[n]` is its rule.
///
/// The thing that explains most different rules takes its findings first; a finding is told once.
/// What stands behind one finding alone is that finding, and no group.
#[must_use]
pub fn root_causes(things: &[BTreeSet<String>], rules: &[&str]) -> Vec<RootCause> {
    let mut of: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (finding, named) in things.iter().enumerate() {
        for thing in named {
            of.entry(thing).or_default().push(finding);
        }
    }
    let weight = |thing: &str, findings: &[usize]| -> Weight {
        let different: BTreeSet<&&str> = findings.iter().filter_map(|at| rules.get(*at)).collect();
        (different.len(), findings.len(), Reverse(thing.to_owned()))
    };
    let mut heap: BinaryHeap<Weight> = of
        .iter()
        .map(|(thing, findings)| weight(thing, findings))
        .collect();
    let mut told = vec![false; things.len()];
    let mut causes = Vec::new();
    while let Some(best) = heap.pop() {
        let (_, count, Reverse(thing)) = &best;
        let all = of.get(thing.as_str()).map_or(&[][..], Vec::as_slice);
        let untold = |at: &&usize| told.get(**at) == Some(&false);
        let left: Vec<usize> = all.iter().filter(untold).copied().collect();
        if left.len() < 2 {
            continue;
        }
        if left.len() < *count {
            // Others took some of its findings: it waits for its turn.
            heap.push(weight(thing, &left));
            continue;
        }
        for at in &left {
            if let Some(told) = told.get_mut(*at) {
                *told = true;
            }
        }
        causes.push(RootCause {
            id: thing.clone(),
            findings: left,
        });
    }
    causes.sort_by(|a, b| (a.findings.first(), &a.id).cmp(&(b.findings.first(), &b.id)));
    causes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn causes(findings: &[(&str, &[&str])]) -> Vec<(String, Vec<usize>)> {
        let things: Vec<BTreeSet<String>> = findings
            .iter()
            .map(|(_, named)| named.iter().map(|thing| (*thing).to_owned()).collect())
            .collect();
        let rules: Vec<&str> = findings.iter().map(|(rule, _)| *rule).collect();
        let found = root_causes(&things, &rules);
        let pairs = found.into_iter().map(|cause| (cause.id, cause.findings));
        pairs.collect()
    }

    #[test]
    fn a_shared_role_is_one_story_and_a_finding_is_told_once() {
        let found = causes(&[
            ("A", &["role", "mount"]),
            ("B", &["role"]),
            ("C", &["mount"]),
            ("C", &["role", "policy"]),
            ("D", &["alone"]),
            ("A", &["mount"]),
        ]);
        let role = ("role".to_owned(), vec![0, 1, 3]);
        assert_eq!(found, [role, ("mount".to_owned(), vec![2, 5])]);
    }

    #[test]
    fn different_rules_weigh_more_than_many_findings() {
        let found = causes(&[
            ("A", &["many", "few"]),
            ("A", &["many"]),
            ("A", &["many"]),
            ("B", &["few"]),
        ]);
        assert_eq!(found.first(), Some(&("few".to_owned(), vec![0, 3])));
        assert_eq!(found.get(1), Some(&("many".to_owned(), vec![1, 2])));
    }

    #[test]
    fn what_is_alone_is_no_group() {
        assert!(causes(&[("A", &["x"]), ("B", &["y"]), ("C", &[])]).is_empty());
    }
}
