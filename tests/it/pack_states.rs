//! What a pack states of itself: populations with their evidence, rules by their digests, and the
//! formats beside it.

use std::collections::BTreeSet;
use std::fs;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
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
            "oscal-catalog=r.catalog",
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
    let catalog: Value = serde_json::from_str(&read("r.catalog")).unwrap();
    refers_to_nothing_that_is_not_there(&oscal, &catalog);
    for event in &ocsf {
        is_an_event_of_its_class(event);
    }
    keeps_to("oscal_assessment-results_schema.json", &[oscal]);
    keeps_to("oscal_catalog_schema.json", &[catalog]);
    keeps_to("sarif-schema-2.1.0.json", &[sarif]);
    keeps_to("ocsf-1.8.0-compliance_finding-2003.derived.json", &ocsf);
    let policies = fixture("estate/vault/config");
    let asked = ["lint", policies.to_str().unwrap(), "--format", "ocsf"];
    let linted = run_in(dir.path(), &asked);
    let analyses: Vec<Value> = linted
        .out
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .filter(|event: &Value| event["class_uid"] == 2008)
        .collect();
    for event in &analyses {
        is_an_event_of_its_class(event);
    }
    keeps_to(
        "ocsf-1.8.0-iam_analysis_finding-2008.derived.json",
        &analyses,
    );
    // Two directories are a mistake, and nothing is read for it.
    let two = run_in(dir.path(), &["report", "out", "-o", "a", "-o", "b"]);
    assert_eq!(two.code, 2, "{}", two.err);
}

/// Official schemas, where they are at hand; what must hold without them is said in words.
fn keeps_to(name: &str, documents: &[Value]) {
    let folder = std::env::var_os("PIPEROLL_SCHEMAS").map_or_else(
        || std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/schemas"),
        std::path::PathBuf::from,
    );
    let Ok(text) = fs::read_to_string(folder.join(name)) else {
        skipped("formats_beside_the_pack", &format!("no {name}"));
        return;
    };
    let mut schema: Value = serde_json::from_str(&text).unwrap();
    if let Some(definitions) = schema.get_mut("$defs").and_then(Value::as_object_mut) {
        // The derived schema refers to definitions of Windows that it leaves out.
        let windows = serde_json::json!({ "reg_key": {}, "reg_value": {}, "win_service": {} });
        definitions.entry("win").or_insert(windows);
    }
    let validator = jsonschema::validator_for(&schema).unwrap();
    assert!(!documents.is_empty(), "{name}: nothing to hold against it");
    for document in documents {
        let faults: Vec<String> = validator
            .iter_errors(document)
            .map(|fault| fault.to_string())
            .collect();
        assert!(faults.is_empty(), "{name}: {faults:?}");
    }
}

/// Every `href` and every control of assessment results is in them: in OSCAL a fragment names a
/// resource of the document's own.
fn refers_to_nothing_that_is_not_there(oscal: &Value, catalog: &Value) {
    let results = &oscal["assessment-results"];
    let resources = results["back-matter"]["resources"].as_array().unwrap();
    let there: Vec<&str> = resources
        .iter()
        .map(|resource| resource["uuid"].as_str().unwrap())
        .collect();
    let result = &results["results"][0];
    let links = result["reviewed-controls"]["links"].as_array().unwrap();
    let links = links.iter().map(|link| &link["href"]);
    for href in links.chain([&results["import-ap"]["href"]]) {
        let uuid = href.as_str().unwrap().strip_prefix('#').unwrap();
        assert!(there.contains(&uuid), "{href}");
    }
    let embedded = resources
        .iter()
        .find_map(|resource| resource["base64"]["value"].as_str())
        .unwrap();
    let embedded = STANDARD.decode(embedded).unwrap();
    let embedded: Value = serde_json::from_slice(&embedded).unwrap();
    assert_eq!(&embedded, catalog);
    let groups = catalog["catalog"]["groups"].as_array().unwrap();
    assert_eq!(groups.len(), 4, "one for each framework");
    let controls = groups
        .iter()
        .flat_map(|group| group["controls"].as_array().unwrap());
    let ids: BTreeSet<&str> = controls
        .map(|control| control["id"].as_str().unwrap())
        .collect();
    let selected = &result["reviewed-controls"]["control-selections"][0]["include-controls"];
    let selected = selected.as_array().unwrap().iter();
    let selected = selected.map(|control| &control["control-id"]);
    let found = result["findings"].as_array().unwrap().iter();
    let found = found.map(|finding| &finding["target"]["target-id"]);
    for id in selected.chain(found) {
        assert!(ids.contains(id.as_str().unwrap()), "{id}");
    }
    for observation in result["observations"].as_array().unwrap() {
        for evidence in observation["relevant-evidence"].as_array().unwrap() {
            let href = evidence["href"].as_str().unwrap();
            assert!(href.contains("#line="), "{href}");
        }
    }
}

/// What OCSF 1.8.0 asks of the two classes, in words: what may be done is an analysis, and only a
/// compliance finding names controls.
fn is_an_event_of_its_class(event: &Value) {
    let class = event["class_uid"].as_u64().unwrap();
    let rule = event["finding_info"]["types"][0].as_str().unwrap();
    let analysis = ["VLT-POL", "VLT-ROL", "VLT-USE", "GCP-IAM", "AWS-TRU"]
        .iter()
        .any(|family| rule.starts_with(family));
    assert_eq!(class, if analysis { 2008 } else { 2003 }, "{rule}");
    assert_eq!(event["type_uid"], class * 100 + 1);
    assert_eq!(event["category_uid"], 2);
    assert_eq!(event["metadata"]["version"], "1.8.0");
    for required in ["activity_id", "severity_id", "time"] {
        assert!(event[required].is_i64(), "{rule}: {required}");
    }
    assert_eq!(event["compliance"].is_object(), !analysis, "{rule}");
    assert!(event["unmapped"]["subject"].is_string(), "{rule}");
    if analysis {
        let policy = &event["permission_analysis_results"][0]["policy"]["uid"];
        let uid = [policy, &event["user"]["uid"]];
        assert!(uid.into_iter().any(Value::is_string), "{rule}: whose power");
        let places = event["unmapped"]["evidences"].as_array().unwrap();
        assert!(!places.is_empty(), "{rule}");
    }
}
