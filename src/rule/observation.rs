//! One piece of evidence that a rule found.

use crate::model::{Confidence, Evidence, Severity, Timestamp};

/// One row of a rule's answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observation {
    /// Who or what it is about.
    pub subject: String,
    /// What was touched.
    pub object: String,
    /// When.
    pub at: Option<Timestamp>,
    /// The record that shows it.
    pub evidence: Evidence,
    /// How sure; certain unless the row says otherwise.
    pub confidence: Confidence,
    /// Severity, where the row differs from the rule.
    pub severity: Option<Severity>,
    /// What this row adds to the message.
    pub detail: String,
}
