//! What a rule answered, and how a check's rule is asked.

use std::convert::Infallible;

use crate::check::{self, Known};
use crate::model::RuleOutcome;
use crate::posture::Posture;
use crate::rule::{Observation, Rule, missing_input};

/// What a rule answered.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Finding, pass or not-assessed.
    pub outcome: RuleOutcome,
    /// How many things it examined.
    pub population: u64,
    /// Every piece of evidence, in no particular order.
    pub observations: Vec<Observation>,
    /// What of the rule could not be looked at, where the rest could.
    pub partly: Option<String>,
}

impl Answer {
    /// The answer of a rule that could not look.
    #[must_use]
    pub fn not_assessed(reason: impl Into<String>) -> Answer {
        Answer {
            outcome: RuleOutcome::NotAssessed(reason.into()),
            population: 0,
            observations: Vec::new(),
            partly: None,
        }
    }

    /// The answer of a rule that looked at `population` things.
    #[must_use]
    pub fn looked(population: u64, observations: Vec<Observation>) -> Answer {
        Answer {
            outcome: if observations.is_empty() {
                RuleOutcome::Pass
            } else {
                RuleOutcome::Finding
            },
            population,
            observations,
            partly: None,
        }
    }
}

/// Asks the check of a rule; not-assessed for a rule that is SQL, which needs tables.
#[must_use]
pub fn run_check(rule: &Rule, input: &Posture<'_>, known: &Known<'_>) -> Answer {
    let Some(name) = &rule.check else {
        return Answer::not_assessed(
            "the rule is SQL over tables, which this command does not make",
        );
    };
    let none = |_: &str, _: &str| Ok::<_, Infallible>(0);
    let Ok(missing) = missing_input(&rule.requires, input.facts, |_| 0, none);
    if let Some(reason) = missing {
        return Answer::not_assessed(reason);
    }
    match check::find(name) {
        None => Answer::not_assessed(format!("the check `{name}` is not in this build")),
        Some(check) => match check.run(input, known) {
            check::Verdict::NotAssessed(reason) => Answer::not_assessed(reason),
            check::Verdict::Looked {
                population,
                observations,
            } => Answer::looked(population, observations),
            check::Verdict::Partly {
                population,
                observations,
                missing,
            } => Answer {
                partly: Some(missing),
                ..Answer::looked(population, observations)
            },
        },
    }
}
