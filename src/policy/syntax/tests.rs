//! Texts that a server takes or refuses, one property at a time.

use super::*;
use crate::policy::capability::Capabilities;

fn errors(text: &str) -> Vec<(u32, u32, String)> {
    let found = parse(text, Dialect::OpenBao).1;
    found
        .into_iter()
        .map(|e| (e.position.line, e.position.column, e.message))
        .collect()
}

fn good(text: &str) -> Policy {
    let (policy, errors) = parse(text, Dialect::OpenBao);
    assert_eq!(errors, [], "{text}");
    policy
}

fn caps(text: &str) -> Vec<String> {
    good(text)
        .stanzas
        .iter()
        .map(|stanza| stanza.capabilities.to_string())
        .collect()
}

#[test]
fn every_fault_of_a_text_is_told_with_its_place() {
    let text = "path \"a\" {\n  capabilities = [\"reed\"]\n}\n\n\
                path \"b\" {\n  capabilities = [\"read\" \"list\"]\n}\n\n\
                path \"c\" { owner = 1 }\nowner = 2\n\
                path \"d+*\" { policy = \"reed\" }\n";
    let found = errors(text);
    let places: Vec<(u32, u32)> = found
        .iter()
        .map(|(line, column, _)| (*line, *column))
        .collect();
    assert_eq!(
        places,
        [(2, 19), (6, 26), (9, 12), (10, 1), (11, 6), (11, 23)],
        "{found:?}"
    );
    assert!(found[0].2.contains("\"reed\""));
}

#[test]
fn stanzas_behind_a_fault_are_read() {
    let text = "path \"a\" { capabilities = [\"read\" }\n}\npath \"b\" { policy = \"read\" }\n";
    let (policy, errors) = parse(text, Dialect::Vault);
    assert_eq!(errors.len(), 1);
    assert_eq!(policy.stanzas.len(), 1);
    assert_eq!(policy.stanzas[0].path, "b");
    assert_eq!(policy.stanzas[0].position.line, 3);
}

#[test]
fn spans_point_at_the_text() {
    let text = "# é\npath \"s/é\" {\n  capabilities = [\"read\"]\n}\n";
    let stanza = &good(text).stanzas[0];
    assert_eq!(
        &text[stanza.path_span.start..stanza.path_span.end],
        "\"s/é\""
    );
    assert_eq!(&text[stanza.span.start..stanza.span.start + 4], "path");
    assert!(text[..stanza.span.end].ends_with('}'));
    let attribute = &stanza.attributes[0];
    assert_eq!(
        &text[attribute.key_span.start..attribute.key_span.end],
        "capabilities"
    );
    assert_eq!(
        &text[attribute.value_span.start..attribute.value_span.end],
        "[\"read\"]"
    );
    let (_, span) = stanza.written[0];
    assert_eq!(&text[span.start..span.end], "\"read\"");
}

#[test]
fn comments_commas_and_heredocs_are_read_as_hcl_does() {
    for text in [
        "path \"a\" { capabilities = [\"read\",] } # end",
        "// before\npath \"a\" /* in */ { capabilities = [\"read\"], }",
        "path \"a\" { \"capabilities\" = [\"read\"] }",
        "path \"a\" { comment = <<EOT\n}{\"\nEOT\n capabilities = [\"read\"] }",
        "path \"a\" { comment = <<-EOT\n  x\n  EOT\n capabilities = [\"read\"] }",
        "path \"a\" \"b\" { capabilities = [\"read\"] }",
        "path a { capabilities = [\"\\u0072ead\"] }",
        "{\"path\":[{\"a\":{\"capabilities\":[\"read\" ,]}}]} trailing",
    ] {
        assert_eq!(caps(text), ["read"], "{text}");
        assert_eq!(good(text).stanzas[0].path, "a", "{text}");
    }
}

#[test]
fn deny_stops_the_reading_of_a_stanza() {
    assert_eq!(
        caps("path \"a\" { capabilities = [\"read\", \"deny\", \"bogus\"] }"),
        ["deny"]
    );
    assert_eq!(
        errors("path \"a\" { capabilities = [\"bogus\", \"deny\"] }").len(),
        1
    );
    let text = "path \"a\" { policy = \"deny\" min_wrapping_ttl = \"soon\" }";
    assert_eq!(good(text).stanzas[0].capabilities, Capabilities::DENY);
}

#[test]
fn the_dialects_have_keys_and_capabilities_of_their_own() {
    for (text, vault, openbao) in [
        ("path \"a\" { capabilities = [\"scan\"] }", false, true),
        ("path \"a\" { capabilities = [\"subscribe\"] }", true, false),
        ("path \"a\" { capabilities = [\"recover\"] }", true, false),
        (
            "path \"a\" { expiration = \"2030-01-01T00:00:00Z\" }",
            false,
            true,
        ),
        ("path \"a\" { pagination_limit = 5 }", false, true),
        (
            "path \"a\" { subscribe_event_types = [\"*\"] }",
            true,
            false,
        ),
        ("path \"a\" { comment = \"why\" }", true, true),
    ] {
        assert_eq!(parse(text, Dialect::Vault).1.is_empty(), vault, "{text}");
        assert_eq!(
            parse(text, Dialect::OpenBao).1.is_empty(),
            openbao,
            "{text}"
        );
    }
}

#[test]
fn help_names_what_was_meant() {
    for (text, help) in [
        ("path \"a\" { capabilities = [\"READ\"] }", "write `read`"),
        (
            "path \"a\" { capability = [\"read\"] }",
            "did you mean `capabilities`?",
        ),
        (
            "path \"a\" { capabilities = \"read\" }",
            "write `capabilities = [\"read\"]`",
        ),
        (
            "path { \"s/a\" { capabilities = [\"read\"] } }",
            "write `path \"s/a\" { ... }`",
        ),
        ("PATH \"a\" { }", "write `path`"),
        ("path \"a\" { capabilities: [\"read\"] }", "write `=`"),
    ] {
        let found = parse(text, Dialect::Vault).1;
        assert!(
            found.iter().any(|error| error.help.contains(help)),
            "{text}: {found:?}"
        );
    }
}

#[test]
fn deep_nesting_is_refused_and_not_followed() {
    let deep = format!("path \"a\" {}", "{ a ".repeat(100_000));
    assert!(!errors(&deep).is_empty());
    let deep = format!("{{\"path\":{}", "[".repeat(100_000));
    assert!(!errors(&deep).is_empty());
    let deep = format!("path \"a\" {{ k = {}", "[".repeat(100_000));
    assert!(!errors(&deep).is_empty());
}

/// As OpenBao 2.7.2 answered.
#[test]
fn a_number_that_no_64_bits_hold_refuses_the_text() {
    let faulty = |text: &str| !errors(text).is_empty();
    for (number, hcl, json) in [
        ("9223372036854775807", false, false),
        ("9223372036854775808", true, true),
        ("-9223372036854775808", false, false),
        ("-9223372036854775809", true, true),
        ("0xffffffffffffffffff", true, true),
        ("1e308", false, false),
        ("1e309", true, true),
        ("-1e309", true, true),
        ("1e-400", false, false),
        ("1e", true, true),
        (".5", false, false),
        ("08", true, true),
    ] {
        let stanza = format!(
            "path \"a\" {{ capabilities = [\"read\"]\n allowed_parameters = {{ \"z\" = [{number}] }} }}"
        );
        assert_eq!(faulty(&stanza), hcl, "{number}");
        let text = format!(
            r#"{{"path":{{"a":{{"capabilities":["read"],"allowed_parameters":{{"z":[{number}]}}}}}}}}"#
        );
        assert_eq!(faulty(&text), json, "{number}");
    }
    // The server looks for an octal digit that is none from the third digit on.
    for (number, wrong) in [("08", false), ("080", false), ("008", true), ("018", true)] {
        let text = format!("path \"a\" {{ capabilities = [\"read\"]\n comment = {number} }}");
        let found = errors(&text)
            .iter()
            .any(|(_, _, said)| said.contains("octal"));
        assert_eq!(found, wrong, "{number}");
    }
}

#[test]
fn json_without_capabilities_takes_the_attribute_for_a_label() {
    // HCL flattens objects of objects, so `allowed_parameters` becomes a second label.
    let text = r#"{"path":{"a":{"allowed_parameters":{"k":["v"]}}}}"#;
    assert_eq!(errors(text).len(), 1);
}

#[test]
fn json_is_read_with_the_leniencies_of_the_servers_parser() {
    // Verdicts and rights of a running OpenBao 2.7.2, as pattern and capabilities.
    for (text, stanzas) in [
        (
            r#"{"path":{"a":{"capabilities":["read"] "min_wrapping_ttl":"1m"},"b":{}}}"#,
            "a read",
        ),
        (
            r#"{"path":{"a":{"capabilities":["read"]} "b":{"capabilities":["reed"]}}}"#,
            "a read",
        ),
        (r#"{"path":{"a":{"capabilities":["read"]"#, "a read"),
        (r#"{"path":{"a":{"capabilities":["read"]]}}"#, "a read"),
        (r#"{"path":{"a":{"capabilities":[["read"]]}}}"#, "a read"),
        (
            r#"{"path":{"a":{"capabilities":["read"]}}} rest ###"#,
            "a read",
        ),
        (
            "{\"path\":{\"a\":{\"capabilities\":[\"read\"]\0}}}",
            "a read",
        ),
        (
            r#"{"path":{"a":{"capabilities":["read"] , } , "b":{"capabilities":["read"]}}}"#,
            "a read; b read",
        ),
        (
            r#"{"path":{"a":{"capabilities":["read"] "x" , "b":{"capabilities":["read"]}}}"#,
            "a read; b read",
        ),
        // The label of a `path` without one is the key itself.
        (r#"{"path":{"a""#, "path "),
        (r#"{"path":"#, ""),
        ("{", ""),
    ] {
        let read: Vec<String> = good(text)
            .stanzas
            .iter()
            .map(|stanza| format!("{} {}", stanza.path, stanza.capabilities))
            .collect();
        assert_eq!(read.join("; "), stanzas, "{text}");
    }
    for text in [
        r#"{"path":{"a":{"capabilities":["read""#,
        r#"{"path":{"a":{"capabilities":[["read"],"list"]}}}"#,
        r#"{"path":{"a":{"capabilities":[null,"read"]}}}"#,
        r#"{"path":{"a":{"capabilities":["read"] "b" ; }}}"#,
        "\u{b}{\"path\":{\"a\":{\"capabilities\":[\"read\"]}}}",
    ] {
        assert!(!errors(text).is_empty(), "{text}");
    }
}

#[test]
fn an_expired_stanza_is_read_no_further_than_its_keys_and_kinds() {
    let now = Timestamp::parse("2026-01-01T00:00:00Z").unwrap();
    let with = |body: &str, year: u32| {
        let text = format!("path \"a\" {{ {body} expiration = \"{year}-01-01T00:00:00Z\" }}");
        parse_at(&text, Dialect::OpenBao, now).1.len()
    };
    for body in [
        "capabilities = [\"reed\"]",
        "policy = \"x\"",
        "capabilities = [\"read\"] min_wrapping_ttl = \"soon\"",
        "capabilities = [\"read\"] min_wrapping_ttl = \"2h\" max_wrapping_ttl = \"1h\"",
        "capabilities = [\"read\"] list_scan_response_keys_filter_path = \"x\"",
    ] {
        assert_eq!((with(body, 2020), with(body, 2090)), (0, 1), "{body}");
    }
    for body in [
        "capabilities = [\"read\"] foo = \"x\"",
        "capabilities = \"read\"",
        "capabilities = [\"read\"] control_group = { }",
        "capabilities = [\"read\"] pagination_limit = \"x\"",
    ] {
        assert_eq!(with(body, 2020), 1, "{body}");
    }
    let plus = "path \"a/+*\" { capabilities = [\"read\"] expiration = \"2020-01-01T00:00:00Z\" }";
    assert_eq!(parse_at(plus, Dialect::OpenBao, now).1, []);
    let braces = "path \"a/{{x\" { capabilities = [] expiration = \"2020-01-01T00:00:00Z\" }";
    assert_eq!(parse_at(braces, Dialect::OpenBao, now).1.len(), 1);
}

#[test]
fn control_groups_are_read_as_openbao_reads_them() {
    const WHO: &str = "identity { group_names = [\"g\"] approvals = 1 }";
    const CAN: &str = "controlled_capabilities = [\"read\"]";
    let faults = |group: &str| {
        let text = format!("path \"a\" {{ capabilities = [\"read\"] control_group {group} }}");
        errors(&text).len()
    };
    let factor = |body: &str| format!("{{ factor \"x\" {{ {body} }} }}");
    for group in [
        factor(&format!("{CAN} {WHO}")),
        format!("= {}", factor(&format!("{CAN} {WHO}"))),
        format!("{{ ttl = \"4h\" self_auth_allowed = true factor \"x\" {{ {CAN} {WHO} }} }}"),
        factor(&format!("controlled_capabilities = [\"delete\"] {WHO}")),
    ] {
        assert_eq!(faults(&group), 0, "{group}");
    }
    for group in [
        "= { }".to_owned(),
        "= \"x\"".to_owned(),
        format!("{{ ttl = \"soon\" factor \"x\" {{ {CAN} {WHO} }} }}"),
        format!("{{ max_ttl = \"4h\" factor \"x\" {{ {CAN} {WHO} }} }}"),
        format!("{{ factor {{ {CAN} {WHO} }} }}"),
        factor(WHO),
        factor(&format!("controlled_capabilities = [\"reed\"] {WHO}")),
        factor(&format!("{CAN} identity {{ group_names = [\"g\"] }}")),
        factor(&format!(
            "{CAN} identity {{ group_ids = [\"g\"] approvals = 1 }}"
        )),
        factor(&format!("nope = 1 {CAN} {WHO}")),
    ] {
        assert_eq!(faults(&group), 1, "{group}");
    }
    let json = |group: &str| {
        errors(&format!(
            "{{\"path\":{{\"a\":{{\"capabilities\":[\"read\"],\"control_group\":{group}}}}}}}"
        ))
        .len()
    };
    let who =
        r#"{"controlled_capabilities":["read"],"identity":{"group_names":["g"],"approvals":1}}"#;
    assert_eq!(
        json(&format!(r#"{{"ttl":"4h","factor":{{"x":{who}}}}}"#)),
        0
    );
    // Without `ttl`, flattening makes `factor` a label: the server finds foreign keys and no factor.
    assert_eq!(json(&format!(r#"{{"factor":{{"x":{who}}}}}"#)), 3);
}

#[test]
fn a_filter_path_is_a_go_template_that_names_the_key() {
    let faults = |filter: &str| {
        let text = format!(
            "path \"a/*\" {{ capabilities = [\"list\"] list_scan_response_keys_filter_path = \"{filter}\" }}"
        );
        errors(&text).len()
    };
    assert_eq!(faults("{{ .path }}{{ .key }}"), 0);
    for filter in ["a/b", "{{ .nope }}", "{{ .key"] {
        assert_eq!(faults(filter), 1, "{filter}");
    }
}
