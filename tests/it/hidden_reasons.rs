//! A refused login whose reason is hashed says nothing of what was wrong: no rule about reasons
//! passes plainly over it.

use serde_json::{Value, json};

use super::product::try_report;
use super::vault_log::{calm, folder, lines};

/// A login of a job that the server refused, with the reason as the record has it.
fn refused(number: u32, reason: Option<&str>) -> [Value; 2] {
    let request = json!({
        "id": format!("{number:08x}-0000-4000-9000-000000000000"), "operation": "update",
        "namespace": {"id": "root"}, "mount_point": "auth/gitlab/", "mount_type": "jwt",
        "path": "auth/gitlab/login", "remote_address": "10.40.9.7",
        "data": {"role": "shop", "jwt": "hmac-sha256:00"},
    });
    let hashed = json!({"error": format!("hmac-sha256:{number:064}")});
    let time = |second: u32| format!("2026-09-01T00:{:02}:{second:02}.1Z", number % 60);
    let mut response = json!({
        "time": time(2), "type": "response", "request": request,
        "response": {"mount_point": "auth/gitlab/", "mount_type": "jwt", "data": hashed},
    });
    if let Some(reason) = reason {
        response["error"] = reason.into();
    }
    [
        json!({"time": time(1), "type": "request", "request": request}),
        response,
    ]
}

fn reasons(reason: Option<&str>) -> Vec<(String, String)> {
    let log: Vec<Value> = (0..9).flat_map(|number| refused(number, reason)).collect();
    let settings = "[vault]\nci_mounts = [\"auth/gitlab/\"]\n";
    let root = folder(&[
        ("piperoll.toml", settings.as_bytes()),
        ("vault/audit.log", (lines(&log) + &calm(900)).as_bytes()),
    ]);
    let (ran, pack) = try_report(
        &[root.path().join("vault")],
        &root.path().join("piperoll.toml"),
        &[],
    );
    let rules = pack.unwrap_or_else(|| panic!("{}", ran.err)).rows("rules");
    let asked = rules
        .into_iter()
        .filter(|row| ["JOI-009", "JOI-010"].contains(&row["rule_id"].as_str()));
    asked
        .map(|row| (row["outcome"].clone(), row["reason"].clone()))
        .collect()
}

#[test]
fn a_refusal_whose_reason_is_hashed_passes_no_rule_about_reasons_plainly() {
    let told = "9 refused login(s) at vault:mount/auth/gitlab/ say no reason in clear";
    for (outcome, reason) in reasons(None) {
        // Not one of them was judged.
        assert_eq!(outcome, "no-occurrence");
        assert!(reason.contains(told), "{reason}");
    }
    for (outcome, reason) in reasons(Some("token is expired")) {
        assert_eq!(outcome, "pass");
        assert!(!reason.contains("reason in clear"), "{reason}");
    }
}
