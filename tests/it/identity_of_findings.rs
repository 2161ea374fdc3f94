//! A waiver, a baseline and a finding's id are about one thing, whatever else is read beside it.

use std::collections::BTreeSet;
use std::path::Path;

use super::product::{Row, binary, ran, run_in, try_report};
use super::vault_log::{calm, folder, lines, pair};

const BAD: &str = "path \"*\" {\n  capabilities = [\"read\"]\n}\n";
const COMMENT: &str =
    "# piperoll: allow VLT-POL-001 reason=\"a lab\" owner=ann expires=2099-01-01\n";

/// Findings of VLT-POL-001 by `lint`: file, id, status, new or known.
fn global(directory: &Path, arguments: &[&str]) -> BTreeSet<(String, String, String)> {
    let base = [
        "lint",
        "--format",
        "json",
        "--as-of",
        "2026-09-01T00:00:00Z",
    ];
    let all: Vec<&str> = base.into_iter().chain(arguments.iter().copied()).collect();
    let said = run_in(directory, &all);
    let value: serde_json::Value =
        serde_json::from_str(&said.out).unwrap_or_else(|_| panic!("{} {}", said.out, said.err));
    let findings = value["findings"].as_array().unwrap().iter();
    let of_rule = findings.filter(|finding| finding["rule_id"] == "VLT-POL-001");
    of_rule
        .map(|finding| {
            let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
            let file = finding["evidence"][0]["file"].as_str().unwrap_or_default();
            let file = file.rsplit_once("policies/").map_or("", |(above, _)| above);
            let above = file
                .trim_end_matches('/')
                .rsplit('/')
                .next()
                .unwrap_or_default();
            (
                above.to_owned(),
                text(&finding["finding_id"]),
                text(&finding["state"]),
            )
        })
        .collect()
}

fn two(dev: &str, prod: &str) -> tempfile::TempDir {
    folder(&[
        ("dev/policies/ops.hcl", dev.as_bytes()),
        ("prod/policies/ops.hcl", prod.as_bytes()),
        ("none.toml", b""),
    ])
}

#[test]
fn a_comment_waives_its_own_file_only() {
    let both = two(&format!("{COMMENT}{BAD}"), BAD);
    let found = global(both.path(), &["."]);
    let seen: Vec<_> = found
        .iter()
        .map(|(at, _, status)| (at.as_str(), status.as_str()))
        .collect();
    assert_eq!(seen, [("dev", "waived"), ("prod", "open")]);
    // In a report both files state one policy: it is accepted where each says so.
    let status = |prod: &str| {
        let both = two(&format!("{COMMENT}{BAD}"), prod);
        let input = folder(&[("vault/audit.log", calm(5).as_bytes())]);
        let (said, pack) = try_report(
            &[both.path().to_owned(), input.path().to_owned()],
            &both.path().join("none.toml"),
            &[],
        );
        let rows = pack
            .unwrap_or_else(|| panic!("{}", said.err))
            .rows("findings");
        let of_rule = rows
            .into_iter()
            .find(|row: &Row| row["rule_id"] == "VLT-POL-001");
        of_rule.unwrap()["status"].clone()
    };
    assert!(status(BAD).starts_with("open"), "{}", status(BAD));
    assert!(status(&format!("{COMMENT}{BAD}")).starts_with("waived"));
}

#[test]
fn a_baseline_of_one_server_hides_nothing_of_another() {
    let both = two(BAD, BAD);
    let write = ["lint", "dev", "--output", "json=baseline.json"];
    let said = ran(&binary(both.path()).args(write).output().unwrap());
    assert!(both.path().join("baseline.json").exists(), "{}", said.err);
    let against = |paths: &[&str]| {
        let more = ["--baseline", "baseline.json", "--new-only"];
        let all: Vec<&str> = paths.iter().copied().chain(more).collect();
        let found = global(both.path(), &all);
        found.into_iter().map(|(at, ..)| at).collect::<Vec<_>>()
    };
    assert_eq!(against(&["prod"]), ["prod"]);
    assert_eq!(against(&["."]), ["prod"]);
    assert_eq!(against(&["dev"]), [""; 0]);
}

#[test]
fn ids_of_a_lint_do_not_depend_on_what_is_read_beside() {
    let both = two(BAD, BAD);
    let elsewhere = tempfile::tempdir().unwrap();
    for here in [both.path(), elsewhere.path()] {
        let at = |name: &str| both.path().join(name).display().to_string();
        let ids = |paths: &[&str]| {
            let paths: Vec<String> = paths.iter().map(|path| at(path)).collect();
            let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
            let found = global(here, &paths);
            found
                .into_iter()
                .map(|(_, id, _)| id)
                .collect::<BTreeSet<_>>()
        };
        let whole = ids(&["."]);
        assert_eq!(whole.len(), 2);
        assert_eq!(ids(&["dev", "prod"]), whole);
        assert_eq!(
            ids(&["dev/policies/ops.hcl", "prod/policies/ops.hcl"]),
            whole
        );
        let one = ids(&["dev/policies/ops.hcl"]);
        assert_eq!(one.len(), 1);
        assert!(one.is_subset(&whole));
        assert_eq!(ids(&["dev"]), one);
    }
}

#[test]
fn ids_of_a_report_do_not_depend_on_the_folder_that_inputs_share() {
    let alone = (50..60).map(|n| pair(n, 200 + n, "secret/a")[1].clone());
    let ends = [pair(1, 0, "secret/a"), pair(99, 900, "secret/a")].concat();
    let records: Vec<serde_json::Value> = ends.into_iter().chain(alone).collect();
    let broken = format!("{}{{\"type\": \"request\"\n", lines(&records));
    let input = folder(&[
        ("none.toml", b""),
        ("a/vault/audit.log", broken.as_bytes()),
        ("b/policies/ops.hcl", BAD.as_bytes()),
        (
            "c/other/ops.hcl",
            b"path \"secret/data/x\" {\n  capabilities = [\"read\"]\n}\n",
        ),
    ]);
    let ids = |names: &[&str]| {
        let paths: Vec<_> = names.iter().map(|name| input.path().join(name)).collect();
        let (said, pack) = try_report(&paths, &input.path().join("none.toml"), &[]);
        let rows = pack
            .unwrap_or_else(|| panic!("{}", said.err))
            .rows("findings");
        let of =
            |row: &Row| ["INT-001", "INT-003", "VLT-POL-001"].contains(&row["rule_id"].as_str());
        rows.into_iter()
            .filter(of)
            .map(|row| row["finding_id"].clone())
            .collect::<BTreeSet<_>>()
    };
    let whole = ids(&["."]);
    assert_eq!(whole.len(), 3);
    assert_eq!(ids(&["a/vault/audit.log", "b/policies/ops.hcl"]), whole);
    assert_eq!(ids(&["a", "b"]), whole);
    assert!(ids(&["a/vault/audit.log"]).is_subset(&whole));
}

/// Whoever opens a merge request chooses the names of folders.
#[test]
fn a_policy_in_a_folder_of_any_name_is_judged() {
    for name in ["target", "node_modules", "build/target/vault"] {
        let path = format!("{name}/policies/ops.hcl");
        let input = folder(&[(path.as_str(), BAD.as_bytes())]);
        assert_eq!(global(input.path(), &["."]).len(), 1, "{name}");
    }
}
