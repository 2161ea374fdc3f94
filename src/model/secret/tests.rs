//! Tests of the secret patterns. Tokens are put together at run time, so that no scanner of
//! repositories takes this file for a leak.

use super::*;

const BODY: &str = "CAESIJq8mZ0wPzR4tLxV7nKd2";

pub(super) fn patterns(text: &str) -> Vec<&'static str> {
    find(text.as_bytes())
        .iter()
        .map(|found| found.pattern)
        .collect()
}

#[test]
fn every_typed_prefix_is_found_between_punctuation() {
    for (prefix, pattern) in [
        ("hvs.", "vault-service-token"),
        ("hvb.", "vault-batch-token"),
        ("hvr.", "vault-recovery-token"),
        ("glpat-", "gitlab-personal-access-token"),
        ("glptt-", "gitlab-trigger-token"),
        ("glrt-", "gitlab-runner-token"),
        ("glcbt-", "gitlab-job-token"),
        ("ya29.", "gcp-access-token"),
    ] {
        for (open, close) in [("", ""), ("\"", "\""), ("token=", "&x=1"), (" ", ". Next")] {
            let text = format!("{open}{prefix}{BODY}{close}");
            let found = find(text.as_bytes());
            assert_eq!(found.len(), 1, "{prefix} {open}");
            assert_eq!(found[0].pattern, pattern);
            let range = found[0].range.clone();
            assert_eq!(text.get(range), Some(format!("{prefix}{BODY}").as_str()));
        }
    }
}

/// Letters and digits of both cases, no two neighbours alike.
pub(super) fn body(length: usize) -> String {
    let letters = "k3Jx9QvTz7LmW2pRb8NcY4hDs6FgA1tE5uKo0Zr";
    letters.chars().cycle().take(length).collect()
}

pub(super) fn hex(length: usize) -> String {
    let digits = "0a1b2c3d4e5f6978";
    digits.chars().cycle().take(length).collect()
}

/// What the kinds of tokens look like, as their vendors document them, and what only begins like one.
#[test]
fn tokens_of_other_vendors_are_found_and_their_lookalikes_are_not() {
    let upper = |length: usize| body(length).to_ascii_uppercase();
    for (token, pattern) in [
        (format!("npm_{}", body(36)), "npm-token"),
        (format!("pypi-AgEIcHlwaS5vcmc{}", body(60)), "pypi-token"),
        (format!("ghr_{}", body(36)), "github-token"),
        (format!("xapp-1-{}-{}", body(12), hex(40)), "slack-token"),
        (
            format!(
                "hooks.slack.com/services/T{}/B{}/{}",
                upper(9),
                upper(9),
                body(24)
            ),
            "slack-webhook",
        ),
        (format!("sk_live_{}", body(24)), "stripe-key"),
        (format!("dckr_pat_{}", body(27)), "docker-token"),
        (format!("dop_v1_{}", hex(64)), "digitalocean-token"),
        (format!("AGE-SECRET-KEY-1{}", upper(58)), "age-secret-key"),
        (format!("AccountKey={}==", body(86)), "azure-storage-key"),
        (
            format!("_gitlab_session={}", hex(32)),
            "gitlab-session-cookie",
        ),
        (format!("glsa_{}_{}", body(32), hex(8)), "grafana-token"),
        (format!("hf_{}", body(34)), "hugging-face-token"),
        (format!("sk-ant-api03-{}", body(93)), "anthropic-api-key"),
        (format!("SG.{}.{}", body(22), body(43)), "sendgrid-token"),
        (format!("shpat_{}", hex(32)), "shopify-token"),
        (
            format!("tskey-auth-{}-{}", body(12), body(32)),
            "tailscale-key",
        ),
        (format!("dapi{}", hex(32)), "databricks-token"),
        (
            format!("oy2{}", body(43).to_ascii_lowercase()),
            "nuget-api-key",
        ),
        (format!("SK{}", hex(32)), "twilio-api-key"),
        (format!("squ_{}", hex(40)), "sonarqube-token"),
        (format!("SharedAccessKey={}=", body(43)), "azure-access-key"),
        (format!("gsk_{}", body(52)), "groq-api-key"),
        (
            format!("_authToken={}", "0c7ab9f4-10b8-4b6e-9d0d-3f0f3bd37d57"),
            "npm-token",
        ),
        (format!("whsec_{}", body(32)), "stripe-webhook-secret"),
    ] {
        let text = format!("TOKEN is {token} here");
        assert_eq!(patterns(&text), [pattern], "{token}");
        assert!(
            !redact(&text).contains(&token[token.len() - 12..]),
            "{token}"
        );
    }
}

#[test]
fn what_only_begins_like_a_vendors_token_is_none() {
    for (token, pattern) in [
        (
            format!("{}.atlasv1.{}", body(14), body(67)),
            "terraform-token",
        ),
        (
            format!("sk-{}T3BlbkFJ{}", body(20), body(20)),
            "openai-api-key",
        ),
        (format!("{}8Q~{}", body(3), body(34)), "azure-client-secret"),
    ] {
        assert_eq!(patterns(&format!("TOKEN is {token}")), [pattern], "{token}");
    }
    for text in [
        "npm_config_registry=https://registry.example".to_owned(),
        "npm_lifecycle_event is postinstall of the whole workspace".to_owned(),
        format!("npm_{}", "x".repeat(36)),
        format!("npm_{}", body(20)),
        "see hooks.slack.com/services/ for how".to_owned(),
        "the pul-request of hf_hub and glsa_".to_owned(),
        "AccountKey=$(az storage account keys list)".to_owned(),
        "sk_live_$STRIPE".to_owned(),
        format!("x{}.atlasv2.{}", body(13), body(67)),
        "SG.com is a domain, SG.".to_owned(),
        format!("loy2{} dapi.example dapi{}", body(43), hex(20)),
        format!("AC{} is an account", hex(32)),
        format!("https://{}@o1.ingest.sentry.io/2", hex(32)),
        "secret_manager_of_the_whole_company_and_its_friends".to_owned(),
        format!("Checking cache for key-{}-protected", hex(40)),
    ] {
        assert_eq!(patterns(&text), Vec::<&str>::new(), "{text}");
    }
}

#[test]
fn a_token_glued_to_a_word_is_found_where_it_is_random_beyond_doubt() {
    let random = "CAESIJ8Wq3vT2mXkLp0RzYbN5hFd7GsU";
    for prefix in ["hvs.", "glpat-", "hvb."] {
        for before in ["x", "_", "0"] {
            let text = format!("{before}{prefix}{random}");
            assert_eq!(patterns(&text).len(), 1, "{text}");
        }
    }
    for text in [
        "archvs.internal.example.company.com",
        "xhvs.0123456789abcdef0123456789",
        "monkeyglpat-this-is-how-a-branch-is-called",
    ] {
        assert_eq!(patterns(text), Vec::<&str>::new(), "{text}");
    }
}

#[test]
fn a_legacy_token_needs_boundary_digit_and_mixed_case() {
    let token = format!("s.{}", "iyNUhq8Ov4hIAx6snw5mB2nL");
    assert_eq!(
        patterns(&format!("VAULT_TOKEN={token}")),
        ["vault-legacy-service-token"]
    );
    assert_eq!(
        patterns(&format!("{token}.aBc12")),
        ["vault-legacy-service-token"]
    );
    for text in [
        format!("thi{token}"),
        format!("{token}x"),
        "s.getElementsByClassNameFor".to_owned(),
        "return s.abcdefghijklmnopqrstuvwx".to_owned(),
        format!("e.{token}("),
    ] {
        assert_eq!(patterns(&text), Vec::<&str>::new(), "{text}");
    }
}

#[test]
fn masked_and_sample_tokens_are_no_secrets() {
    for text in [
        "glpat-[MASKED]",
        "hvs.[MASKED]",
        "glpat-xxxxxxxxxxxxxxxxxxxx",
        "hvs.0000000000000000000000000",
        "glpat-your_token_goes_here12",
        "eyJhbGciOiJSUzI1NiJ9 is a header",
        "-----BEGIN PUBLIC KEY-----",
        "\"private_key_id\": \"0123456789abcdef0123\"",
        "\"private_key\": \"$PRIVATE_KEY_FROM_VARIABLE\"",
    ] {
        assert_eq!(patterns(text), Vec::<&str>::new(), "{text}");
    }
    let aws_sample = format!("AKIA{}", "IOSFODNN7EXAMPLE");
    assert_eq!(patterns(&aws_sample), Vec::<&str>::new());
}

#[test]
fn keys_and_jwts_are_found_and_never_shown() {
    let pem = format!("x -----BEGIN RSA {} KEY-----\nMIIEow\n-----END", "PRIVATE");
    let found = find(pem.as_bytes());
    assert_eq!(found.len(), 1);
    let shown = found[0].redacted(pem.as_bytes());
    let head = format!("-----BEGIN RSA {} KEY-----****[sha256:", "PRIVATE");
    assert!(
        shown.starts_with(&head) && !shown.contains("MII"),
        "{shown}"
    );
    let json = format!(
        r#"{{"private_key": "{}\nMIIEvQ"}}"#,
        "-----BEGIN PRIVATE KEY-----"
    );
    assert_eq!(patterns(&json), ["service-account-key"]);
    assert!(!redact(&json).contains("MIIEvQ"));
    let quoted = json.replace('"', "\\\"");
    assert!(!redact(&quoted).contains("MIIEvQ"), "{}", redact(&quoted));
    let jwt = format!("eyJ{0}.eyJ{0}.{0}", "hbGciOiJSUzI1NiIs");
    assert_eq!(patterns(&format!("Bearer {jwt}")), ["jwt"]);
}

#[test]
fn what_base64_hides_is_found() {
    use base64::Engine as _;
    let encode = |text: &str| base64::engine::general_purpose::STANDARD.encode(text);
    for (text, pattern) in [
        (format!("hvs.{BODY}"), "vault-service-token"),
        (format!("glpat-{BODY}\n"), "gitlab-personal-access-token"),
        (
            format!("-----BEGIN {} KEY-----\nMIIEvQ7x{BODY}", "PRIVATE"),
            "private-key",
        ),
        (
            format!("{{\n  \"type\": \"service_account\",\n  \"x\": \"{BODY}\""),
            "service-account-key",
        ),
        (
            format!("{{\"type\":\"service_account\",\"x\":\"{BODY}\""),
            "service-account-key",
        ),
    ] {
        let encoded = encode(&text);
        assert_eq!(patterns(&format!("KEY={encoded}")), [pattern], "{text}");
        assert!(!redact(&encoded).contains(encoded.split_at(encoded.len() / 2).1));
    }
    assert_eq!(
        patterns(&encode("nothing of note stands in this text")),
        Vec::<&str>::new()
    );
}

#[test]
fn redaction_keeps_the_type_and_a_digest_only() {
    let text = format!("token hvs.{BODY} and DB_PASSWORD=correct9Horse7battery done");
    let redacted = redact(&text);
    assert!(redacted.starts_with("token hvs.****[sha256:"), "{redacted}");
    assert!(
        redacted.ends_with("] and DB_PASSWORD=**** done"),
        "{redacted}"
    );
    assert!(!redacted.contains(&BODY[BODY.len() - 4..]));
    assert_eq!(redact(&redacted), redacted);
    assert_eq!(redact("short"), "short");
}

#[test]
fn assigned_values_are_found_in_every_spelling() {
    for (text, expected) in [
        ("api_key: 'k3JxQ9vTz7LmW2pR'", "api_key: '****'"),
        ("{\"token\":\"k3JxQ9vTz7LmW2pR\"}", "{\"token\":\"****\"}"),
        ("é token=k3JxQ9vTé7LmW2pR&x=1", "é token=****&x=1"),
        ("TOKEN = k3JxQ9vTz7LmW2pR", "TOKEN = ****"),
        (
            "error validating token: audience claim does not match",
            "error validating token: audience claim does not match",
        ),
        ("user=k3JxQ9vTz7LmW2pR", "user=k3JxQ9vTz7LmW2pR"),
        ("token=k3JxQ9", "token=k3JxQ9"),
        ("=====::::k3JxQ9vTz7LmW2pR", "=====::::k3JxQ9vTz7LmW2pR"),
    ] {
        assert_eq!(redact(text), expected, "{text}");
    }
}

#[test]
fn every_typed_prefix_begins_a_candidate() {
    for prefix in pattern::prefixes() {
        let text = format!("a {prefix}");
        assert_eq!(pattern::candidate(text.as_bytes(), 0), Some(2), "{prefix}");
    }
}

#[test]
fn words_end_at_signs_and_before_capitals() {
    for (name, words) in [
        ("DB_PASSWORD", &["db", "password"][..]),
        ("apiKey", &["api", "key"]),
        ("HTTPServer2Token__", &["httpserver2", "token"]),
        ("--", &[]),
        ("Straße-Äpfel", &["straße", "äpfel"]),
    ] {
        let (mut found, mut last) = (Vec::new(), String::new());
        assert!(literal::each_word(name, &mut last, |word| {
            found.push(word.to_owned());
            true
        }));
        assert_eq!(found, words, "{name}");
        assert_eq!(last, *words.last().unwrap_or(&""));
    }
}

#[test]
fn names_tell_secrets_from_what_is_about_them() {
    for name in [
        "DB_PASSWORD",
        "apiKey",
        "vault-token",
        "SECRET",
        "PGPASSWORD",
        "ssh_key",
    ] {
        assert!(is_secret_name(name), "{name}");
    }
    for name in [
        "VAULT_TOKEN_PATH",
        "SECRET_NAME",
        "KEY_ID",
        "MONKEY",
        "PUBLIC_KEY",
        "cache_key",
    ] {
        assert!(!is_secret_name(name), "{name}");
    }
}

#[test]
fn a_named_literal_must_look_random() {
    assert_eq!(
        literal_secret("DB_PASSWORD", "k3JxQ9vTz7LmW2pR"),
        Some(NAMED_LITERAL)
    );
    for value in [
        "$DB_PASSWORD",
        "short",
        "changeme-please-now-1",
        "secret/data/app/db",
        "aaaaaaaaaaaaaaaaaaaa",
    ] {
        assert_eq!(literal_secret("DB_PASSWORD", value), None, "{value}");
    }
    assert_eq!(literal_secret("COLOUR", "k3JxQ9vTz7LmW2pR"), None);
}

#[test]
fn hostile_repetition_takes_linear_time() {
    for unit in [
        "eyJ-",
        "glpat-",
        "hvs.",
        "s.",
        "private_key\"",
        "-----BEGIN ",
        "private_key\":\"",
    ] {
        let text = unit.repeat(300_000 / unit.len());
        let _ = find(text.as_bytes());
    }
}

proptest::proptest! {
    #[test]
    fn any_bytes_are_searched_without_panic(bytes: Vec<u8>) {
        for found in find(&bytes) {
            assert!(found.range.end <= bytes.len());
            let _ = found.redacted(&bytes);
        }
    }

    #[test]
    fn whatever_surrounds_a_token_it_is_redacted(before in "[ -~]{0,20}", after in "[ -~]{0,20}") {
        let token = format!("hvs.{BODY}");
        let text = format!("{before} {token} {after}");
        assert!(!redact(&text).contains(&token));
    }
}

/// The search by a regular expression that [`pattern::candidate`] stands for.
fn by_expression() -> regex::bytes::Regex {
    let begins: Vec<String> = pattern::beginnings()
        .map(|begin| regex::escape(std::str::from_utf8(begin).unwrap()))
        .collect();
    regex::bytes::Regex::new(&format!("(?-u){}", begins.join("|"))).unwrap()
}

/// What [`find`] finds when an expression names the candidates.
fn found_by_expression(expression: &regex::bytes::Regex, text: &[u8]) -> Vec<Found> {
    let (mut found, mut from) = (Vec::new(), 0);
    while let Some(place) = expression.find_at(text, from) {
        from = match pattern::confirm(text, place.start()) {
            Some(secret) => {
                let end = secret.range.end.max(place.start() + 1);
                found.push(secret);
                end
            }
            None => place.start() + pattern::rejected_run(text, place.start()),
        };
        if from > text.len() {
            break;
        }
    }
    found
}

/// The words of a name, each a text of its own.
fn plain_words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut before_lower = false;
    for character in name.chars() {
        if !character.is_alphanumeric() || (character.is_uppercase() && before_lower) {
            words.push(String::new());
        }
        if character.is_alphanumeric() {
            words.last_mut().unwrap().extend(character.to_lowercase());
        }
        before_lower = character.is_lowercase() || character.is_ascii_digit();
    }
    words.retain(|word| !word.is_empty());
    words
}

/// Beginnings of every pattern whole and cut short, bodies, signs and any bytes.
fn piece() -> impl proptest::strategy::Strategy<Value = Vec<u8>> {
    use proptest::prelude::*;
    let begins: Vec<&'static str> = pattern::prefixes()
        .chain([
            "-----BEGIN ",
            "RSA PRIVATE KEY-----",
            "private_key",
            "\": \"",
            "eyJ",
            "://",
            "Bearer ",
        ])
        .collect();
    prop_oneof![
        4 => (proptest::sample::select(begins), 0usize..40)
            .prop_map(|(begin, cut)| begin.as_bytes()[..begin.len().min(cut + 1)].to_vec()),
        3 => "[A-Za-z0-9_.-]{0,48}".prop_map(String::into_bytes),
        2 => "[ =:,;\"'/\n\\\\{}-]{0,3}".prop_map(String::into_bytes),
        1 => proptest::collection::vec(any::<u8>(), 0..6),
    ]
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(2000))]

    #[test]
    fn the_pass_finds_what_the_expression_of_all_patterns_finds(
        pieces in proptest::collection::vec(piece(), 0..12),
    ) {
        static EXPRESSION: std::sync::LazyLock<regex::bytes::Regex> =
            std::sync::LazyLock::new(by_expression);
        let text = pieces.concat();
        for from in 0..text.len() {
            let expected = EXPRESSION.find_at(&text, from).map(|place| place.start());
            proptest::prop_assert_eq!(pattern::candidate(&text, from), expected);
        }
        proptest::prop_assert_eq!(find(&text), found_by_expression(&EXPRESSION, &text));
    }

    #[test]
    fn words_of_a_name_are_those_of_a_plain_split(
        name in "([a-zA-Z0-9_.\\- ]|\\PC){0,24}",
    ) {
        let (mut found, mut last) = (Vec::new(), String::new());
        literal::each_word(&name, &mut last, |word| {
            found.push(word.to_owned());
            true
        });
        proptest::prop_assert_eq!(found.last().map_or("", String::as_str), last.as_str());
        proptest::prop_assert_eq!(found, plain_words(&name));
    }
}
