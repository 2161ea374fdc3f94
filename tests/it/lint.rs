//! `piperoll lint` as a pipeline runs it: exit codes, waivers, baseline, and formats held against
//! the official schemas.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::unwrap_used
)]

use super::skipped::skipped;
use std::fs;
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use piperoll::policy::SHIPPED_DEFAULT;
use serde_json::Value;
use tempfile::TempDir;

/// Every output format of a lint.
pub(crate) const FORMATS: [&str; 10] = [
    "codequality",
    "csv",
    "github",
    "gl-sast",
    "json",
    "junit",
    "markdown",
    "ndjson",
    "sarif",
    "text",
];

/// A folder of files, by name and text.
pub(crate) fn estate(files: &[(&str, &str)]) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = dir.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    dir
}

/// Exit code, standard output and standard error of a lint in `dir`.
pub(crate) fn lint(dir: &Path, args: &[&str]) -> (i32, String, String) {
    let output = Command::cargo_bin("piperoll")
        .unwrap()
        .current_dir(dir)
        .args(["lint", "--as-of", "2026-06-01"])
        .args(args)
        .output()
        .unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (
        output.status.code().unwrap(),
        text(output.stdout),
        text(output.stderr),
    )
}

fn findings(dir: &Path, args: &[&str]) -> Vec<(String, String)> {
    let (_, out, _) = lint(dir, &[args, &["--format", "json"]].concat());
    let report: Value = serde_json::from_str(&out).unwrap();
    let list = report["findings"].as_array().unwrap();
    let field = |found: &Value, key: &str| found[key].as_str().unwrap().to_owned();
    list.iter()
        .map(|found| (field(found, "rule_id"), field(found, "state")))
        .collect()
}

#[test]
fn the_policy_that_every_server_has_is_silent() {
    let dir = estate(&[("policies/default.hcl", SHIPPED_DEFAULT)]);
    let (code, out, err) = lint(dir.path(), &["--fail-on", "info"]);
    assert_eq!(code, 0, "{out}{err}");
    assert_eq!(findings(dir.path(), &[]), []);
}

#[test]
fn a_finding_at_or_above_the_bar_fails_and_one_below_does_not() {
    let dir = estate(&[(
        "policies/a.hcl",
        "path \"*\" { capabilities = [\"read\"] }\n",
    )]);
    let (code, out, _) = lint(dir.path(), &[]);
    assert_eq!(code, 1);
    assert!(out.contains("error[crit VLT-POL-001]"), "{out}");
    assert!(
        out.contains("policies/a.hcl:1:6") && out.contains("^^^"),
        "{out}"
    );
    let dir = estate(&[(
        "policies/a.hcl",
        "path \"secret/*/db\" { capabilities = [\"read\"] }\n",
    )]);
    assert_eq!(lint(dir.path(), &[]).0, 0);
    assert_eq!(lint(dir.path(), &["--fail-on", "med"]).0, 1);
}

#[test]
fn a_broken_file_is_named_and_the_others_are_linted() {
    let dir = estate(&[
        (
            "policies/bad.hcl",
            "path \"x\" {\n  capabilities = [\"reed\"]\n}\n",
        ),
        (
            "policies/good.hcl",
            "path \"*\" { capabilities = [\"read\"] }\n",
        ),
        (
            "main.tf",
            "resource \"vault_policy\" \"x\" {\n  name = \"x\n}\n",
        ),
    ]);
    let (code, out, err) = lint(dir.path(), &[]);
    assert_eq!(code, 3, "{err}");
    assert!(out.contains("policies/bad.hcl:2:"), "{out}");
    assert!(out.contains("main.tf:2"), "{out}");
    assert!(out.contains("VLT-POL-001"), "{out}");
}

#[test]
fn a_policy_in_utf_16_is_read_and_one_in_no_unicode_is_broken() {
    let dir = estate(&[("a.hcl", "path \"*\" { capabilities = [\"read\"] }\n")]);
    let utf_16: Vec<u8> = "\u{feff}path \"*\" { capabilities = [\"sudo\"] }\n"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    fs::write(dir.path().join("b.hcl"), &utf_16).unwrap();
    let (code, out, _) = lint(dir.path(), &[]);
    assert_eq!(code, 1, "{out}");
    assert!(out.contains("--> b.hcl:1"), "{out}");
    fs::write(dir.path().join("b.hcl"), &utf_16[..utf_16.len() - 1]).unwrap();
    fs::write(dir.path().join("c.hcl"), b"path \"\xff\" {}\n").unwrap();
    let (code, out, _) = lint(dir.path(), &[]);
    assert_eq!(code, 3, "{out}");
    assert!(out.contains("b.hcl:1") && out.contains("UTF-16"), "{out}");
    assert!(
        out.contains("c.hcl:1") && out.contains("not UTF-8"),
        "{out}"
    );
    assert!(out.contains("--> a.hcl"), "{out}");
}

#[test]
fn what_the_gate_reads_by_kind_or_by_name_it_reads_or_names() {
    let role = "{\n  \"role_type\": \"jwt\",\n  \"bound_claims\": {\n    \"project_id\": [\"1";
    let policy = "path \"*\" { capabilities = [\"sudo\"] }\n";
    let far = |filler: &str| format!("{}{policy}", filler.repeat(70_000 / filler.len()));
    for (name, text, code) in [
        (
            "gcp/projects/p/iam-policy.json",
            "{\n \"bindings\": [\n  {\"role\": \"x".to_owned(),
            3,
        ),
        ("gcp/projects/p/iam-policy.json", String::new(), 3),
        (
            "gcp/projects/p/iam-policy.json",
            "ERROR: (gcloud) denied\n".to_owned(),
            3,
        ),
        ("anything.json", role.to_owned(), 3),
        (".gitlab-ci.yml", "a: [\n".to_owned(), 3),
        ("policies/a.hcl", String::new(), 3),
        (
            "policies/a.hcl",
            format!("variable \"x\" {{}}\n{policy}"),
            3,
        ),
        ("policies/a.hcl", far("# a comment\n"), 1),
        ("policies/a.hcl", far(" \n"), 1),
        ("policies/a.hcl", far("/* a comment\n of two lines */\n"), 1),
        (
            "tsconfig.json",
            "{\n  // a comment\n  \"a\": 1,\n}\n".to_owned(),
            0,
        ),
        ("notes.txt", String::new(), 0),
    ] {
        let dir = estate(&[
            (name, &text),
            (
                "policies/ok.hcl",
                "path \"secret/a\" { capabilities = [\"read\"] }\n",
            ),
        ]);
        let (found, out, err) = lint(dir.path(), &[]);
        let head: String = text.chars().take(40).collect();
        assert_eq!(found, code, "{name} {head:?}\n{out}\n{err}");
    }
}

#[test]
fn usage_and_missing_paths_are_told_apart_from_nothing_to_lint() {
    let dir = estate(&[("readme.txt", "nothing of ours\n")]);
    assert_eq!(lint(dir.path(), &["no/such/path"]).0, 2);
    assert_eq!(lint(dir.path(), &["--format", "pdf"]).0, 2);
    assert_eq!(lint(dir.path(), &["--baseline", "none.json"]).0, 2);
    assert_eq!(lint(dir.path(), &["-c", "none.toml"]).0, 2);
    assert_eq!(lint(dir.path(), &[]).0, 3);
}

#[test]
fn waivers_accept_until_they_end_and_are_judged_themselves() {
    let waived = "# piperoll: allow VLT-POL-001 reason=\"move\" owner=\"ann\" expires=EXPIRES\n\
        path \"*\" { capabilities = [\"read\"] }\n";
    let dir = estate(&[("policies/a.hcl", &waived.replace("EXPIRES", "2027-01-01"))]);
    assert_eq!(lint(dir.path(), &[]).0, 0);
    assert_eq!(
        findings(dir.path(), &[]),
        [("VLT-POL-001".to_owned(), "waived".to_owned())]
    );
    let dir = estate(&[("policies/a.hcl", &waived.replace("EXPIRES", "2026-01-01"))]);
    assert_eq!(lint(dir.path(), &[]).0, 1);
    let rules: Vec<String> = findings(dir.path(), &[])
        .into_iter()
        .map(|(rule, _)| rule)
        .collect();
    assert!(rules.contains(&"WVR-001".to_owned()), "{rules:?}");
    let config = "[[waiver]]\nrule = \"VLT-POL-001\"\nsubject = \"vault:policy/b\"\n\
        object = \"vault:path/*\"\nreason = \"gone\"\nowner = \"ann\"\nexpires = \"2027-01-01\"\n";
    let dir = estate(&[
        (
            "policies/a.hcl",
            "path \"secret/a\" { capabilities = [\"read\"] } # piperoll: allow\n",
        ),
        ("piperoll.toml", config),
    ]);
    let rules: Vec<String> = findings(dir.path(), &[])
        .into_iter()
        .map(|(rule, _)| rule)
        .collect();
    assert_eq!(rules, ["WVR-002", "WVR-003"]);
}

#[test]
fn what_a_baseline_knows_does_not_fail() {
    let dir = estate(&[(
        "policies/a.hcl",
        "path \"*\" { capabilities = [\"read\"] }\n",
    )]);
    let write = [
        "--output",
        "json=before.json",
        "--output",
        "ndjson=before.ndjson",
    ];
    assert_eq!(lint(dir.path(), &write).0, 1);
    for baseline in ["before.json", "before.ndjson"] {
        assert_eq!(lint(dir.path(), &["policies", "--baseline", baseline]).0, 0);
    }
    // Lines above do not make a known finding a new one.
    let text = "# a comment\n\npath \"*\" { capabilities = [\"read\"] }\n";
    fs::write(dir.path().join("policies/a.hcl"), text).unwrap();
    let args = ["policies", "--baseline", "before.json", "--new-only"];
    assert_eq!(findings(dir.path(), &args), []);
    fs::write(dir.path().join("policies/b.hcl"), text).unwrap();
    assert_eq!(lint(dir.path(), &args).0, 1);
}

/// The official schemas; `None`, said aloud, where they are not at hand.
fn schema(name: &str) -> Option<Value> {
    let folder = std::env::var_os("PIPEROLL_SCHEMAS").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/schemas"),
        PathBuf::from,
    );
    let path = folder.join(name);
    let Ok(text) = fs::read_to_string(&path) else {
        skipped(name, "no official schemas; set PIPEROLL_SCHEMAS");
        return None;
    };
    Some(serde_json::from_str(&text).unwrap())
}

fn hostile() -> TempDir {
    estate(&[
        (
            "policies/a b.hcl",
            "path \"*\" { capabilities = [\"read\"] }\npath \"secret/\u{202e}<&\\\"*/x\" { capabilities = [\"read\"] }\n",
        ),
        (
            "policies/bad.hcl",
            "path \"x\" {\n  capabilities = [\"<reed>\"]\n}\n",
        ),
        (
            "policies/w.hcl",
            "# piperoll: allow VLT-POL-001 reason=\"<m>\" owner=\"ann\" expires=2027-01-01\npath \"+/*\" { capabilities = [\"read\"] }\n",
        ),
        (
            "auth/gitlab/role/x.json",
            "{\"role_type\":\"jwt\",\"user_claim\":\"user_email\",\"bound_audiences\":[\"v\"],\"token_policies\":[\"gone\"]}",
        ),
    ])
}

fn assert_valid(schema: &Value, instance: &Value) {
    let validator = jsonschema::validator_for(schema).unwrap();
    let errors: Vec<String> = validator
        .iter_errors(instance)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert!(errors.is_empty(), "{}", errors.join("\n"));
}

#[test]
fn sarif_keeps_to_its_schema() {
    let dir = hostile();
    let (code, out, _) = lint(dir.path(), &["--format", "sarif"]);
    assert_eq!(code, 3);
    let report: Value = serde_json::from_str(&out).unwrap();
    let results = report["runs"][0]["results"].as_array().unwrap();
    assert!(results.len() > 3, "{out}");
    assert!(
        results
            .iter()
            .any(|result| result.get("suppressions").is_some())
    );
    assert!(out.contains("policies/a%20b.hcl"), "{out}");
    if let Some(schema) = schema("sarif-schema-2.1.0.json") {
        assert_valid(&schema, &report);
    }
}

#[test]
fn code_quality_keeps_to_its_schema_and_to_the_traps_of_gitlab() {
    let dir = hostile();
    let (_, out, _) = lint(dir.path(), &["--format", "codequality"]);
    let report: Value = serde_json::from_str(&out).unwrap();
    let issues = report.as_array().unwrap();
    let mut marks: Vec<&str> = issues
        .iter()
        .map(|issue| issue["fingerprint"].as_str().unwrap())
        .collect();
    marks.sort_unstable();
    marks.dedup();
    assert_eq!(marks.len(), issues.len());
    for issue in issues {
        assert!(issue["location"]["lines"]["begin"].as_u64().unwrap() >= 1);
        assert!(
            !issue["location"]["path"]
                .as_str()
                .unwrap()
                .starts_with("./")
        );
    }
    if let Some(schema) = schema("gitlab-codeclimate.transcribed.json") {
        for issue in issues {
            assert_valid(&schema, issue);
        }
    }
}

#[test]
fn the_sast_report_keeps_to_the_schema_of_gitlab() {
    let dir = hostile();
    let (_, out, _) = lint(dir.path(), &["--format", "gl-sast"]);
    let report: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(report["version"], "15.2.1");
    assert_eq!(report["scan"]["status"], "failure", "a file is broken");
    assert_eq!(report["scan"]["start_time"], "2026-06-01T00:00:00");
    let found = report["vulnerabilities"].as_array().unwrap();
    assert!(found.len() > 3, "{out}");
    for vulnerability in found {
        let rule = vulnerability["identifiers"][0]["value"].as_str().unwrap();
        assert!(rule.contains('-'), "{vulnerability}");
        assert!(vulnerability["location"]["start_line"].as_u64().unwrap() >= 1);
    }
    if let Some(schema) = schema("gitlab-sast-report-15.2.1.transcribed.json") {
        assert_valid(&schema, &report);
    }
}

#[test]
fn annotations_are_one_line_each_and_name_their_place() {
    let dir = hostile();
    let (_, out, _) = lint(dir.path(), &["--format", "github"]);
    assert!(out.lines().count() > 3, "{out}");
    for line in out.lines() {
        let level = ["::error ", "::warning ", "::notice "];
        assert!(level.iter().any(|level| line.starts_with(level)), "{line}");
        assert!(line.contains(" file=") && line.contains(",line="), "{line}");
    }
}

#[test]
fn text_counts_what_was_not_assessed_and_says_more_or_less_when_asked() {
    let dir = estate(&[(
        "policies/a.hcl",
        "path \"*\" {\n  capabilities = [\"read\"]\n}\n",
    )]);
    let said = |words: &[&str]| lint(dir.path(), &[&["policies"], words].concat());
    let (_, plain, _) = said(&[]);
    assert!(plain.contains("rule(s) not assessed, "), "{plain}");
    assert!(!plain.contains("not assessed VLT-"), "{plain}");
    let (_, verbose, _) = said(&["--verbose"]);
    assert!(verbose.contains("  not assessed VLT-"), "{verbose}");
    let (code, quiet, _) = said(&["--quiet"]);
    assert_eq!(code, 1);
    assert!(
        quiet.contains("VLT-POL-001") && !quiet.contains("file(s) read"),
        "{quiet}"
    );
    let (code, counted, _) = said(&["--statistics", "--quiet"]);
    assert_eq!(code, 1);
    for line in counted.lines() {
        assert_eq!(line.split_whitespace().next().unwrap(), "1", "{counted}");
    }
    assert!(
        counted.contains("VLT-POL-001") && !counted.contains("-->"),
        "{counted}"
    );
}

#[test]
fn every_format_is_written_and_shows_no_hidden_character() {
    let dir = hostile();
    for format in FORMATS {
        let (code, out, err) = lint(dir.path(), &["--format", format]);
        assert_eq!(code, 3, "{err}");
        assert!(!out.is_empty(), "{format}");
        if !matches!(format, "json" | "ndjson") {
            assert!(!out.contains('\u{202e}'), "{format}: {out}");
        }
    }
    let (_, out, _) = lint(dir.path(), &["--format", "junit"]);
    assert_eq!(
        out.matches("<testcase").count().to_string(),
        count(&out, "tests")
    );
    assert_eq!(
        out.matches("<failure").count().to_string(),
        count(&out, "failures")
    );
    assert!(!out.contains("<m>") && !out.contains("<reed>"), "{out}");
}

fn count(xml: &str, attribute: &str) -> String {
    let (_, rest) = xml.split_once(&format!(" {attribute}=\"")).unwrap();
    rest.split('"').next().unwrap().to_owned()
}

#[test]
fn the_trust_of_an_aws_role_is_judged_and_a_broken_one_is_named_in_its_place() {
    let trust = |effect: &str, condition: &str| {
        format!(
            "{{\n  \"Version\": \"2012-10-17\",\n  \"Statement\": [{{\"Effect\": \"{effect}\", \"Action\": \"sts:AssumeRoleWithWebIdentity\", \"Principal\": {{\"Federated\": \"arn:aws:iam::111122223333:oidc-provider/gitlab.com\"}}{condition}}}]\n}}\n"
        )
    };
    let bound = ", \"Condition\": {\"StringEquals\": {\"gitlab.com:sub\": \"project_path:mill/shop:ref_type:branch:ref:main\", \"gitlab.com:aud\": \"https://gitlab.com\"}}";
    let sound = trust("Allow", bound);
    let open = trust("Allow", "");
    let refused = trust("allow", bound);
    let cut = sound.get(..sound.len() - 20).unwrap();
    for (text, code, said) in [
        (sound.as_str(), 0, ""),
        (open.as_str(), 1, "AWS-TRU-001"),
        (refused.as_str(), 3, "`Effect`"),
        (cut, 3, "not closed"),
    ] {
        let folder = estate(&[("trust/shop.json", text)]);
        let (exit, out, err) = lint(folder.path(), &["--fail-on", "high"]);
        assert!(exit == code, "{code} {exit}: {out}{err}");
        let told = format!("{out}{err}");
        assert!(
            told.contains(said) && (said.is_empty() || told.contains("trust/shop.json")),
            "{told}"
        );
    }
}
