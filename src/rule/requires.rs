//! Whether what a rule needs is there, and in words what is not.

use super::{Facts, Requires};

/// Sources in words for people.
const SOURCES: &[(&str, &str)] = &[
    ("vault", "Vault audit log"),
    ("vault-config", "Vault configuration export"),
    ("gitlab-jobs", "GitLab jobs"),
    ("gitlab-pipelines", "GitLab pipelines"),
    ("gitlab-audit", "GitLab audit events"),
    ("gitlab-trace", "GitLab job traces"),
    ("gitlab-config", "GitLab configuration export"),
    ("gcp-audit", "Google Cloud audit logs"),
    ("gcp-requests", "Cloud Run request logs"),
    ("okta", "Okta System Log"),
    ("cloudtrail", "CloudTrail log"),
    ("aws-config", "AWS configuration export"),
    ("hoop", "sessions of the identity-aware proxy"),
    ("hoop-config", "configuration of the identity-aware proxy"),
    ("gcp-config", "Google Cloud configuration export"),
    ("mesh-config", "Kuma resources"),
    ("mesh", "Kuma access log"),
    ("review", "worksheets of a review"),
];

/// Tables in words for people.
const TABLES: &[(&str, &str)] = &[
    ("service", "Cloud Run service descriptions"),
    ("job", "GitLab jobs"),
    ("principal", "identity directory"),
    ("credential", "issued credentials"),
    ("readiness", "logins that say what let them in"),
];

/// Attributes in words for people.
#[cfg(feature = "tables")]
const ATTRIBUTES: &[(&str, &str)] = &[
    (
        "gitlab-merge-request.approvals_exported",
        "approvals of merge requests",
    ),
    (
        "gitlab-project.ci_inbound_job_token_scope_enabled",
        "GitLab projects with their job token settings",
    ),
    ("gitlab-token.scope", "GitLab access tokens"),
    ("gitlab-variable.key", "GitLab CI/CD variables"),
    (
        "vault-role.bound_claims.email",
        "Vault roles that bind the e-mail address of an account",
    ),
    (
        "vault-role.bound_service_accounts",
        "Vault roles that bind service accounts",
    ),
];

/// Logs of sources that have several, in words for people.
const LOGS: &[(&str, &str)] = &[
    ("gcp-audit/admin-activity", "Google's Admin Activity log"),
    ("gcp-audit/data-access", "Google's Data Access log"),
    (
        "gcp-audit/data-access/cloudkms",
        "Google's Data Access log of Cloud KMS",
    ),
    (
        "gcp-audit/data-access/iamcredentials",
        "Google's Data Access log of service account credentials",
    ),
    (
        "gcp-audit/data-access/secretmanager",
        "Google's Data Access log of Secret Manager",
    ),
    (
        "gcp-audit/data-access/storage",
        "Google's Data Access log of Cloud Storage",
    ),
    ("request-address", "addresses of requests to Vault"),
    ("refused-login", "reasons of refused logins"),
    ("vault/device", "Vault's audit devices"),
    ("vault/shortened", "What Vault's records say"),
    ("cloudtrail/shortened", "What CloudTrail's records say"),
    ("okta/shortened", "What Okta's records say"),
];

/// Kinds of configured things, in words for people.
const THINGS: &[(&str, &str)] = &[
    ("aws-role", "AWS roles with their trust"),
    ("aws-role-permissions", "the policies of AWS roles"),
    ("ci-file", "`.gitlab-ci.yml` files"),
    ("gcp-log-bucket", "buckets of Cloud Logging"),
    ("gcp-project", "a list of Google Cloud projects"),
    ("gcp-secret", "secrets of Secret Manager"),
    ("gitlab-merge-request", "merge requests"),
    ("gitlab-project", "GitLab projects"),
    ("gitlab-token", "GitLab access tokens"),
    ("gitlab-user", "GitLab users"),
    ("gitlab-variable", "GitLab CI/CD variables"),
    ("iam-policy", "IAM policies"),
    ("job-environment", "the environments of jobs"),
    ("job-pipeline", "what started the pipelines of jobs"),
    ("kms-key", "keys of Cloud KMS"),
    ("mesh", "Kuma meshes"),
    ("mesh-access-log", "access-log policies of Kuma"),
    ("mesh-dataplane", "Kuma dataplanes"),
    ("mesh-insight", "insights of Kuma dataplanes"),
    ("mesh-permission", "traffic permissions of Kuma"),
    ("owner", "owners of secrets (`[[owner]]`)"),
    ("policy-text", "the whole text of Vault's policies"),
    ("run-service", "Cloud Run service descriptions"),
    ("vault-auth-config", "settings of Vault's auth methods"),
    ("vault-auth-mount", "Vault's auth methods"),
    ("sign-on-device", "the devices of sign-ons"),
    ("vault-jwt-method", "Vault's auth methods of JWT and OIDC"),
    ("vault-secret-mount", "Vault's secrets engines"),
    (
        "vault-audit-device",
        "Vault's audit devices (`vault audit list -detailed`)",
    ),
    (
        "vault-gcp-account",
        "the Google accounts that Vault issues credentials for",
    ),
    ("vault-policy", "Vault policies"),
    ("vault-role", "Vault roles"),
];

/// A source, one of its logs or a kind of configured things, in words.
#[must_use]
pub fn in_words(of: &str) -> String {
    let lists = [SOURCES, LOGS, THINGS].into_iter().flatten();
    let known = lists.into_iter().find(|(key, _)| *key == of);
    known.map_or_else(|| format!("`{of}`"), |(_, words)| (*words).to_owned())
}

fn words_in(list: &[(&str, &'static str)], name: &str) -> String {
    list.iter()
        .find(|(key, _)| *key == name)
        .map_or_else(|| format!("`{name}`"), |(_, words)| (*words).to_owned())
}

/// The first thing a rule needs that is not there, in words; `None` when all is there.
///
/// `rows` counts the rows of a table, `values` those with a value in `table.column`.
///
/// # Errors
///
/// When `values` cannot count.
pub fn missing_input<E>(
    requires: &Requires,
    facts: &Facts,
    rows: impl Fn(&str) -> u64,
    values: impl Fn(&str, &str) -> Result<u64, E>,
) -> Result<Option<String>, E> {
    let absent = absent(requires, facts, rows);
    if absent.is_some() {
        return Ok(absent);
    }
    for name in &requires.columns {
        let (table, column) = name.split_once('.').unwrap_or((name, ""));
        if values(table, column)? == 0 {
            let reason = format!("no row of `{table}` has a value for `{column}`");
            return Ok(Some(reason));
        }
    }
    Ok(None)
}

/// The first source, setting or table that a rule needs and that is not there.
fn absent(requires: &Requires, facts: &Facts, rows: impl Fn(&str) -> u64) -> Option<String> {
    for source in &requires.sources {
        if !facts.sources.contains(source) {
            let words = words_in(SOURCES, source);
            let noun = words.split(" of ").next().unwrap_or(&words);
            let were = if noun.ends_with('s') { "were" } else { "was" };
            return Some(format!("no {words} {were} supplied"));
        }
    }
    for any in [&requires.any_source, &requires.either] {
        if !any.is_empty() && !any.iter().any(|source| facts.sources.contains(source)) {
            let names: Vec<String> = any.iter().map(|s| words_in(SOURCES, s)).collect();
            return Some(format!("none of these were supplied: {}", names.join(", ")));
        }
    }
    for setting in &requires.settings {
        if !facts.settings.contains(setting) {
            let table = setting.split('.').next().unwrap_or_default();
            let gone = facts.unmatched.get(setting).or(facts.unmatched.get(table));
            return Some(gone.map_or_else(|| setting_in_words(setting), Clone::clone));
        }
    }
    if let Some(reason) = facts
        .hidden_addresses
        .as_ref()
        .filter(|_| requires.addresses)
    {
        return Some(reason.clone());
    }
    for table in &requires.tables {
        if rows(table) == 0 {
            return Some(format!("nothing was read for: {}", words_in(TABLES, table)));
        }
    }
    None
}

/// Why finding nothing is no pass, in words; `None` where it is one. `stated` counts attributes by
/// kind and name.
///
/// # Errors
///
/// When `stated` cannot count.
#[cfg(feature = "tables")]
pub fn unproven<E>(
    requires: &Requires,
    stated: impl Fn(&str, &str) -> Result<u64, E>,
) -> Result<Option<String>, E> {
    let wanted = &requires.to_pass;
    if wanted.is_empty() {
        return Ok(None);
    }
    for name in wanted {
        let (kind, name) = name.split_once('.').unwrap_or((name, ""));
        if stated(kind, name)? > 0 {
            return Ok(None);
        }
    }
    let words: Vec<String> = wanted.iter().map(|w| words_in(ATTRIBUTES, w)).collect();
    Ok(Some(format!("no {} were exported", words.join(", nor "))))
}

/// `vault.ci_mounts` as "`[vault] ci_mounts` is not set".
fn setting_in_words(setting: &str) -> String {
    match setting.split_once('.') {
        Some(("people", "admins.project")) => {
            "no GitLab project is declared under `[people] admins`".to_owned()
        }
        Some((table, key)) => format!("`[{table}] {key}` is not set"),
        None => format!("no `[[{setting}]]` is configured"),
    }
}
