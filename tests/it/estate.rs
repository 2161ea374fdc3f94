//! The estate in `fixtures/` is what its generator writes, and its ground truth points into it.

#![allow(clippy::unwrap_used)]

#[path = "../../fixtures/generator/estate.rs"]
pub(crate) mod generator;

use generator::hard::{self, Options};
use generator::mode::Mode;
use generator::week::Course;
use generator::{beyond, changes};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use walkdir::WalkDir;

pub(crate) fn committed(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures")
        .join(name)
}

/// The text of a file: compressors may differ between processors, what they hold may not.
fn text(path: &Path) -> Vec<u8> {
    let bytes = fs::read(path).unwrap();
    let mut out = Vec::new();
    match path.extension().and_then(|ending| ending.to_str()) {
        Some("gz") => {
            flate2::read::MultiGzDecoder::new(bytes.as_slice())
                .read_to_end(&mut out)
                .unwrap();
        }
        Some("zst") => out = zstd::decode_all(bytes.as_slice()).unwrap(),
        _ => out = bytes,
    }
    out
}

fn files(root: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut all = BTreeMap::new();
    for entry in WalkDir::new(root) {
        let entry = entry.unwrap();
        if entry.file_type().is_file() {
            let name = entry.path().strip_prefix(root).unwrap();
            all.insert(
                name.to_str().unwrap().replace('\\', "/"),
                text(entry.path()),
            );
        }
    }
    all
}

fn truth() -> Value {
    serde_json::from_slice(&fs::read(committed("truth/estate.json")).unwrap()).unwrap()
}

#[test]
fn the_generator_writes_the_committed_estate() {
    let folder = tempfile::tempdir().unwrap();
    let (estate, truth) = (
        folder.path().join("estate"),
        folder.path().join("truth.json"),
    );
    generator::write(generator::SEED, &estate, &truth).unwrap();
    let (new, old) = (files(&estate), files(&committed("estate")));
    assert_eq!(
        new.keys().collect::<Vec<_>>(),
        old.keys().collect::<Vec<_>>()
    );
    for (name, text) in &new {
        assert!(
            old.get(name) == Some(text),
            "{name} differs: run the example `estate` again"
        );
    }
    assert!(fs::read(truth).unwrap() == fs::read(committed("truth/estate.json")).unwrap());
}

#[test]
fn the_generator_writes_the_committed_estates_of_a_week() {
    let weeks: [(&str, Write); 2] = [("beyond", beyond::write), ("changes", changes::write)];
    for (name, write) in weeks {
        is_as_committed(&format!("estate-{name}"), write);
    }
}

/// Writes an estate of a week to a folder, and its truth to a file.
pub(crate) type Write = fn(Course, &Path, &Path) -> std::io::Result<()>;

fn is_as_committed(name: &str, write: Write) {
    let folder = tempfile::tempdir().unwrap();
    let (estate, path) = (
        folder.path().join("estate"),
        folder.path().join("truth.json"),
    );
    write(Course::Incidents, &estate, &path).unwrap();
    assert!(
        files(&estate) == files(&committed(name)),
        "run the example `estate` for {name} again"
    );
    let (new, old) = (
        fs::read(&path).unwrap(),
        fs::read(committed(&format!("truth/{name}.json"))).unwrap(),
    );
    assert!(new == old);
    let wrong: Value = serde_json::from_slice(&new).unwrap();
    write(Course::Healthy, &estate, &path).unwrap();
    let healthy: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    assert_eq!(healthy["incidents"], Value::Array(Vec::new()));
    assert_eq!(healthy["decoys"], wrong["decoys"]);
}

#[test]
fn another_seed_gives_another_estate_with_the_same_incidents() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("truth.json");
    generator::write(7, &folder.path().join("estate"), &path).unwrap();
    let other: Value = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
    let rules = |truth: &Value| -> Vec<String> {
        let incidents = truth["incidents"].as_array().unwrap();
        incidents
            .iter()
            .map(|incident| incident["rule_id"].to_string())
            .collect()
    };
    assert_eq!(rules(&other), rules(&truth()));
    assert_ne!(other["edges"], truth()["edges"]);
}

#[test]
fn every_rule_of_the_estate_has_an_incident_and_a_decoy() {
    let truth = truth();
    let rules = |key: &str| -> BTreeSet<String> {
        let entries = truth[key].as_array().unwrap();
        entries
            .iter()
            .map(|entry| entry["rule_id"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(rules("incidents"), rules("decoys"));
    assert_eq!(rules("incidents").len(), 37);
}

#[test]
fn line_counts_and_evidence_point_into_the_files() {
    let (truth, files) = (truth(), files(&committed("estate")));
    let lines = |name: &str| {
        files[name]
            .split(|byte| *byte == b'\n')
            .filter(|line| !line.is_empty())
    };
    for (name, counts) in truth["files"].as_object().unwrap() {
        if !name.contains("policies/") {
            assert_eq!(
                lines(name).count() as u64,
                counts["lines"].as_u64().unwrap(),
                "{name}"
            );
        }
    }
    for incident in truth["incidents"].as_array().unwrap() {
        let places = incident["evidence"].as_array().unwrap();
        assert!(!places.is_empty(), "{incident}");
        for place in places.iter().map(|place| place.as_str().unwrap()) {
            let (name, line) = place.rsplit_once(':').unwrap_or((place, "1"));
            let line: usize = line.parse().unwrap();
            // Blank lines of a policy count as lines of its file.
            let count = files[name].split(|byte| *byte == b'\n').count();
            assert!(line >= 1 && count >= line, "{place}");
        }
    }
}

#[test]
fn decoys_and_incidents_of_a_rule_share_no_name() {
    let truth = truth();
    for decoy in truth["decoys"].as_array().unwrap() {
        let token = decoy["token"].as_str().unwrap();
        for incident in truth["incidents"].as_array().unwrap() {
            if incident["rule_id"] == decoy["rule_id"] {
                let first = incident["subject"][0].as_str().unwrap();
                assert!(!first.contains(token), "{decoy} would hide {incident}");
            }
        }
    }
}

/// A small hard estate with every flag on, and its truth.
fn hard(folder: &Path, clear: bool) -> (BTreeMap<String, Vec<u8>>, Vec<Value>) {
    let options = Options {
        seed: 11,
        events: 3_000,
        parallel: true,
        retries: true,
        offset: 20,
        missing: Some("billing".to_owned()),
        overlap: true,
        skew: true,
        renamed: true,
        reborn: true,
        rotation: None,
        mode: Mode {
            nat: true,
            clear,
            batch: !clear,
            shared_entity: true,
            ..Mode::default()
        },
    };
    let path = folder.join("truth.ndjson");
    hard::write(&options, &folder.join("estate"), &path).unwrap();
    let truth = fs::read_to_string(path).unwrap();
    let truth = truth
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    (files(&folder.join("estate")), truth)
}

#[test]
fn a_hard_estate_is_the_same_every_time() {
    let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    assert!(hard(one.path(), true) == hard(two.path(), true));
}

#[test]
fn a_hard_estate_tells_the_truth_about_every_request() {
    let folder = tempfile::tempdir().unwrap();
    let (files, truth) = hard(folder.path(), false);
    let mut logins = BTreeMap::new();
    let mut requests = BTreeSet::new();
    for line in files["vault/file/audit-0001.log"].split(|byte| *byte == b'\n') {
        let Ok(record) = serde_json::from_slice::<Value>(line) else {
            continue;
        };
        let id = record["request"]["id"].as_str().unwrap().to_owned();
        if record["type"] != "response" {
            continue;
        }
        if record["response"]["auth"].is_object() {
            logins.insert(format!("vault:login/{id}"), record);
        } else if record["auth"]["client_token"].is_string() {
            requests.insert(format!("vault:request/{id}"));
        }
    }
    let mut told = BTreeSet::new();
    for edge in &truth[1..] {
        let (left, right) = (
            edge["left"][0].as_str().unwrap(),
            edge["right"][0].as_str().unwrap(),
        );
        match edge["edge"].as_str().unwrap() {
            "login-request" => assert!(logins.contains_key(left) && told.insert(right.to_owned())),
            "job-login" => {
                let metadata = &logins[right]["response"]["auth"]["metadata"];
                let job = left.rsplit('/').next().unwrap();
                assert!(
                    metadata["job_id"].is_null() || metadata["job_id"] == job,
                    "{edge}"
                );
                let hidden = left.starts_with("gitlab:job/102/");
                assert!(!hidden || edge["resolvable"] == false, "{edge}");
            }
            _ => {}
        }
    }
    assert_eq!(told, requests);
    assert_eq!(files["gitlab/projects/102/jobs.json"], b"[]\n");
}
