//! Proves a rule by its own examples: tiny inputs in, the promised answer out.
//!
//! A rule in SQL is proven by rows of tables (`rows`), a rule with a `check` by small files
//! (`files`, `config`) and the lines of a log (`request`). The files of an example lie on disk as
//! exports do; the configuration speaks from 2026-06-01. A waived example is proven by
//! the judgement that holds waivers against findings.

mod calls;
mod files;
mod requests;
#[cfg(feature = "tables")]
mod rows;
mod waiver;

use std::collections::BTreeSet;

use super::Answer;
use crate::finding;
use crate::model::{RuleOutcome, Severity};
use crate::rule::{Example, Expect, Rule};

pub use files::with_configuration;

/// Whether this build can prove a rule: SQL needs tables.
#[must_use]
pub fn provable(rule: &Rule) -> bool {
    rule.check.is_some() || cfg!(feature = "tables")
}

/// Runs an example; `Err` says how the answer differs from the promise.
pub fn prove(rule: &Rule, example: &Example) -> Result<(), String> {
    if example.expect == Expect::Waived {
        return waiver::prove(rule, example);
    }
    let answer = answer(rule, example)?;
    let expected = match example.expect {
        Expect::Finding => "finding",
        Expect::Pass => "pass",
        Expect::Waived => "waived",
        Expect::NotAssessed => "not-assessed",
    };
    if answer.outcome.as_str() != expected {
        let why = match &answer.outcome {
            RuleOutcome::NotAssessed(reason) => format!(" ({reason})"),
            RuleOutcome::Finding => format!(" ({})", found(&answer)),
            RuleOutcome::Pass | RuleOutcome::NoOccurrence => String::new(),
        };
        let got = answer.outcome.as_str();
        return Err(format!("expected {expected}, got {got}{why}"));
    }
    if example.expect != Expect::NotAssessed && answer.population == 0 {
        return Err("the population is 0 although something was assessed".to_owned());
    }
    let wanted: BTreeSet<String> = example
        .finds
        .iter()
        .map(|[subject, object]| format!("{subject} -> {object}"))
        .collect();
    if example.expect == Expect::Finding && wanted.is_empty() {
        return Err("a positive example names its findings under `finds`".to_owned());
    }
    let wanted: Vec<String> = wanted.into_iter().collect();
    if found(&answer) != wanted.join("; ") {
        let (got, wanted) = (found(&answer), wanted.join("; "));
        return Err(format!("expected the findings {wanted}, got {got}"));
    }
    let seen = answer.observations.iter();
    let worst = seen.map(|row| finding::severity(rule, row)).max();
    if example.severity.is_some() && example.severity != worst {
        let word = |severity: Option<Severity>| severity.map_or("none", |it| it.as_str());
        let (wanted, got) = (word(example.severity), word(worst));
        return Err(format!("expected severity {wanted}, got {got}"));
    }
    if let Some(wanted) = &example.detail {
        let details = answer.observations.iter().map(|row| row.detail.as_str());
        let details: BTreeSet<&str> = details.collect();
        if !details.iter().any(|detail| detail.contains(wanted)) {
            return Err(format!("expected the detail `{wanted}`, got {details:?}"));
        }
    }
    if let Some(row) = answer
        .observations
        .iter()
        .find(|row| row.evidence.line == 0)
    {
        return Err(format!("evidence without a place: {row:?}"));
    }
    Ok(())
}

fn answer(rule: &Rule, example: &Example) -> Result<Answer, String> {
    if rule.check.is_some() {
        return files::answer(rule, example);
    }
    #[cfg(feature = "tables")]
    return rows::answer(rule, example);
    #[cfg(not(feature = "tables"))]
    Err("a rule in SQL needs the cargo feature `tables`".to_owned())
}

fn found(answer: &Answer) -> String {
    let pairs: BTreeSet<String> = answer
        .observations
        .iter()
        .map(|row| format!("{} -> {}", row.subject, row.object))
        .collect();
    pairs.into_iter().collect::<Vec<_>>().join("; ")
}
