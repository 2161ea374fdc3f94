//! Gates that turn a result into an exit code, and the seal of the pack.

use std::fs;
use std::path::{Path, PathBuf};

use super::product::{Ran, fixture, run_in};
use super::vault_log::{calm, folder};

fn estate(folder: &Path, more: &[&str]) -> Ran {
    let (inputs, configuration) = (fixture("estate"), fixture("estate/piperoll.toml"));
    let words = [
        "report",
        inputs.to_str().unwrap(),
        "-c",
        configuration.to_str().unwrap(),
    ];
    run_in(folder, &[&words[..], more].concat())
}

#[test]
fn fail_on_gates_what_is_open() {
    let folder = tempfile::tempdir().unwrap();
    let ran = estate(folder.path(), &["--fail-on", "high"]);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(folder.path().join("evidence/manifest.json").is_file());
}

#[test]
fn nothing_found_passes_every_gate() {
    let folder = folder(&[("logs/audit.log", calm(4).as_bytes())]);
    let ran = run_in(folder.path(), &["report", "logs", "--fail-on", "info"]);
    let findings = fs::read_to_string(folder.path().join("evidence/data/findings.csv")).unwrap();
    assert_eq!(findings.lines().count(), 1, "{findings}");
    assert_eq!(ran.code, 0, "{ran:?}");
}

#[test]
fn min_coverage_gates_the_worst_file() {
    let bad = calm(2) + "{\"type\":\n{\"time\":1,]\n";
    let folder = folder(&[
        ("logs/bad.log", bad.as_bytes()),
        ("logs/good.log", calm(40).as_bytes()),
    ]);
    // 4 of 6 units are read in the worst file.
    for (least, code) in [("0.6", 0), ("0.7", 3)] {
        let output = format!("pack-{code}");
        let words = ["report", "logs", "--min-coverage", least, "-o", &output];
        let ran = run_in(folder.path(), &words);
        assert_eq!(ran.code, code, "{ran:?}");
        assert!(folder.path().join(&output).join("SHA256SUMS").is_file());
        assert_eq!(code == 3, ran.err.contains("bad.log"), "{}", ran.err);
    }
}

#[test]
fn a_fault_of_the_input_outweighs_a_finding() {
    let folder = tempfile::tempdir().unwrap();
    let more = [
        "--fail-on",
        "info",
        "--from",
        "2020-01-01",
        "--to",
        "2020-01-02",
    ];
    assert_eq!(estate(folder.path(), &more).code, 3);
    let folder = tempfile::tempdir().unwrap();
    let more = ["--fail-on", "info", "--min-coverage", "1"];
    assert_eq!(estate(folder.path(), &more).code, 3);
}

fn packed() -> (tempfile::TempDir, PathBuf) {
    let folder = folder(&[("logs/audit.log", calm(4).as_bytes())]);
    let ran = run_in(folder.path(), &["report", "logs"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    let pack = folder.path().join("evidence");
    (folder, pack)
}

#[track_caller]
fn verify(folder: &Path, code: u8, word: &str) {
    let ran = run_in(folder, &["verify", "evidence"]);
    assert_eq!(ran.code, code, "{ran:?}");
    assert!(ran.out.contains(word), "{ran:?}");
    // Said with every answer: what it does not prove.
    assert!(ran.err.contains("nothing earlier"), "{}", ran.err);
}

#[test]
fn a_pack_is_verified_as_written() {
    let (folder, _) = packed();
    verify(folder.path(), 0, "unchanged");
}

#[test]
fn every_change_of_a_pack_is_seen() {
    for name in [
        "data/coverage.csv",
        "data/findings.csv",
        "report.html",
        "manifest.json",
        "SHA256SUMS",
        "run.json",
    ] {
        let (folder, pack) = packed();
        let mut bytes = fs::read(pack.join(name)).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        fs::write(pack.join(name), bytes).unwrap();
        // `run.json` is sealed by nobody; it holds the seal of the others.
        let ran = run_in(folder.path(), &["verify", "evidence"]);
        if name != "run.json" {
            assert_eq!(ran.code, 4, "{name}: {ran:?}");
            assert!(ran.out.contains("MISMATCH"), "{name}: {ran:?}");
        }
    }
    let (folder, pack) = packed();
    fs::remove_file(pack.join("data/rules.csv")).unwrap();
    verify(folder.path(), 4, "data/rules.csv");
    let (folder, pack) = packed();
    fs::write(pack.join("data/more.csv"), "a\r\n").unwrap();
    verify(folder.path(), 4, "data/more.csv");
}

#[test]
fn what_is_not_there_cannot_be_verified() {
    let folder = tempfile::tempdir().unwrap();
    let ran = run_in(folder.path(), &["verify", "evidence"]);
    assert!(ran.code == 2 && ran.err.contains("help:"), "{ran:?}");
}
