//! What a log or configuration format must be able to do.

use std::borrow::Cow;

use super::{Place, Sink, Source};

/// One format of log or configuration: recognised by content, read record by record.
///
/// Formats are stateless and shared between threads; what spans records (pairs, duplicates,
/// order) is the business of the tables behind the [`Sink`].
pub trait Format: Sync {
    /// What is fixed about it.
    fn about(&self) -> &About;

    /// Whether a file whose first record or head is `sample` is of this format.
    fn recognises(&self, sample: &Sample<'_>) -> bool;

    /// Whether what lies at `path` is of this format whatever it holds. Where anybody may choose
    /// the content, it does not choose the kind.
    fn owns(&self, _path: &str) -> bool {
        false
    }

    /// Reads one record and pushes what it says.
    fn read(&self, record: &Record<'_>, sink: &mut dyn Sink) -> Verdict;
}

/// What is fixed about a format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct About {
    /// What its files are records of.
    pub source: &'static Source,
    /// What a person calls the format, for messages: `Vault audit log`.
    pub title: &'static str,
    /// How a file of this format is cut into records.
    pub framing: Framing,
}

impl About {
    /// What is fixed about a format in JSON.
    #[must_use]
    pub const fn json(source: &'static Source, title: &'static str) -> About {
        About {
            source,
            title,
            framing: Framing::Json,
        }
    }
}

/// How a file is cut into records, and so what the unit of its coverage is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framing {
    /// JSON in any layout (lines, array, concatenated, pretty-printed) or YAML documents, which
    /// arrive as JSON. A record is one line or one element.
    Json,
    /// Text with one record a line (an access log).
    Rows,
    /// Text read whole, counted by line (a job trace).
    TextLines,
    /// Text read whole, counted as one record (a policy, a `.gitlab-ci.yml`).
    TextFile,
}

/// What detection looks at.
#[derive(Clone, Copy, Debug)]
pub struct Sample<'a> {
    /// Path of the file relative to the inputs' root, with `/`. A hint for names, never for kinds.
    pub path: &'a str,
    /// The first record that parses as JSON (or YAML), if any.
    pub value: Option<&'a serde_json::Value>,
    /// The decompressed head of the file: 64 KiB, or more where they leave the kind open.
    pub head: &'a [u8],
}

/// One record to read.
#[derive(Clone, Copy, Debug)]
pub struct Record<'a> {
    /// Path of the file relative to the inputs' root, with `/`.
    pub path: &'a str,
    /// The record's JSON without prefix or wrapper, or the whole text.
    ///
    /// JSON records are valid UTF-8; text may hold any bytes.
    pub bytes: &'a [u8],
    /// Where the record stands; evidence of all that it says. For [`Framing::TextLines`] the
    /// place of the first line.
    pub place: Place,
}

/// What became of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It was read.
    Parsed,
    /// It is known but of no use, or of a kind that nothing reads yet; says which.
    Skipped(Cow<'static, str>),
    /// It is damaged; says why, without quoting the content.
    Rejected(Cow<'static, str>),
    /// It is not of this format; another may read it.
    Foreign,
}
