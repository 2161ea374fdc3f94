//! Lines in every state that the source answers to: read, of no use, damaged, another's.

use serde_json::{Value, json};

use super::Lines;
use crate::model::{Format, Kept, Sample, Verdict};

fn line() -> Value {
    json!({
        "id": "7c1", "time": "2026-03-02T10:00:00Z", "user": "ada", "connection": "orders-db",
        "verb": "connect", "result": "denied", "client": {"ip": "10.0.0.7"}, "session": "s1",
    })
}

fn read(value: &Value) -> (Verdict, Vec<String>) {
    let (verdict, kept) = Kept::of(&Lines, "proxy/audit.log", value.to_string());
    (verdict, kept.events)
}

#[test]
fn a_line_says_who_did_what_to_what() {
    let (verdict, events) = read(&line());
    assert_eq!(verdict, Verdict::Parsed);
    for part in [
        r#"operation: "connect""#,
        r#"principal: Some("hoop:user/ada")"#,
        r#"object: "hoop:connection/orders-db""#,
        "outcome: Denied",
        r#"remote_address: Some("10.0.0.7")"#,
        r#"metadata: [("session", "s1")]"#,
    ] {
        assert!(events.join("").contains(part), "{part} in {events:?}");
    }
}

#[test]
fn what_is_damaged_is_rejected_and_what_is_anothers_is_foreign() {
    for (member, value, verdict) in [
        (
            "time",
            json!("yesterday"),
            Verdict::Rejected("a line of the proxy without a readable time".into()),
        ),
        (
            "id",
            json!(null),
            Verdict::Rejected("a line of the proxy without an id".into()),
        ),
        (
            "verb",
            json!("ping"),
            Verdict::Skipped("a sign of life".into()),
        ),
        ("connection", json!(null), Verdict::Foreign),
    ] {
        let mut line = line();
        line[member] = value;
        assert_eq!(read(&line), (verdict, Vec::new()), "{member}");
    }
    let twice = line().to_string().replacen('{', r#"{"user":"eve","#, 1);
    let (verdict, kept) = Kept::of(&Lines, "proxy/audit.log", twice);
    let why = "a member of the proxy's line stands twice".into();
    assert_eq!((verdict, kept.events), (Verdict::Rejected(why), Vec::new()));
    let mut silent = line();
    silent["result"] = json!(null);
    silent["client"] = json!(null);
    let events = read(&silent).1.join("");
    assert!(events.contains("outcome: Unknown"), "{events}");
    assert!(events.contains("remote_address: None"), "{events}");
}

#[test]
fn a_line_is_recognised_by_what_it_holds() {
    let known = |value: &Value| {
        Lines.recognises(&Sample {
            path: "any/name",
            value: Some(value),
            head: b"",
        })
    };
    assert!(known(&line()));
    assert!(!known(&json!({"id": "7c1", "verb": "connect"})));
}
