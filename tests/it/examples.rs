//! The commands that the documents show are run, and every option that they name is one.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use super::product::{binary, fixture, ran, run_in, tree};
use super::skipped::skipped;
use regex::Regex;

/// What a page shows that needs what no test has.
const NOT_RUN: [&str; 2] = [
    // A remote with a branch to compare with; `tests/it/lint_waivers.rs` has one.
    "piperoll lint . --git-base origin/main --changed-only",
    // A terminal; `tests/it/conversation.rs` has one.
    "piperoll query -i exports",
];

fn pages() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut names: Vec<PathBuf> = fs::read_dir(root.join("docs"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|end| end == "md"))
        .collect();
    names.extend(["README.md", "deploy/README.md", "SECURITY.md"].map(|name| root.join(name)));
    names.sort();
    let read = |path: PathBuf| {
        (
            path.display().to_string(),
            fs::read_to_string(&path).unwrap(),
        )
    };
    names.into_iter().map(read).collect()
}

/// The lines of the shell blocks of a page, without their comments.
fn shown(text: &str) -> Vec<String> {
    let block = Regex::new(r"(?s)```sh\n(.*?)```").unwrap();
    let mut lines = Vec::new();
    for hit in block.captures_iter(text) {
        for line in hit[1].replace("\\\n", " ").lines() {
            let line = line.split("  #").next().unwrap_or(line).trim();
            if !line.is_empty() && !line.starts_with('#') {
                lines.push(line.to_owned());
            }
        }
    }
    lines
}

/// A folder as somebody has it who exported logs, roles and policies, twice reported.
fn workplace() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let put = |from: &Path, to: &str| {
        for (name, bytes) in tree(from) {
            let path = folder.path().join(to).join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, bytes).unwrap();
        }
    };
    put(&fixture("cases/vault-gitlab/input"), "exports");
    put(&fixture("estate/vault/config"), "exports/vault/config");
    let policies = fixture("estate/vault/config/policies");
    put(&policies, "old");
    put(&policies, "new");
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/reperform.py");
    fs::create_dir(folder.path().join("docs")).unwrap();
    fs::copy(script, folder.path().join("docs/reperform.py")).unwrap();
    folder
}

#[test]
fn the_commands_of_the_first_page_and_of_the_pack_run() {
    let folder = workplace();
    let program = env!("CARGO_BIN_EXE_piperoll");
    let all = pages();
    let of = |end: &str| {
        let page = all.iter().find(|(name, _)| name.ends_with(end));
        shown(&page.unwrap().1)
    };
    let mut lines = of("/README.md");
    lines.retain(|line| !line.starts_with("cargo"));
    assert!(lines.len() > 15, "{lines:?}");
    let extra = of("docs/pack.md");
    assert!(extra.len() > 5, "{extra:?}");
    lines.extend(extra);
    for line in lines {
        if NOT_RUN.contains(&line.as_str()) || line.contains("--key") {
            continue;
        }
        // A page that is shown twice writes its pack once.
        if line.contains("evidence-q3 --previous") {
            fs::remove_dir_all(folder.path().join("evidence-q3")).unwrap();
        }
        if line.contains("FILE") || line.contains("INPUT...") {
            continue;
        }
        if line.contains("python3") && std::process::Command::new("python3").output().is_err() {
            skipped("examples", "no python3");
            continue;
        }
        let mut shell = assert_cmd::Command::new("sh");
        let line = line.replace("piperoll ", &format!("{program} "));
        let line = format!("set -e; {line}");
        shell.current_dir(folder.path()).args(["-c", &line]);
        let said = ran(&shell.output().unwrap());
        // A gate that finds something has run.
        let done = said.code == 0 || (said.code == 1 && line.contains(" lint "));
        assert!(done, "{line}\n{}\n{}{}", said.code, said.out, said.err);
        if line.ends_with("report exports -o evidence") {
            for quarter in ["evidence-q2", "evidence-q3"] {
                let more = ["report", "exports", "-o", quarter, "--quiet"];
                let again = run_in(folder.path(), &more);
                assert_eq!(again.code, 0, "{}", again.err);
            }
        }
    }
}

#[test]
fn the_commands_of_the_other_pages_run() {
    let folder = workplace();
    let from = fixture("cases/vault-gitlab/piperoll.toml");
    fs::copy(from, folder.path().join("piperoll.toml")).unwrap();
    let program = env!("CARGO_BIN_EXE_piperoll");
    let all = pages();
    let mut run = 0;
    // What somebody has who upgrades: rules of their own, and the pack of the version before.
    let new = run_in(folder.path(), &["rules", "new", "OWN-001"]);
    assert_eq!(new.code, 0, "{}", new.err);
    let before = ["report", "exports", "-o", "evidence-old", "--quiet"];
    assert_eq!(run_in(folder.path(), &before).code, 0);
    let pages = ["store", "scale", "templates", "packages", "upgrading"];
    for end in pages.map(|page| format!("docs/{page}.md")) {
        let (_, text) = all.iter().find(|(name, _)| name.ends_with(&end)).unwrap();
        let indented = text
            .lines()
            .filter_map(|line| line.strip_prefix("    piperoll "));
        let mut lines: Vec<String> = indented.map(|line| format!("piperoll {line}")).collect();
        lines.extend(shown(text));
        for line in lines {
            let line = line
                .replace("/srv/logs", "exports")
                .replace("/srv/store", "nightly")
                .replace(" logs/", " exports")
                // The period of what is here.
                .replace("last-quarter", "2026-Q3")
                .replace("-o tables", "-o tables --answered")
                .replace("--answers answers", "--answers tables/answers")
                .replace("/etc/bash_completion.d/piperoll", "completion")
                .replace("man -l -", "cat");
            let _ = fs::remove_dir_all(folder.path().join("evidence"));
            let command = line.replace("piperoll ", &format!("{program} "));
            let mut shell = assert_cmd::Command::new("sh");
            shell.current_dir(folder.path()).args(["-c", &command]);
            let said = ran(&shell.output().unwrap());
            assert_eq!(said.code, 0, "{end}: {line}\n{}{}", said.out, said.err);
            run += 1;
        }
    }
    assert!(run >= 16, "{run}");
}

#[test]
fn every_option_that_a_page_names_is_one() {
    let folder = tempfile::tempdir().unwrap();
    let mut known: BTreeMap<String, String> = BTreeMap::new();
    let mut help = |words: &[&str]| -> String {
        let said = known.entry(words.join(" ")).or_insert_with(|| {
            let mut all = words.to_vec();
            all.push("--help");
            let said = ran(&binary(folder.path()).args(&all).output().unwrap());
            if said.code == 0 {
                said.out
            } else {
                String::new()
            }
        });
        said.clone()
    };
    let option = Regex::new(r"(?:^|[\s\[(])(--[a-z][a-z-]*)").unwrap();
    let quoted = Regex::new(r"`(piperoll [^`]*)`").unwrap();
    let (mut seen, mut faults) = (0, Vec::new());
    for (page, text) in pages() {
        let mut commands = shown(&text);
        commands.retain(|line| line.starts_with("piperoll "));
        commands.extend(quoted.captures_iter(&text).map(|hit| hit[1].to_owned()));
        for command in commands {
            let words: Vec<&str> = command.split_whitespace().skip(1).collect();
            let Some(first) = words
                .first()
                .filter(|word| word.starts_with(char::is_lowercase))
            else {
                continue;
            };
            for name in first.split(['|', '\\']).filter(|name| !name.is_empty()) {
                let second = words.get(1).copied().unwrap_or_default();
                let second = second.split(['|', '\\']).next().unwrap_or_default();
                let deeper = match name {
                    "policy" | "rules" | "config" if !second.is_empty() => help(&[name, second]),
                    _ => String::new(),
                };
                let text = help(&[name]) + &deeper;
                if text.is_empty() {
                    faults.push(format!("{page}: `{command}`: no such command"));
                }
                for hit in option.captures_iter(&command) {
                    seen += 1;
                    if !text.contains(&hit[1]) {
                        faults.push(format!("{page}: `{command}`: no {}", &hit[1]));
                    }
                }
            }
        }
    }
    assert!(seen > 20, "only {seen} options were looked at");
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
