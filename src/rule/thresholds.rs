//! The thresholds of all rules, as the configuration knows them.

use std::collections::BTreeMap;

use super::{Rule, Span};
use crate::config::Threshold;

/// The thresholds that rule files declare, as the configuration wants them.
#[must_use]
pub fn thresholds(rules: &[Rule]) -> Vec<(String, Threshold)> {
    let mut known: BTreeMap<String, Threshold> = BTreeMap::new();
    for rule in rules {
        for (name, span) in &rule.thresholds {
            let threshold = match span {
                Span::Number(number) => Threshold::Number(*number as f64),
                Span::Seconds(seconds) => Threshold::Duration(seconds.saturating_mul(1_000_000)),
            };
            known.entry(name.clone()).or_insert(threshold);
        }
    }
    known.into_iter().collect()
}
