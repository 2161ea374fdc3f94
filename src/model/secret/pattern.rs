//! The typed patterns: a literal prefix finds candidates, a scan of the body confirms them.
//!
//! Clean text costs one pass of a multi-literal search; nothing else runs until a prefix is seen.

use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::prefixes::Prefixes;
use super::sample::{LEAST_ENTROPY, entropy, is_sample};
use super::typed::{Body, Typed, exact, run, typed, within};
use super::vendors::VENDORS;
use super::{Found, JSON_KEY, PEM, context};

/// Prefixes from the vendors' documentation: Vault and OpenBao token format, GitLab token
/// prefixes (`doc/security/tokens`), Google, AWS, GitHub and Slack key formats.
#[rustfmt::skip] // A row is a line.
const TYPED: &[Typed] = &[
    typed("vault-service-token", "hvs.", Body::UrlDots, 20),
    typed("vault-batch-token", "hvb.", Body::UrlDots, 20),
    typed("vault-recovery-token", "hvr.", Body::UrlDots, 20),
    // Before 1.10 and in OpenBao; a namespace id may follow after a dot.
    exact("vault-legacy-service-token", "s.", Body::Alnum, 24),
    typed("vault-legacy-batch-token", "b.", Body::Url, 24),
    typed("gitlab-personal-access-token", "glpat-", Body::UrlDots, 16),
    typed("gitlab-trigger-token", "glptt-", Body::UrlDots, 16),
    typed("gitlab-deploy-token", "gldt-", Body::UrlDots, 16),
    typed("gitlab-runner-token", "glrt-", Body::UrlDots, 16),
    typed("gitlab-runner-token", "glrtr-", Body::UrlDots, 16),
    typed("gitlab-runner-token", "GR1348941", Body::Url, 20),
    typed("gitlab-job-token", "glcbt-", Body::UrlDots, 16),
    typed("gitlab-oauth-secret", "gloas-", Body::UrlDots, 16),
    typed("gitlab-feed-token", "glft-", Body::UrlDots, 16),
    typed("gitlab-incoming-mail-token", "glimt-", Body::UrlDots, 16),
    typed("gitlab-agent-token", "glagent-", Body::UrlDots, 16),
    typed("gitlab-scim-token", "glsoat-", Body::UrlDots, 16),
    typed("gitlab-feature-flags-token", "glffct-", Body::UrlDots, 16),
    typed("gitlab-workspace-token", "glwt-", Body::UrlDots, 16),
    typed("gcp-access-token", "ya29.", Body::UrlDots, 20),
    exact("google-api-key", "AIza", Body::Url, 35),
    typed("google-oauth-client-secret", "GOCSPX-", Body::Url, 20),
    exact("aws-access-key-id", "AKIA", Body::Upper, 16),
    exact("aws-access-key-id", "ASIA", Body::Upper, 16),
    typed("github-token", "ghp_", Body::Alnum, 36),
    typed("github-token", "gho_", Body::Alnum, 36),
    typed("github-token", "ghu_", Body::Alnum, 36),
    typed("github-token", "ghs_", Body::Alnum, 36),
    typed("github-token", "github_pat_", Body::Url, 22),
    typed("slack-token", "xoxb-", Body::Url, 20),
    typed("slack-token", "xoxp-", Body::Url, 20),
    // The same behind `base64`, which a runner's masking does not know: the beginnings of
    // `hvs.`, `hvb.`, `glpat-`, of PEM private keys and of Google key files.
    typed("vault-service-token", "aHZzL", Body::Base64, 16),
    typed("vault-batch-token", "aHZiL", Body::Base64, 16),
    typed("gitlab-personal-access-token", "Z2xwYXQt", Body::Base64, 16),
    typed("private-key", "LS0tLS1CRUdJTiBSU0EgUFJJVkFURSBLRVktLS0tL", Body::Base64, 16),
    typed("private-key", "LS0tLS1CRUdJTiBQUklWQVRFIEtFWS0tLS0t", Body::Base64, 16),
    typed("private-key", "LS0tLS1CRUdJTiBFQyBQUklWQVRFIEtFWS0tLS0t", Body::Base64, 16),
    // Keys without their head (PKCS#8 and PKCS#1 of 2048, 3072 and 4096 bits, PKCS#8 of P-256).
    within("private-key", "IBADANBgkqhkiG9w0BAQEFAASC", Body::Base64, 64),
    within("private-key", "IBAAKCAQEA", Body::Base64, 64),
    within("private-key", "IBAAKCAYEA", Body::Base64, 64),
    within("private-key", "IBAAKCAgEA", Body::Base64, 64),
    typed("private-key", "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg", Body::Base64, 43),
    typed("service-account-key", "eyJ0eXBlIjoic2VydmljZV9hY2NvdW50I", Body::Base64, 16),
    typed("service-account-key", "eyJ0eXBlIjogInNlcnZpY2VfYWNjb3VudC", Body::Base64, 16),
    typed("service-account-key", "ewogICJ0eXBlIjogInNlcnZpY2VfYWNjb3VudC", Body::Base64, 16),
];

const PEM_BEGIN: &[u8] = b"-----BEGIN ";
pub(super) const PEM_LABEL_END: &[u8] = b"PRIVATE KEY";
const PRIVATE_KEY_FIELD: &[u8] = b"private_key";
const JWT_BEGIN: &[u8] = b"eyJ";
const PUTTY_BEGIN: &[u8] = b"PuTTY-User-Key-File-";
const PUTTY_END: &[u8] = b"Private-MAC: ";

/// Entropy below which a legacy token is a sample: its prefix says little.
const LEAST_LEGACY_ENTROPY: f64 = 3.5;

/// A run of token bytes that is refused is searched again up to this length, then skipped.
const LONGEST_REJECTED: usize = 1024;
/// Bytes of one token that are looked at; the largest real one, a JWT, has a few thousand.
const LONGEST: usize = 16 * 1024;

/// Made of the patterns themselves: none can be left out.
static PREFIXES: LazyLock<Prefixes> = LazyLock::new(|| Prefixes::new(beginnings()));

/// What any pattern begins with.
pub(super) fn beginnings() -> impl Iterator<Item = &'static [u8]> {
    let others = [PEM_BEGIN, PRIVATE_KEY_FIELD, JWT_BEGIN, PUTTY_BEGIN];
    let marks = context::beginnings();
    prefixes().map(str::as_bytes).chain(others).chain(marks)
}

fn kinds() -> impl Iterator<Item = &'static Typed> {
    TYPED.iter().chain(VENDORS)
}

/// What the typed patterns begin with.
pub(super) fn prefixes() -> impl Iterator<Item = &'static str> {
    kinds().map(|kind| kind.prefix)
}

/// How many bytes follow a prefix at least.
#[cfg(test)]
pub(super) fn shortest(prefix: &[u8]) -> Option<usize> {
    let own = kinds().filter(|kind| kind.prefix.as_bytes() == prefix);
    own.map(|kind| kind.length.0).min()
}

/// The next place from `from` on where a secret may begin.
pub(super) fn candidate(text: &[u8], from: usize) -> Option<usize> {
    PREFIXES.find(text, from)
}

/// The secret that begins at `start`, if there is one.
pub(super) fn confirm(text: &[u8], start: usize) -> Option<Found> {
    let rest = text.get(start..)?;
    if rest.starts_with(PEM_BEGIN) {
        return pem(rest, start);
    }
    if rest.starts_with(PUTTY_BEGIN) {
        return putty(rest, start);
    }
    if rest.starts_with(PRIVATE_KEY_FIELD) {
        return json_key(rest, start);
    }
    if let Some(found) = context::confirm(text, start) {
        return Some(found);
    }
    let before = start.checked_sub(1).and_then(|at| text.get(at)).copied();
    let joined = before.is_some_and(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    // A prefix that begins with a sign stands within a token; any other within a word may be a part
    // of it, unless what follows is random beyond doubt.
    if joined && rest.first() != Some(&b'.') {
        let telling = kinds().filter(|kind| kind.within || kind.tells_itself());
        return telling
            .filter(|kind| rest.starts_with(kind.prefix.as_bytes()))
            .find_map(|kind| token(kind, rest, start, before))
            .filter(|found| text.get(found.range.clone()).is_some_and(is_mixed));
    }
    if rest.starts_with(JWT_BEGIN)
        && let Some(found) = jwt(rest, start).or_else(|| jwe(rest, start))
    {
        return Some(found);
    }
    kinds()
        .filter(|kind| rest.starts_with(kind.prefix.as_bytes()))
        .find_map(|kind| token(kind, rest, start, before))
}

/// How far to go on behind a refused candidate: one byte, or over a run too long for a token.
///
/// Without it a megabyte of `eyJ-eyJ-` would be scanned once per repetition.
pub(super) fn rejected_run(text: &[u8], start: usize) -> usize {
    let rest = text.get(start..).unwrap_or_default();
    let run = rest
        .iter()
        .take(LONGEST_REJECTED)
        .take_while(|byte| Body::UrlDots.takes(**byte))
        .count();
    if run == LONGEST_REJECTED { run } else { 1 }
}

fn token(kind: &Typed, rest: &[u8], start: usize, before: Option<u8>) -> Option<Found> {
    let behind = rest.get(kind.prefix.len()..)?;
    let mut length = behind
        .iter()
        .take(LONGEST)
        .take_while(|byte| kind.body.takes(**byte))
        .count();
    while length > 0 && matches!(behind.get(length - 1), Some(b'.')) {
        length -= 1;
    }
    let (least, most) = kind.length;
    if length < least || length > most {
        return None;
    }
    let body = behind.get(..length)?;
    let legacy = kind.prefix.len() == 2 && kind.prefix.ends_with('.');
    // Bare `s.` and `b.` need a boundary, a digit and mixed case: minified scripts look alike.
    if legacy {
        let edge = |byte: Option<u8>| {
            byte.is_some_and(|byte| {
                byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$' | b')' | b']' | b'(')
            })
        };
        if edge(before) || edge(behind.get(length).copied()) || before == Some(b'.') {
            return None;
        }
        if !is_mixed(body) {
            return None;
        }
    }
    let floor = if legacy {
        LEAST_LEGACY_ENTROPY
    } else {
        LEAST_ENTROPY
    };
    if entropy(body) < floor || is_sample(body) {
        return None;
    }
    Some(Found {
        pattern: kind.name,
        range: start..start + kind.prefix.len() + length,
        prefix: kind.prefix.len(),
    })
}

/// Whether a text has digits and letters of both cases.
fn is_mixed(text: &[u8]) -> bool {
    let has = |test: fn(&u8) -> bool| text.iter().any(test);
    has(u8::is_ascii_digit) && has(u8::is_ascii_lowercase) && has(u8::is_ascii_uppercase)
}

/// `-----BEGIN ... PRIVATE KEY-----`, up to its end line if that follows in `rest`.
fn pem(rest: &[u8], start: usize) -> Option<Found> {
    // `-----BEGIN RSA PRIVATE KEY-----`: the label is short and on one line.
    let line = rest.get(..rest.len().min(64))?;
    let label = memchr::memmem::find(line, PEM_LABEL_END)?;
    if line.get(..label)?.contains(&b'\n') {
        return None;
    }
    let head = label + PEM_LABEL_END.len();
    let dashes = rest.get(head..)?;
    let open = dashes
        .iter()
        .take_while(|byte| byte.is_ascii_uppercase() || matches!(byte, b' ' | b'-'))
        .count();
    if !dashes.starts_with(b"-----") && !dashes.starts_with(b" BLOCK-----") {
        return None;
    }
    let head = head + open;
    let end =
        memchr::memmem::find(rest.get(head..)?, b"-----END ").map_or(rest.len(), |at| head + at);
    Some(Found {
        pattern: PEM,
        range: start..start + end,
        prefix: head,
    })
}

/// `PuTTY-User-Key-File-3: ssh-ed25519`, up to the digest of the private part if that follows in `rest`.
fn putty(rest: &[u8], start: usize) -> Option<Found> {
    let behind = rest.get(PUTTY_BEGIN.len()..)?;
    let [version, b':', b' ', kind @ ..] = behind else {
        return None;
    };
    if !version.is_ascii_digit() || !(kind.starts_with(b"ssh-") || kind.starts_with(b"ecdsa-")) {
        return None;
    }
    let line = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
    let end = memchr::memmem::find(rest, PUTTY_END).map_or(rest.len(), |at| {
        let digest = rest.get(at + PUTTY_END.len()..).unwrap_or_default();
        at + PUTTY_END.len() + run(digest, |byte| byte.is_ascii_hexdigit())
    });
    Some(Found {
        pattern: PEM,
        range: start..start + end,
        prefix: line,
    })
}

/// `"private_key": "..."` of a Google key file, also when the JSON is quoted inside a string.
fn json_key(rest: &[u8], start: usize) -> Option<Found> {
    let mut at = PRIVATE_KEY_FIELD.len();
    let skip = |at: &mut usize, set: &[u8]| {
        let from = *at;
        while rest.get(*at).is_some_and(|byte| set.contains(byte)) {
            *at += 1;
        }
        *at > from
    };
    let quoted = skip(&mut at, b"\\\"'");
    skip(&mut at, b" \t\r\n");
    if !quoted || rest.get(at) != Some(&b':') {
        return None;
    }
    at += 1;
    skip(&mut at, b" \t\r\n");
    if !skip(&mut at, b"\\\"'") {
        return None;
    }
    let value = rest.get(at..)?;
    let length = memchr::memchr2(b'"', b'\'', value).unwrap_or(value.len());
    let body = value.get(..length)?;
    if length < 20 || body.starts_with(b"$") || is_sample(body) {
        return None;
    }
    Some(Found {
        pattern: JSON_KEY,
        range: start..start + at + length,
        prefix: at,
    })
}

/// The length of a part in base64url.
fn part(rest: &[u8], from: usize) -> usize {
    let rest = rest.get(from..).unwrap_or_default();
    run(
        rest.get(..LONGEST.min(rest.len())).unwrap_or_default(),
        |byte| Body::Url.takes(byte),
    )
}

/// Three base64url parts of which the first two begin with `{"`.
fn jwt(rest: &[u8], start: usize) -> Option<Found> {
    let part = |from: usize| part(rest, from);
    let header = part(0);
    if header < 12 || rest.get(header) != Some(&b'.') {
        return None;
    }
    let claims_at = header + 1;
    if !rest.get(claims_at..)?.starts_with(JWT_BEGIN) {
        return None;
    }
    let claims = part(claims_at);
    if rest.get(claims_at + claims) != Some(&b'.') {
        return None;
    }
    let signature_at = claims_at + claims + 1;
    let signature = part(signature_at);
    (claims >= 12 && signature >= 10).then_some(Found {
        pattern: "jwt",
        range: start..start + signature_at + signature,
        prefix: JWT_BEGIN.len(),
    })
}

/// Five base64url parts of which the first names how the fourth is encrypted (RFC 7516); the second is
/// empty where the key is known.
fn jwe(rest: &[u8], start: usize) -> Option<Found> {
    let mut lengths = [0; 5];
    let mut at = 0;
    for (number, length) in lengths.iter_mut().enumerate() {
        if number > 0 {
            at += usize::from(rest.get(at) == Some(&b'.'));
        }
        *length = part(rest, at);
        at += *length;
    }
    let [header, _, vector, text, tag] = lengths;
    let dots = rest.get(..at)?.iter().filter(|byte| **byte == b'.').count();
    if dots != 4 || vector < 10 || text == 0 || tag < 16 {
        return None;
    }
    let header = URL_SAFE_NO_PAD.decode(rest.get(..header)?).ok()?;
    memchr::memmem::find(&header, b"\"enc\"")?;
    Some(Found {
        pattern: "jwt",
        range: start..start + at,
        prefix: JWT_BEGIN.len(),
    })
}
