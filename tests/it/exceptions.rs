//! What became of findings: which the logs show to have ended, and how those of a rule spread.

use std::fs;

use serde_json::json;

use super::product::{rows, run_in};
use super::vault_log::folder;

/// A change of a project's policy, of one role for one member.
fn change(minute: u32, who: &str, action: &str, member: &str) -> String {
    let at = format!("2026-09-01T10:{minute:02}:00Z");
    let line = json!({
        "insertId": format!("i{minute}"),
        "logName": "projects/p/logs/cloudaudit.googleapis.com%2Factivity",
        "protoPayload": {
            "@type": "type.googleapis.com/google.cloud.audit.AuditLog",
            "authenticationInfo": {"principalEmail": format!("{who}@x.example")},
            "methodName": "SetIamPolicy", "resourceName": "projects/p",
            "serviceName": "cloudresourcemanager.googleapis.com", "status": {},
            "serviceData": {
                "@type": "type.googleapis.com/google.iam.v1.logging.AuditData",
                "policyDelta": {"bindingDeltas": [
                    {"action": action, "role": "roles/editor", "member": format!("user:{member}@x.example")},
                ]},
            },
        },
        "resource": {"type": "project", "labels": {"project_id": "p"}},
        "timestamp": at, "receiveTimestamp": at,
    });
    format!("{line}\n")
}

#[test]
fn a_finding_has_ended_where_the_logs_show_the_end_of_every_occurrence() {
    let log: String = [
        change(1, "taken", "ADD", "one"),
        change(2, "kept", "ADD", "two"),
        // Taken away before it was given again, and one of two.
        change(3, "partly", "ADD", "three"),
        change(4, "partly", "ADD", "four"),
        change(5, "admin", "REMOVE", "three"),
        change(6, "admin", "REMOVE", "one"),
        change(7, "again", "ADD", "one"),
    ]
    .concat();
    let dir = folder(&[("gcp/activity.json", log.as_bytes())]);
    let ran = run_in(dir.path(), &["report", "gcp", "-o", "out"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let table = |name: &str| rows(&fs::read(dir.path().join("out/data").join(name)).unwrap());
    let exceptions = table("exceptions.csv");
    let told: Vec<(&str, &str, &str)> = exceptions
        .iter()
        .filter(|row| row["rule_id"] == "GCP-EVT-001")
        .map(|row| {
            let who = row["identity_id"].rsplit(':').next().unwrap();
            (who, row["ended_at"].as_str(), row["ended_line"].as_str())
        })
        .collect();
    let ended = "2026-09-01T10:06:00.000000Z";
    let wanted = [
        ("again@x.example", "", ""),
        ("kept@x.example", "", ""),
        ("partly@x.example", "", ""),
        ("taken@x.example", ended, "6"),
    ];
    assert_eq!(told, wanted);
    let rates = table("exception_rates.csv");
    let rate = rates.iter().find(|row| row["rule_id"] == "GCP-EVT-001");
    let rate = rate.unwrap();
    let cell = |name: &str| rate[name].as_str();
    assert_eq!(
        (cell("findings"), cell("occurrences"), cell("population")),
        ("4", "5", "7")
    );
    assert_eq!(
        (cell("rate_percent"), cell("concentration_percent")),
        ("71.42", "40.00")
    );
    assert!(
        cell("largest_subject").ends_with("partly@x.example"),
        "{rate:?}"
    );
    assert_eq!((cell("days"), cell("ended")), ("1", "1"));
    let page = fs::read_to_string(dir.path().join("out/report.html")).unwrap();
    for said in [
        "5 occurrences, 71.42 % of what was examined; 4 subjects, 40.00 % by one; 1 object; on 1 day; 1 ended again",
        "2026-09-01 10:06:00Z by activity.json:6",
    ] {
        assert!(page.contains(said), "{said}");
    }
}

/// An entry of the activity log; `more` goes into its payload.
fn entry(
    minute: u32,
    service: &str,
    method: &str,
    resource: &str,
    more: &serde_json::Value,
) -> String {
    let at = format!("2026-09-01T10:{minute:02}:00Z");
    let mut line = json!({
        "insertId": format!("e{minute}"),
        "logName": "projects/p/logs/cloudaudit.googleapis.com%2Factivity",
        "protoPayload": {
            "@type": "type.googleapis.com/google.cloud.audit.AuditLog",
            "authenticationInfo": {"principalEmail": "eve@x.example"},
            "methodName": method, "resourceName": resource,
            "serviceName": service, "status": {},
        },
        "resource": {"type": "project", "labels": {"project_id": "p"}},
        "timestamp": at, "receiveTimestamp": at,
    });
    let payload = line["protoPayload"].as_object_mut().unwrap();
    payload.extend(more.as_object().unwrap().clone());
    format!("{line}\n")
}

fn delta(kind: &str, delta: &serde_json::Value) -> serde_json::Value {
    json!({"serviceData": {
        "@type": "type.googleapis.com/google.iam.v1.logging.AuditData",
        "policyDelta": {kind: [delta]},
    }})
}

fn sink(minute: u32, method: &str, name: &str) -> String {
    let method = format!("google.logging.v2.ConfigServiceV2.{method}");
    let resource = format!("projects/p/sinks/{name}");
    entry(
        minute,
        "logging.googleapis.com",
        &method,
        &resource,
        &json!({}),
    )
}

fn exempt(minute: u32, action: &str) -> String {
    let change = json!({
        "action": action, "service": "allServices", "logType": "DATA_READ",
        "exemptedMember": "user:one@x.example",
    });
    let more = delta("auditConfigDeltas", &change);
    let service = "cloudresourcemanager.googleapis.com";
    entry(minute, service, "SetIamPolicy", "projects/p", &more)
}

fn public(minute: u32, action: &str, name: &str) -> String {
    let change = json!({"action": action, "role": "roles/run.invoker", "member": "allUsers"});
    let more = delta("bindingDeltas", &change);
    let resource = format!("projects/p/locations/r/services/{name}");
    let method = "google.cloud.run.v1.Services.SetIamPolicy";
    entry(minute, "run.googleapis.com", method, &resource, &more)
}

#[test]
fn what_was_opened_or_switched_off_and_undone_again_has_ended() {
    let log: String = [
        sink(1, "DeleteSink", "made-again"),
        sink(2, "DeleteSink", "gone"),
        sink(3, "CreateSink", "made-again"),
        // What an update changed, and whether another took it back, is not in the log.
        sink(4, "UpdateSink", "changed"),
        sink(5, "UpdateSink", "changed"),
        public(6, "ADD", "closed"),
        public(7, "ADD", "open"),
        public(8, "REMOVE", "closed"),
        exempt(9, "ADD"),
        exempt(10, "REMOVE"),
    ]
    .concat();
    let dir = folder(&[("gcp/activity.json", log.as_bytes())]);
    let ran = run_in(dir.path(), &["report", "gcp", "-o", "out"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let table = rows(&fs::read(dir.path().join("out/data/exceptions.csv")).unwrap());
    let mut told: Vec<(&str, &str, &str)> = table
        .iter()
        .filter(|row| row["rule_id"].starts_with("GCP-EVT-"))
        .map(|row| {
            let what = row["object"].rsplit('/').next().unwrap();
            (row["rule_id"].as_str(), what, row["ended_line"].as_str())
        })
        .collect();
    told.sort_unstable();
    // A service that is opened to everybody is told once, by the rule about it.
    let wanted = [
        ("GCP-EVT-004", "changed", ""),
        ("GCP-EVT-004", "gone", ""),
        ("GCP-EVT-004", "made-again", "3"),
        ("GCP-EVT-004", "p", "10"),
        ("GCP-EVT-026", "closed", "8"),
        ("GCP-EVT-026", "open", ""),
    ];
    assert_eq!(told, wanted);
}

/// Makes or deletes a key of an account.
fn key(minute: u32, is_made: bool, account: &str, key: &str) -> String {
    let account = format!("projects/p/serviceAccounts/{account}@p.iam.gserviceaccount.com");
    let name = format!("{account}/keys/{key}");
    let (verb, resource, more) = match is_made {
        true => ("Create", &account, json!({"response": {"name": name}})),
        false => ("Delete", &name, json!({})),
    };
    let method = format!("google.iam.admin.v1.{verb}ServiceAccountKey");
    entry(minute, "iam.googleapis.com", &method, resource, &more)
}

#[test]
fn a_static_key_has_ended_where_that_very_key_was_deleted() {
    let log: String = [
        key(1, true, "rotated", "k1"),
        key(2, true, "kept", "k2"),
        // Another key of the account, and one that was deleted before.
        key(3, false, "kept", "k3"),
        key(4, false, "older", "k4"),
        key(5, true, "older", "k4"),
        key(6, false, "rotated", "k1"),
    ]
    .concat();
    let dir = folder(&[("gcp/activity.json", log.as_bytes())]);
    let ran = run_in(dir.path(), &["report", "gcp", "-o", "out"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let table = rows(&fs::read(dir.path().join("out/data/exceptions.csv")).unwrap());
    let mut told: Vec<(&str, &str)> = table
        .iter()
        .filter(|row| row["rule_id"] == "GCP-EVT-002")
        .map(|row| {
            let account = row["object"].trim_start_matches("gcp:sa/");
            let account = account.split('@').next().unwrap();
            (account, row["ended_line"].as_str())
        })
        .collect();
    told.sort_unstable();
    assert_eq!(told, [("kept", ""), ("older", ""), ("rotated", "6")]);
}
