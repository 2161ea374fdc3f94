//! Which records of an operation were logged.

use serde::{Deserialize, Serialize};

use super::half::Half;
use crate::model::Part;

/// Which records of an operation were logged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Parts {
    /// One record is the whole.
    Whole,
    /// A Vault request and its response.
    Pair,
    /// A Vault request alone.
    Request,
    /// A Vault response alone.
    Response,
    /// The first entry of a long-running Google operation alone.
    First,
    /// Its last entry alone.
    Last,
    /// Both.
    FirstLast,
    /// All pieces of a split entry.
    Split,
    /// Some pieces of a split entry.
    SplitPartial,
}

impl Parts {
    /// Those of an operation, the leading record first.
    pub(super) fn of(halves: &[Half]) -> Parts {
        match (halves.first().map(|half| half.part), halves.len()) {
            (Some(Part::Response), 2) => Parts::Pair,
            (Some(Part::Response), _) => Parts::Response,
            (Some(Part::Request), _) => Parts::Request,
            (Some(Part::First), 2) => Parts::FirstLast,
            (Some(Part::First), _) => Parts::First,
            (Some(Part::Last), _) => Parts::Last,
            (Some(Part::Split { total, .. }), n) if n >= usize::from(total) => Parts::Split,
            (Some(Part::Split { .. }), _) => Parts::SplitPartial,
            _ => Parts::Whole,
        }
    }

    /// The word used in every output.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Parts::Whole => "whole",
            Parts::Pair => "pair",
            Parts::Request => "request",
            Parts::Response => "response",
            Parts::First => "first",
            Parts::Last => "last",
            Parts::FirstLast => "first-last",
            Parts::Split => "split",
            Parts::SplitPartial => "split-partial",
        }
    }
}
