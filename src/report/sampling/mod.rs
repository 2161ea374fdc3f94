//! A sample of a population, in the formats it can be handed to a tester in.

mod csv;
mod json;
mod text;

use crate::model::EvidenceKind;

pub use csv::sampling_csv;
pub use json::sampling_json;
pub use text::sampling_text;

/// A sample: what was drawn, from what, and how it is drawn again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sampling {
    /// The pack's id.
    pub report_id: String,
    /// Digest of the pack's `SHA256SUMS`.
    pub sha256sums_sha256: String,
    /// First moment of the period, as the pack states it.
    pub from: String,
    /// First moment after the period.
    pub to: String,
    /// The population's file in the pack.
    pub population: String,
    /// Digest of that file.
    pub population_sha256: String,
    /// Rows of the population.
    pub rows: u64,
    /// How many rows were asked for.
    pub size: u64,
    /// The seed.
    pub seed: String,
    /// Whether the seed was given; else it is derived from the pack and the population.
    pub seed_given: bool,
    /// Column that holds the time of a row; empty where rows have none.
    pub time_column: String,
    /// The strata, in the order of time.
    pub strata: Vec<Stratum>,
    /// Columns of the population.
    pub header: Vec<String>,
    /// What was drawn, in the order of the population.
    pub items: Vec<Item>,
}

/// One part of the period with the rows that lie in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stratum {
    /// First moment; empty for rows without a time.
    pub from: String,
    /// First moment after it.
    pub to: String,
    /// Rows in it.
    pub rows: u64,
    /// Rows drawn from it.
    pub drawn: u64,
}

/// One row that was drawn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// Row below the header, from 1.
    pub row: u64,
    /// Number of the stratum, from 1.
    pub stratum: usize,
    /// The row's cells as they stand in the population.
    pub cells: Vec<String>,
    /// The records it cites.
    pub records: Vec<SampledRecord>,
}

/// A record that a row cites.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SampledRecord {
    /// Which of the row's evidence: `evidence`, `left` or `right`.
    pub side: &'static str,
    /// File, as the pack names it.
    pub file: String,
    /// Line, from 1.
    pub line: u64,
    /// Where exactly; `None` where the input was not at hand.
    pub place: Option<Exact>,
    /// Whether and how the record is shown.
    pub state: RecordState,
    /// The record, where it is shown.
    pub text: String,
    /// The command that fetches it again; empty where its bytes are not known.
    pub fetch: String,
}

/// Exactly which bytes a record is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exact {
    /// First byte of the decompressed stream, from 0.
    pub byte: u64,
    /// First byte after it.
    pub end: u64,
    /// A line, a record of a document, or the whole file.
    pub kind: EvidenceKind,
    /// Digest of exactly these bytes.
    pub sha256: String,
}

/// Whether and how a record is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RecordState {
    /// Byte for byte as it was logged.
    AsLogged,
    /// With what is or may be a secret replaced by `****`.
    Redacted,
    /// Not shown; says why.
    NotShown(String),
}

impl RecordState {
    /// The words used in every output.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            RecordState::AsLogged => "as logged".to_owned(),
            RecordState::Redacted => "redacted: what may be a secret is ****".to_owned(),
            RecordState::NotShown(why) => format!("not shown: {why}"),
        }
    }
}

impl Sampling {
    /// How the rows were chosen, so that anybody can choose them again.
    #[must_use]
    pub fn method(&self) -> String {
        if self.size >= self.rows {
            return "every row: the population is not larger than the sample".to_owned();
        }
        "rows are numbered from 1 below the header; in each stratum those with the smallest \
         SHA-256 of \"SEED\\nROW\" (seed, line feed, row number, as text) are drawn; one row of \
         every stratum that has any, the rest in proportion, by largest remainder"
            .to_owned()
    }
}
