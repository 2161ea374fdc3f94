//! Controls of a framework and what the evidence says about each.

use super::Severity;

/// The state of a control over the period. Never a score, never "compliant".
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ControlState {
    /// At least one exception, waived or not.
    Exceptions,
    /// Every primary rule was assessed on a population above 0 and none found anything.
    NoExceptionsDetected,
    /// Assessed, but nothing of the kind happened.
    NoOccurrence,
    /// A needed input is missing, has a gap, or a rule could not be assessed.
    InsufficientCoverage,
    /// Logs cannot show it.
    NotEvaluableFromLogs,
}

impl ControlState {
    /// The words used in every output.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            ControlState::Exceptions => "exceptions",
            ControlState::NoExceptionsDetected => "no-exceptions-detected",
            ControlState::NoOccurrence => "no-occurrence",
            ControlState::InsufficientCoverage => "insufficient-coverage",
            ControlState::NotEvaluableFromLogs => "not-evaluable-from-logs",
        }
    }
}

/// Something that the evidence of a control lacks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lack {
    /// The rule that lacks it; `None` when it is the control as a whole.
    pub rule: Option<String>,
    /// What, in words.
    pub what: String,
}

impl std::fmt::Display for Lack {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.rule {
            Some(rule) => write!(out, "{rule}: {}", self.what),
            None => out.write_str(&self.what),
        }
    }
}

/// How a rule speaks about a control.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Strength {
    /// The control is what the rule is about.
    Primary,
    /// What the rule finds bears on the control.
    Supporting,
}

impl Strength {
    /// The word used in every output.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Strength::Primary => "primary",
            Strength::Supporting => "supporting",
        }
    }
}

/// One row of the control matrix.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ControlRow {
    /// Framework id, e.g. `soc2-2017`.
    pub framework: String,
    /// Control id, e.g. `CC6.1`.
    pub control: String,
    /// Our own title.
    pub title: String,
    /// State over the period.
    pub state: ControlState,
    /// The most things that one of the control's rules examined. Rules examine many of the same
    /// things, so their populations are never added up.
    pub population: u64,
    /// Findings of the control's rules, waived ones included.
    pub findings: u64,
    /// Findings of each severity, worst first; those of none are left out.
    pub severities: Vec<(Severity, u64)>,
    /// What the evidence lacks, in the order of the rules.
    pub lacking: Vec<Lack>,
    /// Evidence files of the pack, sorted.
    pub evidence_files: Vec<String>,
    /// What this does not show.
    pub not_shown: String,
    /// The rules that speak about the control, by id.
    pub rules: Vec<(String, Strength)>,
    /// Rules mapped to the control.
    pub rules_mapped: u64,
    /// Rules of those that could be assessed.
    pub rules_assessed: u64,
    /// Findings accepted by a waiver.
    pub waived: u64,
}

impl ControlRow {
    /// What the evidence lacks as one text.
    #[must_use]
    pub fn coverage(&self) -> String {
        let lacking: Vec<String> = self.lacking.iter().map(Lack::to_string).collect();
        lacking.join("; ")
    }
}
