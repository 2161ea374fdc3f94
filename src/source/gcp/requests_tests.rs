//! Hand-written request entries.

use serde_json::{Value, json};

use super::super::audit::tests::place;
use super::RunRequests;
use crate::model::{Format, Kept, Record, Sample, Verdict};

fn request(over: Value) -> Value {
    let mut http = json!({
        "requestMethod": "GET", "requestUrl": "https://u:p@shop.example/pay?token=s3cret#x", "status": 200,
        "requestSize": "123", "userAgent": "curl", "remoteIp": "203.0.113.9", "serverIp": "10.0.0.1", "latency": "0.012s"
    });
    if let (Some(http), Value::Object(over)) = (http.as_object_mut(), over) {
        http.extend(over);
    }
    json!({
        "logName": "projects/p/logs/run.googleapis.com%2Frequests", "httpRequest": http,
        "timestamp": "2025-01-02T03:04:05.678Z", "insertId": "r1", "trace": "projects/p/traces/t",
        "labels": {"instanceId": "i-1"},
        "resource": {"type": "cloud_run_revision", "labels": {
            "project_id": "p", "service_name": "shop", "revision_name": "shop-1", "location": "l", "configuration_name": "shop"
        }}
    })
}

fn read(value: &Value) -> (Verdict, Vec<String>) {
    let text = value.to_string();
    let mut kept = Kept::default();
    let record = Record {
        path: "x",
        bytes: text.as_bytes(),
        place: place(),
    };
    (RunRequests.read(&record, &mut kept), kept.events)
}

#[test]
fn a_request_names_its_service_and_leaks_no_query() {
    let (verdict, events) = read(&request(json!({})));
    assert_eq!(verdict, Verdict::Parsed);
    for part in [
        "kind: HttpRequest",
        r#"operation: "GET""#,
        r#"path: "https://shop.example/pay""#,
        r#"object: "run:service/p/l/shop""#,
        "outcome: Allowed",
        "status: Some(200)",
        r#"remote_address: Some("203.0.113.9")"#,
        "principal: None",
        r#"("instance_id", "i-1"), ("latency", "0.012s"), ("revision", "shop-1"), ("server_ip", "10.0.0.1"), ("trace", "projects/p/traces/t")"#,
    ] {
        assert!(events[0].contains(part), "{part} in {}", events[0]);
    }
    assert!(!events[0].contains("s3cret"));
}

#[test]
fn the_status_decides_the_outcome() {
    for (status, outcome) in [
        (json!(204), "Allowed"),
        (json!("302"), "Allowed"),
        (json!(401), "Denied"),
        (json!(403), "Denied"),
        (json!(404), "Failed"),
        (json!(503), "Failed"),
        (json!(0), "Unknown"),
        (Value::Null, "Unknown"),
    ] {
        let (_, events) = read(&request(json!({"status": status})));
        assert!(
            events[0].contains(&format!("outcome: {outcome}")),
            "{status}"
        );
    }
}

#[test]
fn only_requests_are_recognised_and_the_rest_is_left_to_others() {
    let recognised = |value: &Value| {
        RunRequests.recognises(&Sample {
            path: "x",
            value: Some(value),
            head: b"",
        })
    };
    assert!(recognised(&request(json!({}))));
    assert!(recognised(
        &json!({"@timestamp": "t", "message": request(json!({})).to_string()})
    ));
    let audit = json!({"logName": "projects/p/logs/cloudaudit.googleapis.com%2Factivity", "timestamp": "2025-01-02T03:04:05Z",
        "protoPayload": {"methodName": "m", "serviceName": "s"}});
    assert!(!recognised(&audit));
    assert_eq!(read(&audit).0, Verdict::Foreign);
    let mixed = json!({"receivedMessages": [{"message": audit.to_string()}, {"message": request(json!({})).to_string()}]});
    assert_eq!(
        read(&mixed).0,
        Verdict::Foreign,
        "a mixed pull answer is read as audit log, whole"
    );
    let mut empty = request(json!({}));
    empty["httpRequest"] = Value::Null;
    assert!(matches!(read(&empty).0, Verdict::Rejected(_)));
}

#[test]
fn a_request_of_no_service_is_damage() {
    for label in ["service_name", "location"] {
        let mut less = request(json!({}));
        let labels = less["resource"]["labels"].as_object_mut().unwrap();
        assert!(labels.remove(label).is_some());
        assert!(matches!(read(&less).0, Verdict::Rejected(_)), "{label}");
    }
}
