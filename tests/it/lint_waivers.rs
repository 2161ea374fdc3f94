//! A merge request does not approve itself: waivers in comments can be left unasked, and those that
//! a change adds are listed, or refused.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

use super::lint::{FORMATS, estate, lint};

const POLICY: &str = "path \"sys/*\" {\n  capabilities = [\"sudo\", \"update\"]\n}\n";

pub(super) fn git(dir: &Path, words: &[&str]) -> String {
    let output = Command::new("git")
        .current_dir(dir)
        .args(["-c", "user.name=a", "-c", "user.email=a@example.com"])
        .args([
            "-c",
            "init.defaultBranch=main",
            "-c",
            "commit.gpgsign=false",
        ])
        .args(words)
        .output()
        .unwrap();
    assert!(output.status.success(), "{words:?}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// What a lint says as JSON.
fn said(dir: &Path, words: &[&str]) -> (i32, Value) {
    let words = [&[".", "--format", "json"], words].concat();
    let (code, out, err) = lint(dir, &words);
    let value = serde_json::from_str(&out).unwrap_or_else(|_| panic!("{code} {out} {err}"));
    (code, value)
}

fn rules(value: &Value) -> Vec<String> {
    let findings = value["findings"].as_array().unwrap();
    let mut rules: Vec<String> = findings
        .iter()
        .map(|found| found["rule_id"].as_str().unwrap().to_owned())
        .filter(|rule| !rule.starts_with("WVR"))
        .collect();
    rules.sort();
    rules.dedup();
    rules
}

/// The policy with a waiver of every rule that finds something in it.
fn waived() -> String {
    let dir = estate(&[("policies/a.hcl", POLICY)]);
    let (code, value) = said(dir.path(), &[]);
    assert_eq!(code, 1, "the policy must be bad: {value}");
    let lines = rules(&value).into_iter().map(|rule| {
        format!("# piperoll: allow {rule} reason=\"known\" owner=\"ann\" expires=2027-01-01\n")
    });
    lines.collect::<String>() + POLICY
}

fn added(value: &Value) -> usize {
    value["waivers_added"].as_array().unwrap().len()
}

#[test]
fn comments_accept_nothing_where_they_are_not_asked() {
    let dir = estate(&[("policies/a.hcl", &waived())]);
    assert_eq!(said(dir.path(), &[]).0, 0);
    let (code, value) = said(dir.path(), &["--no-inline-waivers"]);
    assert_eq!(code, 1, "{value}");
    assert!(
        value["notes"].to_string().contains("--no-inline-waivers"),
        "{value}"
    );
}

#[test]
fn a_waiver_that_the_change_adds_is_listed_in_every_format_and_can_be_refused() {
    let dir = estate(&[("policies/a.hcl", POLICY)]);
    git(dir.path(), &["init", "-q"]);
    git(dir.path(), &["add", "."]);
    git(dir.path(), &["commit", "-qm", "bad"]);
    std::fs::write(dir.path().join("policies/a.hcl"), waived()).unwrap();
    let (code, value) = said(dir.path(), &["--git-base", "HEAD"]);
    assert_eq!(code, 0, "listed, not refused: {value}");
    assert_eq!(added(&value), rules(&value).len(), "{value}");
    assert_eq!(value["waivers_added"][0]["owner"], "ann");
    for format in FORMATS
        .iter()
        .filter(|format| !["csv", "ndjson", "junit"].contains(format))
    {
        let (_, out, _) = lint(dir.path(), &[".", "--git-base", "HEAD", "--format", format]);
        assert!(
            out.contains("ann") && out.contains("add"),
            "{format}: {out}"
        );
    }
    let refused = ["--git-base", "HEAD", "--refuse-added-waivers"];
    let (code, value) = said(dir.path(), &refused);
    assert_eq!((code, added(&value) > 0), (1, true), "{value}");
    // On the branch that holds them they are nobody's addition.
    git(dir.path(), &["commit", "-qam", "accepted"]);
    let (code, value) = said(dir.path(), &refused);
    assert_eq!((code, added(&value)), (0, 0), "{value}");
    // The same comment above a statement that says more accepts something else.
    let more = waived().replace("[\"", "[\"create\", \"");
    std::fs::write(dir.path().join("policies/a.hcl"), more).unwrap();
    assert!(added(&said(dir.path(), &refused).1) > 0);
    // So does it above another.
    let moved = waived().replace("sys/*", "sys/mounts/*");
    std::fs::write(dir.path().join("policies/a.hcl"), moved).unwrap();
    assert!(added(&said(dir.path(), &refused).1) > 0);
}

#[test]
fn a_waiver_that_the_change_adds_to_the_configuration_is_listed_too() {
    let dir = estate(&[("policies/a.hcl", POLICY), ("piperoll.toml", "")]);
    let (_, value) = said(dir.path(), &[]);
    git(dir.path(), &["init", "-q"]);
    git(dir.path(), &["add", "."]);
    git(dir.path(), &["commit", "-qm", "bad"]);
    let waivers = value["findings"].as_array().unwrap().iter().map(|found| {
        let (rule, id) = (&found["rule_id"], &found["finding_id"]);
        format!("[[waiver]]\nrule = {rule}\nfingerprint = {id}\nreason = \"r\"\nowner = \"ann\"\nexpires = 2027-01-01\n")
    });
    std::fs::write(
        dir.path().join("piperoll.toml"),
        waivers.collect::<String>(),
    )
    .unwrap();
    let (code, value) = said(dir.path(), &["--git-base", "HEAD"]);
    assert_eq!((code, added(&value) > 0), (0, true), "{value}");
    for config in [
        "piperoll.toml",
        &dir.path().join("piperoll.toml").display().to_string(),
    ] {
        let (code, _) = said(
            dir.path(),
            &["--git-base", "HEAD", "--refuse-added-waivers", "-c", config],
        );
        assert_eq!(code, 1, "{config}");
    }
}

/// An administrator whom the change declares, a threshold that it raises, a file that it removes.
#[test]
fn what_the_change_makes_of_the_configuration_is_said_and_accepts_nothing_where_it_is_refused() {
    let policy = r#"{"version": 1, "bindings": [{"role": "roles/owner", "members": ["serviceAccount:app@acme.iam.gserviceaccount.com"]}]}"#;
    let admins = "[people]\nadmins = [\"gcp:sa/app@acme.iam.gserviceaccount.com\"]\n";
    let milder = "[rules.severity]\nGCP-IAM-002 = \"high\"\n";
    let refused = ["--git-base", "HEAD", "--refuse-added-waivers"];
    for (before, after, table) in [
        (
            Some("[vault]\ndialect = \"vault\"\n"),
            Some(admins),
            "[people]",
        ),
        (None, Some(admins), "[people]"),
        (Some(milder), None, "[rules]"),
    ] {
        let mut files = vec![("projects/acme/iam-policy.json", policy)];
        files.extend(before.map(|text| ("piperoll.toml", text)));
        let dir = estate(&files);
        git(dir.path(), &["init", "-q"]);
        git(dir.path(), &["add", "."]);
        git(dir.path(), &["commit", "-qm", "bad"]);
        let config = dir.path().join("piperoll.toml");
        match after {
            Some(text) => std::fs::write(config, text).unwrap(),
            None => std::fs::remove_file(config).unwrap(),
        }
        let (_, value) = said(dir.path(), &["--git-base", "HEAD"]);
        let notes = value["notes"].to_string();
        assert!(
            notes.contains("this change alters ") && notes.contains(table),
            "{notes}"
        );
        let (code, value) = said(dir.path(), &refused);
        let notes = value["notes"].to_string();
        assert_eq!(code, 1, "{notes}");
        assert!(
            notes.contains("the configuration of the base holds"),
            "{notes}"
        );
        // Merged, it is nobody's change.
        git(dir.path(), &["add", "-A"]);
        git(dir.path(), &["commit", "-qm", "accepted"]);
        let (_, value) = said(dir.path(), &refused);
        assert!(
            !value["notes"].to_string().contains("this change"),
            "{value}"
        );
    }
}

/// Whoever opens a merge request may commit a folder of any name.
#[test]
fn a_folder_that_is_passed_over_is_told_where_it_holds_configuration() {
    for folder in [".terraform", ".terragrunt-cache"] {
        let path = format!("{folder}/a.hcl");
        let dir = estate(&[
            (
                "policies/b.hcl",
                "path \"secret/x\" {\n  capabilities = [\"read\"]\n}\n",
            ),
            (&path, POLICY),
        ]);
        let (code, value) = said(dir.path(), &[]);
        let notes = value["notes"].to_string();
        assert_eq!(code, 0, "{notes}");
        assert!(
            notes.contains("1 file(s) below") && notes.contains(folder),
            "{notes}"
        );
        assert_eq!(said(dir.path(), &["--strict"]).0, 3);
    }
    let dir = estate(&[
        (
            "policies/b.hcl",
            "path \"secret/x\" {\n  capabilities = [\"read\"]\n}\n",
        ),
        (".terraform/provider", "x"),
    ]);
    assert_eq!(said(dir.path(), &[]).1["notes"].to_string(), "[]");
}

#[test]
fn a_baseline_that_the_change_grows_is_said_and_can_be_refused() {
    let dir = estate(&[
        ("policies/a.hcl", POLICY),
        ("base.json", "{\"findings\": []}"),
    ]);
    git(dir.path(), &["init", "-q"]);
    git(dir.path(), &["add", "."]);
    git(dir.path(), &["commit", "-qm", "bad"]);
    let (_, value) = said(dir.path(), &[]);
    std::fs::write(dir.path().join("base.json"), value.to_string()).unwrap();
    let words = ["--baseline", "base.json", "--git-base", "HEAD"];
    let (code, value) = said(dir.path(), &words);
    assert_eq!(code, 0, "{value}");
    assert!(
        value["notes"].to_string().contains("to the baseline"),
        "{value}"
    );
    let (code, _) = said(
        dir.path(),
        &[&words[..], &["--refuse-added-waivers"]].concat(),
    );
    assert_eq!(code, 1);
}

/// Whoever writes the repository must not make git run anything, and REF is no option.
#[test]
fn a_hostile_repository_runs_nothing_and_a_reference_is_no_option() {
    let dir = estate(&[
        ("policies/a.hcl", &waived()),
        (".gitattributes", "* diff=x filter=x\n"),
    ]);
    git(dir.path(), &["init", "-q"]);
    git(dir.path(), &["add", "."]);
    git(dir.path(), &["commit", "-qm", "all"]);
    let mark = dir.path().join("ran");
    let run = format!("touch '{}'", mark.display());
    for key in [
        "diff.x.textconv",
        "filter.x.smudge",
        "core.fsmonitor",
        "core.pager",
        "diff.external",
        "core.sshCommand",
        "alias.cat-file",
    ] {
        git(dir.path(), &["config", key, &run]);
    }
    let (code, value) = said(dir.path(), &["--git-base", "HEAD"]);
    assert_eq!((code, added(&value)), (0, 0), "{value}");
    assert!(!mark.exists(), "the repository ran a command");
    for reference in [
        "--output=ran",
        "-h",
        "nowhere",
        "",
        "HEAD:policies/a.hcl",
        "$(touch ran)",
    ] {
        let word = format!("--git-base={reference}");
        let (code, _, err) = lint(dir.path(), &[".", &word]);
        assert_eq!(code, 2, "{reference}: {err}");
        assert!(
            err.contains("help: ") && !mark.exists(),
            "{reference}: {err}"
        );
    }
}

/// A tag goes before a branch, and whoever may push one would choose what is compared with.
#[test]
fn a_tag_with_the_name_of_the_base_is_no_base() {
    let dir = estate(&[("policies/a.hcl", POLICY)]);
    git(dir.path(), &["init", "-q"]);
    git(dir.path(), &["add", "."]);
    git(dir.path(), &["commit", "-qm", "bad"]);
    git(
        dir.path(),
        &["update-ref", "refs/remotes/origin/main", "HEAD"],
    );
    std::fs::write(dir.path().join("policies/a.hcl"), waived()).unwrap();
    git(dir.path(), &["commit", "-qam", "accepted"]);
    let refused = |base: &str| {
        let words = [".", "--git-base", base, "--refuse-added-waivers"];
        lint(dir.path(), &words)
    };
    assert_eq!(refused("origin/main").0, 1);
    git(dir.path(), &["tag", "origin/main", "HEAD"]);
    git(dir.path(), &["config", "core.warnAmbiguousRefs", "false"]);
    let (code, _, err) = refused("origin/main");
    assert!(code == 2 && err.contains("several references"), "{err}");
    assert_eq!(refused("refs/remotes/origin/main").0, 1);
}

#[test]
fn a_change_answers_for_what_it_brings_alone() {
    let bad = |path: &str| format!("path \"{path}\" {{\n  capabilities = [\"sudo\"]\n}}\n");
    let old = bad("sys/*");
    let dir = estate(&[("policies/team/old.hcl", &old), ("notes.md", "x\n")]);
    git(dir.path(), &["init", "-q"]);
    git(dir.path(), &["add", "."]);
    git(dir.path(), &["commit", "-qm", "base"]);
    let base = ["--git-base", "HEAD", "--changed-only"];
    assert_eq!(said(dir.path(), &[]).0, 1, "the base is bad");
    let (code, value) = said(dir.path(), &base);
    assert_eq!((code, rules(&value).len()), (0, 0), "{value}");
    assert!(
        value["notes"].to_string().contains("stand in the base too"),
        "{value}"
    );
    // Lines above move what is known; another policy is new.
    std::fs::write(
        dir.path().join("policies/team/old.hcl"),
        format!("# who\n\n{old}"),
    )
    .unwrap();
    std::fs::write(dir.path().join("policies/new.hcl"), bad("auth/*")).unwrap();
    let (code, value) = said(dir.path(), &base);
    assert_eq!(code, 1, "{value}");
    let text = value["findings"].to_string();
    assert!(
        text.contains("policy/new") && !text.contains("team/old"),
        "{text}"
    );
    // A path of its own, and from another folder of the repository.
    for (from, path, wanted) in [
        ("", "policies/team", 0),
        ("policies", ".", 1),
        ("policies", "new.hcl", 1),
    ] {
        let words = [&[path, "--format", "json"][..], &base[..]].concat();
        let (code, out, err) = lint(&dir.path().join(from), &words);
        assert_eq!(code, wanted, "{from} {path}: {out} {err}");
    }
    assert_eq!(lint(dir.path(), &["--changed-only"]).0, 2);
}
