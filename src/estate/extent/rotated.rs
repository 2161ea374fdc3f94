//! Rotated logs, and logs in numbered parts, with a number missing between others: `audit.log.1` and
//! `audit.log.3`, `audit-01.log` and `audit-03.log`.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{FileCoverage, Hole, unpacked};

/// Numbers above this are dates.
const MOST: u64 = 9_999;

/// A hole for every log of which a rotated file is missing between others.
pub(super) fn holes(coverage: &[FileCoverage]) -> Vec<Hole> {
    // By name around the number and by source.
    let mut logs: BTreeMap<(&str, &str, &str), BTreeSet<u64>> = BTreeMap::new();
    for file in coverage.iter().filter(|file| file.is_log) {
        if let Some((name, number, end)) = numbered(&file.path).or_else(|| part(file)) {
            let log = logs.entry((name, end, &file.source)).or_default();
            log.insert(number);
        }
    }
    let mut holes = Vec::new();
    for ((name, end, source), numbers) in logs {
        let (Some(first), Some(last)) = (numbers.first(), numbers.last()) else {
            continue;
        };
        let gone: Vec<u64> = (*first..*last).filter(|n| !numbers.contains(n)).collect();
        // Numbers of parts that are mostly not there number something else.
        let Some(one) = gone
            .first()
            .filter(|_| end.is_empty() || gone.len() < numbers.len())
        else {
            continue;
        };
        let more = match gone.len() - 1 {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let words =
            format!("{name}{one}{end}{more} is missing between the rotated files of one log");
        holes.push(Hole::somewhere(source, words));
    }
    holes
}

/// The name of a log before the number of its rotated file, compressed or not, the number, and
/// nothing behind it.
fn numbered(path: &str) -> Option<(&str, u64, &str)> {
    let path = unpacked(path);
    let (name, number) = path.rsplit_once('.')?;
    let number: u64 = number.parse().ok()?;
    let name = path.get(..=name.len())?;
    (number <= MOST).then_some((name, number, ""))
}

/// The same of a part whose number stands before the ending: `audit-01.log`. Lists of GitLab are in
/// pages, and shards of a sink are looked at elsewhere.
fn part(file: &FileCoverage) -> Option<(&str, u64, &str)> {
    let path = unpacked(&file.path);
    let (stem, _) = path.rsplit_once('.')?;
    let end = path.get(stem.len()..)?;
    let name = stem.trim_end_matches(|one: char| one.is_ascii_digit());
    let number = stem.get(name.len()..)?;
    let numbers = name.ends_with(['-', '_', '.']) || name.ends_with("part");
    // Parts are counted in one or two digits; what is longer is a date or an id.
    let counted = numbers && number.len() <= 3 && !file.source.starts_with("gitlab");
    // A date ends in such a number too.
    let before = name.trim_end_matches(['-', '_', '.']);
    let dated = before.ends_with(|one: char| one.is_ascii_digit());
    let number = number.parse().ok().filter(|_| counted && !dated)?;
    Some((name, number, end))
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
    fn a_part_that_is_missing_between_others_is_a_hole() {
        let found = said(&["v/audit-00.log", "v/audit-01.log.gz", "v/audit-03.log"]);
        assert_eq!(
            found,
            ["v/audit-2.log is missing between the rotated files of one log"]
        );
        assert_eq!(said(&["a/x-part1.json", "a/x-part2.json"]), [""; 0]);
        for others in [
            &["audit-2026-09-01.log", "audit-2026-09-12.log"][..],
            &["node-1.log", "node-40.log"],
            &["audit-20260901.log", "audit-20260903.log"],
        ] {
            assert_eq!(said(others), [""; 0], "{others:?}");
        }
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
