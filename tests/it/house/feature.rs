//! One build of every dependency: what the tests need switches on nothing in the crates of the program.

use std::collections::BTreeSet;
use std::process::Command;

use super::{accept, root};

/// Every crate that is built with the edges `kinds`, with the features that it is built with.
fn resolved(kinds: &str) -> BTreeSet<String> {
    let output = Command::new(env!("CARGO"))
        .current_dir(root())
        .args(["tree", "--offline", "--locked", "--prefix", "none"])
        .args(["--edges", kinds, "--format", "{p} with {f}"])
        .output()
        .unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    String::from_utf8(output.stdout)
        .unwrap()
        .lines()
        .map(|line| line.trim_end_matches(" (*)").trim_end().to_owned())
        .collect()
}

/// Cargo unites the features of dependencies and dev-dependencies when it builds tests; a crate below
/// Polars that gains one there makes `cargo test` build Polars again after `cargo run`.
#[test]
fn the_tests_dependencies_change_no_crate_of_the_program() {
    let program = resolved("normal,build");
    let tests = resolved("normal,build,dev");
    assert!(program.iter().any(|line| line.starts_with("polars ")));
    let faults: Vec<String> = program
        .difference(&tests)
        .map(|line| format!("the tests build another set than: {line}"))
        .collect();
    accept("name these features in [dependencies]", &faults);
    assert!(tests.len() > program.len());
}
