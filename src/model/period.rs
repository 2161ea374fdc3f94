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

    /// None: no period was given, and no record that was read has a time.
    pub const UNKNOWN: Period = Period {
        from: Timestamp::UNKNOWN,
        to: Timestamp::UNKNOWN,
    };

    /// Whether it was given, or could be derived.
    #[must_use]
    pub fn is_known(self) -> bool {
        self != Self::UNKNOWN
    }

    /// Whether `at` lies inside.
    #[must_use]
    pub fn contains(self, at: Timestamp) -> bool {
        self.from <= at && at < self.to
    }
}
