//! Tests of private keys in other forms and of encrypted tokens.

use super::redact;
use super::tests::{body, hex, patterns};

/// Base64url of a text.
fn part(text: &str) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(text)
}

#[test]
fn an_encrypted_jwt_is_one_and_five_words_are_none() {
    let header = part(r#"{"alg":"RSA-OAEP","enc":"A256GCM"}"#);
    let (vector, tag) = (part(&body(12)), part(&body(16)));
    for key in [part(&body(256)), String::new()] {
        let jwe = format!("{header}.{key}.{vector}.{}.{tag}", part(&body(90)));
        assert_eq!(patterns(&format!("cookie {jwe};")), ["jwt"], "{jwe}");
        let shown = redact(&format!("cookie {jwe};"));
        assert!(
            shown.starts_with("cookie eyJ****[") && !shown.contains(&tag),
            "{shown}"
        );
    }
    let other = part(r#"{"alg":"none","kid":"of-no-encryption"}"#);
    for text in [
        format!("{other}.{vector}.{vector}.{tag}.{tag}"),
        format!("{header}.{vector}.{tag}"),
        format!("{header}..short.{tag}.{tag}"),
    ] {
        assert!(patterns(&text).is_empty(), "{text}");
    }
}

#[test]
fn a_private_key_without_its_head_is_found_and_a_public_one_is_not() {
    for begin in [
        "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQ",
        "MIIEpAIBAAKCAQEA",
        "MIIJKAIBAAKCAgEA",
    ] {
        assert_eq!(
            patterns(&format!("KEY={begin}{}", body(90))),
            ["private-key"],
            "{begin}"
        );
    }
    for begin in [
        "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA",
        "MIIDdzCCAl+gAwIBAgIEAgAAuTANBgkqhkiG9w0BAQUFADBaMQ",
    ] {
        assert!(
            patterns(&format!("KEY={begin}{}", body(90))).is_empty(),
            "{begin}"
        );
    }
}

#[test]
fn a_key_of_putty_is_found_and_never_shown() {
    let lines = |kind: &str| {
        format!(
            "PuTTY-User-Key-File-3: {kind}\nEncryption: none\nPrivate-Lines: 1\n{}\nPrivate-MAC: {}\nnext",
            body(48),
            hex(64)
        )
    };
    let key = lines("ssh-ed25519");
    assert_eq!(patterns(&key), ["private-key"]);
    let shown = redact(&key);
    assert!(
        !shown.contains(&body(48)) && !shown.contains(&hex(64)),
        "{shown}"
    );
    assert!(shown.ends_with("\nnext"), "{shown}");
    // The line that a trace shows alone.
    assert_eq!(
        patterns("PuTTY-User-Key-File-2: ecdsa-sha2-nistp256"),
        ["private-key"]
    );
    for text in [
        "PuTTY-User-Key-File-3",
        "PuTTY-User-Key-File-X: ssh-rsa",
        "PuTTY-User-Key-File-2: is its head",
    ] {
        assert!(patterns(text).is_empty(), "{text}");
    }
}
