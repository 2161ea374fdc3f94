//! What was touched, counted by object, operation and outcome.

use std::collections::BTreeMap;

use super::rows::EventRow;
use crate::model::Timestamp;
use crate::model::trace::Node;

/// Counts of one place in a tree.
#[derive(Debug, Default)]
pub(super) struct Tally(BTreeMap<Touch, Count>);

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Touch {
    object: String,
    operation: String,
    outcome: String,
    owner: String,
    owner_match: &'static str,
}

#[derive(Clone, Debug)]
struct Count {
    count: u64,
    first: (Timestamp, String),
    last: (Timestamp, String),
}

impl Tally {
    /// Counts one event.
    pub(super) fn add(&mut self, row: EventRow, owner_match: &'static str) {
        let seen = (row.at, row.evidence);
        let touch = Touch {
            object: row.object,
            operation: row.operation,
            outcome: row.outcome,
            owner: row.owner,
            owner_match,
        };
        let count = self.0.entry(touch).or_insert_with(|| Count {
            count: 0,
            first: seen.clone(),
            last: seen.clone(),
        });
        count.count += 1;
        if seen < count.first {
            count.first.clone_from(&seen);
        }
        if seen > count.last {
            count.last = seen;
        }
    }

    /// Adds what another counted.
    pub(super) fn merge(&mut self, other: &Tally) {
        for (touch, found) in &other.0 {
            match self.0.get_mut(touch) {
                None => {
                    self.0.insert(touch.clone(), found.clone());
                }
                Some(count) => {
                    count.count += found.count;
                    count.first = count.first.clone().min(found.first.clone());
                    count.last = count.last.clone().max(found.last.clone());
                }
            }
        }
    }

    /// How many events were counted.
    pub(super) fn total(&self) -> u64 {
        self.0.values().map(|count| count.count).sum()
    }

    /// The first and the last time.
    pub(super) fn span(&self) -> Option<(Timestamp, Timestamp)> {
        let first = self.0.values().map(|count| count.first.0).min()?;
        let last = self.0.values().map(|count| count.last.0).max()?;
        Some((first, last))
    }

    /// One node per object, operation and outcome, by first time.
    pub(super) fn nodes(&self) -> Vec<Node> {
        let mut nodes: Vec<Node> = self
            .0
            .iter()
            .map(|(touch, count)| {
                let mut node = Node::new("touched", &touch.object);
                node.at = Some(count.first.0);
                node.until = Some(count.last.0);
                node.fact("operation", &touch.operation)
                    .fact("outcome", &touch.outcome)
                    .fact("count", &count.count.to_string())
                    .fact("owner", &touch.owner)
                    .fact("owner match", touch.owner_match);
                node.evidence.push(count.first.1.clone());
                if count.last.1 != count.first.1 {
                    node.evidence.push(count.last.1.clone());
                }
                node
            })
            .collect();
        nodes.sort_by_key(|node| node.at);
        nodes
    }
}
