//! A token under every hash that the logs hold of it, and the tokens that wrap answers.

use std::io::Read as _;
use std::path::Path;

use serde_json::Value;

use crate::product::run_in;

const LOG: &str = "fixtures/estate/vault/file/audit.log.1.gz";

/// The first answer in the log for which `pick` finds something.
fn first<T>(pick: impl Fn(&Value) -> Option<T>) -> T {
    let file = std::fs::File::open(Path::new(env!("CARGO_MANIFEST_DIR")).join(LOG)).unwrap();
    let mut log = String::new();
    flate2::read::MultiGzDecoder::new(file)
        .read_to_string(&mut log)
        .unwrap();
    let lines = log.lines().map(|line| serde_json::from_str(line).unwrap());
    let answers = lines.filter(|line: &Value| line["type"] == "response");
    answers.filter_map(|line| pick(&line)).next().unwrap()
}

fn trace(kind: &str, id: &str) -> Value {
    let estate = ["fixtures/estate", "-c", "fixtures/estate/piperoll.toml"];
    let mut words = vec!["trace", kind, id, "--format", "json"];
    words.extend(estate);
    let ran = run_in(Path::new(env!("CARGO_MANIFEST_DIR")), &words);
    assert_eq!(ran.code, 0, "{}", ran.err);
    serde_json::from_str(&ran.out).unwrap()
}

/// The nodes of a tree without branches, from the root down.
fn line(trace: &Value) -> Vec<Value> {
    let mut line = vec![trace["roots"][0].clone()];
    while let Some(below) = line.last().unwrap()["children"].get(0) {
        line.push(below.clone());
    }
    line
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

/// A batch token has no accessor: what a reader of the log has in hand is the hash of the token.
#[test]
fn a_batch_token_is_found_by_its_own_hash() {
    let (login, token) = first(|line| {
        let issued = &line["response"]["auth"];
        let batch =
            issued["token_type"] == "batch" && line["request"]["path"] == "auth/gitlab/login";
        batch.then(|| (text(&line["request"]["id"]), text(&issued["client_token"])))
    });
    let found = trace("token", &token);
    assert_eq!(found["id"], format!("vault:login/{login}"));
    let kinds: Vec<String> = line(&found)
        .iter()
        .map(|node| text(&node["kind"]))
        .collect();
    assert_eq!(kinds, ["person", "job", "login", "token", "request"]);
    assert_eq!(found, trace("token", &login));
}

#[test]
fn a_service_token_is_found_by_its_own_hash_as_by_its_accessors() {
    let (accessor, token) = first(|line| {
        let issued = &line["response"]["auth"];
        let found =
            line["request"]["path"] == "auth/gitlab/login" && issued["accessor"].is_string();
        found.then(|| (text(&issued["accessor"]), text(&issued["client_token"])))
    });
    assert_eq!(trace("token", &token), trace("token", &accessor));
}

#[test]
fn a_wrapping_token_is_told_with_the_answer_it_wraps() {
    let (request, wrapping, path) = first(|line| {
        let wraps = &line["response"]["wrap_info"];
        wraps["accessor"].is_string().then(|| {
            let id = text(&line["request"]["id"]);
            (
                id,
                [text(&wraps["accessor"]), text(&wraps["token"])],
                text(&wraps["creation_path"]),
            )
        })
    });
    for id in wrapping {
        let found = line(&trace("token", &id));
        let kinds: Vec<String> = found.iter().map(|node| text(&node["kind"])).collect();
        assert_eq!(
            kinds,
            [
                "person", "job", "login", "token", "request", "token", "request"
            ]
        );
        assert_eq!(found[4]["id"], format!("vault:request/{request}"));
        assert_eq!(found[4]["facts"]["object"], format!("vault:path/{path}"));
        assert_eq!(found[5]["facts"]["kind"], "wrapping-token");
        // The job unwraps with its own token: who else may have is not in the log.
        assert_eq!(found[6]["no_evidence"]["reason"], "no-use");
    }
}
