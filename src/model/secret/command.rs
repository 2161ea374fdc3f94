//! Passwords on the command lines of common programs, and in `.netrc`.
//!
//! From the manuals of curl, MySQL, sshpass, Docker, Redis and netrc(5). What stands there counts only
//! behind the program whose option it is, and where it is random: `mkdir -p build`, `curl -u user` and
//! `mysql -p app` name none.

use std::ops::Range;

use super::sample::{LEAST_PASSWORD, is_random};
use super::typed::run;

/// The shortest password without a digit.
const LEAST_SCATTERED: usize = 12;
/// How far apart the words of one entry of `.netrc` may stand.
const ENTRY: usize = 256;

/// The command that ends `before`: what stands behind the last sign that ends another.
fn command(before: &[u8]) -> &[u8] {
    let ends = |byte: &u8| matches!(byte, b'|' | b';' | b'\n' | b'&');
    let from = before.iter().rposition(ends).map_or(0, |at| at + 1);
    before.get(from..).unwrap_or_default()
}

/// Whether one of the words stands in a text by itself, or behind a path.
fn names(text: &[u8], programs: &[&str]) -> bool {
    let within = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    let mut words = text.split(|byte| !within(byte));
    words.any(|word| programs.iter().any(|program| word == program.as_bytes()))
}

/// The word behind an option: attached to it, behind a blank or `=`, in quotes or not.
fn word(behind: &[u8]) -> Range<usize> {
    let before = run(behind, |byte| matches!(byte, b' ' | b'=' | b'"' | b'\''));
    let rest = behind.get(before..).unwrap_or_default();
    let length = run(rest, |byte| {
        byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\'' | b';' | b'|' | b'&' | b',' | b')')
    });
    before..before + length
}

/// The word, if it may be a password: no option, no path, and random.
fn secret(behind: &[u8], place: Range<usize>) -> Option<Range<usize>> {
    let word = behind.get(place.clone())?;
    let other = matches!(word.first(), Some(b'-' | b'/' | b'.' | b'@'));
    let address = memchr::memmem::find(word, b"://").is_some();
    let random = is_random(word) || is_scattered(word);
    (word.len() >= LEAST_PASSWORD && !other && !address && random).then_some(place)
}

/// Whether capitals stand in a word as they do in no name.
fn is_scattered(word: &[u8]) -> bool {
    let capital = |byte: &u8| byte.is_ascii_uppercase();
    let changes = word.windows(2).filter(|pair| match pair {
        [a, b] => capital(a) != capital(b),
        _ => false,
    });
    word.len() >= LEAST_SCATTERED
        && word.iter().all(u8::is_ascii_alphabetic)
        && changes.count() * 5 >= word.len() * 2
}

/// `curl -u user:password`.
pub(super) fn user(before: &[u8], behind: &[u8]) -> Option<Range<usize>> {
    if !names(command(before), &["curl", "http", "https", "xh"]) {
        return None;
    }
    let place = word(behind);
    let colon = memchr::memchr(b':', behind.get(place.clone())?)?;
    secret(behind, place.start + colon + 1..place.end)
}

/// `mysql -pPASSWORD`, `sshpass -p PASSWORD`, `docker login -p PASSWORD`.
pub(super) fn password(before: &[u8], behind: &[u8]) -> Option<Range<usize>> {
    let attached = [
        "mysql",
        "mysqldump",
        "mysqladmin",
        "mysqlimport",
        "mariadb",
        "mariadb-dump",
    ];
    let command = command(before);
    let blank = behind.first() == Some(&b' ');
    // A blank behind MySQL's option says that it asks for the password.
    let mine = (!blank && names(command, &attached))
        || names(command, &["sshpass"])
        || (names(command, &["login"])
            && names(command, &["docker", "podman", "helm", "oc", "az"]));
    if !mine {
        return None;
    }
    secret(behind, word(behind))
}

/// An option whose name says that a password follows.
pub(super) fn named(_: &[u8], behind: &[u8]) -> Option<Range<usize>> {
    let follows = matches!(behind.first(), Some(b' ' | b'='));
    follows.then(|| secret(behind, word(behind))).flatten()
}

/// `redis-cli -a PASSWORD`.
pub(super) fn cache(before: &[u8], behind: &[u8]) -> Option<Range<usize>> {
    let mine = names(command(before), &["redis-cli", "valkey-cli"]);
    mine.then(|| secret(behind, word(behind))).flatten()
}

/// `machine HOST login USER password PASSWORD`, on one line or several.
pub(super) fn netrc(before: &[u8], behind: &[u8]) -> Option<Range<usize>> {
    let entry = before.get(before.len().saturating_sub(ENTRY)..)?;
    let machine = memchr::memmem::rfind(entry, b"machine ")?;
    let words: Vec<&[u8]> = entry
        .get(machine..)?
        .split(u8::is_ascii_whitespace)
        .filter(|word| !word.is_empty())
        .collect();
    // The four words and no other.
    matches!(words.as_slice(), [_, _, login, _] if *login == b"login")
        .then(|| secret(behind, word(behind)))
        .flatten()
}

#[cfg(test)]
mod tests {
    use crate::model::secret::find;

    const SECRET: &str = "q7RwX2kZ9mT4vB8n";

    #[test]
    fn a_password_on_a_command_line_is_found() {
        for (line, pattern) in [
            (
                "+ curl -u ci:PW https://nexus.example/x",
                "command-credential",
            ),
            ("curl -s --user \"ci:PW\" https://x", "command-credential"),
            ("/usr/bin/curl -uci:PW https://x", "command-credential"),
            ("mysql -uroot -pPW -h db", "command-credential"),
            ("mysqldump -u root -p'PW' app", "command-credential"),
            ("sshpass -p PW ssh a@b", "command-credential"),
            (
                "docker login -u ci -p PW registry.example",
                "command-credential",
            ),
            ("helm registry login r --password PW", "command-credential"),
            ("mysqldump --password=PW app", "command-credential"),
            ("redis-cli -a PW ping", "command-credential"),
            ("machine h.example login ci password PW", "netrc-password"),
            ("machine h\n  login ci\n  password PW\n", "netrc-password"),
        ] {
            let text = line.replace("PW", SECRET);
            let found = find(text.as_bytes());
            let told = found
                .first()
                .and_then(|found| text.get(found.range.clone()));
            assert_eq!(told, Some(SECRET), "{line}");
            assert_eq!(found[0].pattern, pattern, "{line}");
        }
    }

    #[test]
    fn other_options_of_the_same_letters_are_none() {
        for line in [
            "mkdir -p build/Release2024x && ls",
            "ssh -p2222a9B8c7D6 host",
            "tar -pxzf a9B8c7D6e5.tgz",
            "docker run -p 127.0.0.1:8080:80 -u 1000:1000 nginx1a2b3c",
            "curl -u $USER:$PASSWORD https://x",
            "curl -u ci:[MASKED] https://x",
            "curl -u deploy https://a1b2c3d4e5.example",
            "mysql -u root -p app1Database2Name",
            "curl https://x | docker -u a:q7RwX2kZ9mT4vB8n",
            "mysql -u root -pMyDatabaseName app",
            "sshpass -e ssh q7RwX2kZ9mT4vB8n",
            "docker login --password-stdin q7RwX2kZ9mT4",
            "helm x --password $PASSWORD1abc",
            "machine learning at login: the password q7RwX2kZ9mT4vB8n",
            "a password reset2024mail was sent",
            "ls -a q7RwX2kZ9mT4vB8n",
        ] {
            assert_eq!(find(line.as_bytes()), Vec::new(), "{line}");
        }
    }
}
