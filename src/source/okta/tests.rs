//! Hand-written events (synthetic) in every shape they arrive in.

use serde_json::{Value, json};

use super::SystemLog;
use crate::model::{Format, Kept, Sample, Verdict};

fn read(value: &Value) -> (Verdict, Vec<String>) {
    let (verdict, kept) = Kept::of(&SystemLog, "okta.json", value.to_string());
    (verdict, kept.events)
}

fn granted() -> Value {
    json!({
        "uuid": "u-1", "published": "2026-03-02T10:00:00.123Z", "eventType": "user.account.privilege.grant",
        "actor": {"id": "00u1", "type": "User", "alternateId": "Ada@X.example", "displayName": "Ada"},
        "client": {"ipAddress": "198.51.100.7", "device": "Computer", "userAgent": {"rawUserAgent": "Mozilla"}, "geographicalContext": null},
        "outcome": {"result": "SUCCESS", "reason": null},
        "target": [{"id": "00u2", "type": "User", "alternateId": "eve@x.example", "displayName": "Eve"}],
        "transaction": {"id": "t-1", "detail": {"requestApiTokenId": "00T1"}},
        "debugContext": {"debugData": {"dtHash": "d-1", "threatSuspected": "false"}},
        "authenticationContext": {"externalSessionId": "s-1"},
        "securityContext": {"asNumber": 64500, "isProxy": false}
    })
}

#[test]
fn an_event_says_who_did_what_to_whom() {
    let (verdict, events) = read(&granted());
    assert_eq!(verdict, Verdict::Parsed);
    let event = events.join("");
    for part in [
        r#"operation: "user.account.privilege.grant""#,
        r#"principal: Some("okta:user/ada@x.example")"#,
        r#"object: "okta:user/eve@x.example""#,
        "outcome: Allowed",
        r#"remote_address: Some("198.51.100.7")"#,
        r#"key_name: Some("00T1")"#,
        r#"network: Some("64500")"#,
        r#"device: Some("d-1")"#,
        r#"entity_id: Some("00u1")"#,
        r#"target_account: Some("00u2")"#,
        r#"("session", "s-1")"#,
    ] {
        assert!(event.contains(part), "{part} is not in {event}");
    }
}

#[test]
fn every_arrival_gives_the_same_event() {
    let expected = read(&granted()).1;
    for value in [
        json!({"version": "0", "detail-type": "SystemLog", "detail": granted()}),
        json!({"eventType": "com.okta.event_hook", "data": {"events": [granted()]}}),
    ] {
        assert_eq!(read(&value), (Verdict::Parsed, expected.clone()), "{value}");
        let sample = Sample {
            path: "x",
            value: Some(&value),
            head: b"",
        };
        assert!(SystemLog.recognises(&sample));
    }
}

#[test]
fn nothing_is_made_up_where_a_member_is_missing() {
    let mut event = granted();
    event["actor"] = json!({"id": "sys", "type": "SystemPrincipal", "alternateId": "unknown"});
    event["target"] = Value::Null;
    event["client"] = Value::Null;
    event["published"] = json!("2026-03-02 10:00:00.123");
    let said = read(&event).1.join("");
    assert!(
        said.contains(r#"principal: Some("okta:actor/sys")"#),
        "{said}"
    );
    assert!(said.contains(r#"object: "okta:org""#), "{said}");
    assert!(said.contains("remote_address: None"), "{said}");
    for nothing in [json!("null"), json!(""), Value::Null] {
        let mut event = granted();
        for member in [
            "client",
            "target",
            "outcome",
            "securityContext",
            "debugContext",
        ] {
            event[member] = nothing.clone();
        }
        let (verdict, events) = read(&event);
        assert_eq!(verdict, Verdict::Parsed, "{nothing}");
        assert!(events.join("").contains("outcome: Unknown"), "{nothing}");
    }
    for member in ["client", "target", "actor"] {
        let mut event = granted();
        event[member] = json!("somebody");
        let (verdict, events) = read(&event);
        assert!(matches!(verdict, Verdict::Rejected(_)), "{member}");
        assert!(events.is_empty());
    }
    for member in ["uuid", "published", "eventType"] {
        let mut event = granted();
        event[member] = json!("");
        let (verdict, events) = read(&event);
        assert!(
            matches!(verdict, Verdict::Rejected(_)),
            "{member}: {verdict:?}"
        );
        assert!(events.is_empty());
    }
    assert_eq!(
        read(&json!({"detail": {"eventSource": "s3"}})).0,
        Verdict::Foreign
    );
}

#[test]
fn a_damaged_event_of_a_hook_is_counted_and_loses_no_other() {
    let mut damaged = granted();
    damaged["published"] = json!("yesterday");
    let hook = json!({"data": {"events": [granted(), damaged, granted()]}});
    let (verdict, events) = read(&hook);
    assert!(matches!(verdict, Verdict::Rejected(_)), "{verdict:?}");
    assert_eq!(events.len(), 2);
}

#[test]
fn every_target_is_named_so_that_joins_find_it() {
    let mut event = granted();
    event["eventType"] = json!("group.user_membership.add");
    event["target"] = json!([
        {"id": "00g1", "type": "UserGroup", "alternateId": "unknown", "displayName": "Vault Admins"},
        {"id": "00u2", "type": "User", "alternateId": "Eve@X.example", "displayName": "Eve"}
    ]);
    let said = read(&event).1.join("");
    for part in [
        r#"object: "okta:user/eve@x.example""#,
        r#"("target_user", "eve@x.example")"#,
        r#"("target_group", "Vault Admins")"#,
        r#"("target_id", "00g1")"#,
        r#"("target_id", "00u2")"#,
        r#"target_account: Some("00u2")"#,
    ] {
        assert!(said.contains(part), "{part} is not in {said}");
    }
}

#[test]
fn a_refused_sign_on_is_a_refusal_and_anything_else_failed() {
    for (kind, result, outcome) in [
        ("user.session.start", "FAILURE", "outcome: Denied"),
        ("group.user_membership.add", "FAILURE", "outcome: Failed"),
        ("policy.evaluate_sign_on", "DENY", "outcome: Denied"),
        ("policy.evaluate_sign_on", "CHALLENGE", "outcome: Unknown"),
    ] {
        let mut event = granted();
        event["eventType"] = json!(kind);
        event["outcome"] = json!({"result": result, "reason": "INVALID_CREDENTIALS"});
        let said = read(&event).1.join("");
        assert!(said.contains(outcome), "{kind} {result}: {said}");
        assert!(said.contains("INVALID_CREDENTIALS"));
    }
}

#[test]
fn an_actor_or_target_of_no_type_is_damage() {
    for pointer in ["/actor", "/target/0"] {
        let mut less = granted();
        let party = less.pointer_mut(pointer).and_then(Value::as_object_mut);
        assert!(party.unwrap().remove("type").is_some());
        assert!(matches!(read(&less).0, Verdict::Rejected(_)), "{pointer}");
    }
}
