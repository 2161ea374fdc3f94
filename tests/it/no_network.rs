//! Nothing is fetched and nothing is sent: a network client is among the dependencies (Polars brings
//! it), and no run opens a connection.

use std::process::Command;

use super::product::ran;
use super::skipped::skipped;
use super::vault_log::{calm, folder};

/// What of the network a run used, as the system was asked for it; none where it cannot be watched.
fn asked(words: &[&str]) -> Option<Vec<String>> {
    let logs = folder(&[
        ("a.log", calm(20).as_bytes()),
        ("a.hcl", b"path \"sys/*\" { capabilities = [\"sudo\"] }\n"),
    ]);
    let trace = logs.path().join("calls.trace");
    let mut command = Command::new("strace");
    command.args(["-f", "-qq", "-e", "trace=%network", "-o"]);
    command.arg(&trace).arg(env!("CARGO_BIN_EXE_piperoll"));
    let output = command.args(words).current_dir(logs.path()).output().ok()?;
    if String::from_utf8_lossy(&output.stderr).contains("ptrace") {
        return None;
    }
    let said = ran(&output);
    assert!(said.code < 3, "{words:?}: {said:?}");
    let calls = std::fs::read_to_string(&trace).ok()?;
    Some(calls.lines().map(str::to_owned).collect())
}

#[test]
fn no_command_opens_a_connection() {
    for words in [
        &["report", "a.log", "-o", "out"][..],
        &["query", "SELECT * FROM event", "a.log"],
        &[
            "query",
            "SELECT * FROM read_parquet('http://127.0.0.1:1/x')",
            "a.log",
        ],
        &[
            "query",
            "SELECT * FROM read_parquet('s3://bucket/x')",
            "a.log",
        ],
        &["trace", "secret", "secret/data/people/ada", "a.log"],
        &["lint", "a.hcl"],
        &["rules", "list"],
    ] {
        let Some(calls) = asked(words) else {
            skipped(
                "no_network::no_command_opens_a_connection",
                "no strace that may watch a process",
            );
            return;
        };
        // A pair of ends inside the process, by which its signals are told, leads nowhere.
        let outward = |call: &&String| !(call.contains("socketpair(AF_UNIX") || pair_use(call));
        let outward: Vec<&String> = calls.iter().filter(outward).collect();
        assert!(outward.is_empty(), "{words:?}: {outward:?}");
    }
}

/// Whether a call uses such a pair or is no call: the end of a process, a signal.
fn pair_use(call: &str) -> bool {
    let asks = ["socket(", "connect(", "bind(", "listen(", "accept"];
    !asks.iter().any(|ask| call.contains(ask)) && !call.contains("AF_INET")
}
