//! What the inputs should hold and do not.

use std::fmt::Display;

use super::{Period, Timestamp};

/// The exports that hold configured things, by how the names of their kinds begin.
const EXPORTS: [(&str, &str); 6] = [
    ("ci-file", "gitlab-config"),
    ("vault-", "vault-config"),
    ("gitlab-", "gitlab-config"),
    ("gcp-", "gcp-config"),
    ("iam-", "gcp-config"),
    ("run-", "gcp-config"),
];
/// Sources whose names begin as those of kinds do.
const SOURCES: [&str; 5] = [
    "gitlab-jobs",
    "gitlab-pipelines",
    "gitlab-audit",
    "gitlab-trace",
    "gcp-requests",
];

/// Behind the name of a log: its texts were cut short, so what they say may be any other's.
pub const SHORTENED: &str = "/shortened";

/// Behind the name of a log: its records bear no id, so nothing tells one from a copy of it.
pub const UNNUMBERED: &str = "/unnumbered";

/// Microseconds of two days.
const DAYS: i64 = 2 * 86_400_000_000;
/// How many names a sentence spells out.
const SHOWN: usize = 3;

/// Some names, and how many more, as the words of a hole have them.
pub fn listed<N>(names: N) -> String
where
    N: IntoIterator<IntoIter: ExactSizeIterator, Item: Display>,
{
    let names = names.into_iter();
    let rest = match names.len().saturating_sub(SHOWN) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let shown: Vec<String> = names.take(SHOWN).map(|name| name.to_string()).collect();
    format!("{}{rest}", shown.join(", "))
}

/// The export that holds things of a kind; none where the name is a log's.
fn export_of(looked_at: &str) -> Option<&'static str> {
    if SOURCES.contains(&looked_at) || looked_at.starts_with("gcp-audit") {
        return None;
    }
    let mut exports = EXPORTS.into_iter();
    let known = exports.find(|(start, _)| looked_at.starts_with(start));
    known.map(|(_, export)| export)
}

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
    /// Whether it may be none: the log may have had nothing to say. A pass says so, and what happened
    /// in it is suspected, not left unjudged.
    pub doubtful: bool,
    /// The folders of others that it is no hole of: where things of one server are missing, those of
    /// another. What is shown there rests on nothing that is missing here.
    pub apart: Vec<String>,
}

impl Hole {
    /// A hole that may lie anywhere.
    #[must_use]
    pub fn somewhere(of: impl Into<String>, words: impl Into<String>) -> Hole {
        Hole {
            of: of.into(),
            span: None,
            words: words.into(),
            doubtful: false,
            apart: Vec::new(),
        }
    }

    /// A hole that spans a time.
    #[must_use]
    pub fn spanning(of: impl Into<String>, span: Period, words: impl Into<String>) -> Hole {
        Hole {
            of: of.into(),
            span: Some((span.from, span.to)),
            words: words.into(),
            doubtful: false,
            apart: Vec::new(),
        }
    }

    /// Whether it is a hole of what is looked at: of the thing itself, of the source that the thing
    /// is one log of, of one log of the source, or of the export that holds such things.
    #[must_use]
    pub fn concerns(&self, looked_at: &str) -> bool {
        let within = |whole: &str, part: &str| {
            part.strip_prefix(whole)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        let held = export_of(looked_at).is_some_and(|export| self.of == export);
        held || within(&self.of, looked_at) || within(looked_at, &self.of)
    }

    /// The same, that is none of what lies in some folders, each with its final slash.
    #[must_use]
    pub fn apart_from(mut self, folders: impl IntoIterator<Item = String>) -> Hole {
        // No name at all is the folder of every file.
        self.apart = folders.into_iter().filter(|it| !it.is_empty()).collect();
        self
    }

    /// Whether a file lies in a folder that it is no hole of.
    #[must_use]
    pub fn spares(&self, file: &str) -> bool {
        self.apart.iter().any(|folder| file.starts_with(folder))
    }

    /// Whether it spans two days or more: so much is told before what may be a single record.
    #[must_use]
    pub fn is_of_days(&self) -> bool {
        self.span
            .is_some_and(|(from, to)| to.0.saturating_sub(from.0) >= DAYS)
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
    fn two_days_are_days_and_what_may_lie_anywhere_is_none() {
        let lasting = |to| {
            let span = Period {
                from: Timestamp(0),
                to: Timestamp(to),
            };
            Hole::spanning("vault", span, "").is_of_days()
        };
        assert!(lasting(DAYS) && !lasting(DAYS - 1));
        assert!(!Hole::somewhere("vault", "").is_of_days());
    }

    #[test]
    fn a_hole_spares_what_lies_in_the_folders_of_others() {
        let hole =
            Hole::somewhere("vault-config", "").apart_from(["eu/".to_owned(), String::new()]);
        assert!(hole.spares("eu/config/audit-list.json"));
        assert!(!hole.spares("us/audit.log") && !hole.spares("europe/audit.log"));
        assert!(!Hole::somewhere("vault-config", "").spares("eu/audit.log"));
    }

    #[test]
    fn a_hole_concerns_its_source_and_the_logs_of_its_source() {
        let hole = Hole::somewhere("gcp-audit", "");
        assert!(hole.concerns("gcp-audit/data-access") && hole.concerns("gcp-audit"));
        assert!(!hole.concerns("gcp-audits") && !hole.concerns("gcp"));
        let one = Hole::somewhere("gcp-audit/data-access", "");
        assert!(one.concerns("gcp-audit") && !one.concerns("gcp-audit/admin-activity"));
    }

    #[test]
    fn a_hole_of_an_export_concerns_the_things_that_it_holds_and_no_other_way_round() {
        let export = Hole::somewhere("gcp-config", "");
        assert!(export.concerns("run-service") && export.concerns("iam-policy"));
        assert!(!export.concerns("vault-role") && !export.concerns("gcp-audit"));
        assert!(!Hole::somewhere("run-service", "").concerns("gcp-config"));
        assert!(Hole::somewhere("vault-config", "").concerns("vault-role"));
        assert!(!Hole::somewhere("gitlab-config", "").concerns("gitlab-jobs"));
    }
}
