//! The typed patterns: a literal prefix finds candidates, a scan of the body confirms them.
//!
//! Clean text costs one pass of a multi-literal search; nothing else runs until a prefix is seen.

use std::sync::LazyLock;

use super::prefixes::Prefixes;
use super::sample::{LEAST_ENTROPY, entropy, is_sample};
use super::typed::{Body, Typed, exact, typed};
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
    typed("service-account-key", "eyJ0eXBlIjoic2VydmljZV9hY2NvdW50I", Body::Base64, 16),
    typed("service-account-key", "eyJ0eXBlIjogInNlcnZpY2VfYWNjb3VudC", Body::Base64, 16),
    typed("service-account-key", "ewogICJ0eXBlIjogInNlcnZpY2VfYWNjb3VudC", Body::Base64, 16),
];

const PEM_BEGIN: &[u8] = b"-----BEGIN ";
const PEM_LABEL_END: &[u8] = b"PRIVATE KEY";
const PRIVATE_KEY_FIELD: &[u8] = b"private_key";
const JWT_BEGIN: &[u8] = b"eyJ";

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
    let others = [PEM_BEGIN, PRIVATE_KEY_FIELD, JWT_BEGIN];
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
        && let Some(found) = jwt(rest, start)
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

/// Three base64url parts of which the first two begin with `{"`.
fn jwt(rest: &[u8], start: usize) -> Option<Found> {
    let part = |from: usize| -> usize {
        rest.get(from..)
            .unwrap_or_default()
            .iter()
            .take(LONGEST)
            .take_while(|byte| Body::Url.takes(**byte))
            .count()
    };
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
