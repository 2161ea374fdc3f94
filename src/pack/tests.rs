//! A pack is complete or not there, and every change to it is noticed.

use crate::model::{Failing as _, FailureKind};
use std::fs;
use std::path::Path;

use super::*;
use crate::model::Timestamp;
use crate::report::sample::{Sample, at};
use crate::report::{FORMATS, Report, ReportFormat, Written};

fn clock() -> Timestamp {
    at("2026-10-02T10:00:01Z")
}

fn pack_with(formats: &[&dyn ReportFormat], directory: &Path) -> Result<Packed, Error> {
    let sample = Sample::new();
    write(
        directory,
        formats,
        &sample.report(),
        &Provenance {
            configuration_sha256: "c0ffee",
            configuration_file: "",
            rules: &[("VLT-EVT-001".to_owned(), "ab".repeat(32))],
        },
        &RunRecord {
            binary_sha256: "",
            command_line: &["piperoll".to_owned(), "report".to_owned()],
            directory: "/srv/audit",
            build: Build::default(),
            host: "runner-7",
            user: "audit",
            started_by: &std::collections::BTreeMap::new(),
            started: at("2026-10-02T10:00:00Z"),
            clock,
            inputs: &[InputFile {
                path: "vault/audit.log".to_owned(),
                outside: None,
                absolute: "/srv/audit/exports/vault/audit.log".to_owned(),
                modified: None,
            }],
            readable_by: Readers::Owner,
            timings: None,
        },
    )
}

pub(super) fn pack() -> (tempfile::TempDir, std::path::PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let directory = folder.path().join("pack");
    pack_with(FORMATS, &directory).unwrap();
    (folder, directory)
}

/// Whether the sample has a file of this format.
fn applies(format: &dyn ReportFormat) -> bool {
    format.applies(&Sample::new().report())
}

pub(super) fn problems(directory: &Path) -> Vec<String> {
    let answer = verify(directory).unwrap();
    answer.mismatches.iter().map(ToString::to_string).collect()
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

#[test]
fn a_fresh_pack_verifies_and_holds_every_file() {
    let (folder, directory) = pack();
    let answer = verify(&directory).unwrap();
    assert_eq!(answer.mismatches, []);
    assert_eq!(answer.files, FORMATS.len() as u64 + 1);
    for format in FORMATS.iter().filter(|format| applies(**format)) {
        assert!(directory.join(format.path()).is_file(), "{}", format.path());
    }
    assert_eq!(names(folder.path()), ["pack"]);
}

#[test]
fn the_manifest_counts_rows_and_guarded_cells() {
    let (_folder, directory) = pack();
    let text = fs::read_to_string(directory.join(MANIFEST)).unwrap();
    let manifest: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(manifest["schema"], "piperoll/manifest/1");
    // A hostile name in the findings, in their rates and in the coverage.
    assert_eq!(manifest["totals"]["guarded_cells"], 3);
    let findings = manifest["outputs"]
        .as_array()
        .unwrap()
        .iter()
        .find(|output| output["path"] == "data/findings.csv")
        .unwrap();
    assert_eq!(findings["rows"], 3);
    assert_eq!(manifest["inputs"][1]["parsed"], 29_990);
    assert!(!text.contains("runner-7") && !text.contains("/srv/audit"));
}

#[test]
fn two_packs_differ_in_the_run_record_alone() {
    let (_a, first) = pack();
    let (_b, second) = pack();
    for path in [CHECKSUMS, MANIFEST, "data/findings.csv"] {
        let read = |pack: &Path| fs::read(pack.join(path)).unwrap();
        assert_eq!(read(&first), read(&second), "{path}");
    }
    let sums = fs::read_to_string(first.join(CHECKSUMS)).unwrap();
    assert!(sums.contains(MANIFEST) && !sums.contains(RUN_RECORD));
}

#[test]
fn an_empty_directory_is_filled_and_a_link_to_one_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let directory = folder.path().join("pack");
    fs::create_dir(&directory).unwrap();
    pack_with(FORMATS, &directory).unwrap();
    assert!(directory.join(CHECKSUMS).exists());
    #[cfg(unix)]
    {
        let (empty, link) = (folder.path().join("empty"), folder.path().join("link"));
        fs::create_dir(&empty).unwrap();
        std::os::unix::fs::symlink(&empty, &link).unwrap();
        let error = pack_with(FORMATS, &link).unwrap_err();
        assert!(matches!(error, Error::Exists(_)));
    }
}

#[test]
fn an_existing_directory_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let directory = folder.path().join("pack");
    fs::create_dir(&directory).unwrap();
    fs::write(directory.join("mine"), "kept").unwrap();
    let error = pack_with(FORMATS, &directory).unwrap_err();
    assert!(matches!(error, Error::Exists(_)));
    assert_eq!(error.kind(), FailureKind::Usage);
    assert_eq!(names(&directory), ["mine"]);
}

#[test]
fn a_format_that_fails_leaves_nothing_behind() {
    struct Failing;
    impl ReportFormat for Failing {
        fn path(&self) -> &'static str {
            "data/failing.csv"
        }
        fn write(&self, _: &Report<'_>, out: &mut dyn std::io::Write) -> std::io::Result<Written> {
            out.write_all(b"half a ")?;
            Err(std::io::Error::other("disk full"))
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let error = pack_with(&[FORMATS[0], &Failing], &folder.path().join("pack")).unwrap_err();
    assert!(error.to_string().contains("disk full"), "{error}");
    assert_eq!(names(folder.path()), [""; 0]);
}

#[test]
fn a_stale_temporary_directory_does_not_stop_the_next_run() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("pack.tmp-abc123")).unwrap();
    pack_with(FORMATS, &folder.path().join("pack")).unwrap();
}

#[test]
fn one_flipped_bit_in_any_file_is_noticed() {
    let (_folder, directory) = pack();
    let formats = FORMATS.iter().filter(|format| applies(**format));
    let mut paths: Vec<&str> = formats.map(|format| format.path()).collect();
    paths.extend([STATEMENT, MANIFEST, CHECKSUMS, RUN_RECORD]);
    for path in paths {
        let place = directory.join(path);
        let original = fs::read(&place).unwrap();
        for at in [0, original.len() / 2, original.len() - 1] {
            let mut flipped = original.clone();
            flipped[at] ^= 1;
            fs::write(&place, &flipped).unwrap();
            assert!(!problems(&directory).is_empty(), "{path} byte {at}");
        }
        fs::write(&place, &original).unwrap();
    }
    assert_eq!(problems(&directory), [""; 0]);
}

#[test]
fn a_missing_and_an_extra_file_are_noticed() {
    let (_folder, directory) = pack();
    fs::remove_file(directory.join("data/rules.csv")).unwrap();
    fs::write(directory.join("data/extra.csv"), "x").unwrap();
    let problems = problems(&directory).join("\n");
    assert!(
        problems.contains("data/rules.csv: is missing"),
        "{problems}"
    );
    assert!(
        problems.contains("data/extra.csv: is not part of the pack"),
        "{problems}"
    );
}

#[test]
fn a_file_changed_together_with_its_checksum_is_still_noticed() {
    let (_folder, directory) = pack();
    let place = directory.join("data/rules.csv");
    let before = checksums::digest(&fs::read(&place).unwrap()).to_string();
    fs::write(&place, "rule_id\r\n").unwrap();
    let after = checksums::digest(b"rule_id\r\n").to_string();
    let sums = fs::read_to_string(directory.join(CHECKSUMS)).unwrap();
    fs::write(directory.join(CHECKSUMS), sums.replace(&before, &after)).unwrap();
    let problems = problems(&directory).join("\n");
    assert!(problems.contains("recorded in run.json"), "{problems}");
    assert!(problems.contains("manifest.json describes"), "{problems}");
}

#[cfg(unix)]
#[test]
fn a_link_out_of_the_pack_is_noticed() {
    let (_folder, directory) = pack();
    std::os::unix::fs::symlink("/etc/passwd", directory.join("data/link.csv")).unwrap();
    assert!(problems(&directory).join("\n").contains("no regular file"));
}

#[test]
fn a_directory_that_is_not_there_is_a_usage_error() {
    let folder = tempfile::tempdir().unwrap();
    let error = verify(&folder.path().join("nowhere")).unwrap_err();
    assert_eq!(error.kind(), FailureKind::Usage);
}

/// The sums are written anew around the change, as whoever can write the directory would.
#[test]
fn a_list_in_another_spelling_is_noticed_even_where_it_was_sealed_anew() {
    for spell in [
        |text: &str| text.replace('\n', "\r\n"),
        |text: &str| text.trim_end().to_owned(),
        |text: &str| format!("{text}\n"),
        |text: &str| text.lines().rev().map(|line| format!("{line}\n")).collect(),
    ] {
        let (_folder, directory) = pack();
        let sums = fs::read_to_string(directory.join(CHECKSUMS)).unwrap();
        let spelt = spell(&sums);
        fs::write(directory.join(CHECKSUMS), &spelt).unwrap();
        let (before, after) = (digest_text(&sums), digest_text(&spelt));
        let record = fs::read_to_string(directory.join(RUN_RECORD)).unwrap();
        let record = record.replace(&before, &after);
        fs::write(directory.join(RUN_RECORD), record).unwrap();
        let problems = problems(&directory).join("\n");
        assert!(problems.contains("is not `<sha256>"), "{problems}");
    }
}

fn digest_text(text: &str) -> String {
    checksums::digest(text.as_bytes()).to_string()
}

#[test]
fn the_run_record_is_what_it_says_of_itself_and_a_folder_without_a_file_is_noticed() {
    let (_folder, directory) = pack();
    let place = directory.join(RUN_RECORD);
    let record = fs::read_to_string(&place).unwrap();
    for changed in [
        record.replace("runner-7", "runner-8"),
        record.replace('\n', "\r\n"),
        record.replace("\"host\"", "\"more\": 1,\n  \"host\""),
        record.trim_end().to_owned(),
    ] {
        assert_ne!(changed, record);
        fs::write(&place, changed).unwrap();
        assert!(problems(&directory).join("\n").contains(RUN_RECORD));
    }
    fs::write(&place, &record).unwrap();
    fs::create_dir(directory.join("more")).unwrap();
    assert!(problems(&directory).join("\n").contains("empty directory"));
}
