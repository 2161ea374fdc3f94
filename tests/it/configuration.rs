//! `piperoll config`: the reference is the page in `docs/`, the schema accepts what the program
//! accepts, and the check says what is wrong and what nothing matches.

use std::fs;

use super::product::{fixture, piperoll};
use super::vault_log::folder;

#[test]
fn the_page_in_docs_is_what_the_program_prints() {
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/configuration.md");
    let printed = piperoll(&["config", "reference"]);
    assert_eq!(printed.code, 0, "{}", printed.err);
    // cargo run -- config reference > docs/configuration.md
    assert!(
        printed.out == fs::read_to_string(page).unwrap(),
        "docs/configuration.md is not what `piperoll config reference` prints"
    );
}

/// A TOML text as JSON, as an editor hands it to the schema.
fn as_json(text: &str) -> serde_json::Value {
    let table: toml::Table = text.parse().unwrap();
    serde_json::to_value(table).unwrap()
}

#[test]
fn the_schema_accepts_what_the_program_accepts() {
    let printed = piperoll(&["config", "schema"]);
    let schema = serde_json::from_str(&printed.out).unwrap();
    let schema = jsonschema::validator_for(&schema).unwrap();
    let page = piperoll(&["config", "reference"]).out;
    let example = page.split("```toml\n").nth(1).unwrap();
    let example = example.split("```").next().unwrap();
    let estate = fs::read_to_string(fixture("estate/piperoll.toml")).unwrap();
    for text in [example, &estate] {
        let faults: Vec<String> = schema
            .iter_errors(&as_json(text))
            .map(|fault| format!("{}: {fault}", fault.instance_path()))
            .collect();
        assert!(faults.is_empty(), "{faults:?}");
    }
    for wrong in [
        "[vault]\nci_mount = [\"a\"]",
        "[vault]\nci_mounts = \"a\"",
        "[vault]\ndialect = \"bao\"",
        "[thresholds]\ngrace = 60",
        "[thresholds]\ngrase = \"60s\"",
        "[[waiver]]\nrule = \"JOI-003\"",
        "[mesh]\nservices = {}",
    ] {
        assert!(!schema.is_valid(&as_json(wrong)), "{wrong}");
        let folder = folder(&[("piperoll.toml", wrong.as_bytes())]);
        let file = folder.path().join("piperoll.toml").display().to_string();
        assert_eq!(
            piperoll(&["config", "check", "-c", &file]).code,
            2,
            "{wrong}"
        );
    }
}

#[test]
fn every_fault_is_said_at_its_place() {
    let text = "[vault]\nci_mount = [\"auth/gitlab/\"]\n[thresholds]\ngrace = 60\n";
    let folder = folder(&[("piperoll.toml", text.as_bytes())]);
    let file = folder.path().join("piperoll.toml").display().to_string();
    let checked = piperoll(&["config", "check", "-c", &file]);
    assert_eq!(checked.code, 2);
    for said in [
        "piperoll.toml:2:1: unknown key `vault.ci_mount`",
        "did you mean `ci_mounts`?",
        "piperoll.toml:4:9:",
    ] {
        assert!(checked.err.contains(said), "{}", checked.err);
    }
    assert_eq!(checked.out, "");
}

#[cfg(feature = "tables")]
#[test]
fn inputs_tell_what_matches_nothing_and_what_is_not_set() {
    let text = "[vault]\nci_mounts = [\"auth/gitlb/\"]\n";
    let folder = folder(&[("piperoll.toml", text.as_bytes())]);
    let file = folder.path().join("piperoll.toml").display().to_string();
    let inputs = fixture("estate/vault").display().to_string();
    let checked = piperoll(&["config", "check", &inputs, "-c", &file]);
    assert_eq!(checked.code, 0, "{}", checked.err);
    let lines: Vec<&str> = checked.out.lines().collect();
    assert!(lines[0].ends_with("piperoll.toml: sound"), "{lines:?}");
    let gone = lines.iter().find(|line| line.starts_with("no match "));
    assert!(
        gone.unwrap().contains("nearest is `auth/gitlab/`"),
        "{lines:?}"
    );
    let waiting = lines
        .iter()
        .find(|line| line.starts_with("not set    vault.workload_mounts"));
    assert!(waiting.unwrap().contains("JOI-016"), "{lines:?}");
    assert!(!checked.out.contains("not set    vault.ci_mounts"));
    let projects =
        "not set    people.admins with a project (`gitlab:project/ID`): JOI-025 waits for it";
    assert!(checked.out.contains(projects), "{}", checked.out);
    std::fs::write(&file, "[people]\nadmins = [\"gitlab:project/106\"]\n").unwrap();
    let checked = piperoll(&["config", "check", &inputs, "-c", &file]);
    assert!(
        !checked.out.contains("not set    people.admins"),
        "{}",
        checked.out
    );
}
