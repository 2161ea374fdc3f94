//! Which configuration values are secrets, and what is shown instead.

/// What stands in place of a secret.
pub(super) const REDACTED: &str = "[redacted]";

/// Keys that hold secrets: fields of auth method, engine and audit device settings.
const NAMES: [&str; 14] = [
    "apikey",
    "bindpass",
    "credentials",
    "jwt",
    "passphrase",
    "password",
    "passwd",
    "pass",
    "private_key_data",
    "private_key",
    "secret",
    "secret_id",
    "service_account_json",
    "token",
];

/// Endings of such keys: `oidc_client_secret`, `token_reviewer_jwt`, `api_token`, ...
const ENDINGS: [&str; 11] = [
    "_api_key",
    "_credentials",
    "_jwt",
    "_pass",
    "_passphrase",
    "_password",
    "_private_key",
    "_secret",
    "_secret_id",
    "_secret_key",
    "_token",
];

/// Beginnings of the tokens of Vault (`hvs.`, `hvb.`, `hvr.`), GitLab and Google.
const TOKENS: [&str; 7] = [
    "hvs.",
    "hvb.",
    "hvr.",
    "glpat-",
    "glptt-",
    "ya29.",
    "eyJhbGciOi",
];

/// The value as it may be shown under `name`.
pub(super) fn shown(name: &str, value: String) -> String {
    let key = name.rsplit('.').next().unwrap_or(name).to_ascii_lowercase();
    // The switches `bind_secret_id` (approle) and the like are no secrets.
    let switch = matches!(value.as_str(), "true" | "false");
    let named = NAMES.contains(&key.as_str()) || ENDINGS.iter().any(|end| key.ends_with(end));
    let looks = value.contains("PRIVATE KEY-----")
        || TOKENS
            .iter()
            .any(|start| value.trim_start().starts_with(start));
    if (named && !switch) || looks {
        return REDACTED.to_owned();
    }
    without_url_password(value)
}

/// `postgres://user:password@host` without the password.
fn without_url_password(value: String) -> String {
    let hidden = value.split_once("://").and_then(|(scheme, rest)| {
        let authority = rest.split(['/', '?', '#']).next()?;
        let (user, _) = authority.rsplit_once('@')?.0.split_once(':')?;
        let after = rest.get(authority.rfind('@')?..)?;
        Some(format!("{scheme}://{user}:{REDACTED}{after}"))
    });
    hidden.unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_redacted_by_name_and_by_look() {
        for (name, value) in [
            ("bindpass", "x"),
            ("oidc_client_secret", "x"),
            ("provider_config.client_secret", "x"),
            ("token_reviewer_jwt", "x"),
            ("description", "use hvs.no: hvs. begins it? no"),
            ("description", "hvs.CAESIabc"),
            ("ca_pem", "-----BEGIN RSA PRIVATE KEY-----\nx"),
        ] {
            let expected = if value.starts_with("use") {
                value
            } else {
                REDACTED
            };
            assert_eq!(shown(name, value.to_owned()), expected, "{name}");
        }
    }

    #[test]
    fn settings_about_secrets_are_kept() {
        for (name, value) in [
            ("bind_secret_id", "true"),
            ("secret_id_ttl", "0"),
            ("token_policies", "ci"),
            ("token_type", "batch"),
            ("user_claim", "sub"),
            ("jwt_validation_pubkeys", "-----BEGIN PUBLIC KEY-----"),
            ("config.audit_non_hmac_request_keys", "password"),
            ("url", "https://host/a:b@c"),
        ] {
            assert_eq!(shown(name, value.to_owned()), value, "{name}");
        }
    }

    #[test]
    fn a_url_keeps_its_user_and_loses_its_password() {
        let url = "postgres://app:p@ss@db:5432/x?y=1".to_owned();
        assert_eq!(shown("url", url), "postgres://app:[redacted]@db:5432/x?y=1");
    }
}
