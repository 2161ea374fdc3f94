//! The interval under review.

use super::Timestamp;

/// A half-open interval of time, `[from, to)`, in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    /// The first moment inside.
    pub from: Timestamp,
    /// The first moment after.
    pub to: Timestamp,
}

impl Period {
    /// Everything that can be dated.
    pub const ALL: Period = Period {
        from: Timestamp::MIN,
        to: Timestamp::MAX,
    };

    /// Whether `at` lies inside.
    #[must_use]
    pub fn contains(self, at: Timestamp) -> bool {
        self.from <= at && at < self.to
    }
}
