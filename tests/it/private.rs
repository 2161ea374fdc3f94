//! What is written is for whoever ran the command, and what is not finished is for nobody: no spill
//! and no half pack outlives a run, whatever ends it.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use super::product::{Ran, binary, ran};
use super::vault_log::{calm, folder, pair};

fn modes(root: &Path) -> Vec<(bool, u32)> {
    let mut modes: Vec<(bool, u32)> = walkdir::WalkDir::new(root)
        .into_iter()
        .map(Result::unwrap)
        .map(|entry| {
            let mode = entry.metadata().unwrap().permissions().mode() & 0o777;
            (entry.file_type().is_dir(), mode)
        })
        .collect();
    modes.sort_unstable();
    modes.dedup();
    modes
}

/// A line of a shell in `directory`, in which `$PIPEROLL` is the binary.
fn shell(directory: &Path, line: &str) -> Ran {
    let mut command = Command::new("bash");
    command.args(["-c", line]).current_dir(directory);
    command.env("PIPEROLL", env!("CARGO_BIN_EXE_piperoll"));
    ran(&command.output().unwrap())
}

fn small() -> tempfile::TempDir {
    folder(&[("a.log", calm(3).as_bytes())])
}

/// More events than stay in memory.
fn large() -> &'static Path {
    static LOGS: OnceLock<tempfile::TempDir> = OnceLock::new();
    let logs = LOGS.get_or_init(|| {
        let line = pair(0, 0, "secret/data/people/ada")[1].to_string();
        let lines: String = (0..66_000)
            .map(|number| line.replace("00000000-0000", &format!("{number:08x}-0000")) + "\n")
            .collect();
        folder(&[("a.log", lines.as_bytes())])
    });
    logs.path()
}

#[test]
fn a_pack_is_for_the_account_that_wrote_it_unless_a_flag_opens_it() {
    for (flag, folders, files) in [
        ("", 0o700, 0o600),
        ("--readable-by owner", 0o700, 0o600),
        ("--readable-by group", 0o750, 0o640),
        ("--readable-by all", 0o755, 0o644),
    ] {
        for umask in ["000", "077", "777"] {
            let logs = small();
            let line = format!("umask {umask}; exec \"$PIPEROLL\" report a.log -o out {flag}");
            let said = shell(logs.path(), &line);
            assert_eq!(said.code, 0, "{said:?}");
            let wanted = [(false, files), (true, folders)];
            assert_eq!(modes(&logs.path().join("out")), wanted, "{umask} {flag}");
        }
    }
}

#[test]
fn a_limit_of_file_sizes_is_3_with_a_hint_and_leaves_nothing() {
    let logs = small();
    let said = shell(
        logs.path(),
        "ulimit -f 8; exec \"$PIPEROLL\" report a.log -o out",
    );
    assert_eq!(said.code, 3, "{said:?}");
    assert!(said.err.contains("ulimit -f"), "{}", said.err);
    assert_eq!(
        fs::read_dir(logs.path()).unwrap().count(),
        1,
        "only the log"
    );
}

#[test]
fn a_standard_output_that_takes_nothing_is_3() {
    let logs = small();
    let said = shell(
        logs.path(),
        "\"$PIPEROLL\" query 'SELECT * FROM event' a.log > /dev/full",
    );
    assert_eq!(said.code, 3, "{said:?}");
    assert!(said.err.contains("standard output"), "{}", said.err);
}

#[test]
fn a_file_on_a_full_disk_is_3() {
    let logs = small();
    let words = "\"$PIPEROLL\" report a.log -q -o pack -o sarif=/dev/full";
    let said = shell(logs.path(), words);
    assert_eq!(said.code, 3, "{said:?}");
    assert!(
        said.err.contains("`/dev/full`") && said.err.contains("make room"),
        "{}",
        said.err
    );
}

#[test]
fn a_place_for_temporary_files_that_is_not_there_is_3_with_a_hint() {
    let nowhere = large().join("nowhere");
    let mut command = binary(large());
    command.env("TMPDIR", &nowhere);
    let said = ran(&command
        .args(["query", "SELECT 1", "a.log"])
        .output()
        .unwrap());
    assert_eq!(said.code, 3, "{said:?}");
    assert!(
        said.err.contains("TMPDIR") && said.err.contains("nowhere"),
        "{}",
        said.err
    );
}

/// Starts a run, waits until something lies in `seen`, sends the signal, and says what is left.
fn interrupted(signal: &str, words: &[&str], seen: &Path, temporary: &Path) -> Vec<String> {
    // A run in the background inherits that interrupts are ignored, and then they are.
    let mut child = Command::new("env")
        .arg("--default-signal=INT,TERM,HUP")
        .arg(env!("CARGO_BIN_EXE_piperoll"))
        .args(words)
        .current_dir(large())
        .env("TMPDIR", temporary)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let names = || -> Vec<String> {
        let entries = fs::read_dir(seen).unwrap().flatten();
        entries
            .map(|entry| entry.file_name().to_string_lossy().into_owned())
            .collect()
    };
    let start = Instant::now();
    while names().is_empty() {
        assert!(
            start.elapsed() < Duration::from_secs(120),
            "nothing was written"
        );
        assert!(
            child.try_wait().unwrap().is_none(),
            "the run had ended before the signal"
        );
        std::thread::sleep(Duration::from_millis(5));
    }
    let mode = fs::read_dir(seen)
        .unwrap()
        .flatten()
        .next()
        .map(|entry| modes(&entry.path()));
    assert!(
        mode.iter().flatten().all(|(_, mode)| mode & 0o077 == 0),
        "{mode:?}"
    );
    let pid = child.id().to_string();
    assert!(
        Command::new("kill")
            .args([signal, &pid])
            .status()
            .unwrap()
            .success()
    );
    let ended = child.wait().unwrap();
    let number = std::os::unix::process::ExitStatusExt::signal(&ended);
    assert!(
        number.is_some(),
        "{signal}: {ended}: whoever waits must see the signal"
    );
    names()
}

#[test]
fn no_spill_outlives_a_signal() {
    for signal in ["-INT", "-TERM", "-HUP"] {
        let temporary = tempfile::tempdir().unwrap();
        let place = temporary.path();
        let left = interrupted(
            signal,
            &["query", "SELECT count(*) FROM event", "a.log"],
            place,
            place,
        );
        assert_eq!(left, Vec::<String>::new(), "{signal}");
    }
}

#[test]
fn what_a_killed_run_spilled_is_swept_by_the_next() {
    let temporary = tempfile::tempdir().unwrap();
    let place = temporary.path();
    let words = ["query", "SELECT count(*) AS n FROM event", "a.log"];
    let left = interrupted("-KILL", &words, place, place);
    assert_eq!(
        left.len(),
        1,
        "nobody can clean up behind SIGKILL: {left:?}"
    );
    let mut next = binary(large());
    let said = ran(&next.env("TMPDIR", place).args(words).output().unwrap());
    assert_eq!(said.code, 0, "{said:?}");
    assert_eq!(fs::read_dir(place).unwrap().count(), 0);
}

#[test]
fn a_run_that_needs_more_memory_than_it_may_hold_is_3_and_leaves_nothing() {
    let temporary = tempfile::tempdir().unwrap();
    let place = temporary.path();
    let pack = place.join("pack");
    let store = place.join("store");
    for words in [
        vec!["report", "-o", pack.to_str().unwrap()],
        vec!["query", "SELECT count(*) FROM event"],
        vec!["ingest", "--store", store.to_str().unwrap()],
    ] {
        let names = || -> Vec<_> {
            let left = fs::read_dir(place).unwrap().flatten();
            left.map(|entry| entry.file_name()).collect()
        };
        let before = names();
        let asked = |limit: &str, format: &str| {
            let mut command = binary(large());
            command.env("TMPDIR", place).args(&words).arg("a.log");
            command.args(["--memory", limit, "--log-format", format]);
            ran(&command.output().unwrap())
        };
        let refused = asked("64MiB", "text");
        assert_eq!(refused.code, 3, "{words:?} {refused:?}");
        assert!(
            refused.err.contains("MiB of memory are held") && refused.err.contains("help: allow"),
            "{}",
            refused.err
        );
        assert!(refused.out.is_empty(), "{words:?}");
        let told = asked("64MiB", "json").err;
        let last = told.lines().last().unwrap();
        let last: serde_json::Value = serde_json::from_str(last).unwrap();
        assert_eq!(
            (&last["exit_code"], &last["level"]),
            (&3.into(), &"end".into())
        );
        let left = names().into_iter().filter(|name| !before.contains(name));
        assert!(left.clone().all(|name| name == "store"), "{words:?}");
        assert_eq!(asked("8GiB", "text").code, 0, "{words:?}");
    }
    let less = ran(&binary(large())
        .args(["report", "a.log", "--memory", "1MiB"])
        .output()
        .unwrap());
    assert_eq!(less.code, 2, "{less:?}");
}
