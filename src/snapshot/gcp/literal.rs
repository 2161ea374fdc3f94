//! Whether a literal environment value may be shown.

use std::borrow::Cow;

use crate::model::secret;

/// What stands for a value that is not shown.
pub(super) const REDACTED: &str = "[REDACTED]";

/// Names that announce a secret.
const SECRET_NAMES: &[&str] = &["pass", "secret", "token", "key", "cred"];

/// Ends of names whose values name a resource, which rules compare with those that exist.
const PLACE_NAMES: &[&str] = &["bucket", "bucket_name", "keyring", "key_ring", "role"];

/// Shortest run of characters that is judged by its entropy.
const MIN_RUN: usize = 16;

/// Bits per character above which a run looks generated; hexadecimal digits reach 4.
const GENERATED_BITS: f64 = 3.2;

/// The value as it may be shown: the name of a resource and other plain words stay readable.
pub(super) fn shown<'v>(name: &str, value: &'v str) -> Cow<'v, str> {
    if looks_secret(name, value) {
        Cow::Borrowed(REDACTED)
    } else {
        Cow::Borrowed(value)
    }
}

/// What is said of a literal that only its name calls a secret.
const SECRET_NAME: &str = "secret-name";

/// The pattern by which a literal is a secret: a typed one, a random value under a telling name, or
/// the name alone.
pub(super) fn pattern(name: &str, value: &str) -> Option<&'static str> {
    if ["projects/", "gs://", "https://"]
        .iter()
        .any(|head| value.starts_with(head))
    {
        return secret::typed(value);
    }
    let is_switch = value.parse::<f64>().is_ok() || matches!(value, "true" | "false");
    let by_name = secret::is_secret_name(name)
        && !secret::is_placeholder(value)
        && !value.contains('/')
        && !is_switch;
    secret::literal_secret(name, value).or(by_name.then_some(SECRET_NAME))
}

fn looks_secret(name: &str, value: &str) -> bool {
    if value.is_empty() {
        return false;
    }
    let name = name.to_ascii_lowercase();
    let names_a_place = PLACE_NAMES.iter().any(|word| name.ends_with(word));
    let named = !names_a_place && SECRET_NAMES.iter().any(|word| name.contains(word));
    // `KMS_KEY=projects/...` names a resource; rules compare it with the resources that exist.
    (named && !value.starts_with("projects/"))
        || value.contains("-----BEGIN")
        || has_credentials(value)
        || has_generated_run(value)
}

/// `scheme://user:password@host`.
fn has_credentials(value: &str) -> bool {
    value.split_once("://").is_some_and(|(_, rest)| {
        rest.split(['/', '?'])
            .next()
            .is_some_and(|host| host.contains('@'))
    })
}

fn has_generated_run(value: &str) -> bool {
    value
        .split(|c: char| !c.is_ascii_alphanumeric() && !"+=_".contains(c))
        .filter(|run| run.len() >= MIN_RUN)
        .any(|run| {
            let digits = run.bytes().any(|byte| byte.is_ascii_digit());
            let letters = run.bytes().any(|byte| byte.is_ascii_alphabetic());
            digits && letters && entropy(run) >= GENERATED_BITS
        })
}

/// Shannon entropy in bits per byte.
fn entropy(run: &str) -> f64 {
    let mut counts = [0u32; 256];
    for byte in run.bytes() {
        if let Some(count) = counts.get_mut(usize::from(byte)) {
            *count += 1;
        }
    }
    let length = run.len() as f64;
    counts
        .iter()
        .filter(|count| **count > 0)
        .map(|count| {
            let share = f64::from(*count) / length;
            -share * share.log2()
        })
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_hidden_and_settings_are_not() {
        for (name, value) in [
            ("DB_PASSWORD", "x"),
            ("VAULT_TOKEN", "hvs.abc"),
            ("DATABASE_URL", "postgres://app:pw@db:5432/app"),
            ("SALT", "9f86d081884c7d659a2feaa0c55ad015"),
            ("CERT", "-----BEGIN PRIVATE KEY-----"),
        ] {
            assert_eq!(shown(name, value), REDACTED, "{name}");
        }
        for (name, value) in [
            ("VAULT_ADDR", "https://vault.example:8200"),
            ("VAULT_ROLE", "payments-prod"),
            ("KMS_KEY", "projects/p/locations/l/keyRings/r/cryptoKeys/k"),
            (
                "SERVICE_ACCOUNT",
                "app@my-project-123456.iam.gserviceaccount.com",
            ),
            ("EMPTY_TOKEN", ""),
            ("KEYRING", "cloudrun-secrets"),
            ("SECRETS_BUCKET", "acme-secrets"),
        ] {
            assert_eq!(shown(name, value), value, "{name}");
        }
    }
}
