//! Texts that lie beside evidence: what people write for each other, programs, and what tools are
//! told.

use super::{DOCUMENT, LEFT, PROGRAM};

/// The longest file that says only who holds it.
const LONGEST_LOCK: usize = 64;

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
const SETTINGS: [&str; 7] = [
    ".dockerignore",
    ".editorconfig",
    ".gitattributes",
    ".gitignore",
    ".gitmodules",
    ".gitkeep",
    "codeowners",
];
/// Endings and names of programs.
const PROGRAM_ENDINGS: [&str; 10] = [
    ".bash", ".go", ".mk", ".pl", ".ps1", ".py", ".rb", ".rs", ".sh", ".zsh",
];
const PROGRAMS: [&str; 4] = ["containerfile", "dockerfile", "justfile", "makefile"];

/// Why a whole text under this name, in lower case, is none of ours.
pub(super) fn reason(name: &str, bytes: &[u8]) -> Option<&'static str> {
    let text = std::str::from_utf8(bytes).ok()?;
    let held = name.ends_with(".lock") || name.ends_with(".pid");
    let number = |byte: &u8| byte.is_ascii_digit() || byte.is_ascii_whitespace();
    if held && bytes.len() <= LONGEST_LOCK && bytes.iter().all(number) {
        return Some(LEFT);
    }
    let control = |c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t');
    if text.contains(control) {
        return None;
    }
    let (reason, ours): (_, fn(&str) -> bool) = if SETTINGS.contains(&name) {
        (LEFT, may_be_a_record)
    } else if is_of_people(name) {
        (DOCUMENT, may_be_a_record)
    } else if is_program(name) {
        (PROGRAM, begins_a_record)
    } else {
        return None;
    };
    (!text.lines().any(ours)).then_some(reason)
}

fn is_of_people(name: &str) -> bool {
    let (stem, ending) = name.rfind('.').map_or((name, ""), |dot| name.split_at(dot));
    MARKED_UP.contains(&ending) || PLAIN.contains(&ending) && TEXTS.contains(&stem)
}

fn is_program(name: &str) -> bool {
    PROGRAMS.contains(&name) || PROGRAM_ENDINGS.iter().any(|ending| name.ends_with(ending))
}

/// Whether a line could be a record, a part of an export or a policy, or begins with a time, as lines
/// of logs do.
fn may_be_a_record(line: &str) -> bool {
    const PARTS: [&str; 8] = ["{", "}", "]", "\"", "resource ", "locals", "module ", "---"];
    let line = line.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, '>' | '`'));
    begins_a_record(line)
        || line.contains("\":")
        || PARTS.iter().any(|begins| line.starts_with(begins))
}

/// Whether a line begins as a record, a policy or a line of a log does; the parts of one are in every
/// program.
fn begins_a_record(line: &str) -> bool {
    let line = line.trim_start();
    let bytes = line.as_bytes();
    let mark = |at: usize, mark: u8| bytes.get(at) == Some(&mark);
    let dated = bytes.first().is_some_and(u8::is_ascii_digit)
        && (mark(4, b'-') && mark(7, b'-') && bytes.len() > 10 || mark(2, b':') && mark(5, b':'));
    let begins = ["{\"", "[{", "path "];
    dated || begins.iter().any(|begins| line.starts_with(begins))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_is_known_by_name_and_no_line_begins_a_record() {
        for (name, text) in [
            (
                "export.sh",
                "#!/bin/sh\ncurl -d '{\"role\": \"ci\"}' \"$1\" |\n  jq '{\n\"a\": .b\n}'\n",
            ),
            ("dockerfile", "FROM vault\n"),
            (
                "test_policies.py",
                "def test():\n    assert {\n        \"a\": 1,\n    }\n",
            ),
        ] {
            assert_eq!(reason(name, text.as_bytes()), Some(PROGRAM), "{name}");
        }
        for line in [
            "{\"time\":1,\"type\":\"request\"}",
            "  [{\"id\": 1}]",
            "path \"secret/*\" {",
            "2026-09-01T10:00:00Z a line of a log",
            "10:00:00 a line of a log",
            "\x1b[0Ksection_start:1:a",
        ] {
            let text = format!("#!/bin/sh\n{line}\n");
            assert_eq!(reason("export.sh", text.as_bytes()), None, "{line}");
        }
        assert_eq!(reason("export.sh.log", b"#!/bin/sh\n"), None);
    }
}
