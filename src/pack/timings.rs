//! Where the time of a run went. It stands in `run.json` alone: no two runs take the same time.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What each part of a run took, in the order in which they ended.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Timings {
    /// The phases.
    pub phases: Vec<Took>,
    /// The rules: parts of the phase `rules`. Their records are their populations.
    pub rules: Vec<Took>,
}

/// What one part took.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Took {
    /// Phase or rule.
    pub name: String,
    /// How many records it worked on.
    pub records: u64,
    /// Time that passed, in microseconds.
    pub wall_us: u64,
    /// Time of all threads on processors, in microseconds; none where the system does not tell.
    pub cpu_us: Option<u64>,
    /// The most memory that the process has held until its end, in bytes; none likewise.
    pub peak_bytes: Option<u64>,
}

/// Tells, when a pack is sealed, where the time went until then.
pub trait Stopwatch: fmt::Debug {
    /// The timings, with those of the pack, which has so many files.
    fn timings(&self, files: u64) -> Timings;
}
