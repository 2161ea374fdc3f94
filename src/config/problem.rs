//! What is wrong with a configuration file, said so that it can be put right.

use std::fmt;
use std::ops::Range;

use crate::model::SourceFile;

/// One fault of a configuration file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// The file, as the user named it.
    pub file: String,
    /// Line, from 1; 0 on the command line.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// What is wrong, with the offending key or value.
    pub message: String,
    /// What to write instead.
    pub help: String,
}

impl Problem {
    pub(super) fn at(
        file: &str,
        text: &str,
        span: &Range<usize>,
        message: String,
        help: String,
    ) -> Problem {
        let at = SourceFile::new(text).position(span.start);
        Problem {
            file: file.to_owned(),
            line: at.line as usize,
            column: at.column as usize,
            message,
            help,
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Problem {
            file, line, column, ..
        } = self;
        match line {
            // On the command line.
            0 => write!(f, "{file}: {}", self.message)?,
            _ => write!(f, "{file}:{line}:{column}: {}", self.message)?,
        }
        if !self.help.is_empty() {
            write!(f, "\n  help: {}", self.help)?;
        }
        Ok(())
    }
}

/// Every fault of one configuration file, in the order of the file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", lines(.0))]
pub struct Problems(pub Vec<Problem>);

fn lines(problems: &[Problem]) -> String {
    let lines: Vec<String> = problems.iter().map(Problem::to_string).collect();
    lines.join("\n")
}

/// The candidate closest to `wrong`, if one is close enough to be a slip of the pen.
///
/// Damerau-Levenshtein counts a swap of neighbours as one slip; a third of the word may differ.
pub(super) fn nearest<'c>(
    wrong: &str,
    candidates: impl IntoIterator<Item = &'c str>,
) -> Option<&'c str> {
    let wrong = wrong.to_lowercase();
    let allowed = (wrong.chars().count() / 3).max(1);
    candidates
        .into_iter()
        .map(|candidate| (strsim::damerau_levenshtein(&wrong, candidate), candidate))
        .filter(|&(distance, _)| distance <= allowed)
        .min()
        .map(|(_, candidate)| candidate)
}

/// `did you mean ...?` if there is something to mean, then the whole choice.
pub(super) fn choice(wrong: &str, what: &str, candidates: &[&str]) -> String {
    let list = candidates
        .iter()
        .map(|candidate| format!("`{candidate}`"))
        .collect::<Vec<_>>()
        .join(", ");
    match nearest(wrong, candidates.iter().copied()) {
        Some(near) => format!("did you mean `{near}`? {what}: {list}"),
        None => format!("{what}: {list}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_recognised_and_a_different_word_is_not() {
        let keys = ["ci_mounts", "human_mounts", "dialect"];
        assert_eq!(nearest("ci_mount", keys), Some("ci_mounts"));
        assert_eq!(nearest("Dialcet", keys), Some("dialect"));
        assert_eq!(nearest("colour", keys), None);
    }

    #[test]
    fn columns_count_characters() {
        let text = "a = 1\nä = \"é\" x";
        let at = text.find('x').unwrap_or(0);
        let problem = Problem::at("f", text, &(at..at), String::new(), String::new());
        assert_eq!((problem.line, problem.column), (2, 9));
    }
}
