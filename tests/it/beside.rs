//! What lies beside evidence and is none takes nothing back, and what only bears such a name stays
//! evidence.

use std::collections::BTreeMap;
use std::fs;

use crate::forged_exports::copy;
use crate::product::{Pack, Row, estate, fixture, report};
use crate::vault_log::put;

/// What people, file managers and editors leave in a folder.
const LEFT: [(&str, &[u8]); 12] = [
    (
        "README.txt",
        b"Exported by Ada on 1 October, as the wiki says.\n",
    ),
    (
        "how we export.md",
        b"# Exports\n\n- run `piperoll report`\n",
    ),
    (".DS_Store", b"\0\0\0\x01Bud1\0\0\x10\0\0\0\x08\0\0\0\x10\0"),
    ("Thumbs.db", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1rest"),
    (
        "logo.png",
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01",
    ),
    (".jobs.json.swp", b"b0VIM 9.0\0\0\0\0U3210"),
    ("export.lock", b"12345\n"),
    (".git/HEAD", b"ref: refs/heads/main\n"),
    (".git/index", b"DIRC\0\0\0\x02\0\0\0\0"),
    (".git/objects/0a/1b", b"x\x01K\xca\xc9OR0c\0\0"),
    ("export.sh", b"#!/bin/sh\ncurl \"$1\" |\n  jq '{a: .b}'\n"),
    ("CODEOWNERS", b"* @ada\n"),
];
const FOLDERS: [&str; 6] = [
    "",
    "gcp/",
    "gitlab/",
    "gitlab/projects/101/",
    "vault/",
    "vault/config/policies/",
];

/// What each rule answered and why, and what was found.
fn said(pack: &Pack) -> (BTreeMap<String, [String; 2]>, Vec<Row>) {
    let rules = pack.rows("rules").into_iter();
    let rules = rules.map(|row| {
        let answer = [row["outcome"].clone(), row["reason"].clone()];
        (row["rule_id"].clone(), answer)
    });
    (rules.collect(), pack.rows("findings"))
}

#[test]
fn what_people_and_programs_leave_in_a_folder_takes_nothing_back() {
    let input = tempfile::tempdir().unwrap();
    copy(&fixture("estate"), input.path());
    for folder in FOLDERS {
        assert!(input.path().join(folder).is_dir(), "{folder}");
        for (name, bytes) in LEFT {
            put(input.path(), &format!("{folder}{name}"), bytes);
        }
    }
    let configuration = input.path().join("piperoll.toml");
    let pack = report(&[input.path().to_owned()], &configuration, &[]);
    let (rules, findings) = said(&pack);
    let (whole_rules, whole_findings) = said(estate());
    assert_eq!(rules, whole_rules);
    let told = |rows: Vec<Row>| -> Vec<[String; 4]> {
        let of =
            |row: Row| ["rule_id", "subject", "object", "severity"].map(|cell| row[cell].clone());
        rows.into_iter().map(of).collect()
    };
    assert_eq!(told(findings), told(whole_findings));
    let coverage = pack.rows("coverage");
    let left = coverage
        .iter()
        .filter(|row| row["source"] == "unrecognised");
    assert_eq!(left.count(), FOLDERS.len() * LEFT.len(), "each has its row");
}

#[test]
fn a_log_under_the_name_of_a_text_for_people_is_read_and_half_of_one_is_missing() {
    let log = fs::read(fixture("cases/vault-gitlab/input/vault/audit.log")).unwrap();
    let prose = b"Ask Ada before you use these exports.\n".repeat(2_000);
    let gitlab = fixture("cases/vault-gitlab/input/gitlab");
    let configuration = fixture("cases/vault-gitlab/piperoll.toml");
    let outcome = |bytes: &[u8]| {
        let input = tempfile::tempdir().unwrap();
        put(input.path(), "vault/README.md", bytes);
        let pack = report(
            &[input.path().to_owned(), gitlab.clone()],
            &configuration,
            &[],
        );
        let (rules, _) = said(&pack);
        let row = pack.rows("coverage");
        let row = row
            .into_iter()
            .find(|row| row["file"].ends_with("README.md"));
        (row.unwrap()["source"].clone(), rules)
    };
    let (source, _) = outcome(&log);
    assert_eq!(source, "vault");
    let (source, rules) = outcome(&[prose.as_slice(), log.as_slice()].concat());
    let read = source == "vault";
    let missing = |rule: &str| rules[rule][0] == "not-assessed" || !rules[rule][1].is_empty();
    assert!(read || missing("VLT-EVT-001"), "{source} {rules:?}");
}
