//! Who looks on while a run works: what lies below `cli` asks no clock, it says how far it is.

/// A part of a run, in the order in which they end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Inputs are read, parsed and paired.
    Read,
    /// Operations are joined to logins, jobs, services and people.
    Join,
    /// The rows of all tables are made.
    Tabulate,
    /// Rules are asked.
    Rules,
    /// The pack is written.
    Pack,
}

impl Phase {
    /// The word used in every output.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Phase::Read => "read",
            Phase::Join => "join",
            Phase::Tabulate => "tabulate",
            Phase::Rules => "rules",
            Phase::Pack => "pack",
        }
    }
}

/// Is told how far a run is.
pub trait Watch {
    /// A file has been read: its name and its bytes as stored.
    fn file(&mut self, _name: &str, _bytes: u64) {}

    /// A phase is over that worked on so many records.
    fn ended(&mut self, _phase: Phase, _records: u64) {}

    /// A rule is about to be asked.
    fn asked(&mut self) {}

    /// A rule has answered, over a population of so many.
    fn answered(&mut self, _rule: &str, _population: u64) {}
}

/// Nobody looks on.
impl Watch for () {}
