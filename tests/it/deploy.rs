//! What `deploy/` hands to pipelines works: the jobs are run by a shell, as a runner does it, with
//! the binary of this build.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::Command;

use regex::Regex;
use serde::Deserialize as _;
use serde_json::Value;

use crate::lint::estate;

const BAD: &str = "path \"*\" {\n  capabilities = [\"read\"]\n}\n";
const GOOD: &str = "path \"secret/data/shop/db\" {\n  capabilities = [\"read\"]\n}\n";

fn read(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

fn documents(text: &str) -> Vec<Value> {
    yaml_serde::Deserializer::from_str(text)
        .map(|document| Value::deserialize(document).unwrap())
        .collect()
}

/// The inputs that a component declares, and its text below them.
fn component(path: &str) -> (BTreeMap<String, Value>, String) {
    let text = read(path);
    let (header, body) = text
        .split_once("\n---\n")
        .expect("a component has a header");
    let header = documents(header).remove(0);
    let inputs = header["spec"]["inputs"].as_object().unwrap().clone();
    (inputs.into_iter().collect(), body.to_owned())
}

/// The only job of a component, its inputs given or left at their defaults.
fn instance(path: &str, given: &[(&str, &str)]) -> (String, Value) {
    let (inputs, mut body) = component(path);
    for (name, input) in &inputs {
        let given = given.iter().find(|(key, _)| key == name);
        let value = given.map(|(_, value)| *value);
        let value = value.or(input["default"].as_str()).unwrap_or("an-image");
        body = body.replace(&format!("$[[ inputs.{name} ]]"), value);
    }
    assert!(!body.contains("$[["), "{path}: an input is not declared");
    only_job(documents(&body).remove(0))
}

fn only_job(file: Value) -> (String, Value) {
    let mut jobs = file.as_object().unwrap().clone().into_iter();
    let job = jobs.next().unwrap();
    assert!(jobs.next().is_none());
    job
}

fn texts(list: &Value) -> Vec<&str> {
    let items = list.as_array().unwrap().iter();
    items.map(|item| item.as_str().unwrap()).collect()
}

/// Exit code and standard error of `script` in `dir`, with this build's `piperoll` on the path.
fn sh(script: &str, dir: &Path, variables: &[(String, String)]) -> (i32, String) {
    let binary = assert_cmd::cargo::cargo_bin("piperoll");
    let path = format!(
        "{}:{}",
        binary.parent().unwrap().display(),
        std::env::var("PATH").unwrap()
    );
    let output = Command::new("sh")
        .args(["-e", "-c", script])
        .current_dir(dir)
        .env("PATH", path)
        .envs(variables.iter().cloned())
        .output()
        .unwrap();
    let err = String::from_utf8(output.stderr).unwrap();
    (output.status.code().unwrap(), err)
}

fn run(job: &Value, dir: &Path) -> (i32, String) {
    let variables = job["variables"].as_object().unwrap().iter();
    let variables: Vec<(String, String)> = variables
        .map(|(name, value)| (name.clone(), value.as_str().unwrap().to_owned()))
        .collect();
    sh(&texts(&job["script"]).join("\n"), dir, &variables)
}

/// Every file that the job uploads.
fn artifacts(job: &Value) -> Vec<String> {
    let artifacts = &job["artifacts"];
    assert_eq!(artifacts["when"], "always");
    let mut files: Vec<String> = texts(&artifacts["paths"])
        .into_iter()
        .map(str::to_owned)
        .collect();
    let reports = artifacts["reports"].as_object().into_iter().flatten();
    files.extend(reports.map(|(_, file)| file.as_str().unwrap().to_owned()));
    files
}

const LINT: &str = "deploy/templates/lint.yml";

#[test]
fn the_lint_job_fails_on_a_finding_and_uploads_every_report_all_the_same() {
    let (_, job) = instance(LINT, &[]);
    for (text, code) in [(BAD, 1), (GOOD, 0), ("path \"x\" {\n", 3)] {
        let dir = estate(&[("policies/a.hcl", text), ("policies/b.hcl", GOOD)]);
        let (got, err) = run(&job, dir.path());
        assert_eq!(got, code, "{text}{err}");
        let files = artifacts(&job);
        assert_eq!(files.len(), 5);
        for file in files {
            let written = fs::metadata(dir.path().join(&file));
            assert!(written.is_ok_and(|file| file.len() > 0), "{text}: {file}");
        }
        let shown = fs::read_to_string(dir.path().join("piperoll.md")).unwrap();
        assert_eq!(shown.contains("VLT-POL-001"), code == 1, "{shown}");
    }
    let reports = job["artifacts"]["reports"].as_object().unwrap();
    let kinds: Vec<&str> = reports.keys().map(String::as_str).collect();
    assert_eq!(kinds, ["codequality", "junit"]);
}

#[test]
fn the_inputs_of_the_lint_component_reach_the_command() {
    let dir = estate(&[("policies/a.hcl", BAD), ("other/b.hcl", GOOD)]);
    let bare = instance(LINT, &[]).1;
    assert_eq!(run(&bare, dir.path()).0, 1);
    let json = dir.path().join("piperoll.json");
    fs::rename(json, dir.path().join("known.json")).unwrap();
    let job = |given: &[(&str, &str)]| run(&instance(LINT, given).1, dir.path());
    assert_eq!(job(&[("baseline", "known.json")]).0, 0);
    assert_eq!(job(&[("paths", "other")]).0, 0);
    assert_eq!(job(&[("paths", "other policies")]).0, 1);
    assert_eq!(job(&[("paths", "other/*.hcl")]).0, 0);
    let (code, err) = job(&[("config", "no-such.toml")]);
    assert!(code == 2 && err.contains("no-such.toml"), "{err}");
    let severities = &component(LINT).0["fail-on"]["options"];
    for severity in texts(severities) {
        assert_eq!(job(&[("fail-on", severity)]).0, 1, "{severity}");
    }
    let (job, _) = instance(LINT, &[("job-name", "access")]);
    assert_eq!(job, "access");
}

#[test]
fn every_input_of_a_component_is_used_and_described() {
    for path in [LINT, "deploy/templates/evidence.yml"] {
        let (inputs, body) = component(path);
        for (name, input) in inputs {
            assert!(body.contains(&format!("$[[ inputs.{name} ]]")), "{name}");
            assert!(input["description"].as_str().is_some(), "{name}");
            assert!(
                name == "image" || input["default"].as_str().is_some(),
                "{name}"
            );
        }
    }
}

#[test]
fn the_included_job_is_that_of_the_component() {
    let image = ("image", "$PIPEROLL_IMAGE");
    let included = only_job(documents(&read("deploy/include/lint.yml")).remove(0));
    assert_eq!(included, instance(LINT, &[image]));
}

#[test]
fn piperoll_finds_nothing_in_its_own_templates() {
    let dir = estate(&[
        (".gitlab-ci.yml", &read("deploy/include/lint.yml")),
        ("evidence.gitlab-ci.yml", &{
            component("deploy/templates/evidence.yml").1
        }),
        // Its examples are no pipeline.
        ("README.md", &read("deploy/README.md")),
    ]);
    let (code, err) = sh("piperoll lint --fail-on info .", dir.path(), &[]);
    assert_eq!(code, 0, "{err}");
}

#[cfg(feature = "tables")]
#[test]
fn the_evidence_job_writes_a_pack_and_verifies_it() {
    let case = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/cases/vault-gitlab");
    let (exports, config) = (case.join("input"), case.join("piperoll.toml"));
    let inputs = [
        ("exports", exports.to_str().unwrap()),
        ("config", config.to_str().unwrap()),
    ];
    let period = [("from", "2026-01-01"), ("to", "2027-01-01")];
    let at = "deploy/templates/evidence.yml";
    for given in [inputs.to_vec(), [inputs, period].concat()] {
        let dir = estate(&[]);
        let (_, job) = instance(at, &given);
        let (code, err) = run(&job, dir.path());
        assert_eq!(code, 0, "{err}");
        assert_eq!(artifacts(&job), ["piperoll-evidence/"]);
        let pack = dir.path().join("piperoll-evidence");
        assert!(pack.join("report.html").exists());
        if given.len() > 2 {
            let manifest = fs::read_to_string(pack.join("manifest.json")).unwrap();
            assert!(
                manifest.contains("\"from\": \"2026-01-01T00:00:00.000000Z\""),
                "{manifest}"
            );
        }
    }
    let (_, job) = instance(at, &[inputs[0], inputs[1], ("from", "yesterday")]);
    assert_eq!(run(&job, estate(&[]).path()).0, 2);
}

#[test]
fn the_hook_runs_as_pre_commit_runs_it() {
    let hooks = documents(&read(".pre-commit-hooks.yaml")).remove(0);
    let hook = hooks[0].as_object().unwrap();
    let keys: BTreeSet<&str> = hook.keys().map(String::as_str).collect();
    for key in ["id", "name", "entry", "language"] {
        assert!(keys.contains(key), "pre-commit wants `{key}`");
    }
    let entry = hook["entry"].as_str().unwrap();
    let command = format!("{entry} {}", texts(&hook["args"]).join(" "));
    for (text, code) in [(BAD, 1), (GOOD, 0)] {
        let dir = estate(&[("policies/a.hcl", text)]);
        let (got, err) = sh(&command, dir.path(), &[]);
        assert_eq!(got, code, "{err}");
    }
    let files = Regex::new(hook["files"].as_str().unwrap()).unwrap();
    for (path, meant) in [
        ("policies/a.hcl", true),
        ("infra/main.tf", true),
        (".gitlab-ci.yml", true),
        ("auth/gitlab/role/shop.json", true),
        ("piperoll.toml", true),
        ("src/main.rs", false),
    ] {
        assert_eq!(files.is_match(path), meant, "{path}");
    }
    assert!(read("deploy/README.md").contains(hook["id"].as_str().unwrap()));
}

#[test]
fn the_images_hold_what_the_package_builds_and_do_not_run_as_root() {
    let text = read("deploy/container/Containerfile");
    let manifest: toml::Table = read("Cargo.toml").parse().unwrap();
    assert!(
        manifest["features"]
            .as_table()
            .unwrap()
            .contains_key("default")
    );
    assert!(text.contains("ARG FEATURES=--no-default-features\n"));
    let stages: Vec<&str> = text.split("\nFROM ").skip(1).collect();
    assert_eq!(stages.len(), 3);
    for stage in stages.iter().skip(1) {
        assert!(stage.contains("\nUSER 65532:65532\n"), "{stage}");
        assert!(!stage.contains("\nRUN "), "{stage}");
    }
    let last = stages.last().unwrap();
    assert!(last.starts_with("scratch AS cli\n"));
    let words = |key: &str| -> Vec<String> {
        let line = last.lines().find_map(|line| line.strip_prefix(key));
        serde_json::from_str(line.unwrap()).unwrap()
    };
    assert_eq!(words("ENTRYPOINT "), ["/piperoll"]);
    let command = format!("piperoll {}", words("CMD ").join(" "));
    assert_eq!(sh(&command, estate(&[]).path(), &[]).0, 0);
}

#[test]
fn the_readme_names_every_file_and_only_inputs_that_are_there() {
    let readme = read("deploy/README.md");
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy");
    let mut files = 0;
    for folder in ["container", "include", "templates"] {
        for file in fs::read_dir(root.join(folder)).unwrap() {
            let name = file.unwrap().file_name().into_string().unwrap();
            if !name.ends_with(".dockerignore") {
                files += 1;
                assert!(readme.contains(&format!("`{folder}/{name}`")), "{name}");
            }
        }
    }
    assert_eq!(files, 5);
    let blocks = Regex::new(r"(?s)```yaml\n(.*?)```").unwrap();
    let mut used = 0;
    for block in blocks.captures_iter(&readme) {
        let example = documents(&block[1]).remove(0);
        for include in example["include"].as_array().into_iter().flatten() {
            if let Some(file) = include["file"].as_str() {
                assert!(Path::new(env!("CARGO_MANIFEST_DIR")).join(file).exists());
            }
            let Some(named) = include["component"].as_str() else {
                continue;
            };
            let name = named.rsplit('/').next().unwrap().split('@').next().unwrap();
            let (declared, _) = component(&format!("deploy/templates/{name}.yml"));
            for key in include["inputs"].as_object().unwrap().keys() {
                assert!(declared.contains_key(key), "{name} has no input `{key}`");
                used += 1;
            }
        }
    }
    assert_eq!(used, 6);
}
