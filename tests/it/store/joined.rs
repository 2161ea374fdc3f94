//! Tables that a question joined are kept in the store, and answer the next one as the inputs would.

use std::fs;
use std::path::Path;

use super::super::product::{Ran, fixture, piperoll, tree};
use super::super::vault_log::{calm, folder, put};
use super::ingested;

/// What standard error says where nothing was joined for an answer.
const KEPT: &str = "keeps joined";

/// Asks the store.
fn asked(sql: &str, store: &Path, more: &[&str]) -> Ran {
    let store = store.to_str().unwrap();
    let mut words = vec!["query", sql, "--store", store, "--format", "csv"];
    words.extend(more);
    piperoll(&words)
}

/// The folders of joined tables.
fn folders(store: &Path) -> Vec<String> {
    let Ok(entries) = fs::read_dir(store.join("joined")) else {
        return Vec::new();
    };
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names.collect();
    names.sort();
    names
}

#[test]
fn the_next_question_is_answered_as_from_the_files() {
    let root = tempfile::tempdir().unwrap();
    let store = root.path().join("store");
    let configuration = fixture("estate/piperoll.toml");
    ingested(&[fixture("estate")], &configuration, &store);
    let configuration = configuration.display().to_string();
    let with = ["-c", configuration.as_str()];
    let mistyped = asked("SELECT nonsense FROM event", &store, &with);
    assert_eq!(mistyped.code, 2, "{}", mistyped.err);
    assert!(!mistyped.err.contains(KEPT), "{}", mistyped.err);
    for sql in [
        "SELECT role, COUNT(*) AS n, MIN(at) AS first FROM event GROUP BY role ORDER BY role",
        "SELECT e.kind, COUNT(*) AS n FROM edge e JOIN chain c ON c.event_id = e.left_id GROUP BY e.kind \
         ORDER BY e.kind",
        "SELECT file, lines FROM coverage ORDER BY file",
        "select count(*) from EVENT",
    ] {
        let ran = asked(sql, &store, &with);
        assert!(ran.code != 0 || ran.err.contains(KEPT), "{}", ran.err);
        let files = fixture("estate").display().to_string();
        let read = [
            "query",
            sql,
            &files,
            "-c",
            &configuration,
            "--format",
            "csv",
        ];
        let wanted = piperoll(&read);
        assert_eq!(
            (ran.code, &ran.out),
            (wanted.code, &wanted.out),
            "{sql}: {}",
            ran.err
        );
    }
    // What the rules say is in no table.
    let views = asked(
        "SELECT rule_id FROM findings ORDER BY rule_id",
        &store,
        &with,
    );
    assert!(
        views.code == 0 && !views.err.contains(KEPT),
        "{}",
        views.err
    );
    assert!(views.out.lines().count() > 20, "{}", views.out);
    assert_eq!(folders(&store).len(), 1);
}

#[test]
fn another_period_configuration_or_store_is_joined_anew() {
    let inputs = folder(&[("in/a.log", calm(3).as_bytes())]);
    let (root, store) = (inputs.path(), inputs.path().join("store"));
    let (one, other) = (
        put(root, "one.toml", b""),
        put(root, "other.toml", b"[people]\nadmins = [\"ada\"]\n"),
    );
    let input = root.join("in");
    ingested(std::slice::from_ref(&input), &one, &store);
    let count = "SELECT COUNT(*) AS n FROM event";
    let ask = |more: &[&str]| {
        let ran = asked(count, &store, more);
        assert_eq!(ran.code, 0, "{}", ran.err);
        (ran.out.contains("n\r\n0"), ran.err.contains(KEPT))
    };
    let one = one.to_str().unwrap();
    assert_eq!(ask(&["-c", one]), (false, false));
    assert_eq!(ask(&["-c", one]), (false, true));
    assert_eq!(ask(&["-c", other.to_str().unwrap()]), (false, false));
    let later = ["-c", one, "--from", "2031-01-01", "--to", "2031-02-01"];
    assert!(!ask(&later).1);
    assert!(ask(&later).1);
    assert_eq!(folders(&store).len(), 3);
    // The store has nothing new: what was joined of it stays.
    ingested(std::slice::from_ref(&input), Path::new(one), &store);
    assert_eq!(folders(&store).len(), 3);
    fs::write(input.join("b.log"), calm(5)).unwrap();
    ingested(std::slice::from_ref(&input), Path::new(one), &store);
    assert_eq!(folders(&store).len(), 0);
    assert_eq!(ask(&["-c", one]), (false, false));
}

#[test]
fn no_more_is_kept_than_for_eight_periods() {
    let inputs = folder(&[("in/a.log", calm(3).as_bytes())]);
    let (root, store) = (inputs.path(), inputs.path().join("store"));
    let configuration = put(root, "piperoll.toml", b"");
    ingested(&[root.join("in")], &configuration, &store);
    for day in 1..=9 {
        let from = format!("2026-08-0{day}");
        let more = [
            "-c",
            configuration.to_str().unwrap(),
            "--from",
            &from,
            "--to",
            "2026-12-01",
        ];
        let ran = asked("SELECT COUNT(*) AS n FROM event", &store, &more);
        assert_eq!(ran.code, 0, "{}", ran.err);
        assert_eq!(ran.err.contains("joined again"), day == 9, "{}", ran.err);
    }
    assert_eq!(folders(&store).len(), 8);
}

#[test]
fn what_could_not_be_read_is_said_with_every_answer() {
    let damaged = format!("{}{{\"time\": \n", calm(3));
    let inputs = folder(&[
        ("in/a.log", damaged.as_bytes()),
        ("in/strange.bin", b"\x00\x01"),
    ]);
    let (root, store) = (inputs.path(), inputs.path().join("store"));
    let configuration = put(root, "piperoll.toml", b"");
    ingested(&[root.join("in")], &configuration, &store);
    let more = ["-c", configuration.to_str().unwrap()];
    let first = asked("SELECT COUNT(*) AS n FROM event", &store, &more);
    let again = asked("SELECT COUNT(*) AS n FROM event", &store, &more);
    assert!(again.err.contains(KEPT), "{}", again.err);
    let warnings = |ran: &Ran| -> Vec<String> {
        let lines = ran.err.lines().filter(|line| line.starts_with("warning:"));
        lines.map(str::to_owned).collect()
    };
    assert_eq!(warnings(&first).len(), 1, "{}", first.err);
    assert_eq!(warnings(&first), warnings(&again));
    assert_eq!((first.code, first.out), (again.code, again.out));
}

#[test]
fn joined_tables_that_are_not_what_was_written_are_named() {
    let inputs = folder(&[("in/a.log", calm(3).as_bytes())]);
    let (root, store) = (inputs.path(), inputs.path().join("store"));
    let configuration = put(root, "piperoll.toml", b"");
    ingested(&[root.join("in")], &configuration, &store);
    let more = ["-c", configuration.to_str().unwrap()];
    let ask = |sql: &str| asked(sql, &store, &more);
    assert_eq!(ask("SELECT COUNT(*) AS n FROM event").code, 0);
    let names: Vec<String> = tree(&store).into_keys().collect();
    let events = names
        .iter()
        .find(|name| name.starts_with("joined/") && name.contains("/event-"))
        .unwrap();
    let path = store.join(events);
    let bytes = fs::read(&path).unwrap();
    let mut other = bytes.clone();
    let middle = other.len() / 2;
    other[middle] ^= 1;
    fs::write(&path, other).unwrap();
    let verify = || piperoll(&["ingest", "--verify", "--store", store.to_str().unwrap()]);
    for ran in [ask("SELECT COUNT(*) AS n FROM event"), verify()] {
        assert_eq!(ran.code, 3, "{}", ran.err);
        assert!(
            ran.err.contains(events) && ran.err.contains("digest"),
            "{}",
            ran.err
        );
    }
    // Another table is not read, and a report joins by itself.
    assert_eq!(ask("SELECT COUNT(*) AS n FROM coverage").code, 0);
    fs::write(&path, bytes).unwrap();
    assert_eq!(verify().code, 0);
}

#[test]
fn a_file_that_is_kept_by_reference_must_be_what_it_was() {
    let ci = b"deploy:\n  script: [make]\n";
    let inputs = folder(&[
        ("in/projects/7/.gitlab-ci.yml", &ci[..]),
        ("in/a.log", calm(3).as_bytes()),
    ]);
    let (root, store) = (inputs.path(), inputs.path().join("store"));
    let configuration = put(root, "piperoll.toml", b"");
    ingested(&[root.join("in")], &configuration, &store);
    let more = ["-c", configuration.to_str().unwrap()];
    let ask = || asked("SELECT COUNT(*) AS n FROM event", &store, &more);
    assert_eq!((ask().code, ask().code), (0, 0));
    put(
        &root.join("in"),
        "projects/7/.gitlab-ci.yml",
        b"deploy: {script: [ls]}\n",
    );
    let ran = ask();
    assert_eq!(ran.code, 3, "{}", ran.err);
    assert!(
        ran.err.contains(".gitlab-ci.yml") && ran.err.contains("another"),
        "{}",
        ran.err
    );
}

#[test]
fn a_store_that_may_not_be_written_answers_all_the_same() {
    let inputs = folder(&[("in/a.log", calm(3).as_bytes())]);
    let (root, store) = (inputs.path(), inputs.path().join("store"));
    let configuration = put(root, "piperoll.toml", b"");
    ingested(&[root.join("in")], &configuration, &store);
    // A file where the folder would be keeps everybody out, root too.
    put(&store, "joined", b"");
    let more = ["-c", configuration.to_str().unwrap()];
    let ran = asked("SELECT COUNT(*) AS n FROM event", &store, &more);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(
        ran.err.contains("note: the joined tables are not kept"),
        "{}",
        ran.err
    );
}
