//! How an input was collected is held against what was read of it: what does not tie is a hole and
//! a finding, and what is missing is named.

use std::fs;

use super::product::{Pack, Ran, fixture, try_report};
use super::vault_log::{folder, put};

/// The small Vault log with more configuration and more inputs.
fn collected(more: &str, inputs: &[(&str, &str)]) -> (Ran, Pack) {
    let log = fs::read(fixture("cases/vault-only/input/audit.log")).unwrap();
    let configuration = fs::read_to_string(fixture("cases/vault-only/piperoll.toml")).unwrap();
    let configuration = format!("{configuration}{more}");
    let root = folder(&[
        ("piperoll.toml", configuration.as_bytes()),
        ("exports/vault/audit.log", &log),
    ]);
    for (name, text) in inputs {
        put(root.path(), name, text.as_bytes());
    }
    let input = root.path().join("exports");
    let (ran, pack) = try_report(&[input], &root.path().join("piperoll.toml"), &[]);
    let pack = pack.unwrap_or_else(|| panic!("{}", ran.err));
    (ran, pack)
}

fn text_of(pack: &Pack, name: &str) -> String {
    String::from_utf8(pack.files[name].clone()).unwrap()
}

fn damage(pack: &Pack) -> Vec<String> {
    let findings = pack.rows("findings").into_iter();
    let own = findings.filter(|row| row["rule_id"] == "INT-003");
    own.map(|row| format!("{} {}", row["subject"], row["message"]))
        .collect()
}

fn reason(pack: &Pack, rule: &str) -> String {
    let rules = pack.rows("rules");
    let row = rules.iter().find(|row| row["rule_id"] == rule).unwrap();
    row["reason"].clone()
}

#[test]
fn a_count_that_does_not_tie_is_a_finding_and_a_hole() {
    let source = "\n[[source]]\npath = \"vault/*.log\"\nsystem = \"vault\"\nexpect_records = 900\n";
    let (_, pack) = collected(source, &[]);
    let found = damage(&pack);
    assert!(
        found
            .iter()
            .any(|words| words.starts_with("input:vault/*.log")
                && words.contains("where the collection declares 900")),
        "{found:?}"
    );
    let why = reason(&pack, "VLT-EVT-002");
    assert!(why.contains("900 were expected"), "{why}");
    let tied = "\n[[source]]\npath = \"vault/*.log\"\nexpect_records = 15\n";
    let (_, pack) = collected(tied, &[]);
    let found = damage(&pack);
    assert!(
        !found.iter().any(|words| words.contains("collection")),
        "{found:?}"
    );
}

#[test]
fn a_receipt_says_what_the_configuration_could() {
    let receipt =
        "{\"path\":\"vault/*.log\",\"collected_by\":\"nightly\",\"expect_records\":900}\n";
    let (_, pack) = collected("", &[("exports/collection.ndjson", receipt)]);
    assert_eq!(
        damage(&pack)
            .iter()
            .filter(|words| words.contains("900"))
            .count(),
        1
    );
    let (_, pack) = collected(
        "",
        &[(
            "exports/collection.ndjson",
            "{\"path\":\"vault/*\",\"expected\":9}\n",
        )],
    );
    assert!(
        pack.rows("rejected_lines")
            .iter()
            .any(|row| row["file"] == "collection.ndjson")
    );
}

#[test]
fn what_is_required_and_absent_is_named() {
    let source =
        "\n[[source]]\npath = \"vault-2/audit.log\"\nsystem = \"vault\"\nrequired = true\n";
    let (_, pack) = collected(source, &[]);
    let why = reason(&pack, "VLT-EVT-002");
    assert!(why.contains("`vault-2/audit.log` is required"), "{why}");
    let (ran, _) = collected("\n[[source]]\npath = \"vault-2/*\"\n", &[]);
    assert!(
        ran.out.contains("`source` names `vault-2/*`"),
        "{}",
        ran.out
    );
}

#[test]
fn a_log_that_pauses_is_not_silent_and_one_collected_early_ends_there() {
    let (ran, pack) = collected("", &[]);
    assert!(reason(&pack, "VLT-EVT-002").contains("silent"));
    assert!(
        ran.out.contains("INTERIM") || ran.out.contains("interim"),
        "{}",
        ran.out
    );
    let pauses = "\n[[source]]\npath = \"vault/*\"\ncontinuous = false\n";
    let (_, pack) = collected(pauses, &[]);
    let why = reason(&pack, "VLT-EVT-002");
    assert!(!why.contains("silent") && !why.contains("ends at"), "{why}");
    let early = format!("{pauses}collected_at = \"2026-09-20\"\n");
    let (_, pack) = collected(&early, &[]);
    let why = reason(&pack, "VLT-EVT-002");
    assert!(
        why.contains("was collected at 2026-09-20T00:00:00.000000Z, before"),
        "{why}"
    );
}

#[test]
fn an_input_of_another_system_than_declared_is_a_finding() {
    let source = "\n[[source]]\npath = \"vault/*.log\"\nsystem = \"gcp-audit\"\n";
    let (_, pack) = collected(source, &[]);
    let found = damage(&pack);
    assert!(
        found
            .iter()
            .any(|words| words.contains("declared as gcp-audit, read as vault")),
        "{found:?}"
    );
}

fn jobs(first: u64, count: u64) -> String {
    let job = |id: u64| {
        format!(
            r#"{{"id":{id},"name":"build","stage":"build","status":"success","ref":"main","created_at":"2026-09-02T10:00:00Z","started_at":"2026-09-02T10:00:01Z","finished_at":"2026-09-02T10:05:00Z","user":{{"id":1,"username":"ada"}},"project":{{"id":7}},"pipeline":{{"id":9,"project_id":7}}}}"#
        )
    };
    let jobs: Vec<String> = (first..first + count).map(job).collect();
    format!("[{}]", jobs.join(","))
}

/// What the server answered beside the first page of a list tells of the pages that are not there.
#[test]
fn a_list_that_is_shorter_than_its_server_said_is_a_hole() {
    let page = jobs(1, 3);
    let with = |receipts: &str| {
        let inputs = [
            ("exports/gitlab/jobs.json", page.as_str()),
            ("exports/collection.ndjson", receipts),
        ];
        let (_, pack) = collected("", &inputs);
        // A rule names three of what it lacks: some rule names each.
        let rules = pack.rows("rules");
        let reasons = rules.iter().map(|row| row["reason"].as_str());
        reasons.collect::<Vec<_>>().join("\n")
    };
    let short = with(r#"{"path":"gitlab/jobs.json","x_total":7}"#);
    assert!(
        short.contains("a list of 7 record(s), of which 3 are there"),
        "{short}"
    );
    let next = r#"{"path":"gitlab/jobs.json","link":"<https://gitlab.example/api/v4/projects/7/jobs?page=2>; rel=\"next\", <https://gitlab.example/api/v4/projects/7/jobs?page=1>; rel=\"first\""}"#;
    let open = with(next);
    assert!(
        open.contains("another page follows `gitlab/jobs.json`"),
        "{open}"
    );
    let whole = r#"{"path":"gitlab/jobs.json","x_total":3,"link":"<https://gitlab.example/api/v4/projects/7/jobs?page=1>; rel=\"last\""}"#;
    let whole = with(whole);
    assert!(!whole.contains("gitlab/jobs.json"), "{whole}");
}

/// Who collected what, when, where and how stands in the manifest and on the page, without the
/// secret that the command was given.
#[test]
fn who_collected_when_and_from_where_is_in_the_manifest_and_on_the_page() {
    let receipt = serde_json::json!({
        "path": "vault/*.log",
        "system": "vault",
        "instance": "vault-3.mill.example",
        "environment": "prod",
        "command": "curl -H 'X-Vault-Token: hvs.CAESIJ2mLbRkYwZqXoP4s8Tn1v5KcD7eFgHj' <b>",
        "collected_at": "2026-10-02T03:00:00Z",
        "collected_by": "night\u{202e}ly",
        "expect_records": 15
    });
    let receipts = format!("{receipt}\n");
    let (_, pack) = collected("", &[("exports/collection.ndjson", &receipts)]);
    let manifest: serde_json::Value =
        serde_json::from_str(&text_of(&pack, "manifest.json")).unwrap();
    let told = &manifest["collected"][0];
    assert_eq!(told["instance"], "vault-3.mill.example");
    assert_eq!(told["collected_at"], "2026-10-02T03:00:00.000000Z");
    assert_eq!(told["collected_by"], "night\u{27e8}U+202E\u{27e9}ly");
    assert_eq!(
        (&told["expect_records"], &told["records"], &told["files"]),
        (&15.into(), &15.into(), &1.into())
    );
    let page = text_of(&pack, "report.html");
    for shown in [
        "vault-3.mill.example",
        "night\u{27e8}U+202E\u{27e9}ly",
        "&lt;b&gt;",
    ] {
        assert!(page.contains(shown), "{shown}");
    }
    assert_eq!(pack.holding("CAESIJ2mLbRk"), [""; 0]);
}
