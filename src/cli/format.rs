//! How a command that answers about packs writes its answer.

use clap::ValueEnum;

/// How the answer is written.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum Format {
    /// For people
    Text,
    /// A table: one row per record of a sample, with columns to fill in, or per change
    Csv,
    /// One JSON document
    Json,
}
