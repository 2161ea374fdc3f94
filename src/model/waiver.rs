//! Accepted findings, with an owner and an end.

use super::Timestamp;

/// One accepted finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiver {
    /// The rule it waives.
    pub rule: String,
    /// The finding's fingerprint, or `None` when subject and object name it.
    pub fingerprint: Option<String>,
    /// The finding's subject.
    pub subject: Option<String>,
    /// The finding's object.
    pub object: Option<String>,
    /// Why it is accepted.
    pub reason: String,
    /// Who accepts it.
    pub owner: String,
    /// When the acceptance ends.
    pub expires: Timestamp,
    /// Ticket, empty without one.
    pub ticket: String,
    /// Who approved it, empty without one.
    pub approved_by: String,
    /// When it was approved.
    pub approved_on: Option<Timestamp>,
    /// Where it stands: `piperoll.toml:12`.
    pub declared_at: String,
}
