//! A first run over a month in which nothing goes wrong: what it says in red is little, and true.

use std::fs;
use std::path::Path;

use super::estate::generator::write_healthy;
use super::product::{Pack, run_in};

/// What is true of the month all the same: its pipeline may rewrite every policy, and nobody has said
/// that it administers; the administrators' policy reads the list of audit devices, which takes `sudo`.
const TRUE: [(&str, &str, &str); 3] = [
    ("crit", "VLT-POL-003", "vault:policy/ci-vault-config"),
    ("high", "VLT-POL-002", "vault:policy/admin"),
    ("high", "VLT-ROL-009", "vault:role/gitlab/vault-config"),
];

/// Severity, rule and subject of the findings of high or above.
fn red(directory: &Path) -> Vec<(String, String, String)> {
    let ran = run_in(directory, &["report", "exports", "-o", "pack"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let pack = Pack::read(&directory.join("pack"));
    fs::remove_dir_all(directory.join("pack")).unwrap();
    let rows = pack.rows("findings").into_iter();
    let red = rows.filter(|row| ["crit", "high"].contains(&row["severity"].as_str()));
    red.map(|row| {
        (
            row["severity"].clone(),
            row["rule_id"].clone(),
            row["subject"].clone(),
        )
    })
    .collect()
}

#[test]
fn a_first_run_over_a_healthy_month_says_little_in_red_and_nothing_untrue() {
    let folder = tempfile::tempdir().unwrap();
    let exports = folder.path().join("exports");
    write_healthy(&exports).unwrap();
    fs::remove_file(exports.join("piperoll.toml")).unwrap();
    let wanted = TRUE.map(|(severity, rule, subject)| {
        (severity.to_owned(), rule.to_owned(), subject.to_owned())
    });
    assert_eq!(red(folder.path()), wanted);
    // What `init` proposes is suspected at most.
    let ran = run_in(folder.path(), &["init", "exports"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(folder.path().join("piperoll.toml").exists());
    assert_eq!(red(folder.path()), wanted);
}
