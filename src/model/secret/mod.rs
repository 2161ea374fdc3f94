//! What looks like a secret in text: typed patterns, suspicious literals, and redaction.
//!
//! The one place that knows secret patterns (rules GLC-001, GLB-001, GCP-RUN-003). Job traces, CI
//! configuration, variables, service environments and raw audit logs all ask here. Values are
//! found as byte ranges and leave only through [`Found::redacted`]. What is spelled otherwise (base64,
//! escapes, cut in pieces: [`spelled`]) has the pattern of what it says.
//!
//! Patterns: `vault-service-token`, `vault-batch-token`, `vault-recovery-token`,
//! `vault-legacy-service-token`, `vault-legacy-batch-token`, `gitlab-*-token` (one per prefix),
//! `gcp-access-token`, `google-api-key`, `google-oauth-client-secret`, `aws-access-key-id`,
//! `github-token`, `slack-token`, `private-key`, `service-account-key`, `jwt`; `url-credential`,
//! `bearer-token`, `basic-credential`, `docker-credential`, `vault-unseal-key`, `command-credential`,
//! `netrc-password`, `azure-sas`, `telegram-bot-token`, `mailgun-key` by what stands before them; and
//! `named-literal` for a value that only its name gives away.

mod command;
mod context;
#[cfg(test)]
mod key_tests;
mod literal;
mod named;
mod pattern;
mod plain;
mod prefixes;
mod sample;
mod sealed;
mod service;
mod spelling;
#[cfg(test)]
mod tests;
mod typed;
mod vendors;

use std::borrow::Cow;
use std::ops::Range;

use super::Digest;

pub use literal::{NAMED_LITERAL, is_placeholder, is_secret_name, literal_secret};
pub use named::{exported, named};
pub use sealed::sealed;
pub use spelling::{Spelled, spelled};

/// One secret found in text, by position; it does not hold the value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Name of the pattern, e.g. `vault-service-token`.
    pub pattern: &'static str,
    /// Where it stands.
    pub range: Range<usize>,
    /// How many leading bytes tell the type (`hvs.`) and may be shown.
    prefix: usize,
}

/// Hexadecimal digits of the digest that is shown, so that two secrets can be told apart.
const DIGITS: usize = 8;
/// A body must be this long before its digest is shown: a shorter one could be guessed from it.
const BODY_WITH_DIGEST: usize = 16;
/// The shortest text that holds a secret: a name of three letters, its sign, its value.
const SHORTEST: usize = 12;

impl Found {
    /// The secret in `text` with all but its type prefix replaced, and a prefix of its digest.
    #[must_use]
    pub fn redacted(&self, text: &[u8]) -> String {
        let secret = text.get(self.range.clone()).unwrap_or_default();
        let (head, body) = secret.split_at(self.prefix.min(secret.len()));
        let mut out = String::from_utf8_lossy(head).into_owned();
        out.push_str("****");
        if body.len() >= BODY_WITH_DIGEST {
            let digest = Digest::of(secret);
            out.push_str(&format!("[sha256:{digest:.DIGITS$}]"));
        }
        out
    }
}

/// Pattern name of a PEM private key.
const PEM: &str = "private-key";
/// Pattern name of the `private_key` field of a Google key file.
const JSON_KEY: &str = "service-account-key";

/// Finds every typed secret in `text`, in order, without overlaps.
#[must_use]
pub fn find(text: &[u8]) -> Vec<Found> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(start) = pattern::candidate(text, from) {
        match pattern::confirm(text, start) {
            Some(secret) => {
                from = secret.range.end.max(start + 1);
                found.push(secret);
            }
            None => from = start + pattern::rejected_run(text, start),
        }
    }
    found
}

/// Whether `text` holds a typed secret, in any spelling; the pattern's name.
#[must_use]
pub fn typed(text: &str) -> Option<&'static str> {
    let bytes = text.as_bytes();
    let plain = find(bytes).first().map(|found| found.pattern);
    plain.or_else(|| spelled(bytes).first().map(|found| found.pattern))
}

/// `text` with every secret replaced: typed ones, and the values of `name=value` pairs whose name
/// says that it is one.
#[must_use]
pub fn redact(text: &str) -> String {
    redacted(text).into_owned()
}

/// Whether a text is so short, or of such characters alone, that no secret can stand in it.
#[must_use]
pub fn is_plain(text: &str) -> bool {
    text.len() < SHORTEST || plain::is_plain(text.as_bytes())
}

/// The same as [`redact`], borrowed where there is none.
#[must_use]
pub fn redacted(text: &str) -> Cow<'_, str> {
    if is_plain(text) {
        return Cow::Borrowed(text);
    }
    let typed = redacted_typed(text);
    let values = literal::assigned(&typed);
    if values.is_empty() {
        return typed;
    }
    let mut out = String::with_capacity(typed.len());
    let mut from = 0;
    for value in values {
        out.push_str(typed.get(from..value.start).unwrap_or(""));
        out.push_str("****");
        from = value.end;
    }
    out.push_str(typed.get(from..).unwrap_or(""));
    Cow::Owned(out)
}

/// `text` with every typed secret replaced, in any spelling; borrowed where there is none.
#[must_use]
pub fn redacted_typed(text: &str) -> Cow<'_, str> {
    if text.len() < SHORTEST {
        return Cow::Borrowed(text);
    }
    let bytes = text.as_bytes();
    let plain = find(bytes).into_iter().map(|found| Spelled {
        pattern: found.pattern,
        redacted: found.redacted(bytes),
        range: found.range,
    });
    let mut secrets: Vec<Spelled> = plain.chain(spelled(bytes)).collect();
    if secrets.is_empty() {
        return Cow::Borrowed(text);
    }
    // Of two that overlap, the longer one is the whole of it.
    secrets.sort_by_key(|found| (found.range.start, std::cmp::Reverse(found.range.end)));
    let mut out = Vec::with_capacity(bytes.len());
    let mut from = 0;
    for found in secrets {
        if found.range.end <= from {
            continue;
        }
        let start = found.range.start.max(from);
        out.extend_from_slice(bytes.get(from..start).unwrap_or_default());
        out.extend_from_slice(found.redacted.as_bytes());
        from = found.range.end;
    }
    out.extend_from_slice(bytes.get(from..).unwrap_or_default());
    Cow::Owned(String::from_utf8_lossy(&out).into_owned())
}
