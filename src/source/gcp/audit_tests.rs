//! Hand-written entries for every shape and every method that a rule looks at.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::AuditLogs;
use crate::model::{Format, Kept, Place, Record, Sample, Verdict};

pub(in crate::source::gcp) fn place() -> Place {
    Place::of_line(1)
}

pub(super) fn read(text: &str) -> (Verdict, Vec<String>) {
    let (verdict, kept) = Kept::of(&AuditLogs, "audit.json", text);
    (verdict, kept.events)
}

/// The one event of a value that must be read; written with every letter escaped, it is the same.
pub(in crate::source::gcp) fn event(value: &Value) -> String {
    let text = value.to_string();
    let (verdict, mut events) = read(&text);
    assert_eq!(verdict, Verdict::Parsed, "{value}");
    assert_eq!(events.len(), 1, "{value}");
    let (_, escaped) = read(&escaped(&text));
    assert_eq!(escaped, events, "{value}");
    events.remove(0)
}

/// A text of JSON with every letter of its texts escaped.
fn escaped(text: &str) -> String {
    let (mut out, mut inside, mut after) = (String::new(), false, false);
    for c in text.chars() {
        inside ^= c == '"' && !after;
        if inside && !after && c.is_ascii_alphabetic() {
            out.push_str(&format!("\\u{:04x}", u32::from(c)));
        } else {
            out.push(c);
        }
        after = inside && c == '\\' && !after;
    }
    out
}

#[track_caller]
pub(super) fn assert_has(event: &str, parts: &[&str]) {
    for part in parts {
        assert!(event.contains(part), "{part}\nis not in\n{event}");
    }
}

/// An entry in the sinks' shape, with `payload` merged over a successful call.
pub(in crate::source::gcp) fn entry(log: &str, payload: Value) -> Value {
    let mut proto = json!({
        "@type": "type.googleapis.com/google.cloud.audit.AuditLog",
        "serviceName": "secretmanager.googleapis.com",
        "methodName": "google.cloud.secretmanager.v1.SecretManagerService.AccessSecretVersion",
        "resourceName": "projects/12/secrets/db/versions/5",
        "authenticationInfo": {"principalEmail": "Ci@p.iam.gserviceaccount.com"},
        "requestMetadata": {"callerIp": "203.0.113.9", "callerSuppliedUserAgent": "gcloud"},
        "authorizationInfo": [
            {"permission": "secretmanager.versions.access", "resource": "projects/12/secrets/db", "granted": true}
        ]
    });
    if let (Some(proto), Value::Object(over)) = (proto.as_object_mut(), payload) {
        proto.extend(over);
    }
    json!({
        "protoPayload": proto,
        "logName": format!("projects/p/logs/cloudaudit.googleapis.com%2F{log}"),
        "timestamp": "2025-01-02T03:04:05.678Z",
        "insertId": "x1",
        "resource": {"type": "audited_resource", "labels": {"project_id": "p"}}
    })
}

#[test]
fn a_sink_entry_fills_every_column() {
    let event = event(&entry("data_access", json!({})));
    assert_has(
        &event,
        &[
            "kind: DataAccess",
            "part: Whole",
            r#"id: "x1""#,
            "shared: Id,",
            r#"operation: "AccessSecretVersion""#,
            r#"service: Some("secretmanager.googleapis.com")"#,
            r#"path: "projects/12/secrets/db/versions/5""#,
            r#"object: "gcp:resource/secretmanager.googleapis.com/projects/12/secrets/db/versions/5""#,
            "outcome: Allowed",
            r#"principal: Some("gcp:sa/ci@p.iam.gserviceaccount.com")"#,
            r#"display_name: Some("Ci@p.iam.gserviceaccount.com")"#,
            r#"remote_address: Some("203.0.113.9")"#,
            r#"user_agent: Some("gcloud")"#,
            r#"permissions: ["secretmanager.versions.access"]"#,
            "denied_permissions: []",
            r#"project: Some("p")"#,
            "status: Some(0)",
            r#"("project_number", "12")"#,
        ],
    );
}

const METHOD: &str = "google.cloud.secretmanager.v1.SecretManagerService.AccessSecretVersion";

/// What the sink entry was authorised for.
fn authorised() -> Value {
    json!([{"permission": "secretmanager.versions.access", "resource": "projects/12/secrets/db", "granted": true}])
}

/// `entries.write` takes an audit log's payload from everybody who may write logs, but only to logs
/// that are not Google's own.
#[test]
fn an_audit_payload_in_a_programs_log_is_the_programs_word() {
    let mut forged = entry("activity", json!({}));
    for log in [
        "run.googleapis.com%2Fstdout",
        "cloudaudit.googleapis.com-activity",
        "audit",
        "cloudaudit_googleapis_com_activity",
    ] {
        forged["logName"] = json!(format!("projects/p/logs/{log}"));
        let (verdict, events) = read(&forged.to_string());
        assert!(matches!(verdict, Verdict::Skipped(_)), "{log}: {verdict:?}");
        assert!(events.is_empty(), "{log}");
    }
    for log in [
        json!("projects/p/logs/cloudaudit.googleapis.com%252Factivity"),
        json!("organizations/1/logs/cloudaudit.googleapis.com%2factivity"),
        Value::Null,
    ] {
        forged["logName"] = log;
        event(&forged);
    }
}

/// The sink entry as a row that BigQuery exports.
fn bigquery() -> Value {
    json!({
        "logName": "projects/p/logs/cloudaudit.googleapis.com%2Fdata_access",
        "timestamp": "2025-01-02 03:04:05.678 UTC", "insertId": "x1", "severity": null,
        "resource": {"type": "audited_resource", "labels": {"project_id": "p", "service": null}},
        "protopayload_auditlog": {
            "serviceName": "secretmanager.googleapis.com", "methodName": METHOD,
            "resourceName": "projects/12/secrets/db/versions/5", "status": null,
            "authenticationInfo": {"principalEmail": "Ci@p.iam.gserviceaccount.com", "serviceAccountDelegationInfo": []},
            "authorizationInfo": authorised(), "requestJson": "{\"name\":\"projects/12/secrets/db/versions/latest\"}",
            "metadataJson": null,
            "requestMetadata": {"callerIp": "203.0.113.9", "callerSuppliedUserAgent": "gcloud"}
        }
    })
}

/// The sink entry as Log Analytics answers it.
fn log_analytics() -> Value {
    json!({
        "log_name": "projects/p/logs/cloudaudit.googleapis.com%2Fdata_access",
        "timestamp": "1735787045.678", "insert_id": "x1",
        "resource": {"type": "audited_resource", "labels": {"project_id": "p"}},
        "proto_payload": {"audit_log": {
            "service_name": "secretmanager.googleapis.com", "method_name": METHOD,
            "resource_name": "projects/12/secrets/db/versions/5",
            "authentication_info": {"principal_email": "Ci@p.iam.gserviceaccount.com"},
            "authorization_info": authorised(),
            "request_metadata": {"caller_ip": "203.0.113.9", "caller_supplied_user_agent": "gcloud"}
        }}
    })
}

/// The sink entry out of a store that lowers the names of its columns.
fn lower_case() -> Value {
    json!({
        "logname": "projects/p/logs/cloudaudit.googleapis.com%2Fdata_access",
        "timestamp": "2025-01-02 03:04:05.678", "insertid": "x1",
        "resource": {"type": "audited_resource", "labels": {"project_id": "p"}},
        "protopayload": {
            "at_sign_type": "type.googleapis.com/google.cloud.audit.AuditLog",
            "servicename": "secretmanager.googleapis.com", "methodname": METHOD,
            "resourcename": "projects/12/secrets/db/versions/5",
            "authenticationinfo": {"principalemail": "Ci@p.iam.gserviceaccount.com"},
            "authorizationinfo": authorised(),
            "requestmetadata": {"callerip": "203.0.113.9", "callersupplieduseragent": "gcloud"}
        }
    })
}

/// One entry in the spelling of each export.
fn shapes() -> Vec<(&'static str, Value)> {
    let sink = entry("data_access", json!({}));
    let data = STANDARD.encode(sink.to_string());
    vec![
        (
            "pull",
            json!({"ackId": "a", "message": {"data": data, "messageId": "1", "publishTime": "2025-01-02T03:04:06Z"}}),
        ),
        (
            "pull answer",
            json!({"receivedMessages": [{"ackId": "a", "message": {"data": data, "messageId": "1"}}]}),
        ),
        (
            "push",
            json!({"message": {"data": data, "message_id": "1"}, "subscription": "projects/p/subscriptions/s"}),
        ),
        ("bare message", json!({"message": {"data": data}})),
        (
            "splunk",
            json!({"data": sink, "attributes": {"logging.googleapis.com/timestamp": "2025-01-02T03:04:05Z"}}),
        ),
        (
            "elastic message",
            json!({"@timestamp": "2025-01-02T03:04:05Z", "message": sink.to_string()}),
        ),
        (
            "elastic original",
            json!({"message": "AccessSecretVersion", "event": {"original": sink.to_string()}}),
        ),
        ("array", json!([sink])),
        ("bigquery", bigquery()),
        ("log analytics", log_analytics()),
        ("lower case", lower_case()),
    ]
}

#[test]
fn every_shape_gives_the_event_of_the_sink_entry() {
    let expected = event(&entry("data_access", json!({})));
    for (name, value) in shapes() {
        assert_eq!(event(&value), expected, "{name}");
        assert!(recognises(&value), "{name}");
    }
}

fn recognises(value: &Value) -> bool {
    AuditLogs.recognises(&Sample {
        path: "x",
        value: Some(value),
        head: b"",
    })
}

#[test]
fn what_is_not_googles_is_foreign_and_what_is_unused_is_named() {
    for value in [
        json!({"time": "2025-01-02T03:04:05Z", "type": "request", "auth": {}, "request": {"id": "1"}}),
        json!({"data": {"bound_claims": {}}}),
        json!({"bindings": []}),
        json!([]),
        json!("text"),
        json!(null),
    ] {
        assert_eq!(read(&value.to_string()).0, Verdict::Foreign, "{value}");
        assert!(!recognises(&value), "{value}");
    }
    let stdout = json!({"logName": "projects/p/logs/run.googleapis.com%2Fstdout", "textPayload": "x", "timestamp": "2025-01-02T03:04:05Z"});
    assert_eq!(
        read(&stdout.to_string()).0,
        Verdict::Skipped("Google log run.googleapis.com/stdout: not used".into())
    );
    assert!(recognises(&stdout));
    // Whoever writes a log names it: a secret too, with nothing between it and a service's name.
    for (name, words) in [
        ("run.googleapis.com%2Fstdoutglpat-x", "run.googleapis.com"),
        (
            "cloudaudit.googleapis.com%2Fothers",
            "cloudaudit.googleapis.com",
        ),
        ("AIzaSyA.googleapis.com%2Fstdout", "of another name"),
        ("my-app", "of another name"),
    ] {
        let other = json!({"logName": format!("projects/p/logs/{name}"), "textPayload": "x", "timestamp": "2025-01-02T03:04:05Z"});
        let skipped = Verdict::Skipped(format!("Google log {words}: not used").into());
        assert_eq!(read(&other.to_string()).0, skipped, "{name}");
    }
    let request = json!({"logName": "projects/p/logs/run.googleapis.com%2Frequests", "httpRequest": {}, "timestamp": "2025-01-02T03:04:05Z"});
    assert_eq!(read(&request.to_string()).0, Verdict::Foreign);
    assert!(!recognises(&request));
}

#[test]
fn parts_of_a_long_running_operation_share_a_key() {
    let operation = |first: bool, last: bool| {
        let mut value = entry("activity", json!({}));
        value["operation"] = json!({"id": "op-1", "producer": "run.googleapis.com"});
        if first {
            value["operation"]["first"] = json!(true);
        }
        if last {
            value["operation"]["last"] = json!(true);
        }
        event(&value)
    };
    let key = r#"shared: Operation { producer: "run.googleapis.com", id: "op-1" }"#;
    assert_has(&operation(true, false), &["part: First", key]);
    assert_has(&operation(false, true), &["part: Last", key]);
    let whole = "shared: Id,";
    assert_has(&operation(true, true), &["part: Whole", whole]);
    assert_has(&operation(false, false), &["part: Whole", whole]);
}

#[test]
fn pieces_of_a_split_entry_share_a_key() {
    let mut value = entry("activity", json!({}));
    value["split"] = json!({"uid": "u-1", "totalSplits": 3});
    assert_has(
        &event(&value),
        &[r#"shared: Split("u-1")"#, "Split { index: 0, total: 3 }"],
    );
    value["split"] = json!({"uid": "u-1", "index": 2, "totalSplits": 3});
    assert_has(&event(&value), &["Split { index: 2, total: 3 }"]);
}

#[test]
fn an_omitted_granted_is_a_refusal() {
    let denied = event(&entry(
        "data_access",
        json!({"authorizationInfo": [{"permission": "a.b.get", "granted": true}, {"permission": "a.b.use"}]}),
    ));
    assert_has(
        &denied,
        &[
            "outcome: Denied",
            r#"permissions: ["a.b.get"]"#,
            r#"denied_permissions: ["a.b.use"]"#,
        ],
    );
}

#[test]
fn a_truth_value_in_another_type_is_one_and_anything_else_is_damage() {
    let of = |granted: Value| {
        entry(
            "data_access",
            json!({"authorizationInfo": [{"permission": "a.b.get", "granted": granted}]}),
        )
    };
    for granted in [json!(true), json!("true"), json!(1)] {
        assert_has(&event(&of(granted)), &["outcome: Allowed"]);
    }
    for refused in [json!(false), json!("false"), json!(0)] {
        assert_has(&event(&of(refused)), &["outcome: Denied"]);
    }
    let (verdict, events) = read(&of(json!("perhaps")).to_string());
    assert!(matches!(verdict, Verdict::Rejected(_)), "{verdict:?}");
    assert!(events.is_empty(), "{events:?}");
}

#[test]
fn an_entry_in_capitals_is_not_half_read() {
    fn capitals(value: &Value) -> Value {
        match value {
            Value::Object(members) => members
                .iter()
                .map(|(name, value)| (name.to_uppercase(), capitals(value)))
                .collect(),
            Value::Array(items) => items.iter().map(capitals).collect(),
            other => other.clone(),
        }
    }
    assert!(!recognises(&capitals(&entry("activity", json!({})))));
}

#[test]
fn a_decrypt_that_was_denied_keeps_its_message() {
    let denied = event(&entry(
        "data_access",
        json!({
            "serviceName": "cloudkms.googleapis.com", "methodName": "Decrypt",
            "resourceName": "projects/p/locations/l/keyRings/r/cryptoKeys/k",
            "status": {"code": 7, "message": "Permission 'cloudkms.cryptoKeyVersions.useToDecrypt' denied"},
            "authorizationInfo": [{"permission": "cloudkms.cryptoKeyVersions.useToDecrypt"}]
        }),
    ));
    assert_has(
        &denied,
        &[
            "outcome: Denied",
            "status: Some(7)",
            r#"operation: "Decrypt""#,
            "useToDecrypt' denied",
        ],
    );
}

#[test]
fn an_entry_without_insert_id_gets_one_from_its_digest() {
    let mut value = entry("activity", json!({}));
    value["insertId"] = Value::Null;
    assert_has(&event(&value), &[r#"id: "record-000000"#]);
}

proptest! {
    #[test]
    fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let record = Record { path: "x", bytes: &bytes, place: place() };
        let verdict = AuditLogs.read(&record, &mut Kept::default());
        prop_assert_ne!(verdict, Verdict::Parsed);
    }

    #[test]
    fn any_json_in_any_member_never_panics(member in 0usize..16, value in json_value()) {
        let names = [
            "status", "authenticationInfo", "authorizationInfo", "requestMetadata", "request",
            "response", "metadata", "serviceData", "policyViolationInfo", "methodName",
            "resourceName", "serviceName", "@type", "resourceLocation", "numResponseItems", "x",
        ];
        for service in ["run.googleapis.com", "iam.googleapis.com", "sts.googleapis.com"] {
            let mut wrapped = entry("activity", json!({"serviceName": service, "methodName": "SetIamPolicy"}));
            if let Some(name) = names.get(member) {
                wrapped["protoPayload"][*name] = value.clone();
            }
            read(&wrapped.to_string());
            read(&json!({"message": wrapped.to_string()}).to_string());
        }
        read(&value.to_string());
        recognises(&value);
    }
}

/// Arbitrary JSON with the names that the format looks for.
fn json_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
        Just(Value::from("projects/-/serviceAccounts/é@x/keys/1")),
        Just(Value::from("{\"protoPayload\":{}}")),
    ];
    let name = prop_oneof![
        ".{0,6}",
        proptest::sample::select(vec![
            "protoPayload",
            "logName",
            "message",
            "data",
            "policy",
            "bindings",
            "members",
            "role",
            "policyDelta",
            "bindingDeltas",
            "auditConfigDeltas",
            "code",
            "granted",
            "service",
            "spec",
            "template",
            "containers",
            "timestamp",
            "body",
            "items",
            "env",
            "metadata",
        ])
        .prop_map(str::to_owned),
    ];
    leaf.prop_recursive(4, 32, 6, move |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::Array),
            proptest::collection::vec((name.clone(), inner), 0..5)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}
