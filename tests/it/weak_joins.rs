//! A critical finding never rests on a guess: what only a time window joins (K4, K5) names nobody
//! in one. Every hard estate is written again without anything that tells its logins apart, and
//! with jobs that do what is critical whoever does it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use piperoll::assess::assess;
use piperoll::estate::{Estate, Request};
use piperoll::model::{Confidence, Finding, Severity};
use piperoll::rule::embedded;
use piperoll::table::row::{chain, edge};
use serde_json::{Value, json};

use crate::estate::generator::hard;
use crate::hard_estate::{settings, variants};

/// Roles of the pipelines and the projects that they are bound to.
const ROLES: [(&str, u64); 6] = [
    ("orders", 101),
    ("billing", 102),
    ("catalog", 103),
    ("portal", 104),
    ("reports", 105),
    ("vault-config", 106),
];

/// Takes from the log what names a job or project, states the bounds of the roles, and turns reads
/// of CI secrets into sealing. Without `addresses` the jobs do not say where they ran either.
fn weaken(root: &Path, addresses: bool) {
    let folder = root.join("vault/config/auth/gitlab/role");
    fs::create_dir_all(&folder).unwrap();
    for (role, project) in ROLES {
        let export = json!({"request_id": "r", "data": {
            "role_type": "jwt", "user_claim": "namespace_id", "bound_audiences": ["v"],
            "bound_claims": {"project_id": project.to_string()}, "token_policies": ["ci"],
        }});
        fs::write(folder.join(format!("{role}.json")), export.to_string()).unwrap();
        let jobs = root.join(format!("gitlab/projects/{project}/jobs.json"));
        if !addresses && let Ok(text) = fs::read_to_string(&jobs) {
            fs::write(&jobs, text.replace("\"ip_address\"", "\"was\"")).unwrap();
        }
    }
    for entry in fs::read_dir(root.join("vault/file")).unwrap() {
        let path = entry.unwrap().path();
        let text = fs::read_to_string(&path).unwrap();
        let lines: Vec<String> = text.lines().map(weakened).collect();
        fs::write(&path, lines.join("\n") + "\n").unwrap();
    }
}

fn weakened(line: &str) -> String {
    let mut record: Value = serde_json::from_str(line).unwrap();
    for at in ["/auth", "/response/auth"] {
        let Some(auth) = record.pointer_mut(at).and_then(Value::as_object_mut) else {
            continue;
        };
        let of_job = auth
            .get("display_name")
            .and_then(Value::as_str)
            .is_some_and(|name| name.starts_with("gitlab-"));
        if of_job {
            auth.insert("display_name".to_owned(), json!("gitlab-mill"));
            if let Some(metadata) = auth.get_mut("metadata").and_then(Value::as_object_mut) {
                metadata.retain(|key, _| key == "role");
            }
        }
    }
    let request = &mut record["request"];
    let of_ci = request["path"]
        .as_str()
        .is_some_and(|path| path.starts_with("secret/data/ci/"));
    if of_ci {
        request["path"] = json!("sys/seal");
        request["operation"] = json!("update");
        request["mount_point"] = json!("sys/");
        request["mount_type"] = json!("system");
    }
    record.to_string()
}

/// What the chains of one line name by an edge below established, by file and line.
type Guessed = BTreeMap<(String, u64), BTreeSet<String>>;

fn guessed(estate: &Estate) -> Guessed {
    let mut named = Guessed::new();
    for batch in estate.store.scan(&chain::SCHEMA) {
        let batch = batch.unwrap();
        for row in 0..batch.len() {
            if matches!(batch.text(row, chain::BAND), "established" | "") {
                continue;
            }
            let line = batch.int(row, chain::SOURCE_LINE).unwrap_or(0) as u64;
            let place = (batch.text(row, chain::SOURCE_FILE).to_owned(), line);
            let names = [
                chain::ORIGIN_ID,
                chain::JOB_ID,
                chain::PROJECT_ID,
                chain::SERVICE_ID,
                chain::PERSON_ID,
            ];
            let names = names.into_iter().map(|column| batch.text(row, column));
            let known = named.entry(place).or_default();
            known.extend(names.filter(|name| !name.is_empty()).map(str::to_owned));
        }
    }
    named
}

fn weak_edges(estate: &Estate) -> BTreeSet<String> {
    let mut keys = BTreeSet::new();
    for batch in estate.store.scan(&edge::SCHEMA) {
        let batch = batch.unwrap();
        for row in 0..batch.len() {
            keys.insert(batch.text(row, edge::KEY).to_owned());
        }
    }
    keys.retain(|key| key == "K4" || key == "K5");
    keys
}

/// What speaks against a critical finding.
fn fault(finding: &Finding, guessed: &Guessed) -> Option<String> {
    if finding.confidence < Confidence(80) {
        return Some(format!("{} at {}", finding.rule_id, finding.confidence));
    }
    finding.evidence.iter().find_map(|at| {
        let names = guessed.get(&(at.file.clone(), at.line))?;
        let shown = [&finding.subject, &finding.object];
        let name = shown.into_iter().find(|name| names.contains(*name))?;
        Some(format!("{} names {name} by a guess", finding.rule_id))
    })
}

#[test]
fn no_critical_finding_rests_on_a_window() {
    let rules = embedded().unwrap();
    let mut keys = BTreeSet::new();
    for ((name, options), number) in variants(400, 5).into_iter().zip(0..) {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("estate");
        hard::write(&options, &root, &folder.path().join("truth.ndjson")).unwrap();
        weaken(&root, number % 2 == 0);
        let config = root.join("piperoll.toml");
        let settings = settings(&config, &rules).unwrap();
        let request = Request {
            inputs: &[root.to_string_lossy().into_owned()],
            except: &[config],
            links: piperoll::source::Links::Followed,
            settings: &settings,
            config_file: "piperoll.toml",
            from: None,
            to: None,
            as_of: None,
        };
        let estate = Estate::read(&request, &mut ()).unwrap();
        let guessed = guessed(&estate);
        assert!(!guessed.is_empty(), "{name}: nothing is guessed");
        keys.extend(weak_edges(&estate));
        let found = assess(&estate, &rules, &settings, &mut ())
            .unwrap()
            .findings;
        let critical = found
            .iter()
            .filter(|finding| finding.severity == Severity::Crit);
        let faults: BTreeSet<String> = critical
            .clone()
            .filter_map(|finding| fault(finding, &guessed))
            .collect();
        assert!(critical.count() > 0, "{name}: nothing is critical");
        assert!(faults.is_empty(), "{name}: {faults:?}");
    }
    assert_eq!(keys, ["K4", "K5"].map(str::to_owned).into());
}
