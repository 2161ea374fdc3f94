//! What was answered to an exception: the response that an auditor reports beside it.

/// What became of an exception, as somebody who answers for it says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Disposition {
    /// Nobody has decided yet.
    #[default]
    Open,
    /// The risk is accepted; in force only where a waiver says so.
    AcceptedRisk,
    /// It is none, says the reviewer.
    FalsePositive,
    /// It was mended; it stays an exception of the period.
    Remediated,
}

impl Disposition {
    /// Every disposition.
    pub const ALL: [Disposition; 4] = [
        Disposition::Open,
        Disposition::AcceptedRisk,
        Disposition::FalsePositive,
        Disposition::Remediated,
    ];

    /// The word used in every output.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Disposition::Open => "open",
            Disposition::AcceptedRisk => "accepted-risk",
            Disposition::FalsePositive => "false-positive",
            Disposition::Remediated => "remediated",
        }
    }

    /// The disposition of this word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Disposition> {
        Self::ALL.into_iter().find(|known| known.as_str() == word)
    }
}

/// What was answered to one exception. It stands beside the finding and erases nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Response {
    /// What became of it.
    pub disposition: Disposition,
    /// Who answers for it.
    pub owner: String,
    /// What management says.
    pub response: String,
    /// Ticket.
    pub ticket: String,
    /// Why it came about.
    pub cause: String,
    /// What came of it.
    pub effect: String,
    /// Who reviewed it.
    pub reviewed_by: String,
    /// When, as it was written.
    pub reviewed_at: String,
}
