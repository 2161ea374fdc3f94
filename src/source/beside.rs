//! Files that lie beside evidence and are none: what people write for each other, and what file
//! managers and editors leave.
//!
//! Name and content must both say so, and nothing in it may be a record: whoever writes into a log
//! gives no file its name, and whoever names a file hides no record in it.

use memchr::memmem;

/// Why files of these kinds are skipped.
const PICTURE: &str = "a picture";
const DOCUMENT: &str = "a text for people";
const LEFT: &str = "what a file manager or an editor left";

/// The longest file that says only who holds it.
const LONGEST_LOCK: usize = 64;

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
/// Names of texts that people write, whatever their ending.
const TEXTS: [&str; 9] = [
    "authors",
    "changelog",
    "contributing",
    "copying",
    "license",
    "licence",
    "notes",
    "notice",
    "readme",
];
/// Their endings, and those of texts under any name.
const PLAIN: [&str; 2] = ["", ".txt"];
const MARKED_UP: [&str; 4] = [".md", ".markdown", ".rst", ".adoc"];
/// Names of what tools of a repository are told.
const SETTINGS: [&str; 4] = [
    ".dockerignore",
    ".editorconfig",
    ".gitattributes",
    ".gitignore",
];

/// Whether a file was skipped because it lies beside evidence and is none.
#[must_use]
pub fn lies_beside(reason: &str) -> bool {
    [PICTURE, DOCUMENT, LEFT].contains(&reason)
}

/// A file that no format reads, as far as it was seen.
pub(super) struct Beside {
    reason: Option<&'static str>,
    last: u8,
}

impl Beside {
    /// By its path and what it begins with; `whole` says that this is all.
    pub(super) fn new(path: &str, head: &[u8], whole: bool) -> Beside {
        let name = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
        let begins = |(ending, mark, _): &&(&str, &[u8], &str)| {
            name.ends_with(ending) && head.starts_with(mark)
        };
        let known = BEGIN.iter().find(begins).map(|(.., reason)| *reason);
        let text = || whole.then(|| text(&name, head)).flatten();
        Beside {
            reason: known.or_else(text),
            last: b'\n',
        }
    }

    /// Takes in what comes next. A line that begins an object may be a record.
    pub(super) fn see(&mut self, bytes: &[u8]) {
        let begins = self.last == b'\n' && bytes.starts_with(b"{");
        if begins || memmem::find(bytes, b"\n{").is_some() {
            self.reason = None;
        }
        self.last = bytes.last().copied().unwrap_or(self.last);
    }

    /// Why it is skipped, if that is all that can be in it.
    pub(super) fn reason(&self) -> Option<&'static str> {
        self.reason
    }
}

/// Why a whole text is none of ours.
fn text(name: &str, bytes: &[u8]) -> Option<&'static str> {
    let text = std::str::from_utf8(bytes).ok()?;
    let held = name.ends_with(".lock") || name.ends_with(".pid");
    let number = |byte: &u8| byte.is_ascii_digit() || byte.is_ascii_whitespace();
    if held && bytes.len() <= LONGEST_LOCK && bytes.iter().all(number) {
        return Some(LEFT);
    }
    let reason = if SETTINGS.contains(&name) {
        LEFT
    } else if is_of_people(name) {
        DOCUMENT
    } else {
        return None;
    };
    let control = |c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t');
    let may_be_ours = text.contains(control) || text.lines().any(may_be_a_record);
    (!may_be_ours).then_some(reason)
}

fn is_of_people(name: &str) -> bool {
    let (stem, ending) = name.rfind('.').map_or((name, ""), |dot| name.split_at(dot));
    MARKED_UP.contains(&ending) || PLAIN.contains(&ending) && TEXTS.contains(&stem)
}

/// Whether a line could be a record, a part of an export or a policy, or begins with a time, as lines
/// of logs do.
fn may_be_a_record(line: &str) -> bool {
    let line = line.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, '>' | '`'));
    let bytes = line.as_bytes();
    let time = |at: usize, mark: u8| bytes.get(at) == Some(&mark);
    let dated = bytes.first().is_some_and(u8::is_ascii_digit)
        && (time(4, b'-') && time(7, b'-') && bytes.len() > 10 || time(2, b':') && time(5, b':'));
    let begins = [
        "{",
        "[{",
        "}",
        "]",
        "\"",
        "path ",
        "resource ",
        "locals",
        "module ",
        "---",
    ];
    dated || begins.iter().any(|begins| line.starts_with(begins)) || line.contains("\":")
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
            assert!(lies_beside(why));
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
        assert!(!lies_beside("not a kind of file that is read"));
    }

    #[test]
    fn a_record_behind_the_beginning_is_seen_wherever_it_is_cut() {
        let mut beside = Beside::new("a.png", b"\x89PNG\r\n\x1a\n", false);
        beside.see(b"\x89PNG\r\n\x1a\n.");
        beside.see(b"..\n");
        assert_eq!(beside.reason(), Some(PICTURE));
        beside.see(b"{\"time\": 1}");
        assert_eq!(beside.reason(), None);
        assert_eq!(Beside::new("README", b"Ask", false).reason(), None);
    }
}
