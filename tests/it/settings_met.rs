//! Settings that nothing matches are said and let no rule pass; the same settings are the same
//! wherever they lie.

use std::fs;
use std::path::Path;

use super::product::{fixture, run_in, try_report};
use super::vault_log::folder;

/// The estate with words of its configuration replaced: what was said, and the pack.
fn misspelt(words: &[(&str, &str)]) -> (String, super::product::Pack) {
    let mut text = fs::read_to_string(fixture("estate/piperoll.toml")).unwrap();
    for (right, wrong) in words {
        assert!(text.contains(right), "{right}");
        text = text.replace(right, wrong);
    }
    let configuration = folder(&[("piperoll.toml", text.as_bytes())]);
    let path = configuration.path().join("piperoll.toml");
    let inputs = ["vault", "gitlab", "gcp"].map(|part| fixture("estate").join(part));
    let (ran, pack) = try_report(&inputs, &path, &[]);
    (ran.out, pack.unwrap_or_else(|| panic!("{}", ran.err)))
}

#[test]
fn a_misspelt_mount_is_named_and_passes_no_rule() {
    let (said, pack) = misspelt(&[("\"auth/gitlab/\"", "\"auth/gitlb/\"")]);
    let line = said
        .lines()
        .find(|line| line.contains("auth/gitlb/"))
        .unwrap_or_else(|| panic!("{said}"));
    assert!(
        line.contains("vault.ci_mounts") && line.contains("nearest is `auth/gitlab/`"),
        "{line}"
    );
    for rule in ["JOI-001", "JOI-003", "JOI-004"] {
        let rows = pack.rows("rules");
        let row = rows.iter().find(|row| row["rule_id"] == rule).unwrap();
        assert_eq!(row["outcome"], "not-assessed", "{row:?}");
        assert!(row["reason"].contains("auth/gitlb/"), "{row:?}");
    }
    let page = String::from_utf8_lossy(&pack.files["report.html"]).into_owned();
    assert!(page.contains("auth/gitlb/"));
}

#[test]
fn a_misspelt_owner_is_named_and_accuses_nobody_for_certain() {
    let (said, pack) = misspelt(&[("service = \"billing-api\"", "service = \"bilqing-api\"")]);
    let line = said.lines().find(|line| line.contains("bilqing-api"));
    let line = line.unwrap_or_else(|| panic!("{said}"));
    assert!(
        line.contains("owner.service") && line.contains("nearest is `billing-api`"),
        "{line}"
    );
    for row in pack.rows("findings") {
        let own = row["subject"].contains("billing-api") && row["object"].contains("billing-api");
        let high = ["high", "crit"].contains(&row["severity"].as_str());
        assert!(!(own && high), "{row:?}");
    }
}

#[test]
fn the_estate_names_what_is_there() {
    let (said, _) = misspelt(&[]);
    let unmatched: Vec<&str> = said
        .lines()
        .filter(|line| line.starts_with("settings "))
        .collect();
    // Its jobs run in production and staging only.
    assert!(
        unmatched.len() == 1 && unmatched[0].contains("`environments` names `dev`"),
        "{unmatched:?}"
    );
}

#[test]
fn a_waiver_of_a_rule_that_is_none_is_an_error() {
    let waiver = "[[waiver]]\nrule = \"VLT-POL-01\"\nfingerprint = \"0123456789abcdef0123456789abcdef\"\nreason = \"r\"\nowner = \"o\"\nexpires = \"2099-01-01\"\n";
    let input = folder(&[
        (
            "policies/a.hcl",
            b"path \"secret/data/a\" {\n  capabilities = [\"read\"]\n}\n",
        ),
        ("piperoll.toml", waiver.as_bytes()),
    ]);
    let said = run_in(input.path(), &["lint", "policies"]);
    assert!(
        said.err.contains("piperoll.toml:1: ") || said.err.contains("piperoll.toml:1:1: "),
        "{}",
        said.err
    );
    assert!(
        said.code == 2
            && said.err.contains("`VLT-POL-01`")
            && said.err.contains("did you mean `VLT-POL-0"),
        "{}",
        said.err
    );
}

/// The same inputs and settings in another folder are the same pack.
#[test]
fn where_the_configuration_lies_changes_no_digest() {
    let waiver = "[vault]\nci_mounts = [\"auth/gitlab/\"]\n[[waiver]]\nrule = \"VLT-POL-001\"\nsubject = \"vault:policy/a\"\nobject = \"vault:path/*\"\nreason = \"r\"\nowner = \"o\"\nexpires = \"2020-01-01\"\n";
    let sums = |name: &str| {
        let top = tempfile::tempdir().unwrap();
        let at = |path: &str| top.path().join(name).join(path);
        for (path, text) in [
            (
                "in/policies/a.hcl",
                "path \"*\" {\n  capabilities = [\"read\"]\n}\n",
            ),
            ("conf/piperoll.toml", waiver),
        ] {
            fs::create_dir_all(at(path).parent().unwrap_or(Path::new("/"))).unwrap();
            fs::write(at(path), text).unwrap();
        }
        let log = super::vault_log::calm(3);
        fs::write(at("in/audit.log"), log).unwrap();
        let (ran, pack) = try_report(&[at("in")], &at("conf/piperoll.toml"), &[]);
        let pack = pack.unwrap_or_else(|| panic!("{}", ran.err));
        String::from_utf8(pack.files["SHA256SUMS"].clone()).unwrap()
    };
    assert_eq!(sums("one"), sums("another/deeper"));
}
