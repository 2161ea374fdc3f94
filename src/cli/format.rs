//! How commands write their answers, where several write alike.

use clap::ValueEnum;

/// How an answer about packs is written.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum Format {
    /// For people
    Text,
    /// A table: one row per record of a sample, with columns to fill in, or per change
    Csv,
    /// One JSON document
    Json,
}

/// How the summary of a run is written.
#[cfg(feature = "tables")]
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum SummaryFormat {
    /// For people
    Text,
    /// One line of JSON
    Json,
}
