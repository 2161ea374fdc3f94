//! `rerun`: a pack that its own record makes again, and what keeps it from being made again.

use std::fs;

use super::product::run_in;
use super::vault_log::{calm, folder};

const CONFIGURATION: &str = "[output]\nentity = \"Acme\"\n";

fn folder_with_pack() -> tempfile::TempDir {
    let dir = folder(&[
        ("exports/a.log", calm(20).as_bytes()),
        ("exports/piperoll.toml", CONFIGURATION.as_bytes()),
    ]);
    let words = [
        "report",
        "exports",
        "-c",
        "exports/piperoll.toml",
        "-o",
        "exports/pack",
    ];
    let ran = run_in(dir.path(), &words);
    assert_eq!(ran.code, 0, "{}", ran.err);
    dir
}

#[test]
fn a_pack_is_made_again_from_its_record_alone_wherever_one_stands() {
    let dir = folder_with_pack();
    let elsewhere = tempfile::tempdir().unwrap();
    fs::write(
        elsewhere.path().join("piperoll.toml"),
        "[output]\nentity = \"Other\"\n",
    )
    .unwrap();
    // What the file says now is not what it said then: the pack holds that.
    fs::write(
        dir.path().join("exports/piperoll.toml"),
        "[output]\nentity = \"New\"\n",
    )
    .unwrap();
    let pack = dir.path().join("exports/pack");
    let ran = run_in(elsewhere.path(), &["rerun", pack.to_str().unwrap()]);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    assert!(ran.out.starts_with("same "), "{}", ran.out);
}

#[test]
fn a_pack_without_a_configuration_is_made_again_without_one() {
    let dir = folder(&[("exports/a.log", calm(20).as_bytes())]);
    let ran = run_in(dir.path(), &["report", "exports", "-o", "pack"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    fs::write(dir.path().join("piperoll.toml"), CONFIGURATION).unwrap();
    let ran = run_in(dir.path(), &["rerun", "pack"]);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
}

/// Names are bytes on this system, and cells and the record keep them all.
#[cfg(unix)]
#[test]
fn a_pack_of_files_of_any_name_is_made_again() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt as _;

    let dir = folder(&[]);
    let exports = dir.path().join("exports");
    fs::create_dir_all(&exports).unwrap();
    let names: [&[u8]; 4] = [
        b"\xff.log",
        "a\u{202e}gol.b".as_bytes(),
        "c\u{200b}.log".as_bytes(),
        b"d\\x41\n.log",
    ];
    let log = calm(20);
    let lines: Vec<&str> = log.split_inclusive('\n').collect();
    let (pairs, rest) = lines.split_at(lines.len() / 8 * 6);
    let parts = pairs.chunks(pairs.len() / 3).chain([rest]);
    for (name, part) in names.into_iter().zip(parts) {
        fs::write(exports.join(OsStr::from_bytes(name)), part.concat()).unwrap();
    }
    let ran = run_in(dir.path(), &["report", "exports", "-o", "pack"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let ran = run_in(dir.path(), &["rerun", "pack"]);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    let files = fs::read_to_string(dir.path().join("pack/data/coverage.csv")).unwrap();
    for name in [
        "\\xff.log",
        "a\\xe2\\x80\\xaegol.b",
        "c\\xe2\\x80\\x8b.log",
        "d\\\\x41\\x0a.log",
    ] {
        assert!(files.contains(name), "{name}: {files}");
    }
}

#[test]
fn changed_and_missing_inputs_are_named_and_moved_ones_can_be_given() {
    let dir = folder_with_pack();
    let path = |name: &str| dir.path().join(name);
    fs::rename(path("exports/pack"), path("pack")).unwrap();
    fs::create_dir(path("moved")).unwrap();
    fs::rename(path("exports/a.log"), path("moved/a.log")).unwrap();
    let missing = run_in(dir.path(), &["rerun", "pack"]);
    assert_eq!(missing.code, 3, "{}{}", missing.out, missing.err);
    assert!(missing.out.contains("a.log: is not at "), "{}", missing.out);
    let moved = run_in(dir.path(), &["rerun", "pack", "moved"]);
    assert_eq!(moved.code, 0, "{}{}", moved.out, moved.err);
    fs::write(path("moved/a.log"), calm(21)).unwrap();
    let changed = run_in(dir.path(), &["rerun", "pack", "moved"]);
    assert_eq!(changed.code, 3, "{}{}", changed.out, changed.err);
    assert!(changed.out.contains("a.log: is changed"), "{}", changed.out);
    fs::rename(path("moved/a.log"), path("exports/a.log")).unwrap();
    let changed = run_in(dir.path(), &["rerun", "pack"]);
    assert_eq!(changed.code, 3, "{}{}", changed.out, changed.err);
    assert!(changed.out.contains("a.log: is changed"), "{}", changed.out);
}

#[test]
fn a_pack_that_is_not_what_was_written_is_refused() {
    let dir = folder_with_pack();
    fs::write(dir.path().join("exports/pack/data/rules.csv"), "").unwrap();
    let ran = run_in(dir.path(), &["rerun", "exports/pack"]);
    assert_eq!(ran.code, 4, "{}{}", ran.out, ran.err);
}

/// A command line that the record does not tell, put in its place and sealed anew, says other
/// things than the pack does.
#[test]
fn a_pack_that_its_command_line_does_not_make_is_different() {
    let dir = folder_with_pack();
    let words = [
        "report",
        "exports",
        "-c",
        "exports/piperoll.toml",
        "--ignore",
        "VLT-",
        "-o",
        "other",
    ];
    // The pack beside the log is no log.
    fs::rename(dir.path().join("exports/pack"), dir.path().join("pack")).unwrap();
    let ran = run_in(dir.path(), &words);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let record = fs::read_to_string(dir.path().join("other/run.json")).unwrap();
    let mut record: serde_json::Value = serde_json::from_str(&record).unwrap();
    let line = record["command_line"].as_array_mut().unwrap();
    line.retain(|word| word != "--ignore" && word != "VLT-");
    seal(&mut record, &dir.path().join("other/run.json"));
    let ran = run_in(dir.path(), &["rerun", "other"]);
    assert_eq!(ran.code, 4, "{}{}", ran.out, ran.err);
    assert!(ran.out.contains("DIFFERENT data/rules.csv"), "{}", ran.out);
}

/// Writes the record as a run does: with its own digest.
fn seal(record: &mut serde_json::Value, path: &std::path::Path) {
    use sha2::Digest as _;
    let old = fs::read_to_string(path).unwrap();
    let was: serde_json::Value = serde_json::from_str(&old).unwrap();
    let line = |value: &serde_json::Value| {
        let words: Vec<String> = value["command_line"]
            .as_array()
            .unwrap()
            .iter()
            .map(|word| format!("    {word}"))
            .collect();
        words.join(",\n")
    };
    let digest = was["record_sha256"].as_str().unwrap();
    let open = old.replace(&line(&was), &line(record)).replace(digest, "");
    let sha256: String = sha2::Sha256::digest(open.as_bytes())
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let sealed = open.replace(
        "\"record_sha256\": \"\"",
        &format!("\"record_sha256\": \"{sha256}\""),
    );
    fs::write(path, sealed).unwrap();
}
