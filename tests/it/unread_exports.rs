//! What could not be read is damage that is pointed at, never a pass: damaged lines, policies that
//! the server refuses, and files that lie where an export lies and hold none.

use sha2::{Digest as _, Sha256};

use super::product::{Pack, run_in};
use super::vault_log::{calm, folder};

const SOUND: &str =
    r#"{"version":1,"bindings":[{"role":"roles/viewer","members":["user:a@mill.example"]}]}"#;

/// The pack of some files, for June 2026.
fn pack(files: &[(&str, &[u8])]) -> (tempfile::TempDir, Pack) {
    let folder = folder(files);
    let period = ["--from", "2026-01-01", "--to", "2027-01-01"];
    let ran = run_in(
        folder.path(),
        &[&["report", "in", "-o", "out"], &period[..]].concat(),
    );
    assert!(!ran.err.contains("panicked"), "{}", ran.err);
    let pack = Pack::read(&folder.path().join("out"));
    (folder, pack)
}

/// `file:line digest` of every piece of evidence of INT-003, in order.
fn damage(pack: &Pack) -> Vec<String> {
    let findings = pack.rows("findings");
    let ids: Vec<&String> = findings
        .iter()
        .filter(|row| row["rule_id"] == "INT-003")
        .map(|row| &row["finding_id"])
        .collect();
    let rows = pack.rows("finding_evidence").into_iter();
    let mut found: Vec<String> = rows
        .filter(|row| ids.contains(&&row["finding_id"]))
        .map(|row| format!("{}:{} {}", row["file"], row["line"], row["sha256"]))
        .collect();
    found.sort();
    found
}

fn digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

#[test]
fn every_damaged_line_is_evidence_with_its_own_digest() {
    let whole = calm(3);
    let mut lines: Vec<&str> = whole.lines().collect();
    let (first, second) = (r#"{"time":"2026-06-"#, "no record at all");
    lines.insert(1, first);
    lines.insert(4, second);
    let log = lines.join("\n") + "\n";
    let (_kept, pack) = pack(&[("in/vault/file/audit.log", log.as_bytes())]);
    let at =
        |line: u64, text: &str| format!("vault/file/audit.log:{line} {}", digest(text.as_bytes()));
    // One file alone is named from its own folder.
    let found: Vec<String> = damage(&pack)
        .iter()
        .map(|one| format!("vault/file/{}", one.trim_start_matches("vault/file/")))
        .collect();
    assert_eq!(found, [at(2, first), at(5, second)]);
}

#[test]
fn a_policy_that_the_server_refuses_is_damage_and_no_pass() {
    let refused = "path \"*\" { capabilities = [\"raed\"] }\n";
    let (_kept, pack) = pack(&[
        (
            "in/vault/policies/ok.hcl",
            b"path \"a\" { capabilities = [\"read\"] }\n",
        ),
        ("in/vault/policies/bad.hcl", refused.as_bytes()),
        ("in/vault/policies/comment.hcl", b"# nothing yet\n"),
    ]);
    let rows = pack.rows("coverage");
    let row = |name: &str| {
        let row = rows.iter().find(|row| row["file"].ends_with(name)).unwrap();
        ["lines", "parsed", "skipped", "rejected"].map(|column| row[column].clone())
    };
    assert_eq!(row("bad.hcl"), ["1", "0", "0", "1"]);
    assert_eq!(row("ok.hcl"), ["1", "1", "0", "0"]);
    assert_eq!(row("comment.hcl"), ["1", "1", "0", "0"]);
    let found = damage(&pack);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].contains("bad.hcl:1 "), "{found:?}");
    let rejected = pack.rows("rejected_lines");
    assert!(rejected[0]["reason"].contains("refuses"), "{rejected:?}");
    assert!(!rejected[0]["reason"].contains("raed"), "{rejected:?}");
}

#[test]
fn what_lies_where_an_export_lies_and_holds_none_is_damage() {
    let policy = "in/gcp/projects/mill-prod/iam-policy.json";
    let variables = "in/gitlab/projects/101/variables.json";
    let services = "in/gcp/projects/mill-prod/run/services.json";
    for (name, text, damaged) in [
        (policy, "", true),
        (policy, "\n\n", true),
        (policy, "[]", true),
        (policy, "{}", true),
        (
            policy,
            "ERROR: (gcloud.projects.get-iam-policy) PERMISSION_DENIED\nno\n",
            true,
        ),
        (
            policy,
            r#"{"error":{"code":403,"status":"PERMISSION_DENIED"}}"#,
            true,
        ),
        (
            "in/vault/auth/gitlab/role/a.json",
            r#"{"errors":["permission denied"]}"#,
            true,
        ),
        (variables, r#"{"message":"403 Forbidden"}"#, true),
        (variables, "", true),
        (variables, "[]", false),
        ("in/gitlab/projects/101/members/all.json", "", true),
        ("in/gitlab/projects/101/members/all-2.json", "[]", false),
        (
            "in/gitlab/projects/101/merge_requests/5/approvals.json",
            r#"{"message":"404 Not found"}"#,
            true,
        ),
        (
            "in/gcp/projects/mill-prod/run/shop.yaml",
            "ERROR: x\n",
            true,
        ),
        (services, "", true),
        (services, "[]", false),
        (
            "in/gitlab/projects/101/.gitlab-ci.yml",
            r#"{"message":"404 File Not Found"}"#,
            true,
        ),
        ("in/notes/readme.md", "# Notes\n", false),
        ("in/notes/empty.json", "", false),
    ] {
        let beside = "in/gcp/projects/mill-data/iam-policy.json";
        let (_kept, pack) = pack(&[(name, text.as_bytes()), (beside, SOUND.as_bytes())]);
        let found = damage(&pack);
        assert_eq!(!found.is_empty(), damaged, "{name} {text:?}: {found:?}");
        for row in pack.rows("coverage") {
            let number = |column: &str| row[column].parse::<u64>().unwrap();
            let parts = ["parsed", "skipped", "rejected"].map(number);
            assert_eq!(number("lines"), parts.iter().sum::<u64>(), "{row:?}");
        }
    }
}

#[test]
fn an_archive_is_named_and_not_passed_over() {
    let mut tar = vec![0u8; 1024];
    tar[..9].copy_from_slice(b"audit.log");
    tar[257..262].copy_from_slice(b"ustar");
    let log = calm(2);
    let (_kept, pack) = pack(&[
        ("in/vault/file/audit.log", log.as_bytes()),
        ("in/vault/file/audit.tar", &tar),
        ("in/vault/file/audit.zip", b"PK\x03\x04rest"),
    ]);
    let rejected = pack.rows("rejected_lines");
    let reasons: Vec<&str> = rejected.iter().map(|row| row["reason"].as_str()).collect();
    assert_eq!(
        reasons,
        ["a tar archive: unpack it", "a zip archive: unpack it"]
    );
    assert_eq!(damage(&pack).len(), 2);
}

#[test]
fn a_pipeline_file_is_one_whatever_it_holds() {
    let log = calm(1);
    let (_kept, pack) = pack(&[
        ("in/gitlab/projects/101/.gitlab-ci.yml", log.as_bytes()),
        (
            "in/gitlab/projects/102/.gitlab-ci.yml",
            br#"{"build": {"script": ["make"]}}"#,
        ),
    ]);
    let rows = pack.rows("coverage");
    let sources: Vec<&str> = rows.iter().map(|row| row["source"].as_str()).collect();
    assert_eq!(sources, ["gitlab-config", "gitlab-config"]);
    assert!(pack.rows("identity_chains").is_empty());
}
