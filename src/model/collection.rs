//! How inputs were collected, as `[[source]]` or a receipt declares it.

use super::Timestamp;

/// One declaration, with what was read of it. Texts are redacted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Collection {
    /// Glob over input paths.
    pub path: String,
    /// The system that exported it; empty where nothing says.
    pub system: String,
    /// The instance or host that it came from; empty where nothing says.
    pub instance: String,
    /// The environment it comes from; empty where nothing says.
    pub environment: String,
    /// The command or job that collected it; empty where nothing says.
    pub command: String,
    /// When it was collected.
    pub at: Option<Timestamp>,
    /// Who collected it; empty where nothing says.
    pub by: String,
    /// How many records it must have.
    pub expected: Option<u64>,
    /// How many input files have the path.
    pub files: u64,
    /// How many records these hold.
    pub records: u64,
}
