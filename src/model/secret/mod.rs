//! What looks like a secret in text: typed patterns, suspicious literals, and redaction.
//!
//! The one place that knows secret patterns (rules GLC-001, GLB-001, GCP-RUN-003). Job traces, CI
//! configuration, variables, service environments and raw audit logs all ask here. Values are
//! found as byte ranges and leave only through [`Found::redacted`]. Tokens and keys behind `base64` have the pattern of what is
//! encoded.
//!
//! Patterns: `vault-service-token`, `vault-batch-token`, `vault-recovery-token`,
//! `vault-legacy-service-token`, `vault-legacy-batch-token`, `gitlab-*-token` (one per prefix),
//! `gcp-access-token`, `google-api-key`, `google-oauth-client-secret`, `aws-access-key-id`,
//! `github-token`, `slack-token`, `private-key`, `service-account-key`, `jwt`; and `named-literal`
//! for a value that only its name gives away.

mod literal;
mod pattern;
#[cfg(test)]
mod tests;

use std::ops::Range;

pub use literal::{NAMED_LITERAL, is_placeholder, is_secret_name, literal_secret};

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

/// Bytes shown at the end of a redacted secret, so that two can be told apart.
const TAIL: usize = 4;
/// A secret body must be this long before its tail is shown.
const BODY_WITH_TAIL: usize = 20;

impl Found {
    /// The secret in `text` with all but its type prefix and, if it is long, four bytes replaced.
    #[must_use]
    pub fn redacted(&self, text: &[u8]) -> String {
        let secret = text.get(self.range.clone()).unwrap_or_default();
        let (head, body) = secret.split_at(self.prefix.min(secret.len()));
        let mut out = String::from_utf8_lossy(head).into_owned();
        out.push_str("****");
        let shows_tail = body.len() >= BODY_WITH_TAIL && !matches!(self.pattern, PEM | JSON_KEY);
        if let Some(tail) = body.get(body.len().saturating_sub(TAIL)..)
            && shows_tail
        {
            out.push_str(&String::from_utf8_lossy(tail));
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

/// Whether `text` holds a typed secret; the pattern's name.
#[must_use]
pub fn typed(text: &str) -> Option<&'static str> {
    find(text.as_bytes()).first().map(|found| found.pattern)
}

/// `text` with every secret replaced: typed ones, and the values of `name=value` pairs whose name
/// says that it is one.
#[must_use]
pub fn redact(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut from = 0;
    for found in find(bytes) {
        out.extend_from_slice(bytes.get(from..found.range.start).unwrap_or_default());
        out.extend_from_slice(found.redacted(bytes).as_bytes());
        from = found.range.end;
    }
    out.extend_from_slice(bytes.get(from..).unwrap_or_default());
    literal::redact_assignments(&String::from_utf8_lossy(&out))
}
