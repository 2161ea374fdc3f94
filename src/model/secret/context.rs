//! Secrets that what stands before them gives away: the name of a user in an address, the scheme of
//! a header, the words of a server that is unsealed.

use std::ops::Range;

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use super::sample::{LEAST_PASSWORD, is_filled_in, is_random, is_sample};
use super::typed::{Body, run};
use super::{Found, command, find, service};

/// How such a secret is told: by what begins it, and by what follows.
struct Mark {
    name: &'static str,
    begins: &'static str,
    /// The secret behind the beginning, if there is one, by what stands before it and behind it.
    read: fn(&[u8], &[u8]) -> Option<Range<usize>>,
}

/// A mark without what is read of the text before it.
const fn mark(
    name: &'static str,
    begins: &'static str,
    read: fn(&[u8], &[u8]) -> Option<Range<usize>>,
) -> Mark {
    Mark { name, begins, read }
}

#[rustfmt::skip] // A row is a line.
const MARKS: &[Mark] = &[
    mark("url-credential", "://", |_, behind| address(behind)),
    mark("bearer-token", "Bearer ", |_, behind| bearer(behind)),
    mark("bearer-token", "bearer ", |_, behind| bearer(behind)),
    mark("authorization", "uthorization: ", |_, behind| scheme(behind)),
    mark("basic-credential", "Basic ", |_, behind| basic(behind)),
    mark("basic-credential", "_auth=", |_, behind| basic(behind)),
    mark("docker-credential", "\"auth\"", |_, behind| registry(behind)),
    mark("vault-unseal-key", "Unseal Key ", |_, behind| unseal(behind)),
    mark("vault-recovery-key", "Recovery Key ", |_, behind| unseal(behind)),
    mark("private-key", "\"d\"", |_, behind| service::exponent(behind)),
    mark("private-key", "\"d\\\"", |_, behind| service::exponent(behind)),
    mark("private-key", "'d'", |_, behind| service::exponent(behind)),
    mark("private-key", "\"k\"", service::shared_key),
    mark("private-key", "\"k\\\"", service::shared_key),
    mark("private-key", "'k'", service::shared_key),
    mark("azure-sas", "sig=", service::signature),
    mark("telegram-bot-token", ":AA", service::bot),
    mark("mailgun-key", "key-", service::mail),
    mark("command-credential", " -u", command::user),
    mark("command-credential", " --user", command::user),
    mark("command-credential", " -p", command::password),
    mark("command-credential", "--password", command::named),
    mark("command-credential", "--http-password", command::named),
    mark("command-credential", "--passphrase", command::named),
    mark("command-credential", " -a ", command::cache),
    mark("netrc-password", "password ", command::netrc),
];

/// Bytes before a mark that are looked at.
const NEAR: usize = 512;
/// How far a user's name and password may reach.
const LONGEST_USER: usize = 512;
/// The shortest token of a header.
const LEAST_TOKEN: usize = 20;
/// Key shares are 32 bytes and one.
const LEAST_SHARE: usize = 44;

const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// What such secrets begin with.
pub(super) fn beginnings() -> impl Iterator<Item = &'static [u8]> {
    MARKS.iter().map(|mark| mark.begins.as_bytes())
}

/// The secret behind a mark at `start` of `text`. One that has a form of its own is left to that.
pub(super) fn confirm(text: &[u8], start: usize) -> Option<Found> {
    let rest = text.get(start..)?;
    let mut marks = MARKS
        .iter()
        .filter(|mark| rest.starts_with(mark.begins.as_bytes()));
    marks.find_map(|mark| told(mark, text, start))
}

fn told(mark: &Mark, text: &[u8], start: usize) -> Option<Found> {
    let from = start + mark.begins.len();
    let (before, behind) = (text.get(..start)?, text.get(from..)?);
    let near = before.get(before.len().saturating_sub(NEAR)..)?;
    let range = (mark.read)(near, behind)?;
    let secret = behind.get(range.clone())?;
    if is_sample(secret) || is_filled_in(secret) || !find(secret).is_empty() {
        return None;
    }
    Some(Found {
        pattern: mark.name,
        range: from + range.start..from + range.end,
        prefix: 0,
    })
}

/// `user:password@` of an address.
fn address(behind: &[u8]) -> Option<Range<usize>> {
    let ends = |byte: u8| {
        byte.is_ascii_graphic() && !matches!(byte, b'/' | b'"' | b'\'' | b'@' | b'?' | b'#')
    };
    let head = behind.get(..LONGEST_USER.min(behind.len()))?;
    let end = run(head, ends);
    if head.get(end) != Some(&b'@') {
        return None;
    }
    let from = memchr::memchr(b':', head.get(..end)?)? + 1;
    let password = head.get(from..end)?;
    (password.len() >= LEAST_PASSWORD && is_random(password)).then_some(from..end)
}

fn bearer(behind: &[u8]) -> Option<Range<usize>> {
    let length = run(behind, |byte| {
        Body::UrlDots.takes(byte) || Body::Base64.takes(byte) || byte == b'~'
    });
    let token = behind.get(..length)?;
    (length >= LEAST_TOKEN && is_random(token)).then_some(0..length)
}

/// Schemes that services have of their own (GitHub, Opsgenie, Okta, Splunk and others).
const SCHEMES: [&str; 6] = ["apikey", "geniekey", "key", "splunk", "ssws", "token"];

/// A scheme of a service's own, and the token behind it.
fn scheme(behind: &[u8]) -> Option<Range<usize>> {
    let word = run(behind, |byte| byte.is_ascii_alphabetic());
    let (scheme, rest) = behind.split_at_checked(word)?;
    let mut schemes = SCHEMES.iter();
    schemes.find(|known| scheme.eq_ignore_ascii_case(known.as_bytes()))?;
    let token = bearer(rest.strip_prefix(b" ")?)?;
    Some(word + 1 + token.start..word + 1 + token.end)
}

/// The base64 of `user:password`.
fn basic(behind: &[u8]) -> Option<Range<usize>> {
    let length = run(behind, |byte| Body::Base64.takes(byte));
    let decoded = BASE64.decode(behind.get(..length)?).ok()?;
    let colon = memchr::memchr(b':', &decoded)?;
    let password = decoded.get(colon + 1..)?;
    let shown = |byte: &u8| matches!(byte, 0x20..=0x7e);
    let sound = password.len() >= LEAST_PASSWORD && decoded.iter().all(shown);
    (sound && !is_sample(&decoded) && !is_filled_in(password)).then_some(0..length)
}

/// The same in the configuration of a container registry's client.
fn registry(behind: &[u8]) -> Option<Range<usize>> {
    let before = run(behind, |byte| matches!(byte, b' ' | b':' | b'"'));
    let inner = basic(behind.get(before..)?)?;
    (before >= 2).then_some(before + inner.start..before + inner.end)
}

/// `1: ` and the share, in base64 or hexadecimal.
fn unseal(behind: &[u8]) -> Option<Range<usize>> {
    let number = run(behind, |byte| byte.is_ascii_digit());
    let rest = behind.get(number..)?.strip_prefix(b": ")?;
    let length = run(rest, |byte| Body::Base64.takes(byte));
    (number > 0 && length >= LEAST_SHARE).then_some(number + 2..number + 2 + length)
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::engine::general_purpose;

    const BODY: &str = "q7RwX2kZ9mT4vB8nL1cD";

    fn told(text: &str) -> Option<(&'static str, String)> {
        let found = find(text.as_bytes()).into_iter().next()?;
        Some((found.pattern, text.get(found.range)?.to_owned()))
    }

    #[test]
    fn what_stands_before_a_secret_gives_it_away() {
        let pair = general_purpose::STANDARD.encode(format!("user:{BODY}"));
        let share = general_purpose::STANDARD.encode([7, 201].repeat(17));
        for (text, pattern, secret) in [
            (
                format!("postgres://app:{BODY}@db/x"),
                "url-credential",
                BODY,
            ),
            (
                format!("https://user:{BODY}@h/x.git"),
                "url-credential",
                BODY,
            ),
            (
                format!("> Authorization: Bearer {BODY}"),
                "bearer-token",
                BODY,
            ),
            (
                format!("Authorization: token {BODY}"),
                "authorization",
                BODY,
            ),
            (
                format!("authorization: Basic {pair}"),
                "basic-credential",
                &pair,
            ),
            (
                format!("{{\"auths\": {{\"r\": {{\"auth\": \"{pair}\"}}}}}}"),
                "docker-credential",
                &pair,
            ),
            (format!("Unseal Key 1: {share}"), "vault-unseal-key", &share),
        ] {
            assert_eq!(told(&text), Some((pattern, secret.to_owned())), "{text}");
        }
        // What has a form of its own is called by it.
        let token = format!("glpat-{BODY}");
        let address = told(&format!("https://oauth2:{token}@h/x"));
        assert_eq!(address, Some(("gitlab-personal-access-token", token)));
    }

    #[test]
    fn words_masks_and_variables_are_none() {
        for text in [
            "https://gitlab-ci-token:[MASKED]@gitlab.example/x.git",
            "https://user:$PASSWORD@host",
            "https://user:password@host",
            "http://[::1]:8080/a@b",
            "https://host:8443/x@y",
            "https://host:8443?to=a1b2c3d4@y",
            "git@host:group/project.git and a: b@c",
            "Bearer authentication-is-required-here",
            "Authorization: Digest username0123456789abcdef",
            "authorization: see chapter1ofthemanual0",
            "Authorization: Bearer [MASKED]",
            "Basic authentication",
            "\"auth\": \"oidc\"",
            "Unseal Key 1: [MASKED]",
        ] {
            assert_eq!(told(text), None, "{text}");
        }
    }
}
