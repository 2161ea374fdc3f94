//! The paths of a walk, each kept as its last segment and the path before it.

use std::borrow::Cow;
use std::cmp::Ordering;

/// One path of a walk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Route(usize);

struct Node<'w> {
    before: Option<Route>,
    segment: Cow<'w, str>,
    cost: usize,
}

/// Every path of a walk: a long one is not written out at each of its segments.
#[derive(Default)]
pub(super) struct Routes<'w> {
    nodes: Vec<Node<'w>>,
}

impl<'w> Routes<'w> {
    pub(super) fn add(
        &mut self,
        before: Option<Route>,
        segment: Cow<'w, str>,
        cost: usize,
    ) -> Route {
        self.nodes.push(Node {
            before,
            segment,
            cost,
        });
        Route(self.nodes.len() - 1)
    }

    pub(super) fn cost(&self, route: Route) -> usize {
        self.nodes.get(route.0).map_or(0, |node| node.cost)
    }

    /// The path as text.
    pub(super) fn path(&self, route: Route) -> String {
        self.segments(Some(route)).join("/")
    }

    /// The order of two paths as texts.
    pub(super) fn compare(&self, one: Route, other: Route) -> Ordering {
        let ends = self.nodes.get(one.0).zip(self.nodes.get(other.0));
        if let Some((one, other)) = ends
            && one.before == other.before
        {
            return one.segment.cmp(&other.segment);
        }
        let texts = [one, other].map(|route| self.segments(Some(route)));
        let [one, other] = &texts;
        let same = one.iter().zip(other).take_while(|(a, b)| a == b).count();
        if same == one.len() || same == other.len() {
            // What goes on goes on with a slash.
            return one.len().cmp(&other.len());
        }
        let rest = |segments: &[&str]| segments.get(same..).unwrap_or_default().join("/");
        rest(one).cmp(&rest(other))
    }

    fn segments(&self, mut route: Option<Route>) -> Vec<&str> {
        let mut found: Vec<&str> = Vec::new();
        while let Some(node) = route.and_then(|route| self.nodes.get(route.0)) {
            found.push(&node.segment);
            route = node.before;
        }
        found.reverse();
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_ordered_as_their_texts_are() {
        let texts = ["a", "a-/b", "a/", "a/b", "a/b/c", "a/ba", "ab", ""];
        let mut routes = Routes::default();
        let ends: Vec<Option<Route>> = texts
            .iter()
            .map(|text| {
                let parts = text.split('/');
                parts.fold(None, |before, part| {
                    Some(routes.add(before, part.into(), 0))
                })
            })
            .collect();
        for (one, text) in ends.iter().zip(texts) {
            for (other, than) in ends.iter().zip(texts) {
                let compared = one.zip(*other).map(|(a, b)| routes.compare(a, b));
                assert_eq!(compared, Some(text.cmp(than)), "{text} {than}");
            }
        }
    }
}
