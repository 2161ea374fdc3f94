//! What a file is a record of: one value stands beside the formats of each.

/// What files of one or several formats are records of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Source {
    /// The `source` cell of the coverage table, and the name that rules use.
    pub name: &'static str,
    /// What its files hold.
    pub holds: Holds,
}

/// What the files of a source hold, and so what can be asked of their times.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holds {
    /// A stream of dated events.
    Log {
        /// Whether its records come in the order of time; others may be histories.
        ordered: bool,
        /// Whether it always has something to say: a silence at the end of the period makes a pack
        /// interim.
        continuous: bool,
    },
    /// Records of what is dated elsewhere.
    Records,
    /// What was so at one moment.
    Configuration,
}

impl Source {
    /// Whether it is a stream of dated events.
    #[must_use]
    pub fn is_log(&self) -> bool {
        matches!(self.holds, Holds::Log { .. })
    }

    /// Whether its records come in the order of time.
    #[must_use]
    pub fn is_ordered(&self) -> bool {
        matches!(self.holds, Holds::Log { ordered: true, .. })
    }

    /// Whether it is a log that always has something to say.
    #[must_use]
    pub fn is_continuous(&self) -> bool {
        matches!(
            self.holds,
            Holds::Log {
                continuous: true,
                ..
            }
        )
    }

    /// Whether it is configuration.
    #[must_use]
    pub fn is_configuration(&self) -> bool {
        self.holds == Holds::Configuration
    }
}
