//! Records of old and new servers through the format.

use super::*;
use crate::model::{Digest, FileId, Kept, Place};

fn read(json: &str) -> (Verdict, Vec<String>) {
    let place = Place {
        file: FileId(0),
        line: 1,
        byte: 0,
        sha256: Digest([7; 32]),
    };
    let mut kept = Kept::default();
    let verdict = AuditLog.read(
        &Record {
            path: "vault/audit.log",
            bytes: json.as_bytes(),
            place,
        },
        &mut kept,
    );
    (verdict, kept.events)
}

fn event(json: &str) -> String {
    let (verdict, events) = read(json);
    assert_eq!(verdict, Verdict::Parsed);
    assert_eq!(events.len(), 1);
    events.into_iter().next().unwrap_or_default()
}

const LOGIN: &str = r#"{"time":"2025-01-02T03:04:05.6Z","type":"response","auth":{"token_type":"default"},"request":{"id":"r1","operation":"update","mount_type":"jwt","mount_point":"auth/gitlab/","path":"auth/gitlab/login","namespace":{"id":"root"},"data":{"jwt":"hmac-sha256:0","role":"hmac-sha256:1"},"remote_address":"10.0.0.9"},"response":{"auth":{"accessor":"hmac-sha256:aa","client_token":"hmac-sha256:bb","display_name":"gitlab-acme/shop","entity_id":"e1","policies":["default","shop"],"metadata":{"role":"shop","job_id":"302","ref_protected":true},"token_type":"service","token_ttl":600}}}"#;

#[test]
fn a_login_carries_the_issued_identity() {
    let login = event(LOGIN);
    for part in [
        "kind: Login",
        "outcome: Allowed",
        "role: Some(\"shop\")",
        "(\"job_id\", \"302\")",
        "(\"ref_protected\", \"true\")",
        "ttl_seconds: Some(600)",
        "accessor: Some(\"hmac-sha256:aa\")",
    ] {
        assert!(login.contains(part), "{part} in {login}");
    }
}

#[test]
fn a_login_answered_with_the_new_token_in_its_request_is_no_renewal() {
    let json = LOGIN.replace(
        r#""request":{"#,
        r#""request":{"client_token":"hmac-sha256:bb","client_token_accessor":"hmac-sha256:aa","#,
    );
    let login = event(&json);
    assert!(login.contains("kind: Login"), "{login}");
    assert!(
        login.contains("caller: Handles { accessor: None, token: None }"),
        "{login}"
    );
}

#[test]
fn field_order_does_not_matter() {
    let new = r#"{"time":"2025-01-02T03:04:06Z","auth":{"accessor":"hmac-sha256:aa","policies":["default"]},"error":"permission denied","request":{"id":"r2","operation":"read","path":"secret/data/other/db"},"type":"request"}"#;
    let denied = event(new);
    assert!(
        denied.contains("outcome: Denied") && denied.contains("part: Request"),
        "{denied}"
    );
    assert!(denied.contains("mount: Some(\"secret/\")"), "{denied}");
}

#[test]
fn a_refused_login_without_error_text_has_failed() {
    let json = LOGIN.replace(
        r#""response":{"auth":"#,
        r#""response":{"data":{"error":"hmac-sha256:0"},"old":"#,
    );
    let refused = event(&json);
    assert!(
        refused.contains("outcome: Failed") && refused.contains("issued: None"),
        "{refused}"
    );
}

#[test]
fn a_renewal_is_no_login() {
    let json = r#"{"time":"2025-01-02T03:04:05Z","type":"response","auth":{"accessor":"hmac-sha256:aa","client_token":"hmac-sha256:bb"},"request":{"id":"r1","operation":"update","path":"auth/token/renew-self"},"response":{"auth":{"accessor":"hmac-sha256:aa","client_token":"hmac-sha256:bb","token_ttl":60}}}"#;
    assert!(event(json).contains("kind: Renewal"));
}

#[test]
fn records_of_2017_and_elided_lists_are_read() {
    let json = r#"{"time":"2017-06-01T10:00:00Z","type":"response","auth":{"client_token":"","accessor":"","display_name":"","policies":null,"metadata":null},"request":{"id":"x","operation":"list","client_token":"","client_token_accessor":"","path":"secret/","data":null,"remote_address":"127.0.0.1","wrap_ttl":0,"headers":{}},"response":{"data":{"keys":3,"key_info":2}},"error":""}"#;
    let listed = event(json);
    assert!(
        listed.contains("outcome: Allowed") && listed.contains("operation: \"list\""),
        "{listed}"
    );
}

#[test]
fn a_clear_token_of_a_raw_device_never_goes_further() {
    let json = LOGIN.replace("hmac-sha256:bb", "hvs.CAESIJSECRETSECRETSECRET");
    assert!(!event(&json).contains("SECRET"));
}

#[test]
fn help_without_id_pairs_by_connection() {
    let json = |kind: &str| {
        format!(
            r#"{{"time":"2025-01-02T03:04:05Z","type":"{kind}","auth":{{"client_token":"hmac-sha256:bb"}},"request":{{"operation":"help","path":"sys/mounts"}}}}"#
        )
    };
    let key = |text: &str| {
        text.split("shared: ")
            .nth(1)
            .and_then(|rest| rest.split(", place").next())
            .map(str::to_owned)
    };
    assert_eq!(
        key(&event(&json("request"))),
        key(&event(&json("response")))
    );
}

#[test]
fn what_is_no_audit_record_is_said_to_be_foreign_or_damaged() {
    assert_eq!(read(r#"{"time":"t","level":"info"}"#).0, Verdict::Foreign);
    assert!(matches!(
        read(r#"{"time":"soon","type":"request","request":{"id":"a"}}"#).0,
        Verdict::Rejected(_)
    ));
    assert!(matches!(
        read(r#"{"time":"2025-01-02T03:04:05Z","type":"request","request":"#).0,
        Verdict::Rejected(_)
    ));
    assert!(matches!(
        read(r#"{"type":"kmip-request","time":"2025-01-02T03:04:05Z"}"#).0,
        Verdict::Skipped(_)
    ));
}

#[test]
fn metadata_of_any_type_is_read() {
    let json = LOGIN.replace(
        r#""ref_protected":true"#,
        r#""groups":["a","b"],"n":5,"o":{"x":null}"#,
    );
    assert!(event(&json).contains("(\"n\", \"5\")"));
}
