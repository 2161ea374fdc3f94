//! Values that only their name gives away.

use std::ops::Range;

use super::sample::{LEAST_ENTROPY as LEAST_BODY, SAMPLE_WORDS, entropy};

/// Pattern name of a value that only its name gives away.
pub const NAMED_LITERAL: &str = "named-literal";

/// Least length and entropy of a literal that its name calls a secret (rule GLC-001).
const LEAST_LENGTH: usize = 16;
const LEAST_ENTROPY: f64 = 3.5;

/// Words of a name that say that its value is a secret.
const SECRET_WORDS: &[&str] = &[
    "apikey",
    "credential",
    "credentials",
    "creds",
    "key",
    "keys",
    "pass",
    "passphrase",
    "passwd",
    "password",
    "passwords",
    "privatekey",
    "pwd",
    "secret",
    "secrets",
    "token",
    "tokens",
];
/// Longer words that say so even inside another word (`DBPASSWORD`).
const SECRET_PARTS: &[&str] = &[
    "password",
    "passwd",
    "secret",
    "token",
    "apikey",
    "privatekey",
];
/// Last words of names whose value tells about a secret but is none.
const DESCRIBING_WORDS: &[&str] = &[
    "algorithm",
    "arn",
    "aud",
    "audience",
    "count",
    "dir",
    "enabled",
    "engine",
    "env",
    "expiry",
    "field",
    "file",
    "filename",
    "format",
    "host",
    "id",
    "ids",
    "length",
    "location",
    "mount",
    "name",
    "names",
    "namespace",
    "path",
    "paths",
    "policy",
    "port",
    "prefix",
    "project",
    "ring",
    "role",
    "size",
    "ttl",
    "type",
    "uri",
    "url",
    "user",
    "username",
    "version",
];
/// Words of names of public things.
const PUBLIC_WORDS: &[&str] = &[
    "cache",
    "pub",
    "public",
    "publishable",
    "primary",
    "foreign",
];

/// Whether `value` stands for a secret without being one: a variable, a template, a sample.
#[must_use]
pub fn is_placeholder(value: &str) -> bool {
    let value = value.trim();
    let lower = value.to_ascii_lowercase();
    value.is_empty()
        || value.contains('$')
        || value.contains("{{")
        || value.contains("[MASKED]")
        || value.contains("[FILTERED]")
        || (value.starts_with('<') && value.ends_with('>'))
        || SAMPLE_WORDS.iter().any(|word| lower.contains(word))
}

/// Whether a variable of this name is meant to hold a secret (`DB_PASSWORD`, `apiKey`).
#[must_use]
pub fn is_secret_name(name: &str) -> bool {
    let mut secret = false;
    let mut last = String::with_capacity(name.len());
    let public = !each_word(name, &mut last, |word| {
        secret |= SECRET_WORDS.contains(&word) || SECRET_PARTS.iter().any(|part| holds(word, part));
        !PUBLIC_WORDS.contains(&word)
    });
    secret && !public && !DESCRIBING_WORDS.contains(&last.as_str())
}

/// Whether a part stands in a word: most words are shorter than any of them.
fn holds(word: &str, part: &str) -> bool {
    let mut places = word.as_bytes().windows(part.len());
    places.any(|place| place == part.as_bytes())
}

/// Calls `each` with the words of a name in any of the usual spellings, in lower case, while it
/// says so; the last one is left in `word`. Says whether there was no objection.
pub(super) fn each_word(name: &str, word: &mut String, mut each: impl FnMut(&str) -> bool) -> bool {
    let (mut before_lower, mut ended) = (false, false);
    for character in name.chars() {
        let within = character.is_alphanumeric();
        let begins = within && before_lower && character.is_uppercase();
        if (begins || !within) && !ended && !word.is_empty() {
            if !each(word) {
                return false;
            }
            ended = true;
        }
        if within {
            if ended {
                word.clear();
                ended = false;
            }
            if character.is_ascii() {
                word.push(character.to_ascii_lowercase());
            } else {
                word.extend(character.to_lowercase());
            }
        }
        before_lower = character.is_lowercase() || character.is_ascii_digit();
    }
    ended || word.is_empty() || each(word)
}

/// The pattern by which the literal `value` of the variable `name` is a secret, if it is one.
///
/// Either a typed token stands in the value, or the name says secret and the value is long and
/// random enough, and neither a variable nor a sample.
#[must_use]
pub fn literal_secret(name: &str, value: &str) -> Option<&'static str> {
    super::typed(value).or_else(|| {
        (is_secret_name(name) && is_random(value.trim(), LEAST_LENGTH, LEAST_ENTROPY))
            .then_some(NAMED_LITERAL)
    })
}

fn is_random(value: &str, least_length: usize, least_entropy: f64) -> bool {
    value.len() >= least_length
        && !value.contains(char::is_whitespace)
        && !is_placeholder(value)
        && !is_path(value)
        && entropy(value.as_bytes()) >= least_entropy
}

/// `secret/data/app/db`, `https://host/x`, `/run/secrets/db`: where a secret is, not what.
pub(super) fn is_path(value: &str) -> bool {
    if value.contains("://") || value.starts_with('/') || value.starts_with("./") {
        return true;
    }
    value.contains('/')
        && value.split('/').all(|segment| {
            segment
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || matches!(byte, b'_' | b'-' | b'.'))
        })
}

/// The shortest value that its name gives away.
const LEAST_VALUE: usize = 8;

/// Where the values of `name=value` and `"name": "value"` stand whose name says secret.
pub(super) fn assigned(text: &str) -> Vec<Range<usize>> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(at) = bytes
        .get(from..)
        .and_then(|rest| memchr::memchr2(b'=', b':', rest))
    {
        let sign = from + at;
        from = sign + 1;
        let Some(value) = text.get(from..).and_then(|rest| value(rest, from)) else {
            continue;
        };
        let written = text.get(value.clone()).unwrap_or("");
        let is_secret = text
            .get(..sign)
            .is_some_and(|before| is_secret_name(name(before)))
            && !(is_placeholder(written)
                || is_path(written)
                || written.contains("****")
                || entropy(written.as_bytes()) < LEAST_BODY);
        if is_secret {
            from = value.end;
            found.push(value);
        }
    }
    found
}

/// The name that ends where a sign stands, out of its quotes.
pub(super) fn name(before: &str) -> &str {
    let before = before.trim_end();
    let before = before.strip_suffix(['"', '\'']).unwrap_or(before);
    let start = before
        .rfind(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-')))
        .map_or(0, |at| at + before.get(at..).map_or(1, first_length));
    before.get(start..).unwrap_or("")
}

fn first_length(text: &str) -> usize {
    text.chars().next().map_or(1, char::len_utf8)
}

/// The value behind a sign, out of its quotes; `None` where it is too short for one, or is the
/// next word of a sentence (`error validating token: audience ...`).
fn value(rest: &str, from: usize) -> Option<Range<usize>> {
    let blank = rest.trim_start();
    let behind = blank.strip_prefix(['"', '\'']).unwrap_or(blank);
    let start = from + rest.len() - behind.len();
    let length = behind
        .find(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '&' | ',' | ';'))
        .unwrap_or(behind.len());
    let word = blank.len() < rest.len()
        && blank.len() == behind.len()
        && behind
            .get(..length)
            .is_some_and(|word| word.bytes().all(|byte| byte.is_ascii_lowercase()));
    (length >= LEAST_VALUE && !word).then(|| start..start + length)
}
