//! The estate in `fixtures/` is what its generator writes, and its ground truth points into it.

#[path = "../../fixtures/generator/estate.rs"]
mod generator;

use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use walkdir::WalkDir;

fn committed(name: &str) -> PathBuf {
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
    assert_eq!(rules("incidents").len(), 31);
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
            assert!(line >= 1 && lines(name).count() >= line, "{place}");
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
