//! A second run reads what is new, grown or changed, and says of every other file why it does not.

use std::fs;

use serde_json::Value;

use super::super::product::{Ran, piperoll, report, tree};
use super::super::vault_log::{calm, folder, pair, put};
use super::{ingested, pack_of, same};

/// Each file's `why`, as the JSON form says it.
#[track_caller]
fn fates(ran: &Ran) -> Vec<(String, String)> {
    let said: Value = serde_json::from_str(&ran.out).unwrap();
    let files = said["files"].as_array().unwrap().iter();
    files
        .map(|file| {
            let text = |key: &str| file[key].as_str().unwrap().to_owned();
            assert_eq!(
                file["read"].as_bool().unwrap(),
                !["unchanged", "same", "gone", "kept"].contains(&text("why").as_str())
            );
            (text("file"), text("why"))
        })
        .collect()
}

#[test]
fn only_what_is_new_grown_or_changed_is_read() {
    let text = calm(4);
    let inputs = folder(&[
        ("in/calm.log", text.as_bytes()),
        ("in/changed.log", text.as_bytes()),
        ("in/gone.log", text.as_bytes()),
        ("in/grown.log", text.as_bytes()),
        ("in/touched.log", text.as_bytes()),
    ]);
    let root = inputs.path();
    let configuration = put(root, "piperoll.toml", b"");
    let (input, store) = (root.join("in"), root.join("store"));
    let run = || {
        piperoll(&[
            "ingest",
            input.to_str().unwrap(),
            "-c",
            configuration.to_str().unwrap(),
            "--store",
            store.to_str().unwrap(),
            "--format",
            "json",
        ])
    };
    assert!(fates(&run()).iter().all(|(_, why)| why == "new"));
    let before = tree(&store);
    assert!(fates(&run()).iter().all(|(_, why)| why == "unchanged"));
    let rows = |name: &&String| name.ends_with(".parquet");
    assert_eq!(
        before.keys().filter(rows).collect::<Vec<_>>(),
        tree(&store).keys().filter(rows).collect::<Vec<_>>()
    );
    fs::write(input.join("changed.log"), calm(5).replacen("ada", "eve", 1)).unwrap();
    fs::write(input.join("grown.log"), calm(5)).unwrap();
    fs::write(input.join("touched.log"), &text).unwrap();
    fs::write(input.join("new.log"), &text).unwrap();
    fs::remove_file(input.join("gone.log")).unwrap();
    let ran = run();
    let wanted = [
        ("calm.log", "unchanged"),
        ("changed.log", "changed"),
        ("gone.log", "gone"),
        ("grown.log", "grown"),
        ("new.log", "new"),
        ("touched.log", "same"),
    ];
    let wanted = wanted.map(|(name, why)| (name.to_owned(), why.to_owned()));
    assert_eq!(fates(&ran), wanted);
    // What was read of the file that is gone stays: put back, everything is as from the files.
    fs::write(input.join("gone.log"), &text).unwrap();
    same(
        &report(&[input], &configuration, &[]),
        &pack_of(&store, &configuration),
    );
}

/// A request at the end of one file and its response at the beginning of the next.
#[test]
fn a_half_finds_its_partner_in_a_file_that_comes_later() {
    let [request, response] = pair(9, 9, "secret/data/people/ada");
    let first = format!("{}{request}\n", calm(3));
    let inputs = folder(&[("in/a.log", first.as_bytes())]);
    let root = inputs.path();
    let configuration = put(root, "piperoll.toml", b"");
    let (input, store) = (root.join("in"), root.join("store"));
    ingested(std::slice::from_ref(&input), &configuration, &store);
    put(root, "in/b.log", format!("{response}\n").as_bytes());
    let said = ingested(&[input.join("b.log")], &configuration, &store);
    assert!(
        said.contains("read: 1 file(s)") && said.contains("not named this time"),
        "{said}"
    );
    same(
        &report(&[input], &configuration, &[]),
        &pack_of(&store, &configuration),
    );
}

/// A run that is killed leaves rows that nothing names, and what it made beside: the store is what
/// it was, and the next run takes them away.
#[test]
fn what_a_killed_run_left_does_no_harm() {
    let inputs = folder(&[("in/a.log", calm(3).as_bytes())]);
    let root = inputs.path();
    let configuration = put(root, "piperoll.toml", b"");
    let (input, store) = (root.join("in"), root.join("store"));
    ingested(std::slice::from_ref(&input), &configuration, &store);
    let wanted = tree(&store);
    let stray = put(
        &store,
        "record/source=vault/day=2026-09-02/0-00000.parquet",
        b"half",
    );
    let beside = put(&store, "incoming-abcdef/000000.parquet", b"half");
    put(&store, "incoming-abcdef/lock", b"");
    same(
        &report(std::slice::from_ref(&input), &configuration, &[]),
        &pack_of(&store, &configuration),
    );
    ingested(&[input], &configuration, &store);
    assert!(!stray.exists() && !beside.exists());
    assert_eq!(wanted, tree(&store));
}

#[test]
fn verify_holds_the_inputs_against_what_was_read() {
    let inputs = folder(&[
        ("in/a.log", calm(3).as_bytes()),
        ("in/b.log", calm(2).as_bytes()),
    ]);
    let root = inputs.path();
    let configuration = put(root, "piperoll.toml", b"");
    let (input, store) = (root.join("in"), root.join("store"));
    ingested(std::slice::from_ref(&input), &configuration, &store);
    let verify = || piperoll(&["ingest", "--verify", "--store", store.to_str().unwrap()]);
    let ran = verify();
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(
        ran.out.contains("of 2 input(s) 2 are what was read"),
        "{}",
        ran.out
    );
    fs::write(input.join("a.log"), calm(4)).unwrap();
    let ran = verify();
    assert!(
        ran.code == 0 && ran.out.contains("`a.log` has grown"),
        "{}",
        ran.out
    );
    fs::write(input.join("a.log"), calm(3).replacen("ada", "eve", 1)).unwrap();
    fs::remove_file(input.join("b.log")).unwrap();
    let ran = verify();
    assert_eq!(ran.code, 3);
    assert!(
        ran.err.contains("`a.log` is not what was read"),
        "{}",
        ran.err
    );
    assert!(
        ran.out.contains("`b.log` is not there any more"),
        "{}",
        ran.out
    );
}
