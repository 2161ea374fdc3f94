//! What the inputs should hold and do not.

use super::{Period, Timestamp};

/// A part of the evidence that is missing.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Hole {
    /// What it is a hole of: a source (`vault`, `gitlab-jobs`), one log of a source
    /// (`gcp-audit/data-access`), or a kind of configured thing (`vault-policy`).
    pub of: String,
    /// The hours it spans; none where nobody can tell, and so any of them.
    pub span: Option<(Timestamp, Timestamp)>,
    /// In words, for people.
    pub words: String,
}

impl Hole {
    /// A hole that may lie anywhere.
    #[must_use]
    pub fn somewhere(of: impl Into<String>, words: impl Into<String>) -> Hole {
        Hole {
            of: of.into(),
            span: None,
            words: words.into(),
        }
    }

    /// A hole that spans a time.
    #[must_use]
    pub fn spanning(of: impl Into<String>, span: Period, words: impl Into<String>) -> Hole {
        Hole {
            of: of.into(),
            span: Some((span.from, span.to)),
            words: words.into(),
        }
    }

    /// Whether it is a hole of what is looked at: of the thing itself, of the source that the thing
    /// is one log of, or of one log of the source.
    #[must_use]
    pub fn concerns(&self, looked_at: &str) -> bool {
        let within = |whole: &str, part: &str| {
            part.strip_prefix(whole)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        within(&self.of, looked_at) || within(looked_at, &self.of)
    }

    /// Whether some of its span lies between two moments, both included.
    #[must_use]
    pub fn overlaps(&self, since: Timestamp, until: Timestamp) -> bool {
        self.span
            .is_some_and(|(from, to)| from <= until && since < to)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hole_concerns_its_source_and_the_logs_of_its_source() {
        let hole = Hole::somewhere("gcp-audit", "");
        assert!(hole.concerns("gcp-audit/data-access") && hole.concerns("gcp-audit"));
        assert!(!hole.concerns("gcp-audits") && !hole.concerns("gcp"));
        let one = Hole::somewhere("gcp-audit/data-access", "");
        assert!(one.concerns("gcp-audit") && !one.concerns("gcp-audit/admin-activity"));
    }
}
