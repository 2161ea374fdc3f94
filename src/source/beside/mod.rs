//! Files that lie beside evidence and are none: what people write for each other, and what file
//! managers and editors leave.
//!
//! Name and content must both say so, and nothing in it may be a record: whoever writes into a log
//! gives no file its name, and whoever names a file hides no record in it.

mod text;

use std::sync::LazyLock;

use regex::bytes::Regex;

use super::parse::UNKNOWN;

/// Why files of these kinds are skipped.
const PICTURE: &str = "a picture";
const DOCUMENT: &str = "a text for people";
const LEFT: &str = "what a file manager or an editor left";
const PROGRAM: &str = "a program";
const KEPT: &str = "what git keeps of a repository";

/// An object's first member: all records and most exports have one, compressed bytes have none.
static OBJECT: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r#"(?-u)\{[\s\x00]*"[A-Za-z_@][^"\n]{0,63}"\s*:"#).ok());
/// The longest first member that is found when it lies in two pieces.
const LONGEST_MEMBER: usize = 96;

/// Endings of names, and what files of them begin with.
const BEGIN: [(&str, &[u8], &str); 15] = [
    (".png", b"\x89PNG\r\n\x1a\n", PICTURE),
    (".jpg", b"\xff\xd8\xff", PICTURE),
    (".jpeg", b"\xff\xd8\xff", PICTURE),
    (".gif", b"GIF8", PICTURE),
    (".webp", b"RIFF", PICTURE),
    (".ico", b"\0\0\x01\0", PICTURE),
    (".svg", b"<svg", PICTURE),
    (".pdf", b"%PDF-", DOCUMENT),
    (".ds_store", b"\0\0\0\x01Bud1", LEFT),
    ("thumbs.db", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", LEFT),
    ("desktop.ini", b"[.ShellClassInfo]", LEFT),
    ("desktop.ini", b"\r\n[.ShellClassInfo]", LEFT),
    (".directory", b"[Desktop Entry]", LEFT),
    (".swp", b"b0VIM ", LEFT),
    (".swo", b"b0VIM ", LEFT),
];

/// Whether a file was skipped because it lies beside evidence and is none. What git writes may be
/// YAML of a kind that nothing knows.
#[must_use]
pub fn lies_beside(path: &str, reason: &str) -> bool {
    let known = [PICTURE, DOCUMENT, LEFT, PROGRAM, KEPT];
    known.contains(&reason) || reason == UNKNOWN && is_kept_by_git(path)
}

fn is_kept_by_git(path: &str) -> bool {
    path.split('/').any(|part| part == ".git")
}

/// A file that no format reads, as far as it was seen.
pub(super) struct Beside {
    reason: Option<&'static str>,
    /// The end of what was seen, where the reason holds for as long as no object follows.
    end: Option<Vec<u8>>,
}

impl Beside {
    /// By its path and what it begins with; `whole` says that this is all.
    pub(super) fn new(path: &str, head: &[u8], whole: bool) -> Beside {
        let name = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
        let begins = |(ending, mark, _): &&(&str, &[u8], &str)| {
            name.ends_with(ending) && head.starts_with(mark)
        };
        let known = BEGIN.iter().find(begins).map(|(.., reason)| *reason);
        let of_git = || is_kept_by_git(path).then_some(KEPT);
        if let Some(reason) = known.or_else(of_git) {
            return Beside {
                reason: Some(reason),
                end: Some(Vec::new()),
            };
        }
        Beside {
            reason: whole.then(|| text::reason(&name, head)).flatten(),
            end: None,
        }
    }

    /// Takes in what comes next, from the beginning on.
    pub(super) fn see(&mut self, bytes: &[u8]) {
        // Once it may be a record, what follows changes nothing.
        let Some(end) = self.end.as_mut().filter(|_| self.reason.is_some()) else {
            return;
        };
        let joint = bytes.len().min(LONGEST_MEMBER);
        end.extend_from_slice(&bytes[..joint]);
        if holds_an_object(end) || holds_an_object(bytes) {
            self.reason = None;
        }
        end.extend_from_slice(
            &bytes[joint..][(bytes.len() - joint).saturating_sub(LONGEST_MEMBER)..],
        );
        end.drain(..end.len().saturating_sub(LONGEST_MEMBER));
    }

    /// Why it is skipped, if that is all that can be in it.
    pub(super) fn reason(&self) -> Option<&'static str> {
        self.reason
    }
}

fn holds_an_object(bytes: &[u8]) -> bool {
    OBJECT.as_ref().is_none_or(|object| object.is_match(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reason(path: &str, bytes: &[u8]) -> Option<&'static str> {
        let mut beside = Beside::new(path, bytes, true);
        beside.see(bytes);
        beside.reason()
    }

    #[test]
    fn name_and_content_say_that_a_file_is_none_of_ours() {
        for (path, bytes, why) in [
            ("gcp/.DS_Store", &b"\0\0\0\x01Bud1\0\0"[..], LEFT),
            (
                "vault/Thumbs.db",
                b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1rest",
                LEFT,
            ),
            ("gitlab/.jobs.json.swp", b"b0VIM 9.0\0U3210", LEFT),
            ("gitlab/export.lock", b"12345\n", LEFT),
            (".gitignore", b"target/\n*.log\n", LEFT),
            ("vault/.git/HEAD", b"ref: refs/heads/main\n", KEPT),
            ("vault/.git/objects/0a/1b", b"x\x01K\xca\xc9\n{\"\x04", KEPT),
            ("vault/Export.sh", b"#!/bin/sh\n", PROGRAM),
            ("gcp/LOGO.PNG", b"\x89PNG\r\n\x1a\nrest", PICTURE),
            ("vault/README", b"Ask Ada.\n", DOCUMENT),
            (
                "vault/ReadMe.txt",
                b"# Exports\n\nRun `jq '.[] | {id}'`.\n",
                DOCUMENT,
            ),
            (
                "gcp/how we export.md",
                "Schön am 1. Oktober.".as_bytes(),
                DOCUMENT,
            ),
        ] {
            assert_eq!(reason(path, bytes), Some(why), "{path}");
            assert!(lies_beside(path, why));
        }
    }

    #[test]
    fn neither_a_name_nor_a_beginning_alone_hides_what_may_be_evidence() {
        let record = "Ask Ada.\n{\"time\": 1}\n";
        for (path, bytes) in [
            ("vault/audit.log", &b"Ask Ada.\n"[..]),
            ("vault/audit.log~", b"Ask Ada.\n"),
            ("gcp/export.txt", b"Ask Ada.\n"),
            ("gcp/audit.log", b"\x89PNG\r\n\x1a\nrest"),
            ("gcp/logo.png", b"\x89PNX\r\n\x1a\nrest"),
            (
                "gcp/logo.png",
                b"\x89PNG\r\n\x1a\n\n{\"protoPayload\": {}}\n",
            ),
            ("vault/.git/audit", b"x {\n  \"time\" : 1}\n"),
            ("vault/dot.git/HEAD", b"ref: refs/heads/main\n"),
            ("vault/README.md", record.as_bytes()),
            ("vault/README.md", b"> path \"secret/*\" {\n"),
            ("vault/README.md", b"    \"path\": \"secret/*\",\n"),
            ("vault/README.md", b"2026-09-01T10:00:00Z a line of a log\n"),
            ("vault/README.md", b"10:00:00 a line of a log\n"),
            ("vault/README.md", b"Ask\x1b[2J Ada.\n"),
            ("vault/README.md", b"Ask \xff Ada.\n"),
            ("gitlab/export.lock", b"{\"id\": 1}\n"),
            ("gitlab/terraform.lock", b"provider x\n"),
        ] {
            assert_eq!(reason(path, bytes), None, "{path}");
        }
        assert!(!lies_beside(
            "vault/.git/x",
            "not a kind of file that is read"
        ));
        assert!(lies_beside("vault/.git/HEAD", UNKNOWN));
        assert!(!lies_beside("vault/git/HEAD", UNKNOWN));
    }

    #[test]
    fn an_object_behind_the_beginning_is_seen_wherever_it_is_cut() {
        let whole = [
            b"\x89PNG\r\n\x1a\n.. {\"",
            [b'k'; 64].as_slice(),
            b"\": 1}..\n",
        ]
        .concat();
        for first in 0..whole.len() {
            for second in first..whole.len() {
                let mut beside = Beside::new("a.png", &whole[..8], false);
                assert_eq!(beside.reason(), Some(PICTURE));
                for piece in [&whole[..first], &whole[first..second], &whole[second..]] {
                    beside.see(piece);
                }
                assert_eq!(beside.reason(), None, "{first} {second}");
            }
        }
        assert_eq!(Beside::new("README", b"Ask", false).reason(), None);
    }
}
