//! One piece of evidence that a rule found.

use crate::model::{Confidence, Evidence, Severity, Timestamp};

/// One row of a rule's answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observation {
    /// Who or what it is about.
    pub subject: String,
    /// What was touched.
    pub object: String,
    /// When.
    pub at: Option<Timestamp>,
    /// The record that shows it.
    pub evidence: Evidence,
    /// How sure; certain unless the row says otherwise.
    pub confidence: Confidence,
    /// Severity, where the row differs from the rule.
    pub severity: Option<Severity>,
    /// What this row adds to the message.
    pub detail: String,
    /// What to show of the source, where its text is at hand.
    pub excerpt: Option<Excerpt>,
}

/// A part of one source line, to be shown; no evidence by itself.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Excerpt {
    /// Line in the file, from 1.
    pub line: u64,
    /// Last line of the statement it is part of.
    pub last_line: u64,
    /// Column of the part in characters, from 1.
    pub column: u32,
    /// Length of the part in characters.
    pub length: u32,
    /// The line, redacted.
    pub text: String,
}

impl Observation {
    /// A certain observation of a lasting state.
    #[must_use]
    pub fn of(
        subject: impl Into<String>,
        object: impl Into<String>,
        evidence: Evidence,
    ) -> Observation {
        Observation {
            subject: subject.into(),
            object: object.into(),
            at: None,
            evidence,
            confidence: Confidence::CERTAIN,
            severity: None,
            detail: String::new(),
            excerpt: None,
        }
    }

    /// The observation with a severity of its own.
    #[must_use]
    pub fn with_severity(mut self, severity: Severity) -> Observation {
        self.severity = Some(severity);
        self
    }

    /// The observation with something to add to the message.
    #[must_use]
    pub fn with_detail(mut self, detail: impl Into<String>) -> Observation {
        self.detail = detail.into();
        self
    }

    /// The observation with a piece of source to show.
    #[must_use]
    pub fn with_excerpt(mut self, excerpt: Option<Excerpt>) -> Observation {
        self.excerpt = excerpt;
        self
    }
}

/// The evidence of a setting, from the place it is declared at: `piperoll.toml:12`.
#[must_use]
pub fn declared(at: &str) -> Evidence {
    let (file, line) = at.rsplit_once(':').unwrap_or((at, "1"));
    Evidence {
        file: file.to_owned(),
        line: line.parse().unwrap_or(1),
        byte: 0,
        sha256: String::new(),
    }
}
