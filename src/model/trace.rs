//! One identity end to end, as a tree: what a trace found and what it looked for in vain.

use super::{Confidence, Period, Timestamp, secret};

/// The answer to one trace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trace {
    /// What was asked about: `job`, `token`, `secret`, `person` or `service`.
    pub kind: &'static str,
    /// The id that was found for what was asked.
    pub id: String,
    /// The period that uses are limited to.
    pub period: Period,
    /// Whether the period was derived from the logs.
    pub period_derived: bool,
    /// The moment the run speaks from.
    pub as_of: Timestamp,
    /// Whether anything of it lies in the period.
    pub in_period: bool,
    /// The trees, each from its origin down.
    pub roots: Vec<Node>,
}

/// Somebody or something on the way, or the place where the evidence is missing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Node {
    /// `person`, `job`, `service`, `login`, `token`, `request`, `lease`, `event`, `secret`,
    /// `touched`, or the name of a group.
    pub kind: &'static str,
    /// Id; empty when nothing shows it.
    pub id: String,
    /// When it began.
    pub at: Option<Timestamp>,
    /// When it ended; for what was counted, the last time.
    pub until: Option<Timestamp>,
    /// What else is known: name and value, in the order they are shown.
    pub facts: Vec<(&'static str, String)>,
    /// The edge that joins it to the node above.
    pub via: Option<Via>,
    /// Edges that join it to others further up.
    pub also: Vec<Via>,
    /// Why there is no evidence, where there is none.
    pub gap: Option<Gap>,
    /// Records that say so, `file:line`.
    pub evidence: Vec<String>,
    /// What hangs on it.
    pub children: Vec<Node>,
    /// How many further children the limit left out.
    pub left_out: u64,
}

/// An identity edge as a tree shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Via {
    /// Kind of edge, as in the table `edge`; or `person-event`, `service-event`, which join what
    /// another system logged under a principal of the person or service.
    pub edge: String,
    /// Key, `K1` to `K5`.
    pub key: String,
    /// The fields that were equal.
    pub key_name: String,
    /// Confidence, divided among candidates.
    pub confidence: Confidence,
    /// Other candidates, sorted.
    pub alternatives: Vec<String>,
}

/// A missing edge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gap {
    /// The reason as one word for programs.
    pub reason: &'static str,
    /// The reason in words.
    pub words: String,
}

impl Node {
    /// A node with its id, secrets in it redacted.
    #[must_use]
    pub fn new(kind: &'static str, id: &str) -> Node {
        Node {
            kind,
            id: secret::redact(id),
            ..Node::default()
        }
    }

    /// A node that should be there and is not.
    #[must_use]
    pub fn missing(kind: &'static str, reason: &'static str, words: &str) -> Node {
        Node {
            kind,
            gap: Some(Gap {
                reason,
                words: secret::redact(words),
            }),
            ..Node::default()
        }
    }

    /// Adds a fact, secrets in it redacted; an empty value is none.
    pub fn fact(&mut self, name: &'static str, value: &str) -> &mut Node {
        if !value.is_empty() {
            self.facts.push((name, secret::redact(value)));
        }
        self
    }

    /// Keeps the first `limit` children and counts the rest.
    pub fn limit_to(&mut self, limit: usize) {
        let more = self.children.len().saturating_sub(limit);
        self.children.truncate(limit);
        self.left_out += more as u64;
    }

    /// The first fact of that name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        let found = self.facts.iter().find(|(fact, _)| *fact == name);
        found.map(|(_, value)| value.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_limit_leaves_out_is_counted() {
        let mut node = Node::new("token", "t");
        node.children = vec![Node::default(); 5];
        node.limit_to(2);
        node.limit_to(2);
        assert_eq!((node.children.len(), node.left_out), (2, 3));
    }

    #[test]
    fn a_secret_in_a_fact_is_redacted() {
        let token = format!("hvs.{}", "CAESIJ0rX2n7PqLwYb3Zk8".repeat(4));
        let mut node = Node::new("request", &token);
        node.fact("user_agent", &token);
        assert!(!format!("{node:?}").contains("J0rX2n7P"), "{node:?}");
    }
}
