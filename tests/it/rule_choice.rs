//! Rules are chosen by flags and by `[rules]`; what is left out counts as not assessed, never as a
//! pass, and a name that no rule has is an error.

use std::path::Path;

use serde_json::Value;

use super::lint::{estate, lint};
use super::lint_waivers::git;
use super::product::{piperoll, run_in};

const POLICY: &str = "path \"*\" {\n  capabilities = [\"read\", \"sudo\"]\n}\n";

fn said(dir: &Path, words: &[&str]) -> (i32, Value) {
    let words = [&["policies", "--format", "json"], words].concat();
    let (code, out, err) = lint(dir, &words);
    let value = serde_json::from_str(&out).unwrap_or_else(|_| panic!("{code} {out} {err}"));
    (code, value)
}

/// Rule and severity of every finding.
fn found(value: &Value) -> Vec<(&str, &str)> {
    let findings = value["findings"].as_array().unwrap().iter();
    findings
        .map(|found| {
            (
                found["rule_id"].as_str().unwrap(),
                found["severity"].as_str().unwrap(),
            )
        })
        .collect()
}

/// Outcome and reason of a rule.
fn run<'v>(value: &'v Value, id: &str) -> &'v Value {
    let runs = value["rules"].as_array().unwrap().iter();
    let mut runs = runs.filter(|run| run["rule_id"] == id);
    runs.next().unwrap_or_else(|| panic!("{id}: {value}"))
}

#[test]
fn flags_choose_and_what_they_leave_out_is_not_assessed() {
    let dir = estate(&[("policies/a.hcl", POLICY)]);
    let (code, all) = said(dir.path(), &[]);
    assert_eq!(code, 1);
    let all: Vec<(&str, &str)> = found(&all);
    assert!(
        all.iter().any(|(rule, _)| *rule == "VLT-POL-001"),
        "{all:?}"
    );
    assert!(all.len() > 1, "{all:?}");
    let (code, one) = said(dir.path(), &["--select", "VLT-POL-001,JOI-003"]);
    assert_eq!((code, found(&one).len()), (1, 1));
    assert_eq!(run(&one, "VLT-POL-002")["outcome"], "not-assessed");
    let (_, rest) = said(
        dir.path(),
        &["--select", "vlt-pol", "--ignore", "VLT-POL-001"],
    );
    assert!(!found(&rest).is_empty());
    assert!(found(&rest).iter().all(|(rule, _)| *rule != "VLT-POL-001"));
    let ignored = run(&rest, "VLT-POL-001");
    assert_eq!(ignored["outcome"], "not-assessed");
    assert!(
        ignored
            .to_string()
            .contains("ignored (--ignore VLT-POL-001)")
    );
}

#[test]
fn a_gate_that_would_ask_nothing_or_a_rule_that_is_none_is_an_error() {
    let dir = estate(&[("policies/a.hcl", POLICY)]);
    for (words, said) in [
        (["--select", "JOI-003"], "no rule is left"),
        (["--ignore", "V"], "no rule is left"),
        (["--select", "VLT-PLO-001"], "did you mean `VLT-POL-001`?"),
        (["--ignore", "VLT-POL-01X"], "did you mean `VLT-POL-01"),
        (["--explain", "VLT-POL-0O1"], "did you mean `VLT-POL-001`?"),
    ] {
        let more: &[&str] = if words[1] == "V" {
            &[
                "--ignore", "G", "--ignore", "W", "--ignore", "J", "--ignore", "I", "--ignore",
                "A", "--ignore", "K", "--ignore", "P",
            ]
        } else {
            &[]
        };
        let words = [&["policies"], &words[..], more].concat();
        let (code, out, err) = lint(dir.path(), &words);
        assert_eq!((code, out.as_str()), (2, ""), "{words:?} {err}");
        assert!(err.contains(said), "{words:?}: {err}");
    }
}

#[test]
fn the_file_calls_findings_otherwise_and_switches_rules_off_with_a_reason() {
    let toml = "[rules.severity]\nVLT-POL-001 = \"low\"\n[rules.disabled]\nVLT-POL-013 = \"until March\"\n";
    let dir = estate(&[("policies/a.hcl", POLICY), ("piperoll.toml", toml)]);
    let (_, value) = said(dir.path(), &["--select", "VLT-POL-001,VLT-POL-013"]);
    assert_eq!(found(&value), [("VLT-POL-001", "low")]);
    let off = run(&value, "VLT-POL-013").to_string();
    assert!(off.contains("not-assessed"), "{off}");
    assert!(
        off.contains("disabled (piperoll.toml:4): until March"),
        "{off}"
    );
}

#[test]
fn nothing_fails_where_nothing_is_to_fail() {
    let dir = estate(&[("policies/a.hcl", POLICY)]);
    let (code, value) = said(dir.path(), &["--fail-on", "none"]);
    assert_eq!(code, 0);
    assert!(!found(&value).is_empty());
    let (code, _, err) = lint(dir.path(), &["policies", "--fail-on", "urgent"]);
    assert_eq!(code, 2);
    assert!(err.contains("crit, high, med, low, info, none"), "{err}");
}

#[test]
fn a_comment_that_waives_a_rule_that_is_none_is_told() {
    let policy = format!(
        "# piperoll: allow VLT-PLO-001 reason=\"r\" owner=\"o\" expires=2099-01-01\n{POLICY}"
    );
    let dir = estate(&[("policies/a.hcl", &policy)]);
    let (_, value) = said(dir.path(), &["--select", "WVR-002"]);
    let message = value["findings"][0]["message"].as_str().unwrap();
    assert!(message.contains("did you mean `VLT-POL-001`?"), "{message}");
}

#[test]
fn a_rule_is_explained_from_lint_and_all_are_listed_for_machines() {
    let explained = piperoll(&["lint", "--explain", "vlt-pol-001"]);
    assert_eq!(explained.code, 0);
    assert_eq!(
        explained.out,
        piperoll(&["rules", "explain", "VLT-POL-001"]).out
    );
    let listed = piperoll(&["rules", "list", "--format", "json"]);
    let value: Value = serde_json::from_str(&listed.out).unwrap();
    assert_eq!(value["schema"], "piperoll/rules/1");
    let rules = value["rules"].as_array().unwrap();
    assert_eq!(
        rules.len(),
        piperoll(&["rules", "list"]).out.lines().count()
    );
    for rule in rules {
        for key in ["id", "title", "severity", "kind", "question", "remediation"] {
            assert!(!rule[key].as_str().unwrap().is_empty(), "{rule}");
        }
    }
}

/// The change that a merge request makes to `[rules]` is not what judges it.
#[test]
fn a_change_does_not_switch_off_the_rule_that_refuses_it() {
    let dir = estate(&[("policies/a.hcl", POLICY), ("piperoll.toml", "")]);
    git(dir.path(), &["init", "-q"]);
    git(dir.path(), &["add", "-A"]);
    git(dir.path(), &["commit", "-q", "-m", "base"]);
    let off = "[rules.disabled]\nVLT- = \"it is late\"\n";
    std::fs::write(dir.path().join("piperoll.toml"), off).unwrap();
    let (code, value) = said(dir.path(), &["--git-base", "main"]);
    assert_eq!(code, 0);
    assert!(
        value.to_string().contains("this change alters [rules]"),
        "{value}"
    );
    let refused = ["--git-base", "main", "--refuse-added-waivers"];
    let (code, value) = said(dir.path(), &refused);
    assert_eq!(code, 1, "{value}");
    assert!(
        value
            .to_string()
            .contains("the configuration of the base holds"),
        "{value}"
    );
}

#[test]
fn a_pack_says_what_was_left_out_and_no_control_is_greener_for_it() {
    let toml =
        "[rules]\nignore = [\"VLT-POL-\"]\n[rules.disabled]\nVLT-ROL-001 = \"see the wiki\"\n";
    let dir = estate(&[("policies/a.hcl", POLICY), ("piperoll.toml", toml)]);
    let words = [
        "report",
        "policies",
        "-o",
        "pack",
        "--from",
        "2026-09-01",
        "--to",
        "2026-10-01",
    ];
    run_in(dir.path(), &words);
    let pack = |name: &str| std::fs::read_to_string(dir.path().join("pack").join(name)).unwrap();
    let rules = pack("data/rules.csv");
    let row = rules
        .lines()
        .find(|line| line.starts_with("VLT-POL-001"))
        .unwrap();
    assert!(
        row.contains("not-assessed") && row.contains("ignored (piperoll.toml:2)"),
        "{row}"
    );
    assert!(pack("data/rules.csv").contains("disabled (piperoll.toml:4): see the wiki"));
    for file in ["run.json", "manifest.json"] {
        let text = pack(file);
        assert!(
            text.contains("rules.disabled.VLT-ROL-001"),
            "{file}: {text}"
        );
        assert!(text.contains("see the wiki"), "{file}");
    }
    assert!(pack("report.html").contains("were left out and count as not assessed"));
    let whole = run_in(dir.path(), &["verify", "pack"]);
    assert_eq!(whole.code, 0, "{} {}", whole.out, whole.err);
    let controls = pack("data/control_matrix.csv");
    let row = controls
        .lines()
        .find(|line| line.contains(",CC6.3,"))
        .unwrap();
    assert!(row.contains("insufficient-coverage"), "{row}");
}
