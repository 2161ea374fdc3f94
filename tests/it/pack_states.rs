//! What a pack states of itself: populations with their evidence, rules by their digests, and the
//! formats beside it.

use std::collections::BTreeSet;
use std::fs;

use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::product::{fixture, rows, run_in};
use super::skipped::skipped;

fn sha256(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The pack of a case that has Google's configuration, and formats beside it.
fn packed() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let case = fixture("cases/vault-gitlab");
    let (input, configuration) = (case.join("input"), case.join("piperoll.toml"));
    let ran = run_in(
        dir.path(),
        &[
            "report",
            input.to_str().unwrap(),
            "-c",
            configuration.to_str().unwrap(),
            "-o",
            "out",
            "-o",
            "sarif=r.sarif",
            "-o",
            "junit=r.xml",
            "-o",
            "oscal=r.oscal",
            "-o",
            "ocsf=r.ocsf",
        ],
    );
    assert_eq!(ran.code, 0, "{}", ran.err);
    dir
}

#[test]
fn a_pack_holds_its_rules_under_the_digests_of_its_manifest_and_a_statement_of_its_files() {
    let dir = packed();
    let out = dir.path().join("out");
    let read = |name: &str| fs::read(out.join(name)).unwrap();
    let manifest: Value = serde_json::from_slice(&read("manifest.json")).unwrap();
    let texts = String::from_utf8(read("data/rule_texts.ndjson")).unwrap();
    let mut told = Vec::new();
    for line in texts.lines() {
        let rule: Value = serde_json::from_str(line).unwrap();
        let digest = sha256(rule["text"].as_str().unwrap().as_bytes());
        assert_eq!(rule["sha256"], digest.as_str(), "{}", rule["rule_id"]);
        told.push((rule["rule_id"].clone(), rule["sha256"].clone()));
    }
    let rules = manifest["ruleset"]["rules"].as_array().unwrap();
    let stated: Vec<(Value, Value)> = rules
        .iter()
        .map(|rule| (rule["id"].clone(), rule["sha256"].clone()))
        .collect();
    assert_eq!(told, stated);
    let statement: Value = serde_json::from_slice(&read("statement.intoto.json")).unwrap();
    let subjects = statement["subject"].as_array().unwrap();
    for subject in subjects {
        let name = subject["name"].as_str().unwrap();
        assert_eq!(
            subject["digest"]["sha256"],
            sha256(&read(name)).as_str(),
            "{name}"
        );
    }
    assert!(
        subjects
            .iter()
            .any(|subject| subject["name"] == "manifest.json")
    );
    let settings = manifest["configuration"]["settings"].as_array().unwrap();
    assert!(
        settings
            .iter()
            .any(|setting| setting["name"] == "environments.prod")
    );
    let run: Value = serde_json::from_slice(&read("run.json")).unwrap();
    assert_eq!(run["binary_sha256"].as_str().unwrap().len(), 64);
    assert_eq!(run_in(dir.path(), &["verify", "out"]).code, 0);
    fs::write(out.join("statement.intoto.json"), "{}\n").unwrap();
    assert_eq!(run_in(dir.path(), &["verify", "out"]).code, 4);
}

#[test]
fn populations_tie_to_their_counts_and_an_empty_one_says_what_it_lacks() {
    let dir = packed();
    let table = |name: &str| {
        let path = dir.path().join(format!("out/data/{name}.csv"));
        rows(&fs::read(path).unwrap())
    };
    let counts = table("population_counts");
    assert!(!counts.is_empty());
    for count in &counts {
        let id = &count["population_id"];
        let population = table(id);
        assert_eq!(count["rows"], population.len().to_string(), "{id}");
        assert!(!population.is_empty() || !count["lacks"].is_empty(), "{id}");
        let ids: BTreeSet<&String> = population.iter().map(|row| &row["row_id"]).collect();
        assert_eq!(ids.len(), population.len(), "{id}");
    }
    let review = counts
        .iter()
        .find(|row| row["population_id"] == "user_access_review");
    assert!(
        review.unwrap()["lacks"].contains("GitLab members"),
        "{review:?}"
    );
    assert_eq!(table("exceptions").len(), table("findings").len());
}

#[test]
fn formats_beside_the_pack_hold_every_finding_and_keep_to_their_schemas() {
    let dir = packed();
    let read = |name: &str| fs::read_to_string(dir.path().join(name)).unwrap();
    let table = |name: &str| rows(&fs::read(dir.path().join("out/data").join(name)).unwrap());
    let findings = table("findings.csv");
    assert!(!findings.is_empty());
    let ocsf: Vec<Value> = read("r.ocsf")
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let told: Vec<&str> = ocsf
        .iter()
        .map(|event| event["finding_info"]["uid"].as_str().unwrap())
        .collect();
    let ids: Vec<&str> = findings
        .iter()
        .map(|row| row["finding_id"].as_str())
        .collect();
    assert_eq!(told, ids);
    let sarif: Value = serde_json::from_str(&read("r.sarif")).unwrap();
    assert_eq!(
        sarif["runs"][0]["results"].as_array().unwrap().len(),
        ids.len()
    );
    let oscal: Value = serde_json::from_str(&read("r.oscal")).unwrap();
    let result = &oscal["assessment-results"]["results"][0];
    assert_eq!(result["observations"].as_array().unwrap().len(), ids.len());
    assert!(!read("r.oscal").contains("\"satisfied\""));
    let rules = table("rules.csv");
    let unassessed = rules.iter().filter(|row| row["outcome"] == "not-assessed");
    assert_eq!(
        read("r.xml").matches("<skipped").count(),
        unassessed.count()
    );
    for (name, document) in [
        ("oscal_assessment-results_schema.json", &oscal),
        ("ocsf-1.8.0-compliance_finding-2003.derived.json", &ocsf[0]),
        ("sarif-schema-2.1.0.json", &sarif),
    ] {
        let folder = std::env::var_os("PIPEROLL_SCHEMAS").map_or_else(
            || std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/schemas"),
            std::path::PathBuf::from,
        );
        let Ok(text) = fs::read_to_string(folder.join(name)) else {
            skipped("formats_beside_the_pack", &format!("no {name}"));
            continue;
        };
        let mut schema: Value = serde_json::from_str(&text).unwrap();
        if let Some(definitions) = schema.get_mut("$defs").and_then(Value::as_object_mut) {
            // The derived schema refers to definitions of Windows that it leaves out.
            let windows = serde_json::json!({ "reg_key": {}, "reg_value": {}, "win_service": {} });
            definitions.entry("win").or_insert(windows);
        }
        let validator = jsonschema::validator_for(&schema).unwrap();
        let faults: Vec<String> = validator
            .iter_errors(document)
            .map(|fault| fault.to_string())
            .collect();
        assert!(faults.is_empty(), "{name}: {faults:?}");
    }
    // Two directories are a mistake, and nothing is read for it.
    let two = run_in(dir.path(), &["report", "out", "-o", "a", "-o", "b"]);
    assert_eq!(two.code, 2, "{}", two.err);
}
