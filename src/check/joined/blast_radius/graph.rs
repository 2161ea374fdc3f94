//! Steps from one thing to the next, and what is left when one of them is taken away.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::model::Evidence;

/// Where a chain ends.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Target {
    /// Its id.
    pub(super) name: String,
    /// A place of secrets; else a grant of Google Cloud.
    pub(super) secret: bool,
    /// Production of others, or as good as a whole project.
    pub(super) crown: bool,
}

/// Steps by where they begin.
#[derive(Debug, Default)]
pub(super) struct Graph {
    steps: BTreeMap<String, BTreeMap<String, Evidence>>,
    targets: BTreeMap<String, Target>,
}

/// What is reached.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Reached {
    /// Every end.
    pub(super) targets: BTreeSet<Target>,
    /// The shortest way to the nearest crown, else to the nearest end.
    pub(super) path: Vec<String>,
}

/// The one step without which least is reached.
#[derive(Debug)]
pub(super) struct Cut {
    pub(super) from: String,
    pub(super) to: String,
    /// How many ends are no longer reached.
    pub(super) lost: usize,
    /// What states the step.
    pub(super) evidence: Evidence,
}

impl Graph {
    /// Adds a step; the first evidence of it stays.
    pub(super) fn step(&mut self, from: &str, to: &str, evidence: Evidence) {
        let steps = self.steps.entry(from.to_owned()).or_default();
        steps.entry(to.to_owned()).or_insert(evidence);
    }

    /// Adds a step to an end.
    pub(super) fn end(&mut self, from: &str, to: &str, target: Target, evidence: Evidence) {
        self.step(from, to, evidence);
        let known = self.targets.entry(to.to_owned()).or_insert(target.clone());
        known.crown |= target.crown;
    }

    /// What can be reached, if need be without one step.
    pub(super) fn reached(&self, start: &str, without: Option<(&str, &str)>) -> Reached {
        let mut before: BTreeMap<&str, &str> = BTreeMap::new();
        let mut order: Vec<&str> = vec![start];
        let mut open: VecDeque<&str> = VecDeque::from([start]);
        while let Some(at) = open.pop_front() {
            for next in self.steps.get(at).into_iter().flat_map(BTreeMap::keys) {
                let taken = without == Some((at, next.as_str()));
                if !taken && next != start && !before.contains_key(next.as_str()) {
                    before.insert(next, at);
                    order.push(next);
                    open.push_back(next);
                }
            }
        }
        let ends = || order.iter().filter_map(|node| self.targets.get(*node));
        let nearest = ends().find(|target| target.crown).or_else(|| ends().next());
        let mut path = Vec::new();
        let mut at = nearest.map(|target| target.name.as_str());
        while let Some(node) = at {
            path.push(node.to_owned());
            at = before.get(node).copied();
        }
        path.reverse();
        Reached {
            targets: ends().cloned().collect(),
            path,
        }
    }

    /// The step whose removal takes most away, of crowns alone if asked; of several the one
    /// furthest from the start, which harms least else.
    pub(super) fn cut(&self, start: &str, crowns: bool) -> Option<Cut> {
        let count = |without| {
            let reached = self.reached(start, without);
            let counted = reached.targets.iter();
            counted.filter(|target| target.crown || !crowns).count()
        };
        let all = count(None);
        let depths = self.depths(start);
        let mut best: Option<(usize, usize, &str, &str, &Evidence)> = None;
        for (from, steps) in &self.steps {
            let Some(&depth) = depths.get(from.as_str()) else {
                continue;
            };
            for (to, evidence) in steps {
                let lost = all - count(Some((from, to)));
                if lost > 0 && best.is_none_or(|known| (lost, depth) > (known.0, known.1)) {
                    best = Some((lost, depth, from, to, evidence));
                }
            }
        }
        best.map(|(lost, _, from, to, evidence)| Cut {
            from: from.to_owned(),
            to: to.to_owned(),
            lost,
            evidence: evidence.clone(),
        })
    }

    fn depths(&self, start: &str) -> BTreeMap<&str, usize> {
        let mut depths: BTreeMap<&str, usize> = BTreeMap::new();
        let mut open: VecDeque<(&str, usize)> = VecDeque::new();
        if let Some((start, _)) = self.steps.get_key_value(start) {
            open.push_back((start, 0));
        }
        while let Some((at, depth)) = open.pop_front() {
            if depths.contains_key(at) {
                continue;
            }
            depths.insert(at, depth);
            for next in self.steps.get(at).into_iter().flat_map(BTreeMap::keys) {
                open.push_back((next, depth + 1));
            }
        }
        depths
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn evidence() -> Evidence {
        Evidence {
            file: "f".to_owned(),
            line: 1,
            byte: 0,
            sha256: String::new(),
        }
    }

    fn graph(steps: &[(&str, &str)], ends: &[(&str, &str, bool)]) -> Graph {
        let mut graph = Graph::default();
        for (from, to) in steps {
            graph.step(from, to, evidence());
        }
        for (from, to, crown) in ends {
            let target = Target {
                name: (*to).to_owned(),
                secret: true,
                crown: *crown,
            };
            graph.end(from, to, target, evidence());
        }
        graph
    }

    #[test]
    fn the_shortest_path_leads_to_the_nearest_crown() {
        let graph = graph(
            &[("a", "r"), ("a", "s"), ("r", "p"), ("s", "q"), ("q", "p")],
            &[("r", "near", false), ("p", "crown", true)],
        );
        let reached = graph.reached("a", None);
        assert_eq!(reached.path, ["a", "r", "p", "crown"]);
        assert_eq!(reached.targets.len(), 2);
    }

    #[test]
    fn the_cut_takes_most_and_lies_deepest() {
        let graph = graph(
            &[("a", "r"), ("r", "p"), ("r", "q")],
            &[("p", "x", true), ("p", "y", true), ("q", "z", false)],
        );
        let cut = graph.cut("a", true).unwrap();
        assert_eq!(
            (cut.from.as_str(), cut.to.as_str(), cut.lost),
            ("r", "p", 2)
        );
        let all = graph.cut("a", false).unwrap();
        assert_eq!(
            (all.from.as_str(), all.to.as_str(), all.lost),
            ("a", "r", 3)
        );
    }

    #[test]
    fn circles_end_and_nothing_has_no_cut() {
        let circle = graph(&[("a", "b"), ("b", "a")], &[("b", "x", true)]);
        assert_eq!(circle.reached("a", None).path, ["a", "b", "x"]);
        assert!(graph(&[("a", "b")], &[]).cut("a", false).is_none());
        assert_eq!(graph(&[], &[]).reached("a", None), Reached::default());
    }
}
