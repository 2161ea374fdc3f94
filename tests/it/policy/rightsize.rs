//! `piperoll policy rightsize`: what it writes allows every logged request, opens nothing, and is
//! the smallest that the engine could prove.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use piperoll::policy::{
    Acl, AclContext, DEFAULT_CAP, Dialect, Policy, Subsumption, parse, subsumes,
};
use serde_json::{Value, json};

use super::cli::{estate, policy};

/// One allowed request and its response, on a day of September.
fn asked(number: u32, token: u32, policies: &[&str], operation: &str, path: &str) -> String {
    let id = format!("{number:08x}-0000-4000-8000-000000000000");
    let hash = |what: &str| format!("hmac-sha256:{what:0>64}");
    let day = number % 20 + 1;
    let mut auth = json!({
        "client_token": hash(&format!("a{token}")), "accessor": hash(&format!("b{token}")),
        "display_name": "x", "policies": policies, "token_policies": policies,
        "policy_results": {"allowed": true}, "token_type": "service",
    });
    if let [_, granting] = policies {
        auth["policy_results"]["granting_policies"] = json!([{"name": granting, "type": "acl"}]);
    }
    let request = json!({
        "id": id, "operation": operation, "client_token": hash(&format!("a{token}")),
        "namespace": {"id": "root"}, "mount_point": "secret/", "mount_type": "kv", "path": path,
        "remote_address": "10.40.9.7",
    });
    let time = |fraction: u32| format!("2026-09-{day:02}T10:00:{:02}.{fraction}Z", number % 60);
    let records = [
        json!({"time": time(1), "type": "request", "auth": auth, "request": request}),
        json!({"time": time(2), "type": "response", "auth": auth, "request": request,
            "response": {"mount_point": "secret/", "mount_type": "kv"}}),
    ];
    records.iter().map(|record| format!("{record}\n")).collect()
}

/// What is said of each policy, as JSON.
fn sized(dir: &Path, more: &[&str]) -> Vec<Value> {
    let (policies, logs) = (dir.join("policies"), dir.join("audit.log"));
    let (policies, logs) = (policies.display().to_string(), logs.display().to_string());
    let words = [
        "rightsize",
        "--policies",
        &policies,
        "--logs",
        &logs,
        "--format",
        "ndjson",
    ];
    let (code, out, err) = policy(&[&words, more].concat());
    assert_eq!(code, 0, "{out}{err}");
    out.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

fn read(text: &str) -> Policy {
    let (policy, errors) = parse(text, Dialect::Vault);
    assert!(errors.is_empty(), "{errors:?} {text}");
    policy
}

fn labels(policy: &Policy) -> BTreeSet<&str> {
    policy
        .stanzas
        .iter()
        .map(|stanza| stanza.path.as_str())
        .collect()
}

const APP: &str = "path \"secret/data/app/*\" {\n  capabilities = [\"create\", \"read\", \"update\", \"delete\"]\n}\npath \"secret/data/app/root\" {\n  capabilities = [\"deny\"]\n}\npath \"sys/*\" {\n  capabilities = [\"read\", \"sudo\"]\n}\n";

#[test]
fn what_was_used_stays_and_the_rest_is_taken_away() {
    let mut log = String::new();
    for number in 0..24 {
        let path = format!("secret/data/app/prod/{}/db", number % 6);
        log += &asked(number, number % 4, &["app"], "read", &path);
    }
    log += &asked(30, 1, &["app"], "update", "secret/data/app/prod/state");
    let dir = estate(&[("policies/app.hcl", APP), ("audit.log", &log)]);
    let said = sized(dir.path(), &[]);
    let text = said[0]["hcl"].as_str().unwrap();
    let new = read(text);
    assert_eq!(
        labels(&new),
        BTreeSet::from([
            "secret/data/app/prod/+/db",
            "secret/data/app/prod/state",
            "secret/data/app/root",
        ]),
        "{text}"
    );
    let state = new
        .stanzas
        .iter()
        .find(|s| s.path.ends_with("state"))
        .unwrap();
    assert_eq!(state.capabilities.to_string(), "create,update");
    assert!(text.contains("read 24 times in 4 session(s)"), "{text}");
    assert!(text.contains("audit.log:"), "{text}");
    let obligations = said[0]["obligations"].as_array().unwrap();
    assert_eq!(obligations.len(), 5, "{obligations:?}");
    assert!(
        obligations
            .iter()
            .all(|obligation| obligation["holds"] == true)
    );
    let taken = said[0]["takes_away"].to_string();
    assert!(
        taken.contains("sys/*") && taken.contains("delete"),
        "{taken}"
    );
    let cells = &said[0]["cells"];
    assert!(
        cells["after"].as_u64() < cells["before"].as_u64(),
        "{cells}"
    );
    let strict = sized(dir.path(), &["--strict", "--exact"]);
    let new = read(strict[0]["hcl"].as_str().unwrap());
    assert_eq!(new.stanzas.len(), 8);
    let state = new
        .stanzas
        .iter()
        .find(|s| s.path.ends_with("state"))
        .unwrap();
    assert_eq!(state.capabilities.to_string(), "update");
    assert_eq!(sized(dir.path(), &[]), said, "twice the same");
}

/// Leaving a pattern out uncovers the broader one of another policy: it stays as a guard.
#[test]
fn nothing_is_opened_by_what_is_left_out() {
    let narrow = "path \"secret/data/app/*\" {\n  capabilities = [\"list\"]\n}\n";
    let broad = "path \"secret/*\" {\n  capabilities = [\"read\", \"list\"]\n}\n";
    let log: String = (0..6)
        .map(|n| asked(n * 4, n, &["broad", "narrow"], "list", "secret/data/app/x/"))
        .collect();
    let dir = estate(&[
        ("policies/narrow.hcl", narrow),
        ("policies/broad.hcl", broad),
        ("audit.log", &log),
    ]);
    let said = sized(dir.path(), &["narrow"]);
    let text = said[0]["hcl"]
        .as_str()
        .unwrap_or_else(|| panic!("{said:?}"));
    let (new, old, other) = (read(text), read(narrow), read(broad));
    let set = |narrow: &Policy| {
        Acl::new(
            &[("broad", &other), ("narrow", narrow)],
            AclContext::default(),
        )
    };
    let verdict = subsumes(&set(&old), &set(&new), DEFAULT_CAP);
    assert_eq!(verdict, Subsumption::Yes, "{text}");
    let bare = read("path \"secret/data/app/x/\" {\n  capabilities = [\"list\"]\n}\n");
    let verdict = subsumes(&set(&old), &set(&bare), DEFAULT_CAP);
    assert!(
        matches!(verdict, Subsumption::No(_)),
        "without a guard it would open something"
    );
}

#[test]
fn too_little_evidence_sizes_nothing_and_says_why() {
    let log = asked(1, 1, &["app"], "read", "secret/data/app/prod/1/db")
        + &asked(2, 1, &["app", "gone"], "read", "secret/data/app/prod/2/db");
    let dir = estate(&[("policies/app.hcl", APP), ("audit.log", &log)]);
    let why = |more: &[&str]| sized(dir.path(), more)[0]["not_sized"].to_string();
    assert!(why(&[]).contains("policy `gone`"), "{}", why(&[]));
    let log = asked(1, 1, &["app"], "read", "secret/data/app/prod/1/db");
    fs::write(dir.path().join("audit.log"), log).unwrap();
    assert!(why(&[]).contains("--min-days"), "{}", why(&[]));
    assert!(why(&["--min-days", "1"]).contains("--min-sessions"));
    let enough = ["--min-days", "1", "--min-sessions", "1"];
    assert!(sized(dir.path(), &enough)[0]["hcl"].is_string());
    let log = asked(1, 1, &["other"], "read", "secret/data/app/prod/1/db");
    fs::write(dir.path().join("audit.log"), log).unwrap();
    assert!(why(&enough).contains("nothing that was logged needed it"));
}

#[test]
fn a_policy_that_is_not_there_is_named() {
    let dir = estate(&[("policies/app.hcl", APP), ("audit.log", "")]);
    let policies = dir.path().join("policies").display().to_string();
    let words = [
        "rightsize",
        "apq",
        "--policies",
        &policies,
        "--logs",
        &policies,
    ];
    let (code, _, err) = policy(&words);
    assert_eq!(code, 2, "{err}");
    assert!(
        err.contains("no policy `apq`") && err.contains("there are: app"),
        "{err}"
    );
}

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures")
        .join(name)
}

/// The month's log, replayed by the gate over what was written: nobody loses anything that they
/// would not have lost before.
#[test]
fn the_estate_loses_nothing_by_its_sized_policies() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("sized");
    let text = |path: PathBuf| path.display().to_string();
    let (exports, logs) = (
        text(fixture("estate/vault/config")),
        text(fixture("estate/vault")),
    );
    let configuration = text(fixture("estate/piperoll.toml"));
    let output = text(out.clone());
    let words = [
        "rightsize",
        "--policies",
        &exports,
        "--logs",
        &logs,
        "-c",
        &configuration,
        "-o",
        &output,
        "--as-of",
        "2026-10-01",
        "--format",
        "ndjson",
    ];
    let (code, said, err) = policy(&words);
    assert_eq!(code, 0, "{err}");
    let said: Vec<Value> = said
        .lines()
        .map(|l| serde_json::from_str(l).unwrap())
        .collect();
    let sized: Vec<&Value> = said
        .iter()
        .filter(|policy| policy["hcl"].is_string())
        .collect();
    for policy in &said {
        let cells = &policy["cells"];
        println!(
            "{}: {} -> {} cells; {}",
            policy["policy"], cells["before"], cells["after"], policy["not_sized"]
        );
        let (before, after) = (cells["before"].as_u64(), cells["after"].as_u64());
        assert!(after <= before, "{policy}");
    }
    assert!(sized.len() > 5, "{} of {}", sized.len(), said.len());
    // The old texts, with the sized ones in their places.
    let new = dir.path().join("policies");
    fs::create_dir(&new).unwrap();
    for entry in fs::read_dir(fixture("estate/vault/config/policies")).unwrap() {
        let path = entry.unwrap().path();
        fs::copy(&path, new.join(path.file_name().unwrap())).unwrap();
    }
    let losses = |policies: &Path| {
        let output = assert_cmd::Command::cargo_bin("piperoll")
            .unwrap()
            .current_dir(dir.path())
            .args([
                "lint",
                &text(policies.to_owned()),
                "--select",
                "VLT-USE-001",
            ])
            .args([
                "--logs",
                &logs,
                "-c",
                &configuration,
                "--as-of",
                "2026-10-01",
            ])
            .args(["--format", "json"])
            .output()
            .unwrap();
        let value: Value = serde_json::from_slice(&output.stdout).unwrap();
        let found = value["findings"].as_array().unwrap().iter();
        found
            .map(|f| format!("{} {}", f["subject"], f["object"]))
            .collect::<BTreeSet<_>>()
    };
    let before = losses(&new);
    for policy in &sized {
        let name = format!("{}.hcl", policy["policy"].as_str().unwrap());
        fs::copy(out.join(&name), new.join(&name)).unwrap();
    }
    assert_eq!(losses(&new), before);
}

#[test]
fn a_role_and_a_pattern_choose_what_is_sized() {
    let wide = "path \"secret/data/app/*\" {\n  capabilities = [\"read\", \"delete\"]\n}\npath \"pki/*\" {\n  capabilities = [\"read\", \"update\"]\n}\n";
    let role = |policy: &str| {
        json!({"data": {"role_type": "jwt", "user_claim": "sub", "bound_audiences": ["v"],
            "token_policies": [policy], "bound_claims": {"project_id": "7"}}})
        .to_string()
    };
    let mut log = String::new();
    for number in 0..24 {
        let policy = ["app", "other"][(number % 2) as usize];
        log += &asked(number, number % 8, &[policy], "read", "secret/data/app/db");
    }
    let dir = estate(&[
        ("policies/app.hcl", wide),
        ("policies/other.hcl", wide),
        ("policies/auth/gitlab/role/app.json", &role("app")),
        ("policies/auth/gitlab/role/lost.json", &role("gone")),
        ("audit.log", &log),
    ]);
    let names = |said: &[Value]| -> Vec<String> {
        let names = said.iter().map(|policy| policy["policy"].as_str().unwrap());
        names.map(str::to_owned).collect()
    };
    assert_eq!(names(&sized(dir.path(), &[])), ["app", "other"]);
    let of_role = sized(dir.path(), &["--role", "gitlab/app"]);
    assert_eq!(names(&of_role), ["app"]);
    let whole = read(of_role[0]["hcl"].as_str().unwrap());
    assert_eq!(labels(&whole), BTreeSet::from(["secret/data/app/db"]));
    // As people write the path of a secret, and as the API does.
    for pattern in ["secret/app/*", "secret/data/*"] {
        let said = sized(dir.path(), &["app", "--path", pattern]);
        let text = said[0]["hcl"].as_str().unwrap();
        let new = read(text);
        assert_eq!(
            labels(&new),
            BTreeSet::from(["pki/*", "secret/data/app/db"]),
            "{text}"
        );
        let kept = new.stanzas.iter().find(|stanza| stanza.path == "pki/*");
        assert_eq!(kept.unwrap().capabilities.to_string(), "read,update");
        assert!(text.contains("# not asked for: as written"), "{text}");
        let obligations = said[0]["obligations"].as_array().unwrap();
        assert!(
            obligations.iter().all(|it| it["holds"] == true),
            "{obligations:?}"
        );
        let taken = said[0]["takes_away"].as_array().unwrap();
        assert_eq!(taken.len(), 1, "{taken:?}");
    }
    let at = |name: &str| dir.path().join(name).display().to_string();
    let (policies, logs) = (at("policies"), at("audit.log"));
    let words = ["rightsize", "--policies", &policies, "--logs", &logs];
    for role in ["gitlab/nobody", "gitlab/lost"] {
        let (code, _, err) = policy(&[&words[..], &["--role", role]].concat());
        assert_eq!(code, 2, "{err}");
        assert!(err.contains(&format!("no role `{role}`")), "{err}");
    }
    let (code, _, err) = policy(&["rightsize", "--policies", &logs, "--logs", &logs]);
    assert_eq!(code, 2, "{err}");
    assert!(err.contains("no policy is among those read"), "{err}");
    let (_, out, _) = policy(&words);
    let table: Vec<&str> = out.lines().rev().take(4).collect();
    assert_eq!(table[3], "policy  before   after  requests");
    let (before, after) = (
        &said_cells(&of_role[0], "before"),
        &said_cells(&of_role[0], "after"),
    );
    assert_eq!(
        table[0],
        format!(
            "2 of 2 sized: {} cells before, {} after",
            before * 2,
            after * 2
        )
    );
    assert!(after < before, "{out}");
}

fn said_cells(policy: &Value, when: &str) -> u64 {
    policy["cells"][when].as_u64().unwrap()
}
