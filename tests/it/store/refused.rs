//! What is no store, or not what was written, is refused by name.

use std::fs::{self, File};
use std::path::Path;

use super::super::product::{piperoll, tree};
use super::super::vault_log::{calm, folder, put};
use super::{ingest, ingested, report_of};

/// A folder with a log, its configuration and its store.
fn stored() -> tempfile::TempDir {
    let inputs = folder(&[("in/a.log", calm(3).as_bytes()), ("piperoll.toml", b"")]);
    let root = inputs.path();
    ingested(
        &[root.join("in")],
        &root.join("piperoll.toml"),
        &root.join("store"),
    );
    inputs
}

#[track_caller]
fn refused(root: &Path, code: u8, words: &[&str]) {
    let (ran, pack) = report_of(&root.join("store"), &root.join("piperoll.toml"));
    assert_eq!(ran.code, code, "{}", ran.err);
    assert!(pack.is_none());
    for word in words {
        assert!(ran.err.contains(word), "{word}: {}", ran.err);
    }
    assert!(ran.err.contains("help:"), "{}", ran.err);
}

#[test]
fn what_is_no_store_is_not_read_and_not_written_to() {
    let inputs = stored();
    let root = inputs.path();
    fs::rename(root.join("store"), root.join("elsewhere")).unwrap();
    refused(root, 2, &["is no store", "does not exist"]);
    put(root, "store/holiday.jpg", b"");
    refused(root, 2, &["is no store", "store.json"]);
    let ran = ingest(
        &[root.join("in")],
        &root.join("piperoll.toml"),
        &root.join("store"),
    );
    assert_eq!(ran.code, 2);
    assert!(
        ran.err.contains("holds other files and no store"),
        "{}",
        ran.err
    );
    assert_eq!(tree(&root.join("store")).len(), 1);
}

#[test]
fn a_store_of_another_layout_or_reader_is_refused() {
    let inputs = stored();
    let root = inputs.path();
    let path = root.join("store/store.json");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replace("piperoll/store/1", "piperoll/store/9")).unwrap();
    refused(root, 3, &["piperoll/store/9", "piperoll/store/1"]);
    let version = env!("CARGO_PKG_VERSION");
    fs::write(
        &path,
        text.replace(
            &format!("\"reader\": \"{version}\""),
            "\"reader\": \"0.0.0\"",
        ),
    )
    .unwrap();
    refused(root, 3, &["filled by piperoll 0.0.0"]);
    // Reading again mends it.
    let said = ingested(
        &[root.join("in")],
        &root.join("piperoll.toml"),
        &root.join("store"),
    );
    assert!(said.contains("another version of piperoll"), "{said}");
    let (ran, _) = report_of(&root.join("store"), &root.join("piperoll.toml"));
    assert_eq!(ran.code, 0, "{}", ran.err);
    fs::write(&path, "{").unwrap();
    refused(root, 3, &["store.json", "damaged"]);
}

#[test]
fn a_file_of_the_store_that_is_not_what_was_written_is_named() {
    let inputs = stored();
    let root = inputs.path();
    let store = root.join("store");
    let names: Vec<String> = tree(&store).into_keys().collect();
    let ends = |end: &str| {
        names
            .iter()
            .find(|name| name.ends_with(end))
            .unwrap()
            .clone()
    };
    let account = names
        .iter()
        .find(|name| name.starts_with("file/"))
        .unwrap()
        .clone();
    for name in [ends(".parquet"), account] {
        let path = store.join(&name);
        let bytes = fs::read(&path).unwrap();
        let mut other = bytes.clone();
        let middle = other.len() / 2;
        other[middle] ^= 1;
        fs::write(&path, other).unwrap();
        refused(root, 3, &[&name, "is damaged", "digest"]);
        let verified = piperoll(&["ingest", "--verify", "--store", store.to_str().unwrap()]);
        assert!(
            verified.code == 3 && verified.err.contains(&name),
            "{}",
            verified.err
        );
        fs::remove_file(&path).unwrap();
        refused(root, 3, &[&name, "it is missing"]);
        fs::write(&path, bytes).unwrap();
    }
    let (ran, _) = report_of(&store, &root.join("piperoll.toml"));
    assert_eq!(ran.code, 0, "{}", ran.err);
}

#[test]
fn two_runs_do_not_write_at_once_and_nobody_reads_what_is_being_written() {
    let inputs = stored();
    let root = inputs.path();
    let lock = File::open(root.join("store/lock")).unwrap();
    lock.lock().unwrap();
    let ran = ingest(
        &[root.join("in")],
        &root.join("piperoll.toml"),
        &root.join("store"),
    );
    assert_eq!(ran.code, 3);
    assert!(ran.err.contains("in use by another run"), "{}", ran.err);
    refused(root, 3, &["in use by another run"]);
    lock.unlock().unwrap();
    // Readers do not keep one another out, and keep writers out.
    lock.lock_shared().unwrap();
    let (ran, _) = report_of(&root.join("store"), &root.join("piperoll.toml"));
    assert_eq!(ran.code, 0, "{}", ran.err);
    let ran = ingest(
        &[root.join("in")],
        &root.join("piperoll.toml"),
        &root.join("store"),
    );
    assert_eq!(ran.code, 3, "{}", ran.err);
}

#[test]
fn nothing_to_ingest_leaves_a_store_of_nothing_that_says_so() {
    let inputs = folder(&[("piperoll.toml", b"")]);
    let root = inputs.path();
    fs::create_dir(root.join("in")).unwrap();
    let ran = ingest(
        &[root.join("in")],
        &root.join("piperoll.toml"),
        &root.join("store"),
    );
    assert_eq!(ran.code, 3, "{}", ran.err);
    assert!(ran.err.contains("hold no file"), "{}", ran.err);
    refused(root, 2, &["is no store"]);
    // The lock that the run left is no reason to refuse the next one.
    put(root, "in/a.log", calm(2).as_bytes());
    ingested(
        &[root.join("in")],
        &root.join("piperoll.toml"),
        &root.join("store"),
    );
}
