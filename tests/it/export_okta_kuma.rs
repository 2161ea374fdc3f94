//! The scripts of `deploy/export/` for Okta and Kuma, against stand-ins for `curl` and `kumactl`.

use std::fs;

use crate::export_scripts::{has, with_stand_in};
use crate::product::run_in;
use crate::skipped::skipped;

/// Two pages of one event each, the last of which names no next one. The token stands on no command
/// line.
const CURL: &str = r#"config=$(cat)
case "$config$*" in *SSWS*'t0ken'*) ;; *) exit 9 ;; esac
case $* in *t0ken*) exit 9 ;; esac
while [ $# -gt 1 ]; do
  case $1 in -D) head=$2 ;; -o) out=$2 ;; esac
  shift
done
event() { printf '[{"uuid":"%s","published":"2026-09-02T08:00:00.123Z","eventType":"user.session.start","version":"0","severity":"INFO","actor":{"id":"00u","type":"User","alternateId":"ada@mill.example"},"outcome":{"result":"SUCCESS"}}]' "$1" >"$out"; }
case $1 in
  *since=closed*) echo 'curl: (22) 403' >&2; exit 22 ;;
  *since=elsewhere*) event e-1; printf 'link: <https://elsewhere.example/api>; rel="next"\r\n' >"$head" ;;
  *after=2*) event e-2; printf 'HTTP/2 200\r\nlink: <%s>; rel="self"\r\n' "$1" >"$head" ;;
  *) event e-1; printf 'HTTP/2 200\r\nlink: <%s>; rel="self"\r\nlink: <%s&after=2>; rel="next"\r\n' "$1" "$1" >"$head" ;;
esac
"#;

#[test]
fn the_script_for_okta_follows_its_pages_and_takes_the_token_nowhere_else() {
    if !has("jq") {
        return skipped("export_scripts::okta", "no `jq`");
    }
    let body = format!("unset OKTA_TOKEN\n{CURL}");
    let run = |from: &str| {
        let asked = ["https://mill.okta.example", from, "2026-10-01T00:00:00Z"];
        with_stand_in("okta.sh", "curl", &body, &asked)
    };
    let (code, error, folder) = run("2026-09-01T00:00:00Z");
    assert_eq!(code, 0, "{error}");
    let out = folder.path().join("out");
    let receipts = fs::read_to_string(out.join("collection.ndjson")).unwrap();
    assert_eq!(receipts.lines().count(), 2, "{receipts}");
    assert!(!receipts.contains("t0ken"), "{receipts}");
    let sql = "SELECT count(*) AS n FROM event WHERE system = 'okta'";
    let read = run_in(folder.path(), &["query", sql, "out", "--format", "csv"]);
    assert_eq!(read.out, "n\r\n2\r\n", "{}", read.err);
    for (from, said) in [("closed", "refused: "), ("elsewhere", "lies elsewhere")] {
        let (code, error, folder) = run(from);
        assert!(code == 1 && error.contains(said), "{error}");
        assert!(!folder.path().join("out/collection.ndjson").exists());
    }
}

#[test]
fn the_script_for_kuma_exports_every_mesh() {
    if !has("jq") {
        return skipped("export_scripts::kuma", "no `jq`");
    }
    let resources = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/fixtures/estate-beyond/kuma/prod.json"
    );
    let kumactl = format!(
        r#"of() {{ jq --arg type "$1" '{{total: 1, items: [.items[] | select(.type == $type)], next: null}}' {resources}; }}
case $* in
  "get meshes"*) of Mesh ;;
  *"--mesh closed"*) echo 'access denied' >&2; exit 1 ;;
  "get dataplanes"*) of Dataplane ;;
  "get meshtrafficpermissions"*) of MeshTrafficPermission ;;
  "get "* | "inspect dataplanes"*) of None ;;
  *) exit 9 ;;
esac
"#
    );
    let (code, error, folder) = with_stand_in("kuma.sh", "kumactl", &kumactl, &[]);
    assert_eq!(code, 0, "{error}");
    let out = folder.path().join("out");
    for file in [
        "meshes.json",
        "prod/dataplanes.json",
        "staging/insights.json",
    ] {
        assert!(out.join(file).is_file(), "{file}");
    }
    let ran = run_in(folder.path(), &["report", "out", "-o", "pack"]);
    let rules = fs::read_to_string(folder.path().join("pack/data/rules.csv")).unwrap();
    let row = rules
        .lines()
        .find(|line| line.starts_with("KMA-001,"))
        .unwrap();
    assert!(!row.contains("not-assessed"), "{row}{}", ran.err);
    let (code, error, folder) = with_stand_in("kuma.sh", "kumactl", &kumactl, &["closed"]);
    assert!(code == 1 && error.contains("refused: kumactl"), "{error}");
    assert!(!folder.path().join("out/collection.ndjson").exists());
}
