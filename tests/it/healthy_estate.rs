//! A first run over a month in which nothing goes wrong says nothing in red.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use super::estate::generator::write_healthy;
use super::product::{Pack, Row, run_in};

/// What is suspected while nobody is declared: the pipeline of the month may rewrite every policy, and
/// the administrators' policy reads the list of audit devices, which takes `sudo`.
const SUSPECTED: [(&str, &str, &str); 3] = [
    ("med", "VLT-POL-002", "vault:policy/admin"),
    ("med", "VLT-POL-003", "vault:policy/ci-vault-config"),
    ("med", "VLT-ROL-009", "vault:role/gitlab/vault-config"),
];

/// Severity, rule and subject of every finding.
fn found(directory: &Path) -> BTreeSet<(String, String, String)> {
    let ran = run_in(directory, &["report", "exports", "-o", "pack"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let pack = Pack::read(&directory.join("pack"));
    fs::remove_dir_all(directory.join("pack")).unwrap();
    let cell = |row: &Row, name: &str| row[name].clone();
    let rows = pack.rows("findings").into_iter();
    rows.map(|row| {
        let named = ["severity", "rule_id", "subject"].map(|name| cell(&row, name));
        let [severity, rule, subject] = named;
        (severity, rule, subject)
    })
    .collect()
}

#[test]
fn a_first_run_over_a_healthy_month_says_nothing_in_red() {
    let folder = tempfile::tempdir().unwrap();
    let exports = folder.path().join("exports");
    write_healthy(&exports).unwrap();
    fs::remove_file(exports.join("piperoll.toml")).unwrap();
    let holds = |found: &BTreeSet<(String, String, String)>| {
        let red = found
            .iter()
            .filter(|(severity, ..)| ["crit", "high"].contains(&severity.as_str()));
        let red: Vec<_> = red.collect();
        assert!(red.is_empty(), "{red:?}");
        // It is not silent because it did not look.
        for (severity, rule, subject) in SUSPECTED {
            let wanted = (severity.to_owned(), rule.to_owned(), subject.to_owned());
            assert!(found.contains(&wanted), "{wanted:?} in {found:?}");
        }
    };
    holds(&found(folder.path()));
    // What `init` proposes is suspected at most.
    let ran = run_in(folder.path(), &["init", "exports"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(folder.path().join("piperoll.toml").exists());
    holds(&found(folder.path()));
}
