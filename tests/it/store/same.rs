//! What a report says from a store is what it says from the files.

use std::fs;
use std::path::PathBuf;

use super::super::product::{Pack, binary, estate, fixture, piperoll, ran, report, try_report};
use super::super::skipped::skipped;
use super::super::vault_log::{calm, folder, gzip, put};
use super::{ingest, ingested, pack_of, report_of, same};

#[test]
fn the_estate_gives_the_same_pack() {
    let store = tempfile::tempdir().unwrap();
    let configuration = fixture("estate/piperoll.toml");
    ingested(&[fixture("estate")], &configuration, store.path());
    same(estate(), &pack_of(store.path(), &configuration));
}

/// Files are named from the deepest directory that contains all inputs, which the second step moves.
#[test]
fn two_steps_in_either_order_give_the_same_pack() {
    let configuration = fixture("estate/piperoll.toml");
    let steps = [fixture("estate/vault"), fixture("estate")];
    let store = tempfile::tempdir().unwrap();
    for step in &steps {
        ingested(std::slice::from_ref(step), &configuration, store.path());
    }
    same(estate(), &pack_of(store.path(), &configuration));
    let other = tempfile::tempdir().unwrap();
    for step in ["gcp", "gitlab"] {
        ingested(
            &[fixture("estate").join(step)],
            &configuration,
            other.path(),
        );
    }
    ingested(&steps, &configuration, other.path());
    same(estate(), &pack_of(other.path(), &configuration));
}

#[test]
fn every_case_gives_the_same_pack_and_the_same_exit_code() {
    for case in fs::read_dir(fixture("cases")).unwrap() {
        let case = case.unwrap().path();
        let (input, configuration) = (case.join("input"), case.join("piperoll.toml"));
        if !input.is_dir() {
            continue;
        }
        let store = tempfile::tempdir().unwrap();
        let (wanted, pack) = try_report(std::slice::from_ref(&input), &configuration, &[]);
        ingest(&[input], &configuration, store.path());
        let (found, other) = report_of(store.path(), &configuration);
        assert_eq!(wanted.code, found.code, "{}: {}", case.display(), found.err);
        match (pack, other) {
            (Some(pack), Some(other)) => same(&pack, &other),
            (None, None) => {}
            (pack, _) => panic!("{}: {}", case.display(), pack.is_some()),
        }
    }
}

/// With one processor and with many threads a store is written and read alike.
#[test]
fn threads_do_not_matter() {
    let configuration = fixture("estate/piperoll.toml");
    for threads in ["1", "2", "4"] {
        let folder = tempfile::tempdir().unwrap();
        let (store, output) = (folder.path().join("store"), folder.path().join("pack"));
        for (words, place) in [
            (
                vec!["ingest".into(), fixture("estate")],
                ["--store".into(), store.clone()],
            ),
            (
                vec!["report".into(), "--store".into(), store.clone()],
                ["-o".into(), output.clone()],
            ),
        ] {
            binary(folder.path())
                .args(words)
                .args(place)
                .arg("-c")
                .arg(&configuration)
                .env("RAYON_NUM_THREADS", threads)
                .env("POLARS_MAX_THREADS", threads)
                .assert()
                .success();
        }
        same(estate(), &Pack::read(&output));
    }
}

#[test]
fn compressed_and_damaged_files_give_the_same_pack() {
    let whole = calm(500);
    let packed = gzip(whole.as_bytes());
    let broken = format!("{}not JSON\n{{\"time\": 1}}\n{{\"cut", calm(3));
    let inputs = folder(&[
        ("vault/a.log.gz", &packed),
        ("vault/torn.log.gz", &packed[..packed.len() / 2]),
        ("vault/broken.log", broken.as_bytes()),
        ("vault/utf16.log", &utf16(&calm(5))),
        ("notes.txt", b"nothing of this is read\n"),
        ("empty.log", b""),
    ]);
    let configuration = put(inputs.path(), "piperoll.toml", b"");
    let store = tempfile::tempdir().unwrap();
    let wanted = try_report(&[inputs.path().to_owned()], &configuration, &[]);
    ingest(&[inputs.path().to_owned()], &configuration, store.path());
    let found = report_of(store.path(), &configuration);
    assert_eq!(
        (wanted.0.code, wanted.0.out.lines().count()),
        (found.0.code, found.0.out.lines().count())
    );
    let (wanted, found) = (wanted.1.unwrap(), found.1.unwrap());
    assert!(wanted.rows("rejected_lines").len() >= 3);
    same(&wanted, &found);
}

fn utf16(text: &str) -> Vec<u8> {
    let units = std::iter::once(0xfeff).chain(text.encode_utf16());
    units.flat_map(u16::to_le_bytes).collect()
}

/// What a pipe held is nowhere else: the store says itself which bytes were cited.
#[test]
fn standard_input_gives_the_same_pack() {
    let folder = tempfile::tempdir().unwrap();
    let log = fs::read(fixture("estate/vault/file/audit.log")).unwrap();
    let run = |words: &[&str]| {
        let mut command = binary(folder.path());
        ran(&command
            .args(words)
            .write_stdin(log.clone())
            .output()
            .unwrap())
    };
    let configuration = fixture("estate/piperoll.toml").display().to_string();
    let files = run(&["report", "-", "-c", &configuration, "-o", "files"]);
    assert_eq!(files.code, 0, "{}", files.err);
    assert_eq!(run(&["ingest", "-", "--store", "store"]).code, 0);
    let stored = [
        "report",
        "--store",
        "store",
        "-c",
        &configuration,
        "-o",
        "stored",
    ];
    let stored = run(&stored);
    assert_eq!(stored.code, 0, "{}", stored.err);
    let pack = |name: &str| Pack::read(&folder.path().join(name));
    assert!(pack("files").rows("finding_evidence").len() > 2);
    same(&pack("files"), &pack("stored"));
}

#[test]
fn logs_that_are_gone_are_still_cited() {
    let inputs = tempfile::tempdir().unwrap();
    let log = fs::read(fixture("estate/vault/file/audit.log")).unwrap();
    let path = put(inputs.path(), "vault/audit.log", &log);
    let configuration = fixture("estate/piperoll.toml");
    let store = tempfile::tempdir().unwrap();
    let wanted = report(&[inputs.path().to_owned()], &configuration, &[]);
    assert!(wanted.rows("finding_evidence").len() > 2);
    ingested(&[inputs.path().to_owned()], &configuration, store.path());
    fs::remove_file(path).unwrap();
    same(&wanted, &pack_of(store.path(), &configuration));
}

#[test]
fn queries_and_traces_answer_the_same() {
    let store = tempfile::tempdir().unwrap();
    let configuration = fixture("estate/piperoll.toml").display().to_string();
    ingested(
        &[fixture("estate")],
        &PathBuf::from(&configuration),
        store.path(),
    );
    let sql = "SELECT role, COUNT(*) AS n, MIN(at) AS first FROM event GROUP BY role ORDER BY role";
    let (files, kept) = (
        fixture("estate").display().to_string(),
        store.path().display().to_string(),
    );
    for words in [vec!["query", sql], vec!["trace", "service", "orders-api"]] {
        let mut from_files = words.clone();
        from_files.extend([files.as_str(), "-c", &configuration]);
        let mut from_store = words;
        from_store.extend(["--store", &kept, "-c", &configuration]);
        let (files, store) = (piperoll(&from_files), piperoll(&from_store));
        assert_eq!(
            (files.code, store.code),
            (0, 0),
            "{} {}",
            files.err,
            store.err
        );
        assert!(files.out.lines().count() > 3, "{}", files.out);
        assert_eq!(files.out, store.out);
    }
}

#[cfg(target_os = "linux")]
#[test]
fn one_processor_is_enough() {
    let folder = tempfile::tempdir().unwrap();
    let (store, output) = (folder.path().join("store"), folder.path().join("pack"));
    ingested(
        &[fixture("estate")],
        &fixture("estate/piperoll.toml"),
        &store,
    );
    let done = std::process::Command::new("taskset")
        .args([
            "-c",
            "0",
            env!("CARGO_BIN_EXE_piperoll"),
            "report",
            "--store",
        ])
        .arg(&store)
        .arg("-c")
        .arg(fixture("estate/piperoll.toml"))
        .arg("-o")
        .arg(&output)
        .output();
    match done {
        Ok(done) if done.status.success() => same(estate(), &Pack::read(&output)),
        Ok(done) => panic!("{}", String::from_utf8_lossy(&done.stderr)),
        Err(_) => skipped("one_processor_is_enough", "no taskset"),
    }
}
