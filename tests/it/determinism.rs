//! The same inputs give the same bytes: whatever their order, the place, the clock, the threads,
//! and however a log was cut and packed.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Write as _;
use std::path::Path;

use super::product::{Pack, binary, estate, fixture, report, tree};
use super::skipped::skipped;
use super::vault_log::put;

/// Copies the estate, its files in the order that `order` gives to their names.
fn copy(to: &Path, order: impl Fn(&mut Vec<String>)) {
    let files = tree(&fixture("estate"));
    let mut names: Vec<String> = files.keys().cloned().collect();
    order(&mut names);
    for name in names {
        put(to, &name, &files[&name]);
    }
}

#[track_caller]
fn same(one: &Pack, other: &Pack) {
    let (one, other) = (one.reproducible(), other.reproducible());
    let names = |pack: &BTreeMap<&str, &[u8]>| pack.keys().map(ToString::to_string).collect();
    let (left, right): (Vec<String>, Vec<String>) = (names(&one), names(&other));
    assert_eq!(left, right);
    for (name, bytes) in &one {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let (left, right) = (text(bytes), text(other[name]));
        let first = left.lines().zip(right.lines()).find(|(a, b)| a != b);
        assert!(left == right, "{name} differs first in {first:?}");
    }
}

#[test]
fn the_order_of_files_and_arguments_does_not_matter() {
    let folder = tempfile::tempdir().unwrap();
    copy(folder.path(), |names| names.reverse());
    let inputs = [
        "vault/socket",
        "gcp",
        "vault/file",
        "gitlab",
        "vault/config",
        "gcp/run",
    ];
    let inputs = inputs.map(|name| folder.path().join(name));
    let configuration = folder.path().join("piperoll.toml");
    same(estate(), &report(&inputs, &configuration, &[]));
}

#[test]
fn place_language_and_threads_do_not_matter() {
    let folder = tempfile::tempdir().unwrap();
    let (inputs, configuration) = (fixture("estate"), fixture("estate/piperoll.toml"));
    let environments = [
        ("Pacific/Kiritimati", "tr_TR.UTF-8", "1"),
        ("America/St_Johns", "C", "7"),
    ];
    for (zone, language, threads) in environments {
        let output = folder.path().join(threads);
        binary(folder.path())
            .arg("report")
            .arg(&inputs)
            .arg("-c")
            .arg(&configuration)
            .arg("-o")
            .arg(&output)
            .env("TZ", zone)
            .env("LC_ALL", language)
            .env("LANG", language)
            .env("RAYON_NUM_THREADS", threads)
            .env("POLARS_MAX_THREADS", threads)
            .assert()
            .success();
        same(estate(), &Pack::read(&output));
    }
}

/// With one processor the files are read one after the other.
#[cfg(target_os = "linux")]
#[test]
fn one_processor_reads_what_many_read() {
    let folder = tempfile::tempdir().unwrap();
    let output = folder.path().join("pack");
    let status = std::process::Command::new("taskset")
        .args(["-c", "0", env!("CARGO_BIN_EXE_piperoll"), "report"])
        .arg(fixture("estate"))
        .arg("-c")
        .arg(fixture("estate/piperoll.toml"))
        .arg("-o")
        .arg(&output)
        .output();
    match status {
        Ok(done) if done.status.success() => same(estate(), &Pack::read(&output)),
        Ok(done) => panic!("{}", String::from_utf8_lossy(&done.stderr)),
        Err(_) => skipped("one_processor_reads_what_many_read", "no taskset"),
    }
}

/// What a pack says, without where it stands.
fn said(pack: &Pack) -> (BTreeSet<String>, BTreeSet<String>) {
    let findings = pack.rows("findings").into_iter();
    let edges = pack.rows("identity_edges").into_iter();
    (
        findings
            .map(|row| {
                format!(
                    "{} {} {}",
                    row["finding_id"], row["rule_id"], row["subject"]
                )
            })
            .collect(),
        edges
            .map(|row| {
                let ends = [&row["edge"], &row["left_id"], &row["right_id"]];
                format!("{ends:?} {} {}", row["key"], row["confidence"])
            })
            .collect(),
    )
}

#[track_caller]
fn same_findings_and_edges(change: impl Fn(&Path)) {
    let folder = tempfile::tempdir().unwrap();
    copy(folder.path(), |_| {});
    change(folder.path());
    let configuration = folder.path().join("piperoll.toml");
    let pack = report(&[folder.path().to_owned()], &configuration, &[]);
    let ((findings, edges), (wanted, wanted_edges)) = (said(&pack), said(estate()));
    assert_eq!(
        findings.symmetric_difference(&wanted).collect::<Vec<_>>(),
        Vec::<&String>::new()
    );
    assert_eq!(
        edges
            .symmetric_difference(&wanted_edges)
            .take(5)
            .collect::<Vec<_>>(),
        Vec::<&String>::new()
    );
}

#[test]
fn a_log_cut_in_two_says_the_same() {
    same_findings_and_edges(|root| {
        let path = root.join("vault/file/audit.log");
        let text = fs::read_to_string(&path).unwrap();
        // Between a request and its response, as a rotation does.
        let at = text.match_indices('\n').nth(40).unwrap().0 + 1;
        fs::write(&path, &text[at..]).unwrap();
        put(root, "vault/file/audit.log.0", &text.as_bytes()[..at]);
    });
}

#[test]
fn a_log_packed_anew_says_the_same() {
    same_findings_and_edges(|root| {
        let path = root.join("gcp/sink/cloudaudit.googleapis.com/activity/2026/09/S0.json");
        let text = fs::read(&path).unwrap();
        fs::remove_file(&path).unwrap();
        // Two members that part in mid-line, as appended archives do.
        let (one, two) = text.split_at(text.len() / 2);
        let packed = [one, two].map(super::vault_log::gzip).concat();
        fs::write(path.with_extension("json.gz"), packed).unwrap();

        let path = root.join("vault/file/audit.log");
        let text = fs::read(&path).unwrap();
        let mut packed = fs::File::create(root.join("vault/file/audit.log.zst")).unwrap();
        packed
            .write_all(&zstd::encode_all(text.as_slice(), 3).unwrap())
            .unwrap();
        fs::remove_file(&path).unwrap();
    });
}
