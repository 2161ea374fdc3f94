//! The main job over a recording of a running server.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use serde_json::Value;

use super::judge::{self, Truth};
use super::product::{Pack, fixture, report, run_in};

/// Logs and exports of a small estate on a running OpenBao, and what truly happened there.
const RECORDING: &str = "recordings/openbao-live";

struct Live {
    pack: Pack,
    expected: Value,
    truth: Truth,
}

fn live() -> &'static Live {
    static LIVE: OnceLock<Live> = OnceLock::new();
    LIVE.get_or_init(|| {
        let folder = fixture(RECORDING);
        let expected = folder.join("expected.json");
        Live {
            pack: report(&[folder.join("input")], &folder.join("piperoll.toml"), &[]),
            truth: Truth::read(&expected),
            expected: serde_json::from_slice(&std::fs::read(&expected).unwrap()).unwrap(),
        }
    })
}

#[test]
fn the_joins_of_a_running_server_are_true() {
    let live = live();
    // The recording tells nothing of leases: only kinds that it knows are judged.
    let known: BTreeSet<&str> = live.truth.edges.iter().map(|e| e.edge.as_str()).collect();
    let mut wrong = Vec::new();
    for (kind, score) in judge::edges(&live.truth, &live.pack) {
        if !known.contains(kind.as_str()) {
            eprintln!("not judged: {}", score.line());
            continue;
        }
        eprintln!("{}", score.line());
        if !score.wrong.is_empty() || score.recall() < 0.99 {
            wrong.push(score.complaint());
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_line_of_a_running_server_is_read() {
    let live = live();
    let coverage = live.pack.rows("coverage");
    for (name, counts) in live.expected["accounting"].as_object().unwrap() {
        let row = coverage.iter().find(|row| row["file"] == *name).unwrap();
        for column in ["lines", "parsed", "rejected"] {
            assert_eq!(row[column], counts[column].to_string(), "{name} {column}");
        }
        assert_eq!(row["source"], "vault", "{name}");
    }
    // The second device says again what the first has said.
    let duplicates: Vec<&str> = ["vault/dev1/audit.log", "vault/dev2/audit.log"]
        .iter()
        .map(|name| {
            let row = coverage.iter().find(|row| row["file"] == **name).unwrap();
            row["duplicates"].as_str()
        })
        .collect();
    assert!(
        duplicates[0] == "0" && duplicates[1] != "0",
        "{duplicates:?}"
    );
}

#[test]
fn no_secret_of_a_running_server_is_in_the_pack() {
    let live = live();
    for canary in live.expected["canaries"].as_array().unwrap() {
        let mark = canary["value"].as_str().unwrap();
        assert_eq!(live.pack.holding(mark), Vec::<&str>::new(), "{mark}");
    }
}

/// What Vault ends with a token is told so: the token's own child, and the leases that it got.
#[test]
fn children_and_leases_of_a_running_server_end_with_their_token() {
    let live = live();
    let folder = fixture(RECORDING);
    let child = live
        .truth
        .edges
        .iter()
        .find(|edge| edge.edge == "token-child");
    let words = [
        "trace",
        "token",
        child.unwrap().right[0].as_str(),
        "input",
        "-c",
        "piperoll.toml",
    ];
    let ran = run_in(&folder, &words);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(
        ran.out.contains("Z with the token that asked for it"),
        "{}",
        ran.out
    );
}
