//! Tests of the sessions, over small answers.

use serde_json::{Value, json};

use super::*;
use crate::model::Kept;

fn session() -> Value {
    json!({
        "id": "s-1", "user": "Ada@X.example", "user_id": "00u1", "type": "database",
        "connection": "orders-db", "resource_name": "orders", "verb": "exec", "status": "done",
        "exit_code": null, "start_date": "2026-03-02T10:00:00Z", "end_date": "2026-03-02T10:05:00Z",
        "identity_type": "user", "review": null,
        "script": {"data": "select 'hvs.CAESIJlongenoughtobeatokenofvault'"},
        "event_stream": [[0, "o", "c2VjcmV0"]]
    })
}

fn said(value: &Value) -> (Verdict, Vec<String>) {
    let (verdict, kept) = Kept::of(&Sessions, "hoop/sessions.json", value.to_string());
    let mut lines = Vec::new();
    for event in &kept.events {
        lines.push(format!("{event:?}"));
    }
    (verdict, lines)
}

#[test]
fn a_session_tells_who_what_and_how_it_was_reviewed_and_not_what_was_run() {
    let (verdict, lines) = said(&session());
    assert_eq!(verdict, Verdict::Parsed);
    let line = lines.join("\n");
    for part in [
        "okta:user/ada@x.example",
        "hoop:connection/orders-db",
        "00u1",
    ] {
        assert!(line.contains(part), "{part}: {line}");
    }
    for hidden in ["hvs.", "select", "c2VjcmV0"] {
        assert!(!line.contains(hidden), "{line}");
    }
}

#[test]
fn what_lacks_a_fact_is_rejected() {
    for member in ["id", "connection", "verb", "start_date"] {
        let mut broken = session();
        broken[member] = json!("");
        assert!(matches!(said(&broken).0, Verdict::Rejected(_)), "{member}");
    }
    let page = json!({"data": [session(), {"id": 5}], "total": 2, "has_next_page": true});
    assert!(matches!(said(&page).0, Verdict::Rejected(_)));
    assert_eq!(said(&page).1.len(), 1);
}

#[test]
fn an_approval_by_nobody_is_no_answer_of_the_proxy() {
    let mut reviewed = session();
    let group = json!({"status": "APPROVED", "reviewed_by": {"email": "bo@x.example"}});
    reviewed["review"] = json!({"status": "APPROVED", "review_groups_data": [group]});
    assert_eq!(said(&reviewed).0, Verdict::Parsed);
    let by = &mut reviewed["review"]["review_groups_data"][0];
    assert!(by.as_object_mut().unwrap().remove("reviewed_by").is_some());
    assert!(matches!(said(&reviewed).0, Verdict::Rejected(_)));
}

/// The proxy's API gives a review whole: what was cut from it accuses nobody.
#[test]
fn a_review_without_its_status_or_groups_is_damage() {
    let group = json!({"status": "APPROVED", "reviewed_by": {"email": "bo@x.example"}});
    let whole = json!({"status": "APPROVED", "review_groups_data": [group]});
    let of = |review: &Value| {
        let mut reviewed = session();
        reviewed["review"] = review.clone();
        said(&reviewed).0
    };
    assert_eq!(of(&whole), Verdict::Parsed);
    for (pointer, member) in [
        ("", "status"),
        ("", "review_groups_data"),
        ("/review_groups_data/0", "status"),
    ] {
        let mut less = whole.clone();
        let from = less.pointer_mut(pointer).and_then(Value::as_object_mut);
        assert!(from.unwrap().remove(member).is_some());
        assert!(
            matches!(of(&less), Verdict::Rejected(_)),
            "{pointer}/{member}"
        );
    }
}

#[test]
fn a_review_lacks_what_it_lacks() {
    let lacks = |review: Value| {
        let mut reviewed = session();
        reviewed["review"] = review;
        let text = reviewed.to_string();
        let wire: Session<'_> = serde_json::from_str(&text).unwrap();
        let start = crate::model::Timestamp::parse("2026-03-02T10:00:00Z").unwrap();
        review::of(&wire, start).unwrap().lacks
    };
    let by = |email: &str| json!({"status": "APPROVED", "reviewed_by": {"email": email}});
    assert_eq!(lacks(json!({"status": "REJECTED"})), ["status"]);
    let fine = json!({"status": "APPROVED", "review_groups_data": [by("bo@x.example")]});
    assert!(lacks(fine).is_empty());
    let own = json!({"status": "APPROVED", "review_groups_data": [by("ada@x.example")]});
    assert_eq!(lacks(own), ["other-person"]);
    let few = json!({"status": "APPROVED", "min_approvals": 2,
        "review_groups_data": [by("bo@x.example"), by("BO@x.example")]});
    assert_eq!(lacks(few), ["approvals"]);
    let late = json!({"status": "APPROVED", "type": "jit", "created_at": "2026-03-02T08:00:00Z",
        "access_duration": 3_600_000_000_000_i64, "review_groups_data": [by("bo@x.example")]});
    assert_eq!(lacks(late), ["time"]);
}
