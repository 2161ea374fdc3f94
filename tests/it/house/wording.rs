//! What no tracked file says: marks of unfinished work, and places of one machine.

use std::process::Command;

use regex::RegexSet;

use super::{accept, root};
use crate::skipped::skipped;

/// The words that give unfinished work or one workplace away. This file is exempt from itself.
const WORDS: [&str; 5] = [
    r"\b(?:TODO|FIXME|XXX|HACK)\b",
    r"(?i)\b(?:sub-?agents?|(?:ai|llm|coding|helper|other|another) agents?|agents? sessions?)\b",
    r"(?i)\bsession #?[0-9]{1,3}\b",
    r"(?i)\b(?:this|our|see|fixes|closes) (?:issue|merge request) ?[#!]?[0-9]+\b",
    r#"(?:^|[\s"'`=(:,])/(?:work|home|Users|root)/[A-Za-z0-9_.]"#,
];

#[test]
fn no_tracked_file_speaks_of_the_workplace() {
    let listed = Command::new("git")
        .args(["ls-files", "-z"])
        .current_dir(root())
        .output();
    let listed = match listed {
        Ok(listed) if listed.status.success() => listed.stdout,
        _ => {
            skipped("no_tracked_file_speaks_of_the_workplace", "no git checkout");
            return;
        }
    };
    let words = RegexSet::new(WORDS).unwrap();
    let mut faults = Vec::new();
    let mut read = 0;
    for path in String::from_utf8(listed).unwrap().split_terminator('\0') {
        if path == "Cargo.lock" || path.ends_with("house/wording.rs") {
            continue;
        }
        // Compressed fixtures are no text; a deleted file is listed until the deletion is staged.
        let Ok(text) = std::fs::read_to_string(root().join(path)) else {
            continue;
        };
        read += 1;
        if !words.is_match(&text) {
            continue;
        }
        for (number, line) in (1..).zip(text.lines()) {
            if words.is_match(line) {
                let shown: String = line.trim().chars().take(120).collect();
                faults.push(format!("{path}:{number}: {shown}"));
            }
        }
    }
    assert!(read > 100, "only {read} tracked files could be read");
    accept("no tracked file speaks of the workplace", &faults);
}

#[test]
fn the_words_are_found_and_their_neighbours_are_not() {
    let words = RegexSet::new(WORDS).unwrap();
    for text in [
        "// TODO: later",
        "another agent wrote it",
        "as session 3 found",
        "see issue #12",
        "`/home/someone/x`",
    ] {
        assert!(words.is_match(text), "{text}");
    }
    for text in [
        "User agent, forgeable.",
        "glagent-",
        "DIR.tmp-XXXXXX",
        "a session of twelve hours",
        "https://example.test/home/page",
    ] {
        assert!(!words.is_match(text), "{text}");
    }
}
