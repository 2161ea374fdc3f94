//! `docs/rules.md` is run as it stands: its files are written, its commands say what it shows, and
//! end as it says.

use std::fs;
use std::path::Path;

use super::product::{rows, run_in};

const PAGE: &str = include_str!("../../docs/rules.md");

/// The fenced blocks of the page: what stands behind the fence, and the lines.
fn blocks() -> Vec<(&'static str, Vec<&'static str>)> {
    let mut found = Vec::new();
    let mut open: Option<(&str, Vec<&str>)> = None;
    for line in PAGE.lines() {
        match (&mut open, line.strip_prefix("```")) {
            (None, Some(kind)) => open = Some((kind, Vec::new())),
            (Some(_), Some(_)) => found.extend(open.take()),
            (Some((_, lines)), None) => lines.push(line),
            (None, None) => {}
        }
    }
    found
}

/// Runs the commands of a block in a folder, and holds what they say against what it shows.
fn console(folder: &Path, lines: &[&str]) {
    let mut said = None;
    let check = |said: &mut Option<(String, u8, u8)>| {
        if let Some((what, code, wanted)) = said.take() {
            assert_eq!(code, wanted, "{what}");
        }
    };
    for line in lines {
        if let Some(command) = line.strip_prefix("$ piperoll ") {
            check(&mut said);
            let words: Vec<&str> = command.split(' ').collect();
            let ran = run_in(folder, &words);
            said = Some((format!("{command}\n{}{}", ran.out, ran.err), ran.code, 0));
        } else if let Some(code) = line.strip_prefix("# exit ") {
            let (_, _, wanted) = said.as_mut().unwrap();
            *wanted = code.parse().unwrap();
        } else {
            let shown = line.strip_prefix("...").unwrap_or(line).trim();
            let what = &said.as_ref().unwrap().0;
            assert!(what.contains(shown), "`{shown}` is not in\n{what}");
        }
    }
    check(&mut said);
}

#[test]
fn the_guide_says_what_happens() {
    let folder = tempfile::tempdir().unwrap();
    for (kind, lines) in blocks() {
        match kind.split_once(' ') {
            Some((_, file)) => {
                fs::write(folder.path().join(file), lines.join("\n") + "\n").unwrap();
            }
            None => console(folder.path(), &lines),
        }
    }
    let outcome = |pack: &str, id: &str| {
        let bytes = fs::read(folder.path().join(pack).join("data/rules.csv")).unwrap();
        let rows = rows(&bytes);
        let row = rows.into_iter().find(|row| row["rule_id"] == id).unwrap();
        (row["outcome"].clone(), row["reason"].clone())
    };
    assert_eq!(outcome("pack", "OWN-001").0, "finding");
    let (not, why) = outcome("pack-2", "OWN-002");
    assert_eq!(not, "not-assessed");
    assert!(why.contains("OWN-002.toml is wrong"), "{why}");
    let verified = run_in(folder.path(), &["verify", "pack-2"]);
    assert_eq!(verified.code, 0, "{}", verified.err);
    let again = run_in(folder.path(), &["rerun", "pack-2"]);
    assert_eq!(again.code, 0, "{}{}", again.out, again.err);

    // In place of a rule in the box, and with SQL that no engine takes: neither answers as before.
    let own = fs::read_to_string(folder.path().join("rules/OWN-001.toml")).unwrap();
    fs::remove_file(folder.path().join("rules/OWN-002.toml")).unwrap();
    let other = own
        .replace("OWN-001", "VLT-EVT-001")
        .replace("LIKE 'secret/prod/%'", "= gone");
    fs::write(folder.path().join("rules/VLT-EVT-001.toml"), other).unwrap();
    let words = ["report", "audit.log", "--rules", "rules", "-o", "pack-3"];
    let ran = run_in(folder.path(), &words);
    let (not, why) = outcome("pack-3", "VLT-EVT-001");
    assert_eq!((not.as_str(), ran.code), ("not-assessed", 0), "{}", ran.err);
    assert!(why.contains("its SQL cannot be run"), "{why}");
}

/// Rules come from a file and a file's name from anybody: neither acts on a terminal.
#[test]
fn what_hides_in_a_rule_acts_on_no_terminal() {
    let folder = tempfile::tempdir().unwrap();
    let rules = folder.path().join("rules");
    fs::create_dir(&rules).unwrap();
    let made = run_in(
        folder.path(),
        &["rules", "new", "OWN-001", "--rules", "rules"],
    );
    assert_eq!(made.code, 0, "{}", made.err);
    let file = rules.join("OWN-001.toml");
    let text = fs::read_to_string(&file).unwrap();
    let hidden = text.replacen("title = \"", "title = \"\\u001b]0;x\\u202e\\u009b", 1);
    assert_ne!(hidden, text);
    fs::write(&file, hidden).unwrap();
    let wrong = folder.path().join("wrong");
    fs::create_dir(&wrong).unwrap();
    fs::write(wrong.join("\u{1b}]0;x\u{202e}.toml"), "id = 1").unwrap();
    fs::write(folder.path().join("audit.log"), "{}").unwrap();
    let pack = "\u{1b}[31m\u{202e}pack";
    for words in [
        &["rules", "list", "--rules", "rules"][..],
        &["rules", "explain", "OWN-001", "--rules", "rules"],
        &["lint", "--explain", "OWN-001", "--rules", "rules"],
        &["report", "audit.log", "--rules", "wrong", "-o", pack],
        &["reports", "init", "\u{202e}\u{9b}templates"],
    ] {
        let ran = run_in(folder.path(), words);
        let said = format!("{}{}", ran.out, ran.err);
        let acts = |c: char| (c.is_control() && c != '\n' && c != '\t') || c == '\u{202e}';
        assert!(!said.contains(acts), "{words:?}: {said:?}");
        assert!(said.contains("\u{27e8}U+202E\u{27e9}"), "{words:?}: {said}");
    }
}
