//! Access logs of a mesh in a format of its owner's, read by what a policy beside them writes out;
//! and answers of queries over CloudTrail.

use std::fs;
use std::path::Path;

use crate::product::{Pack, run_in};
use crate::vault_log::folder;

const POLICY: &str = r#"
type: MeshAccessLog
name: all
mesh: shop
spec:
  targetRef: {kind: Mesh}
  to:
    - targetRef: {kind: Mesh}
      default:
        backends:
          - type: File
            file:
              path: /tmp/access.log
              format:
                type: Plain
                plain: '%START_TIME(%s)% %KUMA_SOURCE_SERVICE% > %KUMA_DESTINATION_SERVICE% %REQ(:METHOD)% "%REQ(:PATH)%" %RESPONSE_CODE%'
"#;

const LOG: &str = r#"1788249600 web > api GET "/orders" 200
1788249601 web > api GET "/orders" 403
1788249602 web > api GET cut
"#;

fn covered(pack: &Pack, file: &str) -> Vec<String> {
    let rows = pack.rows("coverage");
    let row = rows.iter().find(|row| row["file"] == file).unwrap();
    let names = ["source", "parsed", "skipped", "rejected"];
    names.iter().map(|name| row[*name].clone()).collect()
}

fn packed(at: &Path, words: &[&str]) -> Pack {
    let ran = run_in(at, &[&["report"], words, &["-o", "pack"]].concat());
    assert!(matches!(ran.code, 0 | 3), "{}{}", ran.out, ran.err);
    let pack = Pack::read(&at.join("pack"));
    fs::remove_dir_all(at.join("pack")).unwrap();
    pack
}

#[test]
fn an_access_log_is_read_in_the_format_of_the_policy_beside_it() {
    let input = folder(&[
        ("in/policy.yaml", POLICY.as_bytes()),
        ("in/access.log", LOG.as_bytes()),
    ]);
    let at = input.path();
    let pack = packed(at, &["in"]);
    assert_eq!(covered(&pack, "access.log"), ["mesh", "2", "0", "1"]);
    let ran = run_in(at, &["ingest", "in", "--store", "store"]);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    let stored = packed(at, &["--store", "store"]);
    assert_eq!(covered(&stored, "access.log"), ["mesh", "2", "0", "1"]);
    let words = "SELECT principal, object, outcome FROM event ORDER BY at";
    let ran = run_in(at, &["query", words, "in", "--format", "csv"]);
    let said = ran.out.replace("\r\n", "\n");
    let rows = "mesh:service/shop/web,mesh:service/shop/api,allowed\nmesh:service/shop/web,mesh:service/shop/api,denied\n";
    assert!(said.ends_with(rows), "{said}{}", ran.err);
    // Evidence is read again, so a pack can cite the lines: that the last one is damaged is one.
    let rows = pack.rows("findings");
    let mut damaged = rows.iter().filter(|row| row["rule_id"] == "INT-003");
    assert!(damaged.any(|row| row["evidence_file"] == "access.log" && row["evidence_line"] == "3"));
    // Without the policy nothing says what the words are.
    fs::remove_file(at.join("in/policy.yaml")).unwrap();
    let alone = packed(at, &["in"]);
    assert_ne!(covered(&alone, "access.log")[0], "mesh");
}

#[test]
fn rows_of_a_query_over_cloudtrail_are_calls() {
    let row = |id: &str, error: &str| {
        let identity = serde_json::json!({
            "type": "IAMUser", "accountId": "111122223333", "userName": "ann", "accessKeyId": "AKIAQ"
        });
        serde_json::json!([
            {"eventID": id}, {"eventTime": "2026-09-02T10:00:00Z"}, {"eventSource": "s3.amazonaws.com"},
            {"eventName": "ListBuckets"}, {"awsRegion": "eu-west-1"}, {"recipientAccountId": "111122223333"},
            {"userIdentity": identity.to_string()}, {"errorCode": error}, {"sourceIPAddress": "192.0.2.1"},
        ])
    };
    let answer = serde_json::json!({
        "QueryStatus": "FINISHED", "QueryStatistics": {"ResultsCount": 2, "TotalResultsCount": 2},
        "QueryResultRows": [row("e-1", ""), row("e-2", "AccessDenied")],
    });
    let text = serde_json::to_string_pretty(&answer).unwrap();
    let input = folder(&[("in/lake.json", text.as_bytes())]);
    let pack = packed(input.path(), &["in"]);
    assert_eq!(covered(&pack, "lake.json"), ["cloudtrail", "1", "0", "0"]);
    let words = "SELECT event_id, outcome FROM event ORDER BY event_id";
    let ran = run_in(input.path(), &["query", words, "in", "--format", "csv"]);
    let said = ran.out.replace("\r\n", "\n");
    assert!(
        said.ends_with("aws:event/e-1,allowed\naws:event/e-2,denied\n"),
        "{said}{}",
        ran.err
    );
}

#[test]
fn the_mark_of_an_encoding_and_returns_take_no_line_away() {
    let line = "[2026-03-02T10:00:00.123Z] shop \"GET /orders HTTP/1.1\" 200 - 0 512 8 7 \"10.0.0.9\" \"curl/8\" \"-\" \"req-1\" \"api.mesh\" \"web\" \"api\" \"10.0.0.9\" \"10.0.0.7:8080\"";
    let log = format!("\u{feff}{line}\r\n{}\r\n", line.replace("req-1", "req-2"));
    let input = folder(&[("in/access.log", log.as_bytes())]);
    let pack = packed(input.path(), &["in"]);
    assert_eq!(covered(&pack, "access.log"), ["mesh", "2", "0", "0"]);
}
