//! Keys that are told by what stands beside them as well: of services, and in a JSON Web Key.
//!
//! JSON Web Keys: RFC 7518, sections 6.2.2, 6.3.2 and 6.4 (`d` and `k`), RFC 8037.
//! Azure: "Grant limited access with shared access signatures"; Telegram: Bot API, "Authorizing your
//! bot"; Mailgun: "Authentication" (user `api`).

use std::ops::Range;

use super::sample::is_random;
use super::typed::{Body, run};

/// Bytes beside a signature in which the other members of its query stand.
const QUERY: usize = 256;

fn holds(text: &[u8], part: &[u8]) -> bool {
    memchr::memmem::find(text, part).is_some()
}

/// The 44 digits of base64 of a shared access signature, escaped or not.
pub(super) fn signature(before: &[u8], behind: &[u8]) -> Option<Range<usize>> {
    let length = run(behind, |byte| Body::Base64.takes(byte) || byte == b'%');
    let signature = behind.get(..length)?;
    let ends =
        signature.ends_with(b"=") || signature.ends_with(b"%3D") || signature.ends_with(b"%3d");
    let query = |text: &[u8]| holds(text, b"sv=") || holds(text, b"se=") || holds(text, b"sp=");
    let beside = behind.get(length..)?;
    let near = query(before.get(before.len().saturating_sub(QUERY)..)?)
        || query(beside.get(..QUERY.min(beside.len()))?);
    ((44..100).contains(&length) && ends && near && is_random(signature)).then_some(0..length)
}

/// The 33 behind `:AA` of a bot's token, whose number stands before.
pub(super) fn bot(before: &[u8], behind: &[u8]) -> Option<Range<usize>> {
    let digits = before.iter().rev().take_while(|byte| byte.is_ascii_digit());
    let length = run(behind, |byte| Body::Url.takes(byte));
    ((8..=10).contains(&digits.count()) && length == 33).then_some(0..length)
}

/// The 32 hexadecimal digits behind `key-`, where Mailgun is spoken of.
pub(super) fn mail(before: &[u8], behind: &[u8]) -> Option<Range<usize>> {
    let length = run(behind, |byte| byte.is_ascii_hexdigit());
    let line = behind.get(..QUERY.min(behind.len()))?;
    let near = [before, line].concat().to_ascii_lowercase();
    (length == 32 && (before.ends_with(b"api:") || holds(&near, b"mailgun"))).then_some(0..length)
}

/// The digits of the smallest private part, of 32 bytes.
const LEAST_EXPONENT: usize = 43;
/// The digits of the smallest shared key that is worth one, of 16 bytes.
const LEAST_SHARED: usize = 22;

/// The private part behind the `"d"` of a JSON Web Key, whose other members may stand on other lines.
pub(super) fn exponent(behind: &[u8]) -> Option<Range<usize>> {
    member(behind, LEAST_EXPONENT)
}

/// The key behind the `"k"` of a JSON Web Key that says beside it that it is a sequence of octets.
pub(super) fn shared_key(before: &[u8], behind: &[u8]) -> Option<Range<usize>> {
    let value = member(behind, LEAST_SHARED)?;
    let beside = behind.get(value.end..)?;
    let beside = beside.get(..QUERY.min(beside.len()))?;
    let octets =
        |text: &[u8]| holds(text, b"oct\"") || holds(text, b"oct\\\"") || holds(text, b"'oct'");
    (octets(before) || octets(beside)).then_some(value)
}

/// A value in base64url behind the name of a member, of so many digits at least.
fn member(behind: &[u8], least: usize) -> Option<Range<usize>> {
    let gap = run(behind, |byte| {
        matches!(byte, b' ' | b':' | b'"' | b'\'' | b'\\')
    });
    let between = behind.get(..gap)?;
    let length = run(behind.get(gap..)?, |byte| Body::Url.takes(byte));
    let digits = behind.get(gap..gap + length)?;
    let closed = matches!(behind.get(gap + length), Some(b'"' | b'\'' | b'\\'));
    let sound = between.contains(&b':') && closed && length >= least && length % 4 != 1;
    let has = |test: fn(&u8) -> bool| digits.iter().any(test);
    let mixed =
        has(u8::is_ascii_digit) && has(u8::is_ascii_lowercase) && has(u8::is_ascii_uppercase);
    (sound && mixed).then_some(gap..gap + length)
}

#[cfg(test)]
mod tests {
    use crate::model::secret::find;

    const HEX: &str = "0a1b2c3d4e5f69780a1b2c3d4e5f6978";
    const BODY: &str = "k3Jx9QvTz7LmW2pRb8NcY4hDs6FgA1tE5uKo0Zr";

    #[test]
    fn what_stands_beside_a_key_tells_it() {
        let (b33, b43) = (&BODY[..33], format!("{BODY}7aQx"));
        for (text, pattern) in [
            (
                format!("https://a/b?sv=2022-11-02&sig={b43}%3D"),
                "azure-sas",
            ),
            (format!("?sig={b43}=&se=2027-01-01"), "azure-sas"),
            (format!("1234567890:AA{b33}"), "telegram-bot-token"),
            (
                format!("https://api.telegram.org/bot123456789:AA{b33}/x"),
                "telegram-bot-token",
            ),
            (format!("user api:key-{HEX}"), "mailgun-key"),
            (format!("MAILGUN_KEY is key-{HEX}"), "mailgun-key"),
            (
                format!("{{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"d\":\"{b43}\"}}"),
                "private-key",
            ),
            (format!("  \"d\": \"{b43}\","), "private-key"),
            (
                format!("{{'kty': 'RSA', 'd': '{b43}{b43}'}}"),
                "private-key",
            ),
            (
                format!("{{\"kty\":\"oct\",\"k\":\"{}\"}}", &BODY[..22]),
                "private-key",
            ),
            (
                format!("{{\"k\":\"{}\",\"kty\":\"oct\"}}", &BODY[..22]),
                "private-key",
            ),
        ] {
            let found = find(text.as_bytes());
            assert_eq!(
                found.first().map(|found| found.pattern),
                Some(pattern),
                "{text}"
            );
        }
        for text in [
            format!("Restoring cache: node-key-{HEX}"),
            format!("key-{HEX}-protected"),
            format!("https://x/?sig={b43}"),
            format!("12:34:56:AA{b33}"),
            format!("{{\"kty\":\"RSA\",\"n\":\"{b43}\",\"e\":\"AQAB\"}}"),
            format!("{{\"d\":\"{}\"}}", &b43[..42]),
            format!("{{\"d\":\"{HEX}{HEX}\"}}"),
            format!("<path \"d\": \"M10 20{b43}\">"),
            format!("{{\"k\":\"{b43}\",\"v\":1}}"),
        ] {
            assert_eq!(find(text.as_bytes()), Vec::new(), "{text}");
        }
    }
}
