//! `piperoll lint --logs` over the estate: who would lose access to what, and what nobody uses.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use serde_json::Value;
use tempfile::TempDir;

use crate::lint::FORMATS;

fn estate() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/estate")
}

/// The estate's policies in a repository of their own, with some texts replaced.
fn policies(changed: &[(&str, &str)]) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    let to = dir.path().join("policies");
    fs::create_dir(&to).unwrap();
    for entry in fs::read_dir(estate().join("vault/config/policies")).unwrap() {
        let path = entry.unwrap().path();
        fs::copy(&path, to.join(path.file_name().unwrap())).unwrap();
    }
    for (name, text) in changed {
        fs::write(to.join(format!("{name}.hcl")), text).unwrap();
    }
    fs::copy(
        estate().join("piperoll.toml"),
        dir.path().join("piperoll.toml"),
    )
    .unwrap();
    dir
}

struct Run {
    code: i32,
    out: String,
    err: String,
}

fn lint(dir: &Path, args: &[&str]) -> Run {
    let output = Command::cargo_bin("piperoll")
        .unwrap()
        .current_dir(dir)
        .args(["lint", "policies", "--as-of", "2026-10-01"])
        .args(args)
        .output()
        .unwrap();
    Run {
        code: output.status.code().unwrap(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

fn with_logs(dir: &Path, args: &[&str]) -> Run {
    let (vault, gitlab) = (estate().join("vault"), estate().join("gitlab"));
    let services = estate().join("gcp/run");
    let logs = [
        "--logs",
        vault.to_str().unwrap(),
        "--logs",
        gitlab.to_str().unwrap(),
        "--logs",
        services.to_str().unwrap(),
    ];
    lint(dir, &[&logs, args].concat())
}

/// Subject, object and message of the findings of a rule.
fn found(run: &Run, rule: &str) -> BTreeSet<(String, String, String)> {
    let report: Value = serde_json::from_str(&run.out).unwrap();
    let list = report["findings"].as_array().unwrap().iter();
    let text = |found: &Value, key: &str| found[key].as_str().unwrap().to_owned();
    list.filter(|found| found["rule_id"] == rule)
        .map(|found| {
            (
                text(found, "subject"),
                text(found, "object"),
                text(found, "message"),
            )
        })
        .collect()
}

fn who(run: &Run, rule: &str) -> Vec<(String, String)> {
    let found = found(run, rule);
    found
        .into_iter()
        .map(|(subject, object, _)| (subject, object))
        .collect()
}

fn rule(run: &Run, id: &str) -> Value {
    let report: Value = serde_json::from_str(&run.out).unwrap();
    let rules = report["rules"].as_array().unwrap();
    rules
        .iter()
        .find(|rule| rule["rule_id"] == id)
        .unwrap()
        .clone()
}

const JSON: [&str; 2] = ["--format", "json"];

#[test]
fn unchanged_policies_take_nothing_from_anybody() {
    let run = with_logs(policies(&[]).path(), &JSON);
    assert_eq!(who(&run, "VLT-USE-001"), []);
    let judged = rule(&run, "VLT-USE-001");
    assert_eq!(judged["outcome"], "pass");
    assert!(judged["population"].as_u64().unwrap() > 800, "{judged}");
    assert!(
        judged["reason"]
            .as_str()
            .unwrap()
            .contains("policy `default` is not among"),
        "{judged}"
    );
}

#[test]
fn exactly_those_who_lose_access_are_named_with_their_log_lines() {
    let dir = policies(&[
        (
            "ci-orders",
            "path \"secret/data/ci/orders/prod/db\" {\n  capabilities = [\"read\"]\n}\n",
        ),
        (
            "run-messaging",
            "path \"secret/data/run/mailer/prod/*\" {\n  capabilities = [\"read\"]\n}\n",
        ),
        (
            "people",
            "path \"secret/metadata/team/*\" {\n  capabilities = [\"list\"]\n}\n\
             path \"secret/data/team/*\" {\n  capabilities = [\"read\"]\n}\n",
        ),
    ]);
    let run = with_logs(dir.path(), &JSON);
    assert_eq!(run.code, 1, "{}", run.err);
    let path = |path: &str| format!("vault:path/secret/data/{path}");
    assert_eq!(
        who(&run, "VLT-USE-001"),
        [
            (
                "gitlab:project/101".to_owned(),
                path("ci/orders/prod/signing")
            ),
            (
                "gitlab:project/101".to_owned(),
                path("ci/orders/staging/db")
            ),
            ("gitlab:user/emil".to_owned(), path("people/emil/laptop")),
            (
                "run:service/mill-prod/europe-north1/notifier".to_owned(),
                path("run/notifier/prod/db")
            ),
        ]
    );
    let messages = found(&run, "VLT-USE-001");
    let (_, _, signing) = messages
        .iter()
        .find(|(_, object, _)| object.ends_with("signing"))
        .unwrap();
    assert!(
        signing.contains(
            "allowed `read` 21 times (mill/orders, vault:role/gitlab/orders) from 2026-09-"
        ) && signing.contains("vault/file/audit.log.1.gz:"),
        "{signing}"
    );
}

#[test]
fn every_format_names_the_log_line_and_points_at_the_policy() {
    let dir = policies(&[(
        "run-orders-api",
        "path \"secret/data/run/orders-api/prod/*\" {\n  capabilities = [\"list\"]\n}\n",
    )]);
    for format in FORMATS {
        let run = with_logs(dir.path(), &["--format", format]);
        assert_eq!(run.code, 1, "{format}: {}", run.err);
        let plain = run.out.replace('\\', "");
        assert!(plain.contains("vault/file/audit.log"), "{format}: {plain}");
        assert!(
            plain.contains("policies/run-orders-api.hcl"),
            "{format}: {plain}"
        );
        assert!(!run.out.contains("Canary"), "{format}");
    }
    let run = with_logs(dir.path(), &["--format", "codequality"]);
    let issues: Value = serde_json::from_str(&run.out).unwrap();
    let issues = issues.as_array().unwrap();
    let lost = issues
        .iter()
        .filter(|issue| issue["check_name"] == "VLT-USE-001");
    for issue in lost {
        assert_eq!(issue["location"]["path"], "policies/run-orders-api.hcl");
        assert_eq!(issue["location"]["lines"]["begin"], 1);
    }
}

#[test]
fn the_same_bytes_whatever_the_order_of_the_logs() {
    let dir = policies(&[(
        "ci-catalog",
        "path \"secret/data/x\" {\n  capabilities = [\"read\"]\n}\n",
    )]);
    let (file, socket) = (estate().join("vault/file"), estate().join("vault/socket"));
    let gitlab = estate().join("gitlab");
    let order = |paths: [&Path; 3]| {
        let named: Vec<&str> = paths
            .iter()
            .flat_map(|path| ["--logs", path.to_str().unwrap()])
            .collect();
        lint(dir.path(), &[&named[..], &JSON].concat()).out
    };
    let one = order([&file, &socket, &gitlab]);
    assert!(
        one.contains("VLT-USE-001") && one.contains("gitlab:project/103"),
        "{one}"
    );
    assert_eq!(one, order([&gitlab, &socket, &file]));
}

#[test]
fn a_window_limits_what_is_judged_and_said() {
    let dir = policies(&[(
        "ci-orders",
        "path \"secret/data/ci/orders/prod/*\" {\n  capabilities = [\"read\"]\n}\n",
    )]);
    // The only read of the staging secret is of 17 September.
    let run = with_logs(dir.path(), &[&JSON[..], &["--to", "2026-09-17"]].concat());
    assert_eq!(who(&run, "VLT-USE-001"), []);
    assert!(
        run.out.contains("2026-09-17T00:00:00.000000Z"),
        "{}",
        run.out
    );
    let run = with_logs(dir.path(), &[&JSON[..], &["--from", "2026-09-17"]].concat());
    assert_eq!(who(&run, "VLT-USE-001").len(), 1);
    let run = with_logs(dir.path(), &["--from", "2026-09-17", "--to", "2026-09-01"]);
    assert_eq!(run.code, 2, "{}", run.err);
    let run = with_logs(dir.path(), &["--from", "2027-09-17", "--to", "2027-10-01"]);
    assert_eq!(run.code, 3, "{}", run.err);
    assert!(run.err.contains("lies in the window"), "{}", run.err);
}

#[test]
fn without_logs_it_is_said_and_without_records_it_fails() {
    let dir = policies(&[]);
    let run = lint(dir.path(), &JSON);
    for id in ["VLT-USE-001", "VLT-USE-002", "VLT-USE-003"] {
        let rule = rule(&run, id);
        assert_eq!(rule["outcome"], "not-assessed");
        assert!(
            rule["reason"].as_str().unwrap().contains("Vault audit log"),
            "{rule}"
        );
    }
    let run = lint(dir.path(), &["--logs", "policies"]);
    assert_eq!(run.code, 3);
    assert!(run.err.contains("no Vault audit record"), "{}", run.err);
    assert_eq!(lint(dir.path(), &["--logs", "no/such/path"]).code, 2);
    assert_eq!(lint(dir.path(), &["--from", "2026-09-01"]).code, 2);
}

#[test]
fn a_token_with_a_policy_that_is_not_linted_is_counted_and_not_guessed() {
    let dir = policies(&[]);
    fs::remove_file(dir.path().join("policies/people.hcl")).unwrap();
    let run = with_logs(dir.path(), &JSON);
    assert_eq!(who(&run, "VLT-USE-001"), []);
    let judged = rule(&run, "VLT-USE-001");
    let reason = judged["reason"].as_str().unwrap();
    assert!(
        reason.contains("the token has policy `people`, which is not among those read"),
        "{reason}"
    );
}

#[test]
fn what_nobody_used_is_listed_with_the_population_it_was_held_against() {
    let run = with_logs(policies(&[]).path(), &JSON);
    let idle = found(&run, "VLT-USE-002");
    let (_, _, message) = idle
        .iter()
        .find(|(subject, ..)| subject == "vault:policy/root-ca-read")
        .unwrap();
    assert!(
        message.contains("none of")
            && message.contains("2026-09-01")
            && message.contains("2026-10-01"),
        "{message}"
    );
    // Stanzas that the month's requests met.
    for (subject, object) in who(&run, "VLT-USE-002") {
        assert_ne!(
            (subject.as_str(), object.as_str()),
            (
                "vault:policy/ci-orders",
                "vault:path/secret/data/ci/orders/prod/*"
            )
        );
        assert_ne!(subject, "vault:policy/run-orders-api");
    }
}
