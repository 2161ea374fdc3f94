//! What `deploy/schedule/` hands to schedulers runs: its commands, by a shell, over a case.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde::Deserialize as _;
use serde_json::Value;

fn read(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy/schedule");
    fs::read_to_string(folder.join(name)).unwrap()
}

fn document(name: &str) -> Value {
    let text = read(name);
    let first = yaml_serde::Deserializer::from_str(&text).next().unwrap();
    Value::deserialize(first).unwrap()
}

/// What a shell is given by the unit, as systemd gives it.
fn of_the_unit() -> String {
    let unit = read("piperoll.service");
    let command = unit
        .lines()
        .find_map(|line| line.strip_prefix("ExecStart=/bin/sh -euc "));
    let script = command.unwrap().trim_matches('\'');
    script.replace("$$", "$").replace("%%", "%")
}

/// What a container of a job is given.
fn of_the_container(spec: &Value) -> String {
    let container = &spec["containers"][0];
    assert_eq!(container["command"], serde_json::json!(["sh", "-euc"]));
    let named: Vec<&str> = container["env"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|one| one["name"].as_str())
        .collect();
    assert_eq!(named, ["EXPORTS", "PACKS", "CONFIG", "PERIOD"]);
    container["args"][0].as_str().unwrap().to_owned()
}

#[test]
fn every_schedule_writes_a_pack_and_verifies_it() {
    let cron = document("cronjob.yaml");
    let pod = &cron["spec"]["jobTemplate"]["spec"]["template"]["spec"];
    let run = document("cloud-run-job.yaml");
    let task = &run["spec"]["template"]["spec"]["template"]["spec"];
    let gitlab = document("gitlab.yml");
    let lines = gitlab["piperoll-evidence"]["script"].as_array().unwrap();
    let lines: Vec<&str> = lines.iter().filter_map(Value::as_str).collect();
    let case = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/cases/vault-gitlab");
    let path = std::env::var("PATH").unwrap();
    let bin = assert_cmd::cargo::cargo_bin("piperoll");
    let path = format!("{}:{path}", bin.parent().unwrap().display());
    for (name, script) in [
        ("systemd", of_the_unit()),
        ("Kubernetes", of_the_container(pod)),
        ("Cloud Run", of_the_container(task)),
        ("GitLab", lines.join("\n")),
    ] {
        let packs = tempfile::tempdir().unwrap();
        // The pack of a job goes through `/tmp`: two tests at once must not meet there.
        let scratch = packs.path().join("scratch");
        fs::create_dir(&scratch).unwrap();
        let script = script.replace("/tmp/", &format!("{}/", scratch.display()));
        let ran = Command::new("sh")
            .args(["-euc", &script])
            .current_dir(packs.path())
            .env("PATH", &path)
            .env("EXPORTS", case.join("input"))
            .env("CONFIG", case.join("piperoll.toml"))
            .env("PACKS", packs.path())
            .env("PERIOD", "2026")
            .output()
            .unwrap();
        let err = String::from_utf8_lossy(&ran.stderr).into_owned();
        assert_eq!(ran.status.code(), Some(0), "{name}: {err}");
        let written = fs::read_dir(packs.path()).unwrap();
        let mut pages = written.map(|entry| entry.unwrap().path().join("report.html"));
        assert!(pages.any(|page| page.exists()), "{name}");
    }
}

#[test]
fn the_unit_is_sound_and_the_readme_names_every_file() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy/schedule");
    let readme = fs::read_to_string(folder.join("../README.md")).unwrap();
    for file in fs::read_dir(&folder).unwrap() {
        let name = file.unwrap().file_name().into_string().unwrap();
        assert!(readme.contains(&format!("`schedule/{name}`")), "{name}");
    }
    let timer = read("piperoll.timer");
    let calendar = timer
        .lines()
        .find_map(|line| line.strip_prefix("OnCalendar="))
        .unwrap();
    match Command::new("systemd-analyze")
        .args(["calendar", calendar])
        .output()
    {
        Ok(ran) => assert!(
            ran.status.success(),
            "{}",
            String::from_utf8_lossy(&ran.stderr)
        ),
        Err(_) => eprintln!("skipped: there is no systemd-analyze"),
    }
}
