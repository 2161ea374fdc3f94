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
