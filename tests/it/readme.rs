//! What the documents for users and contributors say is so.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use piperoll::config::Settings;
use piperoll::report::FORMATS;
use regex::Regex;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_path_buf()
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap()
}

/// Every match of the first group of `pattern`.
fn all(text: &str, pattern: &str) -> BTreeSet<String> {
    Regex::new(pattern)
        .unwrap()
        .captures_iter(text)
        .map(|hit| hit[1].to_owned())
        .collect()
}

#[test]
fn the_configuration_in_the_readme_is_accepted() {
    let blocks = all(&read("README.md"), r"(?s)```toml\n(.*?)```");
    assert_eq!(blocks.len(), 2);
    for block in blocks {
        if let Err(problems) = Settings::parse("README.md", &block, &[]) {
            panic!("{problems}\n{block}");
        }
    }
}

#[test]
fn the_files_that_the_documents_name_are_there() {
    let paths = r"`((?:src|rules|reports|fixtures|tests|\.ci)/[A-Za-z0-9_./-]+|[A-Z]+\.md)`";
    for document in [
        "README.md",
        "docs/inputs.md",
        "docs/pack.md",
        "CONTRIBUTING.md",
        "fixtures/README.md",
    ] {
        for path in all(&read(document), paths) {
            assert!(root().join(&path).exists(), "{document} names {path}");
        }
    }
}

#[test]
fn the_rules_that_the_readme_names_are_there() {
    let named = all(
        &(read("README.md") + &read("docs/inputs.md") + &read("docs/commands.md")),
        r"\b((?:VLT|GCP|GLB|JOI|INT)-[A-Z0-9-]+)\b",
    );
    assert!(!named.is_empty());
    let mut present = BTreeSet::new();
    for folder in fs::read_dir(root().join("rules")).unwrap() {
        for rule in fs::read_dir(folder.unwrap().path()).unwrap() {
            let path = rule.unwrap().path();
            present.insert(path.file_stem().unwrap().to_str().unwrap().to_owned());
        }
    }
    let missing: Vec<_> = named.difference(&present).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn the_page_of_the_pack_lists_every_table_and_no_other() {
    let named = all(&read("docs/pack.md"), r"(data/[a-z_]+\.csv)");
    let written: BTreeSet<String> = FORMATS
        .iter()
        .map(|format| format.path().to_owned())
        .filter(|path| path.ends_with(".csv"))
        .collect();
    assert_eq!(named, written);
}

#[test]
fn the_checks_run_the_command_that_the_readme_names() {
    assert!(read("README.md").contains("\n    cargo test\n"));
    assert!(read(".ci/run").contains("\ntests cargo test\n"));
}
