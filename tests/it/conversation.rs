//! `piperoll query -i`: questions typed on a terminal, which `script` gives it here.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use super::product::run_in;
use super::skipped::skipped;
use super::vault_log::{calm, folder};

/// What a terminal shows of a conversation; `None` where nothing gives one.
fn typed(place: &Path, keys: &str) -> Option<String> {
    let program = env!("CARGO_BIN_EXE_piperoll");
    let command = format!("stty cols 80; exec {program} query -i vault --format csv");
    let started = Command::new("script")
        .args(["-qec", &command, "/dev/null"])
        .current_dir(place)
        .env("PIPEROLL_HISTORY", place.join("state/history"))
        .env("SHELL", "/bin/sh")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn();
    let Ok(mut child) = started else {
        skipped("conversation", "no script");
        return None;
    };
    child
        .stdin
        .take()
        .unwrap()
        .write_all(keys.as_bytes())
        .unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{output:?}");
    Some(String::from_utf8(output.stdout).unwrap())
}

/// The lines that are an answer or a message, not what was typed.
fn answers(shown: &str) -> Vec<&str> {
    let lines = shown.lines().map(|line| line.trim_end_matches('\r'));
    lines
        .filter(|line| !line.contains("\u{1b}[K") && !line.is_empty())
        .collect()
}

#[test]
fn questions_are_asked_one_after_the_other_and_come_back() {
    let place = folder(&[("vault/audit.log", calm(3).as_bytes())]);
    let keys = "SELECT count(*)\nAS n FROM event;\nSELECT nothing FROM event;\n.nonsense\n\
                .limit 1\nSELECT 'a' || operation AS o FROM event;\n.quit\n";
    let Some(shown) = typed(place.path(), keys) else {
        return;
    };
    let said = answers(&shown);
    let at = |line: &str| said.iter().position(|it| it.starts_with(line));
    let fault = at("error: there is no column `nothing`");
    let command = at("error: `.nonsense` is no command");
    let three = said.iter().position(|line| *line == "3");
    assert!(
        three.is_some() && three < fault && fault < command,
        "{shown}"
    );
    assert!(
        at("note: the first 1 of 3 rows").is_some() && at("aread").is_some(),
        "{shown}"
    );
    let kept = fs::read_to_string(place.path().join("state/history")).unwrap();
    assert!(
        kept.starts_with("SELECT count(*)\nAS n FROM event;\n"),
        "{kept}"
    );
    // The line before the last one, from the last conversation, by two arrows.
    let again = typed(place.path(), "\u{1b}[A\u{1b}[A\n.quit\n").unwrap();
    assert!(
        answers(&again).iter().any(|line| line.contains("aread")),
        "{again}"
    );
}

#[test]
fn nothing_is_asked_where_no_terminal_is() {
    let place = folder(&[("vault/audit.log", calm(1).as_bytes())]);
    let ran = run_in(place.path(), &["query", "-i", "vault"]);
    assert_eq!((ran.code, ran.out.as_str()), (2, ""));
    assert!(ran.err.contains("-i needs a terminal"), "{}", ran.err);
    let both = run_in(place.path(), &["query", "-i", "-f", "a.sql", "vault"]);
    assert_eq!(both.code, 2, "{}", both.err);
}
