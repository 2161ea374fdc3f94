//! How bad a finding is.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The severity of a finding, worst last so that `>=` reads "at or above".
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Context, not a fault.
    Info,
    /// Hygiene, or latent.
    Low,
    /// Raises likelihood or blast radius; needs a second fault.
    Med,
    /// Crosses a trust boundary or defeats attribution.
    High,
    /// One step to all secrets, or loss of the audit trail.
    Crit,
}

impl Severity {
    /// All severities, worst first.
    pub const WORST_FIRST: [Severity; 5] = [
        Severity::Crit,
        Severity::High,
        Severity::Med,
        Severity::Low,
        Severity::Info,
    ];

    /// The word used in every output: `crit`, `high`, `med`, `low` or `info`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Severity::Info => "info",
            Severity::Low => "low",
            Severity::Med => "med",
            Severity::High => "high",
            Severity::Crit => "crit",
        }
    }

    /// The next milder severity; `Info` stays.
    #[must_use]
    pub fn milder(self) -> Severity {
        match self {
            Severity::Crit => Severity::High,
            Severity::High => Severity::Med,
            Severity::Med => Severity::Low,
            Severity::Low | Severity::Info => Severity::Info,
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Severity {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::WORST_FIRST
            .into_iter()
            .find(|severity| severity.as_str() == text)
            .ok_or_else(|| format!("`{text}` is no severity; one of crit, high, med, low, info"))
    }
}
