//! Edges: who became what, by which key, and who else it might have been.

use crate::model::{Confidence, Key, Place, Timestamp};

/// One identity edge between two ids.
#[derive(Clone, Debug)]
pub struct Edge {
    /// Kind: `job-login`, ...
    pub edge: &'static str,
    /// Left end.
    pub left: String,
    /// Right end.
    pub right: String,
    /// Key it was made by.
    pub key: Key,
    /// The fields that were equal.
    pub key_name: &'static str,
    /// Confidence, divided among candidates.
    pub confidence: Confidence,
    /// Other candidates, sorted.
    pub alternatives: Vec<String>,
    /// Why the alternatives lost; empty when they fit as well.
    pub why_lost: &'static str,
    /// Record of the left end.
    pub left_place: Place,
    /// Record of the right end.
    pub right_place: Place,
    /// When the left end happened.
    pub left_at: Timestamp,
    /// When the right end happened.
    pub right_at: Timestamp,
}

/// A set of candidates for one end of an edge, and the key that named them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidates {
    /// Positions in the list of what is joined, ascending; never empty.
    pub found: Vec<u32>,
    /// Key.
    pub key: Key,
    /// The fields that were equal.
    pub key_name: &'static str,
}

impl Candidates {
    /// The only candidate.
    #[must_use]
    pub fn only(&self) -> Option<u32> {
        match self.found.as_slice() {
            [one] => Some(*one),
            _ => None,
        }
    }

    /// Confidence that a given candidate is the one.
    #[must_use]
    pub fn confidence(&self) -> Confidence {
        self.key.confidence().shared_by(self.found.len())
    }
}
