//! The list of what could not be read: bounded, and what it leaves out is told.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::RejectedLine;

/// How many units are listed of all files together; the first of each file always is.
const LISTED: usize = 100_000;

/// What could not be read.
#[derive(Debug, Default)]
pub(super) struct Rejected {
    lines: Vec<RejectedLine>,
    /// Of files whose units are not all listed: the first that is not, and how many there are.
    more: BTreeMap<String, (RejectedLine, u64)>,
    /// Files of which one is listed.
    files: BTreeSet<String>,
}

impl Rejected {
    /// Adds one.
    pub(super) fn add(&mut self, line: RejectedLine) {
        let first = !self.files.contains(&line.path);
        if first {
            self.files.insert(line.path.clone());
        }
        if first || self.lines.len() < LISTED {
            self.lines.push(line);
            return;
        }
        match self.more.get_mut(&line.path) {
            Some((_, count)) => *count += 1,
            None => {
                self.more.insert(line.path.clone(), (line, 1));
            }
        }
    }

    /// The list by path and place; of a file that is not listed whole, its last row says how many
    /// more there are.
    pub(super) fn finish(self) -> Vec<RejectedLine> {
        let mut lines = self.lines;
        lines.extend(self.more.into_values().map(|(line, count)| RejectedLine {
            reason: format!(
                "{}; {count} unit(s) from here on are not listed",
                line.reason
            ),
            ..line
        }));
        lines.sort();
        lines
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Digest;

    #[test]
    fn what_is_not_listed_is_counted_and_each_file_is_listed_once_at_least() {
        let line = |path: &str, line| RejectedLine {
            path: path.to_owned(),
            line,
            byte: 0,
            reason: "not JSON".to_owned(),
            sha256: Digest([1; 32]),
        };
        let mut rejected = Rejected::default();
        let whole = LISTED as u64;
        for number in 1..=whole + 2 {
            rejected.add(line("a.log", number));
        }
        rejected.add(line("b.log", 7));
        let listed = rejected.finish();
        assert_eq!(listed.len(), LISTED + 2);
        let told = &listed[LISTED];
        assert_eq!(told.line, whole + 1);
        assert_eq!(
            told.reason,
            "not JSON; 2 unit(s) from here on are not listed"
        );
        assert_eq!(listed[LISTED + 1], line("b.log", 7));
    }
}
