//! Rotated logs with a number missing between others: `audit.log.1` and `audit.log.3`.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{FileCoverage, Hole};

/// Numbers above this are dates.
const MOST: u64 = 9_999;

/// A hole for every log of which a rotated file is missing between others.
pub(super) fn holes(coverage: &[FileCoverage]) -> Vec<Hole> {
    // By name without the number and by source.
    let mut logs: BTreeMap<(&str, &str), BTreeSet<u64>> = BTreeMap::new();
    for file in coverage.iter().filter(|file| file.is_log) {
        if let Some((name, number)) = numbered(&file.path) {
            let log = logs.entry((name, &file.source)).or_default();
            log.insert(number);
        }
    }
    let mut holes = Vec::new();
    for ((name, source), numbers) in logs {
        let (Some(first), Some(last)) = (numbers.first(), numbers.last()) else {
            continue;
        };
        let gone: Vec<u64> = (*first..*last).filter(|n| !numbers.contains(n)).collect();
        let Some(one) = gone.first() else { continue };
        let more = match gone.len() - 1 {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let words = format!("{name}.{one}{more} is missing between the rotated files of one log");
        holes.push(Hole::somewhere(source, words));
    }
    holes
}

/// The name of a log and the number of its rotated file, compressed or not.
fn numbered(path: &str) -> Option<(&str, u64)> {
    let mut path = path;
    for ending in [".gz", ".zst"] {
        path = path.strip_suffix(ending).unwrap_or(path);
    }
    let (name, number) = path.rsplit_once('.')?;
    let number: u64 = number.parse().ok()?;
    (number <= MOST).then_some((name, number))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(paths: &[&str]) -> Vec<String> {
        let file = |path: &&str| FileCoverage::of_rows(path, "vault", 1);
        let coverage: Vec<FileCoverage> = paths.iter().map(file).collect();
        let holes = holes(&coverage).into_iter();
        holes.map(|hole| hole.words).collect()
    }

    #[test]
    fn a_number_that_is_missing_between_others_is_a_hole() {
        let found = said(&[
            "v/audit.log",
            "v/audit.log.1",
            "v/audit.log.3.gz",
            "v/audit.log.6.gz",
        ]);
        assert_eq!(
            found,
            ["v/audit.log.2 and 2 more is missing between the rotated files of one log"]
        );
    }

    #[test]
    fn whole_rotations_and_dates_have_no_hole() {
        assert_eq!(
            said(&["audit.log", "audit.log.1", "audit.log.2.gz"]),
            [""; 0]
        );
        assert_eq!(said(&["audit.log.20260901", "audit.log.20260903"]), [""; 0]);
        assert_eq!(said(&["a/audit.log.1", "b/audit.log.3"]), [""; 0]);
    }
}
