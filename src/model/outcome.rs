//! How an audited operation ended.

use serde::{Deserialize, Serialize};

/// The outcome of one operation.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// The record does not say: a Vault request whose response was not logged.
    #[default]
    Unknown,
    /// The operation was carried out.
    Allowed,
    /// The system refused it for want of permission.
    Denied,
    /// It failed for another reason.
    Failed,
}

impl Outcome {
    /// The word used in every output.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Outcome::Unknown => "unknown",
            Outcome::Allowed => "allowed",
            Outcome::Denied => "denied",
            Outcome::Failed => "failed",
        }
    }
}
