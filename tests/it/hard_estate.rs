//! The joins hold on small hard estates; `examples/joins.rs` measures all variants.

#[path = "../../fixtures/accuracy.rs"]
mod accuracy;

use crate::estate::generator;
use accuracy::{Accuracy, COLUMNS, measure};
pub(crate) use accuracy::{settings, variants};

fn measured(name: &str) -> Accuracy {
    let (_, options) = variants(1_500, 5)
        .into_iter()
        .find(|(variant, _)| *variant == name)
        .unwrap();
    let folder = tempfile::tempdir().unwrap();
    measure(&options, folder.path()).unwrap()
}

fn holds(found: &Accuracy) {
    assert!(found.events > 700, "{}", found.events);
    assert!(found.wrong.is_empty(), "{:?}", found.wrong);
    assert!(found.precision(0) == 1.0);
    assert_eq!(found.decoys_fired(), 0, "{:?}", found.findings);
    assert!(found.listed[0].1 > 800, "{:?}", found.listed);
    assert!(
        found.recall() >= 0.99,
        "{} of {:?}: {:?}",
        found.recall(),
        found.resolvable,
        found.missed
    );
}

#[test]
fn overlapping_files_of_plain_logins_are_joined_once() {
    let found = measured("overlapping files");
    assert!(found.duplicates >= 100, "{}", found.duplicates);
    holds(&found);
}

#[test]
fn parallel_jobs_behind_one_address_stay_candidates() {
    let found = measured("both");
    // The role without a job id leaves four candidates: none of them is stated, none is wrong.
    assert!(found.resolvable.0 + 20 < found.truth.0, "{:?}", found.truth);
    assert_eq!(found.truth.1[2], found.resolvable.1[2]);
    holds(&found);
}

#[test]
fn everything_hard_at_once_is_still_joined() {
    holds(&measured("all together"));
}

#[test]
fn a_role_that_no_project_has_cannot_be_left_out() {
    let folder = tempfile::tempdir().unwrap();
    let options = generator::hard::Options {
        events: 1_000,
        missing: Some("shop".to_owned()),
        ..Default::default()
    };
    let (estate, truth) = (folder.path().join("estate"), folder.path().join("truth"));
    let error = generator::hard::write(&options, &estate, &truth).unwrap_err();
    let said = error.to_string();
    assert!(said.contains("`shop`; there are orders, "), "{said}");
    assert!(!estate.exists());
}

/// INT-004: what a clock is wrong by is told by logins that precede their jobs; a clock that is
/// wrong by less than a job takes to log in shows nowhere.
#[test]
fn a_clock_that_is_behind_is_found_and_one_nearly_right_is_not() {
    let behind = measured("clock -20 s");
    assert_eq!(behind.findings.get("INT-004"), Some(&1), "{behind:?}");
    holds(&behind);
    let nearly = measured("clock -5 s");
    assert_eq!(nearly.findings.get("INT-004"), None, "{nearly:?}");
    holds(&nearly);
}

/// The table in `fixtures/README.md` has the columns and estates that the example prints.
#[test]
fn the_documented_table_is_of_this_shape() {
    let readme = include_str!("../../fixtures/README.md");
    let heading = format!("| {} |", COLUMNS.join(" | "));
    let mut lines = readme.lines().skip_while(|line| *line != heading);
    assert_eq!(lines.next(), Some(heading.as_str()));
    let rows = lines.skip(1).take_while(|line| line.starts_with('|'));
    let named: Vec<&str> = rows.filter_map(|row| row.split(" | ").next()).collect();
    let named: Vec<&str> = named
        .iter()
        .map(|name| name.trim_matches(['|', ' ']))
        .collect();
    let variants = variants(1_500, 5);
    let wanted: Vec<&str> = variants.iter().map(|(name, _)| *name).collect();
    assert_eq!(named, wanted);
}
