//! Why a query is not run.

/// Why a query is not run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    /// The reason, in our words.
    pub(super) reason: String,
    /// What to do.
    pub(super) help: String,
}

pub(super) const ONLY: &str =
    "a query is one SELECT, with or without WITH, over the tables that `piperoll tables` lists";

impl Refusal {
    pub(super) fn new(reason: impl Into<String>) -> Box<Refusal> {
        Refusal::with(reason, ONLY)
    }

    pub(super) fn with(reason: impl Into<String>, help: impl Into<String>) -> Box<Refusal> {
        Box::new(Refusal {
            reason: reason.into(),
            help: help.into(),
        })
    }
}
