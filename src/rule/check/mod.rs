//! Built-in checks: rules that need semantics SQL does not have, named by the bad pattern.

use super::{Facts, Observation};

/// What a check answers.
#[derive(Clone, Debug)]
pub enum Verdict {
    /// It could not look; says why.
    NotAssessed(String),
    /// It looked at `population` things.
    Looked {
        /// How many things it examined.
        population: u64,
        /// Every piece of evidence.
        observations: Vec<Observation>,
    },
}

/// One built-in check.
pub trait Check: Sync {
    /// The name rule files use.
    fn name(&self) -> &'static str;

    /// Looks.
    fn run(&self, facts: &Facts) -> Verdict;
}

/// Every check, by name.
pub static CHECKS: [&dyn Check; 0] = [];

/// The check of that name.
#[must_use]
pub fn find(name: &str) -> Option<&'static dyn Check> {
    CHECKS.iter().copied().find(|check| check.name() == name)
}
