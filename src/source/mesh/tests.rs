//! Lines written by hand (synthetic) in both of Kuma's formats and in JSON.

use super::{Lines, Objects};
use crate::model::{Format, Kept, Sample, Verdict};

const REQUEST: &str = r#"[2026-03-02T10:00:00.123Z] shop "GET /orders?token=abc HTTP/1.1" 200 - 0 512 8 7 "10.0.0.9" "curl/8" "-" "req-1" "api.mesh" "web" "api" "10.0.0.9" "10.0.0.7:8080""#;

fn read(line: &str) -> (Verdict, String) {
    let (verdict, kept) = Kept::of(&Lines, "access.log", line);
    (verdict, kept.events.join(""))
}

fn says(event: &str, parts: &[&str]) {
    for part in parts {
        assert!(event.contains(part), "{part} is not in {event}");
    }
}

#[test]
fn a_request_says_who_called_whom_and_no_query() {
    let (verdict, event) = read(REQUEST);
    assert_eq!(verdict, Verdict::Parsed);
    says(
        &event,
        &[
            r#"principal: Some("mesh:service/shop/web")"#,
            r#"object: "mesh:service/shop/api""#,
            r#"operation: "GET""#,
            r#"path: "/orders""#,
            "outcome: Allowed",
            "status: Some(200)",
            r#"remote_address: Some("10.0.0.9")"#,
            r#"("request_id", "req-1")"#,
            r#"("upstream", "10.0.0.7:8080")"#,
        ],
    );
    assert!(!event.contains("token=abc") && !event.contains("ambiguous"));
}

#[test]
fn a_connection_is_allowed_where_bytes_went_both_ways() {
    let line = |flags: &str, sent: u32| {
        format!(
            "[2026-03-02T10:00:00Z] {flags} shop 10.0.0.9(web)->10.0.0.7:5432(db) took 12ms, sent {sent} bytes, received: 40 bytes"
        )
    };
    for (flags, sent, outcome) in [
        ("-", 7, "outcome: Allowed"),
        ("-", 0, "outcome: Unknown"),
        ("UF", 0, "outcome: Failed"),
    ] {
        let (verdict, event) = read(&line(flags, sent));
        assert_eq!(verdict, Verdict::Parsed);
        let service = r#"principal: Some("mesh:service/shop/web")"#;
        says(&event, &[outcome, service, r#"operation: "connection""#]);
    }
}

#[test]
fn a_refusal_is_a_refusal_and_who_is_unknown_stays_so() {
    let refused = REQUEST.replace("\" 200 -", "\" 403 -");
    says(&read(&refused).1, &["outcome: Denied"]);
    let unknown = REQUEST.replace("\"web\"", "\"unknown\"");
    says(
        &read(&unknown).1,
        &["principal: None", r#"("source", "unknown")"#],
    );
}

#[test]
fn what_a_caller_sends_forges_nothing() {
    // Quotes in the user agent: fields of the proxy's own are where they are.
    let quoted = REQUEST.replace("curl/8", r#"x" "y" "z"#);
    let services = [
        r#"principal: Some("mesh:service/shop/web")"#,
        r#"object: "mesh:service/shop/api""#,
        "status: Some(200)",
    ];
    says(&read(&quoted).1, &services);
    // A whole line in it: caller, called and status are still the proxy's.
    let forged = r#"x" "-" "r" "a" "admin" "db" "10.9.9.9" "10.0.0.1:1""#;
    let forging = REQUEST.replace("curl/8", forged);
    let (_, event) = read(&forging);
    says(&event, &services[..2]);
    assert!(!event.contains("mesh:service/shop/admin"), "{event}");
    // A status written into the path leaves open which is the proxy's: then it says none.
    let path = r#"/ HTTP/1.1" 403 - 0 0 1 1 "-" "x"#;
    let forging = REQUEST.replace("/orders?token=abc", path);
    let (verdict, event) = read(&forging);
    assert_eq!(verdict, Verdict::Parsed);
    says(&event, &["outcome: Unknown", r#"("ambiguous", "true")"#]);
}

#[test]
fn a_container_runtimes_words_before_a_line_are_passed_over() {
    let wrapped = format!("2026-03-02T10:00:01.5Z stdout F {REQUEST}");
    assert_eq!(read(&wrapped).0, Verdict::Parsed);
    let other = "2026-03-02T10:00:01.5Z stderr F [info] starting";
    assert_eq!(read(other).0, Verdict::Foreign);
    let cut = &REQUEST[..60];
    assert!(matches!(read(cut).0, Verdict::Rejected(_)));
    let other = "[2026-03-02T10:00:01.5Z][1][info] starting";
    assert_eq!(read(other).0, Verdict::Foreign);
    let head = format!("{other}\n{wrapped}\n");
    let sample = Sample {
        path: "x",
        value: None,
        head: head.as_bytes(),
    };
    assert!(Lines.recognises(&sample));
    let sample = Sample {
        head: other.as_bytes(),
        ..sample
    };
    assert!(!Lines.recognises(&sample));
}

#[test]
fn json_says_the_same_and_a_line_without_a_time_is_damage() {
    let value = serde_json::json!({
        "start_time": "2026-03-02T10:00:00.123Z", "kuma_mesh": "shop", "KUMA_SOURCE_SERVICE": "web",
        "destination_service": "api", "response_code": 403, "method": "GET", "path": "/a?b=c",
        "downstream_peer_uri_san": "spiffe://shop/web",
    });
    let (verdict, kept) = Kept::of(&Objects, "x.json", value.to_string());
    assert_eq!(verdict, Verdict::Parsed);
    says(
        &kept.events.join(""),
        &[
            "outcome: Denied",
            r#"object: "mesh:service/shop/api""#,
            r#"("peer", "spiffe://shop/web")"#,
            r#"path: "/a""#,
        ],
    );
    let mut timeless = value.clone();
    timeless["start_time"] = serde_json::json!("-");
    let (verdict, _) = Kept::of(&Objects, "x.json", timeless.to_string());
    assert!(matches!(verdict, Verdict::Rejected(_)));
    let other = serde_json::json!({"time": "x", "source": "a", "destination": "b"});
    let (verdict, _) = Kept::of(&Objects, "x.json", other.to_string());
    assert_eq!(verdict, Verdict::Foreign);
}

#[test]
fn a_line_is_read_behind_what_a_tool_writes_and_a_piece_of_one_is_damage() {
    for header in [
        "sidecar-1  | ",
        "[pod/web-7/kuma-sidecar] ",
        "<14>1 2026-03-02T10:00:00Z h envoy 7 - - ",
    ] {
        let (verdict, event) = read(&format!("{header}{REQUEST}"));
        assert_eq!(verdict, Verdict::Parsed, "{header}");
        says(&event, &[r#"principal: Some("mesh:service/shop/web")"#]);
    }
    let piece = REQUEST.split_once("GET").unwrap().1;
    for line in [piece, &format!("\"{}\"", REQUEST.replace('"', "\\\""))] {
        let (verdict, _) = read(line);
        assert!(matches!(verdict, Verdict::Rejected(_)), "{line}");
    }
    for line in [
        "[2026-03-02 10:00:00.123][12][info][main] x \"a\" \"b\" \"c\" \"d\"",
        r#"2026-03-02T10:00:00.000Z INFO kuma-dp {"a": "b", "c": "d", "e": "f"}"#,
        &format!("said: {}", REQUEST.split('"').next().unwrap()),
    ] {
        assert_eq!(read(line).0, Verdict::Foreign, "{line}");
    }
}
