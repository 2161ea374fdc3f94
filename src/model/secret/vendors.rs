//! Tokens of vendors beside those whose logs are read: jobs hold them all the same.
//!
//! Prefixes and lengths from each vendor's own documentation of its tokens. A prefix that a word or a
//! path might begin with is left out.

use super::typed::{Body, Typed, exact, typed};

/// Typed tokens of registries, clouds and services.
#[rustfmt::skip] // A row is a line.
pub(super) const VENDORS: &[Typed] = &[
    exact("age-secret-key", "AGE-SECRET-KEY-1", Body::Upper, 58),
    exact("alibaba-access-key-id", "LTAI", Body::Alnum, 20),
    typed("anthropic-api-key", "sk-ant-", Body::Url, 40),
    exact("aws-access-key-id", "ABIA", Body::Upper, 16),
    exact("aws-access-key-id", "ACCA", Body::Upper, 16),
    typed("azure-storage-key", "AccountKey=", Body::Base64, 80),
    exact("digitalocean-token", "doo_v1_", Body::Alnum, 64),
    exact("digitalocean-token", "dop_v1_", Body::Alnum, 64),
    exact("digitalocean-token", "dor_v1_", Body::Alnum, 64),
    typed("docker-token", "dckr_oat_", Body::Url, 27),
    typed("docker-token", "dckr_pat_", Body::Url, 27),
    typed("doppler-token", "dp.pt.", Body::Alnum, 40),
    typed("doppler-token", "dp.st.", Body::UrlDots, 40),
    typed("github-token", "ghr_", Body::Alnum, 36),
    typed("gitlab-session-cookie", "_gitlab_session=", Body::Alnum, 32),
    typed("grafana-token", "glc_", Body::Base64, 32),
    typed("grafana-token", "glsa_", Body::Url, 41),
    typed("heroku-token", "HRKU-", Body::Url, 36),
    typed("hugging-face-token", "hf_", Body::Alnum, 34),
    typed("jfrog-token", "AKCp", Body::Alnum, 60),
    exact("linear-api-key", "lin_api_", Body::Alnum, 40),
    typed("new-relic-key", "NRAK-", Body::Alnum, 27),
    exact("npm-token", "npm_", Body::Alnum, 36),
    typed("openai-api-key", "sk-proj-", Body::Url, 40),
    typed("openai-api-key", "sk-svcacct-", Body::Url, 40),
    typed("planetscale-token", "pscale_pw_", Body::UrlDots, 32),
    typed("planetscale-token", "pscale_tkn_", Body::UrlDots, 32),
    typed("postman-api-key", "PMAK-", Body::Url, 59),
    exact("pulumi-token", "pul-", Body::Alnum, 40),
    typed("pypi-token", "pypi-AgE", Body::Url, 50),
    exact("rubygems-token", "rubygems_", Body::Alnum, 48),
    typed("sendgrid-token", "SG.", Body::UrlDots, 60),
    typed("sentry-token", "sntrys_", Body::Base64, 40),
    typed("sentry-token", "sntryu_", Body::Alnum, 64),
    exact("shopify-token", "shpat_", Body::Alnum, 32),
    exact("shopify-token", "shpca_", Body::Alnum, 32),
    exact("shopify-token", "shppa_", Body::Alnum, 32),
    exact("shopify-token", "shpss_", Body::Alnum, 32),
    typed("slack-token", "xapp-", Body::Url, 20),
    typed("slack-token", "xoxa-", Body::Url, 20),
    typed("slack-token", "xoxe-", Body::Url, 20),
    typed("slack-token", "xoxe.", Body::UrlDots, 20),
    typed("slack-token", "xoxo-", Body::Url, 20),
    typed("slack-token", "xoxr-", Body::Url, 20),
    typed("slack-token", "xoxs-", Body::Url, 20),
    typed("slack-webhook", "hooks.slack.com/services/", Body::Base64, 40),
    typed("stripe-key", "rk_live_", Body::Alnum, 20),
    typed("stripe-key", "rk_test_", Body::Alnum, 20),
    typed("stripe-key", "sk_live_", Body::Alnum, 20),
    typed("stripe-key", "sk_test_", Body::Alnum, 20),
    typed("tailscale-key", "tskey-", Body::Url, 20),
    // Fourteen characters stand before it: what is secret stands behind.
    typed("terraform-token", ".atlasv1.", Body::Url, 60),
];
