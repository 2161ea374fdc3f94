//! Values of a trace that their names give away: variables that are listed or set, members of JSON and
//! YAML, headers, rows that `vault` prints.
//!
//! Words of documentation, names of things and words of programs have such names too: a value counts
//! where it is as random as a generated password.

use std::ops::Range;

use super::literal::{
    NAMED_LITERAL, assigned, is_path, is_placeholder, is_secret_name, literal_secret, name,
};
use super::sample::{entropy, is_filled_in};

/// Words before the name of a variable that a shell lists.
const LISTED: [&str; 4] = ["export ", "declare -x ", "+ export ", "typeset -x "];
/// The shortest value, and the shortest one of hexadecimal digits alone.
const LEAST: usize = 16;
const LEAST_HEXADECIMAL: usize = 32;
/// How random it is.
const LEAST_ENTROPY: f64 = 3.2;
/// Parts of a name, without its signs, that say that a secret follows; a `key` alone is of a cache.
const TELLING: [&str; 12] = [
    "password",
    "passwd",
    "passphrase",
    "secret",
    "token",
    "apikey",
    "accesskey",
    "privatekey",
    "encryptionkey",
    "signingkey",
    "masterkey",
    "credential",
];
/// Parts of names of what is no secret, or only until the page is turned.
const OTHER: [&str; 14] = [
    "cache",
    "checksum",
    "continu",
    "csrf",
    "cursor",
    "digest",
    "etag",
    "fingerprint",
    "hash",
    "idempot",
    "next",
    "page",
    "sync",
    "public",
];
/// A secret that its server names an id.
const SECRET_ID: [&str; 2] = ["secret_id", "SECRET_ID"];
/// Characters of a UUID.
const UUID: usize = 36;

/// The value of a line that lists a variable (`env`, `export -p`), if only its name gives it away.
#[must_use]
pub fn exported(line: &str) -> Option<&str> {
    let line = line.trim();
    let mut listed = LISTED.iter();
    let line = listed
        .find_map(|words| line.strip_prefix(words))
        .unwrap_or(line);
    let (name, value) = line.split_once('=')?;
    let quoted = |sign: char| value.strip_prefix(sign)?.strip_suffix(sign);
    let value = quoted('"').or(quoted('\'')).unwrap_or(value);
    let is_name = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    // Images name the key that their maker signs with, which everybody may know.
    let signs = name.to_ascii_uppercase().contains("GPG");
    (is_name && !signs && literal_secret(name, value) == Some(NAMED_LITERAL)).then_some(value)
}

/// Where the values stand that their names and their looks give away, in a line of a trace.
#[must_use]
pub fn named(line: &str) -> Vec<Range<usize>> {
    let told = |value: &Range<usize>| {
        let before = line.get(..value.start).unwrap_or("");
        let signs = |c: char| matches!(c, '"' | '\'' | '=' | ':' | '>' | ' ' | '\t' | '\\');
        let name = name(before.trim_end_matches(signs));
        is_generated(name, line.get(value.clone()).unwrap_or(""))
    };
    let assigned = assigned(line).into_iter();
    let others = row(line).into_iter().chain(element(line));
    let named = assigned.chain(others).filter(told);
    let mut found: Vec<Range<usize>> = named.chain(secret_id(line)).collect();
    found.sort_by_key(|value| value.start);
    found.dedup();
    found
}

/// The UUID behind the name of a secret that Vault calls an id.
fn secret_id(line: &str) -> Option<Range<usize>> {
    let mut spelled = SECRET_ID
        .iter()
        .filter_map(|name| Some(line.find(name)? + name.len()));
    let name = spelled.next()?;
    let behind = line.get(name..)?;
    let gap = behind.find(|c: char| c.is_ascii_alphanumeric())?;
    let start = name + gap;
    let is_gap = behind
        .get(..gap)?
        .chars()
        .all(|c| c.is_whitespace() || matches!(c, '"' | '\'' | ':' | '='));
    let value = start..start + UUID;
    (is_gap && line.get(value.clone()).is_some_and(is_uuid)).then_some(value)
}

/// The second word of a row of two, as `vault` prints them.
fn row(line: &str) -> Option<Range<usize>> {
    let name = line.split(char::is_whitespace).next()?;
    let behind = line.get(name.len()..)?;
    let value = behind.trim();
    let gap = behind.len() - behind.trim_start().len();
    (gap >= 2 && !value.contains(char::is_whitespace))
        .then(|| name.len() + gap..name.len() + gap + value.len())
}

/// What stands in an element of XML (`<password>...</password>`).
fn element(line: &str) -> Vec<Range<usize>> {
    let ends = line.match_indices("</").map(|(end, _)| end);
    let values = ends.filter_map(|end| {
        let start = line.get(..end)?.rfind('>')? + 1;
        Some(start..end)
    });
    values.collect()
}

/// Whether a value is generated, and a secret by its name.
fn is_generated(name: &str, value: &str) -> bool {
    let plain: String = name
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|c| c.to_ascii_lowercase())
        .collect();
    let named = is_secret_name(name)
        && TELLING.iter().any(|part| plain.contains(part))
        && !OTHER.iter().any(|part| plain.contains(part));
    if value.len() < LEAST || is_placeholder(value) || is_filled_in(value.as_bytes()) {
        return false;
    }
    let bytes = value.as_bytes();
    let letters = |byte: &u8| byte.is_ascii_alphanumeric() || b"+/=_-!@#%^~".contains(byte);
    named && bytes.iter().all(letters) && !is_path(value) && is_random(bytes)
}

/// Whether letters and digits follow each other as they do in no word and no name: hexadecimal, or
/// another class at two signs of five.
fn is_random(value: &[u8]) -> bool {
    let class = |byte: u8| match byte {
        b'a'..=b'z' => 0,
        b'A'..=b'Z' => 1,
        b'0'..=b'9' => 2,
        _ => 3,
    };
    let has = |wanted: u8| value.iter().any(|byte| class(*byte) == wanted);
    if entropy(value) < LEAST_ENTROPY || !has(2) {
        return false;
    }
    if value.iter().all(u8::is_ascii_hexdigit) {
        return value.len() >= LEAST_HEXADECIMAL;
    }
    let changes = value.windows(2).filter(|pair| match pair {
        [a, b] => class(*a) != class(*b),
        _ => false,
    });
    has(0) && has(1) && changes.count() * 5 >= (value.len() - 1) * 2
}

fn is_uuid(value: &str) -> bool {
    let groups: Vec<&str> = value.split('-').collect();
    let hexadecimal = groups
        .iter()
        .all(|group| group.bytes().all(|b| b.is_ascii_hexdigit()));
    hexadecimal && groups.iter().map(|group| group.len()).eq([8, 4, 4, 4, 12])
}

#[cfg(test)]
mod tests {
    use super::*;

    const VALUE: &str = "k3JxQ9vTz7LmW2pR";

    #[test]
    fn a_generated_value_is_told_by_its_name() {
        for line in [
            "PGPASSWORD=VALUE psql -h db",
            "+ MYSQL_PWD=x DB_PASSWORD='VALUE' ./run",
            "{\"client_id\":\"x\",\"client_secret\":\"VALUE\"}",
            "  password: VALUE",
            "spring.datasource.password=VALUE",
            "jdbc:postgresql://db/x?user=a&password=VALUE",
            "> X-Vault-Token: VALUE",
            "curl -H 'PRIVATE-TOKEN: VALUE' https://x",
            "aws_secret_access_key = VALUE+/abC1dE2fG3hI4jK5lM",
            "<server><username>ci</username><password>VALUE</password></server>",
            "password             VALUE",
        ] {
            let found = named(&line.replace("VALUE", VALUE));
            assert_eq!(found.len(), 1, "{line}");
        }
        for line in ["SECRET_ID = 'U'", "\"secret_id\": \"U\""] {
            let line = line.replace('U', "0c7ab9f4-10b8-4b6e-9d0d-3f0f3bd37d57");
            assert_eq!(named(&line.to_lowercase()).len(), 1, "{line}");
        }
        assert_eq!(
            named("secret_id    0c7ab9f4-10b8-4b6e-9d0d-3f0f3bd37d57").len(),
            1
        );
        assert_eq!(
            named(&format!("auth_token: {}", "0a1b2c3d4e5f6978".repeat(2))).len(),
            1
        );
    }

    #[test]
    fn words_names_and_digests_are_none() {
        for line in [
            "password: required",
            "Password: must contain 12 characters",
            "password=[MASKED]",
            "password=$DB_PASSWORD",
            "password: {{ .Values.db.password1 }}",
            "token: default-token-abc12",
            "secret: my-secret-7f9c6d5b4a",
            "secretName: k3JxQ9vTz7LmW2pR",
            "token=oauth2AccessToken",
            "password = var.db1Password2Name",
            "token:e.getToken1FromStore2(x)",
            "next_page_token: k3JxQ9vTz7LmW2pR",
            "cache key: k3JxQ9vTz7LmW2pR",
            "csrf_token=k3JxQ9vTz7LmW2pR",
            "password    never expires",
            "token       secret/data/app1",
            "publicKeyToken=b77a5c561934e0890a1b2c3d4e5f6978",
            "<password>changeme-Example1</password>",
            "role_id    0c7ab9f4-10b8-4b6e-9d0d-3f0f3bd37d57",
        ] {
            assert!(named(line).is_empty(), "{line}");
        }
    }
}
