//! Hand-written entries that lost something, or are none: each is damage, with a reason.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::tests::{entry, read};
use crate::model::Verdict;

#[test]
fn an_entry_that_lost_the_name_of_its_log_is_damage() {
    let mut lost = json!({"insertId": "a", "timestamp": "2025-01-02T03:04:05Z", "receiveTimestamp": "2025-01-02T03:04:06Z", "httpRequest": {}});
    assert!(matches!(read(&lost.to_string()).0, Verdict::Rejected(_)));
    lost["textPayload"] = json!("of a program");
    assert_eq!(read(&lost.to_string()).0, Verdict::Foreign);
}

#[test]
fn damaged_entries_are_rejected_with_a_reason() {
    let mut no_time = entry("activity", json!({}));
    no_time["timestamp"] = Value::Null;
    let mut bad_time = entry("activity", json!({}));
    bad_time["timestamp"] = json!("yesterday");
    let no_payload = json!({"logName": "projects/p/logs/cloudaudit.googleapis.com%2Factivity", "timestamp": "2025-01-02T03:04:05Z"});
    let bad_member = entry("activity", json!({"authorizationInfo": 5}));
    let bad_data = json!({"message": {"data": "!!!", "messageId": "1"}});
    let no_method = entry("activity", json!({"methodName": null}));
    for value in [
        no_time,
        bad_time,
        no_payload,
        bad_member,
        bad_data,
        no_method,
        entry("activity", json!({"serviceName": ""})),
    ] {
        let (verdict, events) = read(&value.to_string());
        assert!(
            matches!(verdict, Verdict::Rejected(_)),
            "{value} {verdict:?}"
        );
        assert!(events.is_empty());
    }
    assert!(matches!(read("{\"logName\":").0, Verdict::Rejected(_)));
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    assert!(matches!(read(&deep).0, Verdict::Rejected(_)));
    let deep = format!(
        r#"{{"logName":"projects/p/logs/cloudaudit.googleapis.com%2Factivity","timestamp":"2025-01-02T03:04:05Z","protoPayload":{{"methodName":"m","request":{deep}}}}}"#
    );
    assert!(!matches!(read(&deep).0, Verdict::Foreign));
}

#[test]
fn one_damaged_message_of_a_pull_loses_no_other_and_is_counted() {
    let good = STANDARD.encode(entry("activity", json!({})).to_string());
    let mut bad = entry("activity", json!({}));
    bad["timestamp"] = Value::Null;
    let bad = STANDARD.encode(bad.to_string());
    let value = json!({"receivedMessages": [
        {"message": {"data": bad, "messageId": "1"}}, {"message": {"data": good, "messageId": "2"}}
    ]});
    let (verdict, events) = read(&value.to_string());
    assert!(matches!(verdict, Verdict::Rejected(_)));
    assert_eq!(events.len(), 1);
}
