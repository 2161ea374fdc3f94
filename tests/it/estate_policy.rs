//! Every request in the estate's log is decided by the estate's policies as the log says it was.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use piperoll::policy::{
    Acl, AclContext, Dialect, Entity, Operation, Policy, Request, parse, shipped_default,
};
use serde::Deserialize as _;
use serde_json::Value;

fn vault() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/estate/vault")
}

/// The lines of both parts of the file device's log, with their places.
fn log() -> Vec<(String, Value)> {
    let mut lines = Vec::new();
    for name in ["audit.log.1.gz", "audit.log"] {
        let bytes = fs::read(vault().join("file").join(name)).unwrap();
        let mut text = String::new();
        if name.ends_with(".gz") {
            let mut reader = flate2::read::MultiGzDecoder::new(bytes.as_slice());
            reader.read_to_string(&mut text).unwrap();
        } else {
            text = String::from_utf8(bytes).unwrap();
        }
        for (number, line) in text.lines().enumerate() {
            let place = format!("{name}:{}", number + 1);
            lines.push((place, serde_json::from_str(line).unwrap()));
        }
    }
    lines
}

fn policies() -> BTreeMap<String, Policy> {
    let mut texts: BTreeMap<String, String> = BTreeMap::new();
    for entry in fs::read_dir(vault().join("config/policies")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        texts.insert(name, fs::read_to_string(path).unwrap());
    }
    texts
        .into_iter()
        .map(|(name, text)| {
            let (policy, errors) = parse(&text, Dialect::Vault);
            assert!(errors.is_empty(), "{name}: {errors:?}");
            (name, policy)
        })
        .collect()
}

/// The exported entities, by id.
fn entities() -> BTreeMap<String, Entity> {
    let folder = vault().join("config/identity/entity/id");
    let files = fs::read_dir(folder).unwrap();
    let answers = files.map(|entry| fs::read(entry.unwrap().path()).unwrap());
    answers
        .map(|answer| serde_json::from_slice(&answer).unwrap())
        .map(|answer: Value| Entity::deserialize(&answer["data"]).unwrap())
        .map(|entity| (entity.id.clone(), entity))
        .collect()
}

#[test]
fn the_policies_decide_every_logged_request_as_the_log_says() {
    let mut known = policies();
    known.insert("default".to_owned(), shipped_default());
    let entities = entities();
    let mut wrong: BTreeMap<String, (u64, String)> = BTreeMap::new();
    let mut counts = [0u64; 2];
    for (place, line) in log() {
        let results = &line["auth"]["policy_results"];
        let Some(names) = line["auth"]["policies"].as_array() else {
            continue;
        };
        let denied = line["error"]
            .as_str()
            .is_some_and(|error| error.contains("permission denied"));
        let Some(allowed) = results["allowed"].as_bool().or(denied.then_some(false)) else {
            continue;
        };
        let operation = line["request"]["operation"].as_str().unwrap();
        let path = line["request"]["path"].as_str().unwrap();
        let held: Vec<(&str, &Policy)> = names
            .iter()
            .map(|name| name.as_str().unwrap())
            .filter(|name| *name != "root")
            .map(|name| {
                (
                    name,
                    known
                        .get(name)
                        .unwrap_or_else(|| panic!("{place}: no policy {name}")),
                )
            })
            .collect();
        let root = names.iter().any(|name| name == "root");
        let entity = line["auth"]["entity_id"].as_str();
        let context = AclContext {
            entity: entity.and_then(|id| entities.get(id)),
            ..AclContext::default()
        };
        let acl = Acl::new(&held, context);
        let operation: Operation = operation.parse().unwrap();
        let decided = root || acl.decide(&Request::new(operation, path)).allowed;
        counts[usize::from(allowed)] += 1;
        if decided != allowed {
            let what = format!("{operation:?} {path} with {names:?}: the log says {allowed}");
            wrong.entry(what).or_insert((0, place)).0 += 1;
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    // The test is of both, and of most of the log.
    assert!(counts[0] > 30 && counts[1] > 1_000, "{counts:?}");
}
