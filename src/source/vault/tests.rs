//! Records of old and new servers through the format.

use super::*;
use crate::model::Kept;

fn read(json: &str) -> (Verdict, Vec<String>) {
    let (verdict, kept) = Kept::of(&AuditLog, "vault/audit.log", json);
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
fn what_was_taken_out_is_as_good_as_absent() {
    for mark in ["***", "REDACTED", "[FILTERED]"] {
        let json = LOGIN
            .replace("\"r1\"", &format!("\"{mark}\""))
            .replace("hmac-sha256:aa", mark)
            .replace(
                "\"role\":\"shop\"",
                &format!("\"role\":\"{mark}\",\"ref\":\"{mark}\""),
            );
        let login = event(&json);
        for part in [
            "id: \"no-id-",
            "role: None",
            "accessor: None, token: Some(\"hmac-sha256:bb\")",
            // Whoever pushes a branch may call it so.
            &format!("(\"ref\", \"{mark}\")"),
        ] {
            assert!(login.contains(part), "{mark}: {part} in {login}");
        }
        let json = LOGIN.replace("\"auth/gitlab/login\"", &format!("\"{mark}\""));
        let said = "Vault record that does not say what was asked";
        assert_eq!(read(&json).0, Verdict::Rejected(said.into()), "{mark}");
    }
}

#[test]
fn a_hash_where_vault_writes_none_is_as_good_as_absent() {
    let hash = "hmac-sha256:00ff";
    let json = LOGIN
        .replace("\"r1\"", &format!("\"{hash}\""))
        .replace("\"role\":\"shop\"", &format!("\"role\":\"{hash}\""));
    let login = event(&json);
    for part in ["id: \"no-id-", "role: None", "Some(\"hmac-sha256:aa\")"] {
        assert!(login.contains(part), "{part} in {login}");
    }
    assert!(!login.contains(hash), "{login}");
}

/// A login that no token in hand asks for.
fn assert_nobodys_login(json: &str) {
    let login = event(json);
    assert!(login.contains("kind: Login"), "{login}");
    let nobody = "caller: Handles { accessor: None, token: None }";
    assert!(login.contains(nobody), "{login}");
}

#[test]
fn a_login_answered_with_the_new_token_in_its_request_is_no_renewal() {
    let json = LOGIN.replace(
        r#""request":{"#,
        r#""request":{"client_token":"hmac-sha256:bb","client_token_accessor":"hmac-sha256:aa","#,
    );
    assert_nobodys_login(&json);
}

#[test]
fn a_login_with_a_token_in_hand_is_nobodys_call() {
    let json = LOGIN
        .replace(r#""type":"response""#, r#""type":"request""#)
        .replace(
            r#""auth":{"token_type":"default"},"request":{"#,
            r#""auth":{"accessor":"hmac-sha256:cc","client_token":"hmac-sha256:dd","policies":["root"]},"request":{"client_token":"hmac-sha256:dd","client_token_accessor":"hmac-sha256:cc","#,
        );
    assert_nobodys_login(&json);
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
        read(r#"{"time":"2025-01-02T03:04:05Z","type":"REQUEST","request":{"id":"a"}}"#).0,
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

fn all(event: &str, parts: &[&str]) {
    for part in parts {
        assert!(event.contains(part), "{part} in {event}");
    }
}

#[test]
fn a_mount_point_loses_the_namespace_that_it_carries() {
    let read = |namespace: &str, mount: &str, path: &str| {
        event(&format!(
            r#"{{"time":"2026-01-02T03:04:06Z","type":"response","auth":{{}},"request":{{"id":"r2","operation":"read","mount_point":"{mount}","path":"{path}","namespace":{{"id":"n","path":"{namespace}"}}}},"response":{{}}}}"#
        ))
    };
    for (namespace, logged, path, mount) in [
        ("team-a/", "team-a/secret/", "secret/data/x", "secret/"),
        (
            "org/team/",
            "org/team/auth/gitlab/",
            "auth/gitlab/login",
            "auth/gitlab/",
        ),
        // A server that logs the mount alone, and a mount named as its namespace.
        ("team-a/", "secret/", "secret/data/x", "secret/"),
        ("team-a/", "team-a/", "team-a/x", "team-a/"),
        ("team-a/", "team-a/team-a/", "team-a/x", "team-a/"),
        ("", "team-a/secret/", "team-a/secret/x", "team-a/secret/"),
    ] {
        let found = read(namespace, logged, path);
        all(&found, &[&format!("mount: Some(\"{mount}\")")]);
    }
}

#[test]
fn a_wrapped_login_says_whom_the_token_is_for_and_its_unwrapping_is_no_login() {
    let json = r#"{"time":"2026-01-02T03:04:05Z","type":"response","auth":{"client_token":"hmac-sha256:bb","accessor":"hmac-sha256:aa","display_name":"gitlab-acme/shop","policies":["shop"],"metadata":{"role":"shop","job_id":"302"},"entity_id":"e1","token_ttl":600},"request":{"id":"r1","operation":"update","mount_point":"auth/gitlab/","path":"auth/gitlab/login","wrap_ttl":60},"response":{"wrap_info":{"ttl":60,"token":"hmac-sha256:cc","accessor":"hmac-sha256:dd","creation_path":"auth/gitlab/login","wrapped_accessor":"hmac-sha256:aa"}}}"#;
    let login = event(json);
    all(
        &login,
        &["kind: Login", "outcome: Allowed", "role: Some(\"shop\")"],
    );
    let issued = login.split("issued: Some(").nth(1).unwrap_or_default();
    all(
        issued,
        &[
            "accessor: Some(\"hmac-sha256:aa\"), token: Some(\"hmac-sha256:bb\")",
            "wrapping_token: Some(\"hmac-sha256:cc\")",
            "entity_id: Some(\"e1\")",
            "display_name: Some(\"gitlab-acme/shop\")",
            "(\"job_id\", \"302\")",
            "ttl_seconds: Some(600)",
        ],
    );
    let json = r#"{"time":"2026-01-02T03:04:06Z","type":"response","auth":{"client_token":"hmac-sha256:cc","accessor":"hmac-sha256:dd","display_name":"gitlab-acme/shop"},"request":{"id":"r2","operation":"update","mount_point":"sys/","path":"sys/wrapping/unwrap","client_token":"hmac-sha256:cc"},"response":{"auth":{"client_token":"hmac-sha256:bb","accessor":"hmac-sha256:aa","policies":["shop"],"token_ttl":600}}}"#;
    all(&event(json), &["kind: Request", "outcome: Allowed"]);
}

#[test]
fn a_login_that_waits_for_a_second_factor_is_neither_failed_nor_done() {
    let json = LOGIN.replace(
        r#""response":{"auth":"#,
        r#""response":{"auth":{"token_type":"default"},"warnings":["..."],"old":"#,
    );
    all(
        &event(&json),
        &["kind: Login", "outcome: Unknown", "issued: None"],
    );
}

#[test]
fn a_login_answered_with_neither_a_token_nor_a_reason_is_of_no_known_end() {
    let cut = LOGIN.replace(r#""response":{"auth":"#, r#""response":{"old":"#);
    let without = LOGIN.replace(r#""response":{"auth":"#, r#""gone":{"auth":"#);
    for json in [cut, without] {
        all(
            &event(&json),
            &[
                "kind: Login",
                "outcome: Unknown",
                "neither a token nor a reason",
                "issued: None",
            ],
        );
    }
}

#[test]
fn a_record_that_does_not_say_what_was_asked_is_rejected() {
    for (said, member) in [(r#""path":"#, "path"), (r#""operation":"#, "operation")] {
        let json = LOGIN.replace(said, r#""cut":"#);
        assert!(json != LOGIN, "{member}");
        let (verdict, events) = read(&json);
        assert!(
            matches!(verdict, Verdict::Rejected(_)),
            "{member}: {verdict:?}"
        );
        assert!(events.is_empty(), "{member}");
    }
}

const VALIDATE: &str = r#"{"time":"2026-01-02T03:04:05Z","type":"response","auth":{"token_type":"default"},"request":{"id":"r3","operation":"update","mount_point":"team/sys/","mount_type":"system","namespace":{"id":"n","path":"team/"},"path":"sys/mfa/validate","data":{"mfa_request_id":"hmac-sha256:0"}},"response":{"mount_point":"team/sys/","mount_type":"system","auth":{"client_token":"hmac-sha256:bb","accessor":"hmac-sha256:aa","display_name":"team-auth-mfapass-ada","metadata":{"username":"ada"},"entity_id":"e1"}}}"#;

#[test]
fn the_second_factor_hands_out_the_token_of_a_login_at_the_methods_mount() {
    for (json, mount) in [
        (VALIDATE.to_owned(), "Some(\"auth/mfapass/\")"),
        (
            VALIDATE.replace("team-auth-mfapass-ada", "corp-ldap-ada"),
            "Some(\"auth/corp-ldap/\")",
        ),
        (VALIDATE.replace("username", "email"), "None"),
    ] {
        let found = event(&json);
        all(
            &found,
            &[
                "kind: Login",
                "outcome: Allowed",
                &format!("mount: {mount},"),
            ],
        );
        assert!(!found.contains("Some(\"system\")"), "{found}");
    }
    let wrong = r#"{"time":"2026-01-02T03:04:05Z","type":"response","auth":{"token_type":"default"},"request":{"id":"r3","operation":"update","mount_point":"sys/","path":"sys/mfa/validate"},"response":{"data":{"error":"hmac-sha256:0"}},"error":"permission denied"}"#;
    all(
        &event(wrong),
        &["kind: Login", "outcome: Failed", "issued: None"],
    );
}

#[test]
fn a_control_group_holds_an_answer_back_and_lets_the_same_request_through_later() {
    let asked = r#"{"time":"2026-01-02T03:04:05Z","type":"response","auth":{"accessor":"hmac-sha256:aa"},"request":{"id":"r4","operation":"read","mount_point":"secret/","path":"secret/data/x"},"response":{"wrap_info":{"ttl":600,"token":"hmac-sha256:cc","accessor":"hmac-sha256:dd"}}}"#;
    let held = event(asked);
    all(&held, &["outcome: Failed", "control group", "shared: Id,"]);
    let wrapped = asked.replace(r#""path":"#, r#""wrap_ttl":600,"path":"#);
    all(&event(&wrapped), &["outcome: Allowed", "error: None"]);
    let rewrapped = asked.replace("secret/data/x", "sys/wrapping/rewrap");
    all(&event(&rewrapped), &["outcome: Allowed"]);
    let later = asked.replace(
        r#""path":"#,
        r#""forwarded_from":"unwrap-deferred","path":"#,
    );
    let later = later.replace(
        r#"{"wrap_info":{"ttl":600,"token":"hmac-sha256:cc","accessor":"hmac-sha256:dd"}}"#,
        r#"{"data":{"data":{"a":"hmac-sha256:0"}}}"#,
    );
    let later = event(&later);
    all(&later, &["outcome: Allowed", "id: \"r4\""]);
    assert!(later.contains("shared: Deferred,"), "{later}");
}

#[test]
fn a_template_value_that_is_forbidden_is_a_denial() {
    let json = r#"{"time":"2026-01-02T03:04:05Z","type":"request","auth":{"token_type":"default"},"request":{"id":"r5","operation":"read","path":"kv/a/b"},"error":"Forbidden"}"#;
    all(&event(json), &["outcome: Denied"]);
}
