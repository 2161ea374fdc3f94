//! `docs/rules/` has one page for each rule, and each is what the program writes.

use super::{accept, root};
use crate::product::{piperoll, tree};

#[test]
fn the_pages_of_the_rules_are_what_the_program_writes() {
    let written = tempfile::tempdir().unwrap();
    let ran = piperoll(&["rules", "pages", &written.path().display().to_string()]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let (kept, written) = (tree(&root().join("docs/rules")), tree(written.path()));
    assert!(written.len() > 150, "{} pages", written.len());
    let mut names: Vec<&String> = kept.keys().chain(written.keys()).collect();
    names.sort();
    names.dedup();
    let differ = names
        .into_iter()
        .filter(|name| kept.get(*name) != written.get(*name));
    let faults: Vec<String> = differ
        .map(|name| format!("docs/rules/{name}: cargo run -- rules pages docs/rules"))
        .collect();
    accept(
        "the pages of the rules are what the program writes",
        &faults,
    );
}
