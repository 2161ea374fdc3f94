//! Text of scripts: logical lines, variables in them, and the line of the file they stand on.

use std::sync::LazyLock;

use regex::{Captures, Regex};

use crate::model::SourceFile;
use crate::snapshot::gitlab::ci::Job;

/// A pattern that is compiled once.
pub(super) type Pattern = LazyLock<Option<Regex>>;

/// Declares a [`Pattern`]; a test proves that each compiles.
macro_rules! pattern {
    ($name:ident, $text:expr) => {
        static $name: $crate::check::gitlab::written::Pattern =
            std::sync::LazyLock::new(|| regex::Regex::new($text).ok());
    };
}
pub(super) use pattern;

pattern!(REFERENCE, r"\$\{?([A-Za-z_][A-Za-z0-9_]*)");
pattern!(ASSIGNMENT, r"(?:^|[\s;&(])([A-Za-z_][A-Za-z0-9_]*)=(\S*)");

/// The groups of the first match.
pub(super) fn captures<'t>(pattern: &Pattern, text: &'t str) -> Option<Captures<'t>> {
    pattern.as_ref()?.captures(text)
}

/// Whether a pattern matches anywhere.
pub(super) fn matches(pattern: &Pattern, text: &str) -> bool {
    pattern.as_ref().is_some_and(|regex| regex.is_match(text))
}

/// The variables that a text names, in order.
pub(super) fn references(text: &str) -> Vec<&str> {
    all(&REFERENCE, text)
}

/// Names and first words of the values that a command line assigns.
pub(super) fn assignments(text: &str) -> Vec<(&str, &str)> {
    let Some(regex) = ASSIGNMENT.as_ref() else {
        return Vec::new();
    };
    let found = regex.captures_iter(text);
    let pairs = found.filter_map(|found| Some((found.get(1)?.as_str(), found.get(2)?.as_str())));
    pairs.collect()
}

/// The first group of every match.
pub(super) fn all<'t>(pattern: &Pattern, text: &'t str) -> Vec<&'t str> {
    let Some(regex) = pattern.as_ref() else {
        return Vec::new();
    };
    let found = regex.captures_iter(text);
    found
        .filter_map(|found| Some(found.get(1)?.as_str()))
        .collect()
}

/// The commands of a job, line by line: continued lines joined, comments and blanks left out.
pub(super) fn command_lines(job: &Job) -> Vec<String> {
    job.commands().into_iter().flat_map(logical_lines).collect()
}

fn logical_lines(text: &str) -> Vec<String> {
    let mut lines = Vec::new();
    let mut open = String::new();
    for line in text.lines() {
        let line = line.trim();
        if let Some(part) = line.strip_suffix('\\') {
            open.push_str(part);
            continue;
        }
        open.push_str(line);
        let whole = std::mem::take(&mut open);
        if !whole.is_empty() && !whole.starts_with('#') {
            lines.push(whole);
        }
    }
    lines.extend(Some(open).filter(|open| !open.is_empty()));
    lines
}

/// The line, from 1, on which `needle` stands: in the block that begins on line `from`, else
/// anywhere in the file (a template), else `from` itself (another file).
pub(super) fn line_in(file: &SourceFile<'_>, from: usize, needle: &str) -> usize {
    // A joined or folded command stands on several lines; its beginning is enough to find it.
    let head: String = needle.lines().next().unwrap_or("").trim().to_owned();
    if head.is_empty() {
        return from;
    }
    let shorter: String = head.chars().take(24).collect();
    let lines = |from: usize| (from..).map_while(|number| Some((number, file.line(number)?.text)));
    let begins_block =
        |line: &str| !line.starts_with([' ', '\t', '#', '-']) && !line.trim().is_empty();
    for wanted in [head.as_str(), shorter.as_str()] {
        let block = lines(from).take_while(|(number, line)| *number == from || !begins_block(line));
        let found = block
            .chain(lines(1))
            .find(|(_, line)| line.contains(wanted));
        if let Some((number, _)) = found {
            return number;
        }
    }
    from
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_compile() {
        for pattern in [&REFERENCE, &ASSIGNMENT] {
            assert!(pattern.is_some());
        }
    }

    #[test]
    fn a_needle_is_found_in_its_own_block_first() {
        let text = "a:\n  script: [make]\nb:\n  script: [make]\n.t:\n  script: [test]\n";
        let file = SourceFile::new(text);
        assert_eq!(line_in(&file, 3, "make"), 4);
        assert_eq!(line_in(&file, 3, "test"), 6);
        assert_eq!(line_in(&file, 3, "absent"), 3);
    }

    #[test]
    fn continued_lines_are_one_command() {
        assert_eq!(logical_lines("a \\\n  b\n# c\nd"), ["a b", "d"]);
        assert_eq!(
            assignments("export A=1 && B=$(x)"),
            [("A", "1"), ("B", "$(x)")]
        );
        assert_eq!(references("$A ${B}x $(c)"), ["A", "B"]);
    }
}
