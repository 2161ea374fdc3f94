//! A store holds no more of a secret than a pack may, and is for whoever made it.

use std::fs;

use piperoll::table::engine::Part;
use piperoll::table::row::{Cell, Schema, TABLES, damaged, record, stated};

use super::super::product::{piperoll, report, tree};
use super::super::vault_log::{folder, pair, put};
use super::{ingested, pack_of, report_of, same};

/// A token as GitLab writes them.
const TOKEN: &str = concat!("glpat-", "hUd7sKq2LmXw9ZtR4bVc");

/// Everything that a store says, unpacked.
fn said(store: &std::path::Path) -> String {
    let mut said = String::new();
    for (name, bytes) in tree(store) {
        if !name.ends_with(".parquet") {
            said.push_str(&String::from_utf8_lossy(&bytes));
            continue;
        }
        let of_records: [&'static Schema; 3] = [&record::SCHEMA, &stated::SCHEMA, &damaged::SCHEMA];
        let schema = match name.strip_prefix("joined/") {
            Some(joined) => TABLES.into_iter().find(|schema| {
                let (_, file) = joined.split_once('/').unwrap();
                file.starts_with(&format!("{}-0", schema.name))
            }),
            None => of_records
                .into_iter()
                .find(|schema| name.starts_with(schema.name)),
        };
        let rows = Part::read(schema.unwrap(), &store.join(&name), &bytes).unwrap();
        for row in 0..rows.len() {
            for column in 0..rows.schema().columns.len() {
                match rows.cell(row, column) {
                    Cell::Text(text) => said.push_str(text),
                    Cell::Texts(texts) => said.push_str(&texts.join(" ")),
                    Cell::Int(_) | Cell::Null => {}
                }
                said.push('\n');
            }
        }
    }
    said
}

#[test]
fn no_secret_is_kept_and_the_finding_is_the_same() {
    let ci = format!("deploy:\n  variables:\n    DEPLOY_TOKEN: {TOKEN}\n  script: [make]\n");
    let policy = format!(
        "path \"secret/data/x\" {{\n  capabilities = [\"create\"]\n  allowed_parameters = {{ \"t\" = [\"{TOKEN}\"] }}\n}}\n"
    );
    let mut records = pair(1, 1, "secret/data/people/ada").to_vec();
    records[1]["request"]["path"] = format!("secret/data/{TOKEN}").into();
    let log: String = records.iter().map(|record| format!("{record}\n")).collect();
    let trace = format!("2026-09-01T00:00:01.000000Z 00O export TOKEN={TOKEN}\n");
    let inputs = folder(&[
        ("in/projects/7/.gitlab-ci.yml", ci.as_bytes()),
        ("in/policies/x.hcl", policy.as_bytes()),
        (
            "in/policies/y.hcl",
            b"path \"secret/data/y\" { capabilities = [\"read\"] }\n",
        ),
        ("in/vault/a.log", log.as_bytes()),
        ("in/projects/7/jobs/11/trace.log", trace.as_bytes()),
    ]);
    let root = inputs.path();
    let configuration = put(root, "piperoll.toml", b"");
    let (input, store) = (root.join("in"), root.join("store"));
    let out = ingested(std::slice::from_ref(&input), &configuration, &store);
    let question = ["query", "SELECT COUNT(*) AS n FROM event", "--store"];
    let asked = piperoll(&[&question[..], &[store.to_str().unwrap()]].concat());
    assert_eq!(asked.code, 0, "{}", asked.err);
    assert!(store.join("joined").is_dir());
    let kept = said(&store);
    assert!(kept.contains("secret/data/") && kept.contains("secret/data/y"));
    assert!(!kept.contains(TOKEN), "{out}");
    assert!(out.contains(".gitlab-ci.yml (kept by reference"), "{out}");
    assert!(out.contains("policies/x.hcl (kept by reference"), "{out}");
    let wanted = report(std::slice::from_ref(&input), &configuration, &[]);
    assert!(!wanted.rows("findings").is_empty());
    same(&wanted, &pack_of(&store, &configuration));
    // Without the file there is no answer, and none that is greener.
    fs::write(
        input.join("projects/7/.gitlab-ci.yml"),
        "deploy:\n  script: [make]\n",
    )
    .unwrap();
    let (ran, pack) = report_of(&store, &configuration);
    assert!(ran.code == 3 && pack.is_none(), "{}", ran.err);
    assert!(
        ran.err.contains("kept by reference") && ran.err.contains(".gitlab-ci.yml"),
        "{}",
        ran.err
    );
}

#[cfg(unix)]
#[test]
fn a_store_is_for_whoever_made_it() {
    use std::os::unix::fs::PermissionsExt as _;
    let inputs = folder(&[("in/a.log", super::super::vault_log::calm(3).as_bytes())]);
    let store = inputs.path().join("store");
    let input = inputs.path().join("in");
    let ran = piperoll(&[
        "ingest",
        input.to_str().unwrap(),
        "--store",
        store.to_str().unwrap(),
    ]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let question = ["query", "SELECT COUNT(*) AS n FROM event", "--store"];
    let asked = piperoll(&[&question[..], &[store.to_str().unwrap()]].concat());
    assert_eq!(asked.code, 0, "{}", asked.err);
    assert!(store.join("joined").is_dir());
    for entry in walkdir::WalkDir::new(&store) {
        let entry = entry.unwrap();
        let mode = entry.metadata().unwrap().permissions().mode() & 0o777;
        let wanted = if entry.file_type().is_dir() {
            0o700
        } else {
            0o600
        };
        assert_eq!(mode, wanted, "{}", entry.path().display());
    }
}
