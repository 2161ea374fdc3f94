//! What a scheduled run needs: logs as JSON, one run at a time, and an end at any moment.

use std::fs::{self, File};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::product::{fixture, run_in, tree};
use super::vault_log::{calm, folder};

/// Every line of standard error, which is one object each.
fn lines(err: &str) -> Vec<Value> {
    let parsed = err
        .lines()
        .map(|line| serde_json::from_str(line).map_err(|e| format!("{line}: {e}")));
    parsed.collect::<Result<_, _>>().unwrap()
}

#[test]
fn logs_are_json_to_the_last_line_which_says_how_it_ended() {
    let place = folder(&[("vault/audit.log", calm(3).as_bytes())]);
    let json = ["--log-format", "json"];
    let ran = run_in(
        place.path(),
        &[&["report", "vault", "-o", "pack"], &json[..]].concat(),
    );
    assert_eq!(ran.code, 0, "{}", ran.err);
    let said = lines(&ran.err);
    let end = said.last().unwrap();
    assert_eq!(
        (&end["level"], &end["command"]),
        (&"end".into(), &"report".into())
    );
    assert_eq!(end["exit_code"], 0);
    assert_eq!(end["summary"]["schema"], "piperoll/summary/1");
    assert_eq!(end["summary"]["coverage"]["units"], 6, "{end}");
    assert!(said.iter().any(|line| {
        line["message"]
            .as_str()
            .is_some_and(|m| m.starts_with("read 1 files"))
    }));
    // The same words again: the pack is there. And words that are no command line.
    for words in [
        vec!["report", "vault", "-o", "pack"],
        vec!["report", "--no-such-option"],
    ] {
        let ran = run_in(place.path(), &[&words[..], &json[..]].concat());
        assert_eq!(ran.code, 2);
        let said = lines(&ran.err);
        assert_eq!(said[0]["level"], "error", "{said:?}");
        assert_eq!(said.last().unwrap()["exit_code"], 2);
    }
}

#[test]
fn a_run_that_finds_the_lock_held_reads_and_writes_nothing() {
    let place = folder(&[("vault/audit.log", calm(3).as_bytes())]);
    // Among the inputs, where it is none.
    let lock = File::create(place.path().join("vault/run.lock")).unwrap();
    lock.lock().unwrap();
    let words = ["report", "vault", "-o", "pack", "--lock", "vault/run.lock"];
    let ran = run_in(place.path(), &words);
    assert_eq!((ran.code, ran.out.as_str()), (3, ""));
    assert!(
        ran.err.contains("another run holds the lock"),
        "{}",
        ran.err
    );
    assert!(!place.path().join("pack").exists());
    drop(lock);
    let ran = run_in(place.path(), &words);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(ran.out.contains("coverage  1 files"), "{}", ran.out);
    let nowhere = run_in(
        place.path(),
        &["report", "vault", "-o", "p2", "--lock", "no/where"],
    );
    assert_eq!(nowhere.code, 2, "{}", nowhere.err);
}

/// Starts a command, and ends it after a while; whether it was still running.
fn ended(place: &Path, words: &[&str], after: Duration) -> bool {
    let mut child = Command::new(env!("CARGO_BIN_EXE_piperoll"))
        .args(words)
        .current_dir(place)
        .env("TMPDIR", place.join("tmp"))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    std::thread::sleep(after);
    let _ = Command::new("kill")
        .args(["-TERM", &child.id().to_string()])
        .status();
    !child.wait().unwrap().success()
}

#[test]
fn a_run_may_be_ended_at_any_moment() {
    let place = folder(&[]);
    fs::create_dir(place.path().join("tmp")).unwrap();
    let input = fixture("cases/vault-gitlab/input").display().to_string();
    let report = ["report", &input, "-o", "pack"];
    let start = Instant::now();
    let ran = run_in(place.path(), &report);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let whole = start.elapsed();
    let ingest = ["ingest", &input, "--store", "store"];
    let mut cut = 0;
    for moment in 0..12 {
        let after = whole * moment / 12;
        for words in [&report[..], &ingest[..]] {
            let _ = fs::remove_dir_all(place.path().join("pack"));
            cut += usize::from(ended(place.path(), words, after));
            let left: Vec<String> = tree(place.path()).into_keys().collect();
            let half = left
                .iter()
                .find(|name| !name.starts_with("pack/") && !name.starts_with("store/"));
            assert_eq!(half, None, "{words:?} after {after:?}");
            if place.path().join("pack").exists() {
                let ran = run_in(place.path(), &["verify", "pack"]);
                assert_eq!(ran.code, 0, "{after:?}: {} {}", ran.out, ran.err);
            }
        }
    }
    assert!(cut > 4, "only {cut} runs were ended early");
    let whole = run_in(place.path(), &ingest);
    assert_eq!(whole.code, 0, "{}", whole.err);
    let sound = run_in(place.path(), &["ingest", "--verify", "--store", "store"]);
    assert_eq!(sound.code, 0, "{} {}", sound.out, sound.err);
}
