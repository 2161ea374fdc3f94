//! The formats of a gate hold what hostile names do to them: JUnit by its schema, CSV by a reader,
//! Markdown by its cells.

use super::skipped::skipped;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

/// Files whose names are a formula, markup, a mention, a table cell, and text that turns around.
const NAMES: [&str; 5] = [
    "=cmd|x.hcl",
    "<img src=x>&\".hcl",
    "`a`*_.hcl",
    "@all.hcl",
    "\u{202e}]]>.hcl",
];

fn hostile() -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    for name in NAMES {
        let text = "path \"*\" { capabilities = [\"read\"] }\n";
        fs::write(dir.path().join(name), text).unwrap();
    }
    let broken = "path \"x\" {\n  capabilities = [\"<reed>\"]\n}\n";
    fs::write(dir.path().join("broken.hcl"), broken).unwrap();
    dir
}

fn lint(dir: &Path, format: &str) -> String {
    let output = assert_cmd::Command::cargo_bin("piperoll")
        .unwrap()
        .current_dir(dir)
        .args(["lint", "--as-of", "2026-06-01", "--format", format])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(3));
    String::from_utf8(output.stdout).unwrap()
}

/// `xmllint`'s verdict on a document; `None`, said aloud, where it or the schema is not at hand.
fn validate(document: &str) -> Option<(bool, String)> {
    let folder = std::env::var_os("PIPEROLL_SCHEMAS").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/schemas"),
        PathBuf::from,
    );
    let schema = folder.join("JUnit.xsd");
    if !schema.exists() {
        skipped(
            "junit_keeps_to_its_schema",
            "no official schemas; set PIPEROLL_SCHEMAS",
        );
        return None;
    }
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("junit.xml");
    fs::write(&file, document).unwrap();
    let ran = Command::new("xmllint")
        .args(["--nonet", "--noout", "--schema"])
        .args([&schema, &file])
        .output();
    let Ok(ran) = ran else {
        skipped(
            "junit_keeps_to_its_schema",
            "no xmllint (Debian: libxml2-utils)",
        );
        return None;
    };
    let said = String::from_utf8_lossy(&ran.stderr).into_owned();
    Some((ran.status.success(), said))
}

#[test]
fn junit_keeps_to_its_schema() {
    let report = lint(hostile().path(), "junit");
    assert_eq!(report.matches("<failure").count(), NAMES.len());
    assert_eq!(report.matches("<error").count(), 1);
    let Some((valid, said)) = validate(&report) else {
        return;
    };
    assert!(valid, "{said}\n{report}");
    // The validator is not one that accepts everything.
    for (sound, broken) in [
        (" hostname=\"localhost\"", ""),
        ("<properties/>", ""),
        ("<failure type=", "<failure kind="),
        ("</testsuites>", ""),
    ] {
        assert!(report.contains(sound), "{sound}");
        let (valid, _) = validate(&report.replace(sound, broken)).unwrap();
        assert!(!valid, "{sound}");
    }
}

#[test]
fn csv_is_read_back_whole_and_runs_nothing() {
    let text = lint(hostile().path(), "csv");
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let columns = reader.headers().unwrap().clone();
    assert_eq!(columns.get(10), Some("evidence_file"));
    let mut rows = 0;
    for row in reader.records() {
        let row = row.unwrap();
        rows += 1;
        assert_eq!(row.len(), columns.len());
        for cell in &row {
            assert!(
                !cell.starts_with(['=', '+', '-', '@', '\t', '\r']),
                "{cell}"
            );
        }
    }
    assert_eq!(rows, NAMES.len());
    assert!(text.contains("'=cmd|x.hcl") && !text.contains('\u{202e}'));
}

#[test]
fn markdown_has_one_row_per_finding_and_no_markup_of_strangers() {
    let text = lint(hostile().path(), "markdown");
    let rows: Vec<&str> = text
        .lines()
        .filter(|line| line.starts_with("| crit"))
        .collect();
    assert_eq!(rows.len(), NAMES.len());
    for row in rows {
        assert_eq!(row.replace("\\|", "").matches('|').count(), 6, "{row}");
    }
    assert!(!text.contains(['<', '@', '\u{202e}']), "{text}");
    assert!(text.contains("cannot be parsed"));
    let bare = text.replace("\\`", "");
    assert!(!bare.contains('`'), "{text}");
}
