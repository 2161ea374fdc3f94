//! A pack worked with: samples that anybody can draw again, and what two packs say differently.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::product::{Ran, Row, fixture, rows, run_in};
use super::vault_log::{calm, folder, gzip, lines, pair, put};

fn sha256(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn sample(directory: &Path, more: &[&str]) -> Ran {
    let words = ["sample", "out", "--population", "identity_chains"];
    run_in(directory, &[&words, more].concat())
}

fn drawn(directory: &Path, more: &[&str]) -> Value {
    let ran = sample(directory, &[&["--format", "json"], more].concat());
    assert_eq!(ran.code, 0, "{}", ran.err);
    serde_json::from_str(&ran.out).unwrap()
}

/// A pack over two logs, one of them compressed, of a quiet and a busy part of the hour.
fn pack() -> tempfile::TempDir {
    let busy: Vec<Value> = (40..90)
        .flat_map(|number| pair(number, 3_000 + number, "secret/data/people/ada"))
        .collect();
    let busy = gzip(lines(&busy).as_bytes());
    let dir = folder(&[
        ("logs/a.log", calm(20).as_bytes()),
        ("logs/b.log.gz", &busy),
    ]);
    let ran = run_in(dir.path(), &["report", "logs", "-o", "out"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    dir
}

#[test]
fn a_sample_is_drawn_again_by_its_seed_and_its_records_are_what_the_commands_fetch() {
    let dir = pack();
    let one = drawn(dir.path(), &["--size", "12"]);
    assert_eq!(one, drawn(dir.path(), &["--size", "12"]));
    let other = drawn(dir.path(), &["--size", "12", "--seed", "engagement 7"]);
    assert_ne!(one["items"], other["items"]);
    let table = fs::read(dir.path().join("out/data/identity_chains.csv")).unwrap();
    assert_eq!(one["population"]["sha256"], sha256(&table).as_str());
    let population = rows(&table);
    assert_eq!(one["population"]["rows"], population.len());
    assert_eq!(other["seed"], "engagement 7");
    redrawn(&other, &population);
    redrawn(&one, &population);
    for item in one["items"].as_array().unwrap() {
        let record = &item["records"][0];
        let fetch = record["fetch"].as_str().unwrap();
        let shell = Command::new("sh")
            .args(["-c", fetch])
            .current_dir(dir.path().join("logs"))
            .output()
            .unwrap();
        assert_eq!(record["place"]["sha256"], sha256(&shell.stdout).as_str());
        // A number in a record's data is not hashed by Vault, and may be a secret.
        let text = String::from_utf8(shell.stdout).unwrap();
        let exact = record["text"] == text.as_str();
        assert_eq!(exact, record["state"] == "as logged", "{record}");
        assert!(!record["text"].as_str().unwrap().is_empty(), "{record}");
    }
}

/// Draws the items once more from what the sample says of its method.
fn redrawn(sample: &Value, population: &[Row]) {
    let seed = sample["seed"].as_str().unwrap();
    let strata = sample["strata"].as_array().unwrap();
    let mut expected = BTreeSet::new();
    for stratum in strata {
        let (from, to) = (
            stratum["from"].as_str().unwrap(),
            stratum["to"].as_str().unwrap(),
        );
        let inside = (1..).zip(population).filter(|(_, row)| {
            let time = row["time"].as_str();
            from <= time && time < to
        });
        let mut ranked: Vec<(String, u64)> = inside
            .map(|(number, _)| (sha256(format!("{seed}\n{number}").as_bytes()), number))
            .collect();
        assert_eq!(stratum["rows"], ranked.len(), "{stratum}");
        assert!(stratum["drawn"].as_u64().unwrap() > 0, "{stratum}");
        ranked.sort();
        let drawn = usize::try_from(stratum["drawn"].as_u64().unwrap()).unwrap();
        expected.extend(ranked.into_iter().take(drawn).map(|(_, number)| number));
    }
    let items = sample["items"].as_array().unwrap();
    let found: BTreeSet<u64> = items
        .iter()
        .map(|item| item["row"].as_u64().unwrap())
        .collect();
    assert_eq!(found, expected);
    assert_eq!(items.len() as u64, sample["size"].as_u64().unwrap());
    for item in items {
        let at = usize::try_from(item["row"].as_u64().unwrap() - 1).unwrap();
        let cells: BTreeMap<String, String> =
            serde_json::from_value(item["cells"].clone()).unwrap();
        assert_eq!(cells, population[at]);
    }
}

#[test]
fn a_sample_larger_than_its_population_is_the_population_and_a_worksheet_can_be_filled_in() {
    let dir = pack();
    let ran = sample(dir.path(), &["--size", "1000", "--format", "csv"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let sheet = rows(ran.out.as_bytes());
    assert_eq!(sheet.len(), 70);
    assert!(
        sheet
            .iter()
            .all(|row| row["result"].is_empty() && !row["record"].is_empty())
    );
    let text = sample(dir.path(), &["--size", "3"]);
    assert!(
        text.out.contains("SHA256SUMS sha256") && text.out.contains("again: "),
        "{}",
        text.out
    );
}

#[test]
fn what_is_no_pack_any_more_is_not_sampled_and_an_input_that_changed_is_not_shown() {
    let dir = pack();
    let unknown = run_in(
        dir.path(),
        &["sample", "out", "--population", "x", "--size", "1"],
    );
    assert_eq!(unknown.code, 2);
    assert!(unknown.err.contains("identity_chains"), "{}", unknown.err);
    assert_eq!(sample(dir.path(), &["--size", "0"]).code, 2);
    let log = dir.path().join("logs/a.log");
    let text = fs::read_to_string(&log)
        .unwrap()
        .replace("people/ada", "people/eve");
    fs::write(&log, text).unwrap();
    let all = drawn(dir.path(), &["--size", "1000"]);
    for item in all["items"].as_array().unwrap() {
        let record = &item["records"][0];
        let changed = record["file"] == "a.log";
        let state = record["state"].as_str().unwrap();
        assert_eq!(state.contains("has changed"), changed, "{record}");
        assert_eq!(record["text"] == "", changed, "{record}");
    }
    let moved = dir.path().join("elsewhere");
    fs::rename(dir.path().join("logs"), &moved).unwrap();
    let gone = drawn(dir.path(), &["--size", "5"]);
    assert!(
        gone["items"][4]["records"][0]["state"]
            .as_str()
            .unwrap()
            .contains("--inputs")
    );
    let found = drawn(dir.path(), &["--size", "5", "--inputs", "elsewhere"]);
    assert_ne!(found["items"][4]["records"][0]["text"], "");
    let table = dir.path().join("out/data/identity_chains.csv");
    let mut bytes = fs::read(&table).unwrap();
    bytes.extend(b"x\r\n");
    fs::write(table, bytes).unwrap();
    assert_eq!(sample(dir.path(), &["--size", "1"]).code, 4);
}

#[test]
fn a_sample_prints_no_secret_that_a_log_holds_in_the_clear() {
    let mut records: Vec<Value> = (0..3)
        .flat_map(|number| pair(number, number, "secret/data/people/ada"))
        .collect();
    for record in &mut records {
        record["request"]["data"] = json!({"data": {"word": "correct horse", "pin": 4711}});
        record["request"]["headers"] = json!({"x-own": ["battery staple"]});
    }
    let dir = folder(&[("logs/a.log", lines(&records).as_bytes())]);
    assert_eq!(run_in(dir.path(), &["report", "logs", "-o", "out"]).code, 0);
    for format in ["text", "csv", "json"] {
        let ran = sample(dir.path(), &["--size", "3", "--format", format]);
        assert_eq!(ran.code, 0, "{}", ran.err);
        assert!(
            ran.out.contains("redacted") && ran.out.contains("****"),
            "{}",
            ran.out
        );
        for secret in ["correct horse", "4711", "battery staple"] {
            assert!(!ran.out.contains(secret), "{format}: {}", ran.out);
        }
    }
}

/// Two packs: the second has lost the job log.
fn two_packs() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let case = fixture("cases/vault-gitlab");
    for name in ["vault/audit.log", "gitlab/projects.json"] {
        let bytes = fs::read(case.join("input").join(name)).unwrap();
        put(dir.path(), &format!("now/{name}"), &bytes);
    }
    let (input, configuration) = (case.join("input"), case.join("piperoll.toml"));
    let (input, configuration) = (input.to_str().unwrap(), configuration.to_str().unwrap());
    let run = |words: &[&str]| {
        let ran = run_in(dir.path(), &[words, &["-c", configuration]].concat());
        assert_eq!(ran.code, 0, "{}", ran.err);
    };
    run(&["report", input, "-o", "old"]);
    run(&["report", "now", "-o", "new", "--previous", "old"]);
    dir
}

#[test]
fn a_difference_names_what_is_new_and_gone_and_that_a_rule_did_not_look() {
    let dir = two_packs();
    let ran = run_in(dir.path(), &["diff", "old", "new", "--format", "csv"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let changes = rows(ran.out.as_bytes());
    let ids = |pack: &str| -> BTreeSet<String> {
        let table = fs::read(dir.path().join(pack).join("data/findings.csv")).unwrap();
        rows(&table)
            .into_iter()
            .map(|row| row["finding_id"].clone())
            .collect()
    };
    let (old, new) = (ids("old"), ids("new"));
    let told = |change: &str| -> BTreeSet<String> {
        let those = changes.iter();
        let those = those.filter(|row| row["topic"] == "finding" && row["change"] == change);
        those.map(|row| row["id"].clone()).collect()
    };
    assert_eq!(told("new"), &new - &old);
    assert_eq!(told("gone"), &old - &new);
    let joined = changes
        .iter()
        .find(|row| row["what"].contains("JOI-003"))
        .unwrap();
    assert!(
        joined["note"].contains("JOI-003 was not assessed now"),
        "{joined:?}"
    );
    let inputs = changes.iter().filter(|row| row["topic"] == "input");
    assert!(
        inputs
            .clone()
            .any(|row| row["change"] == "gone" && row["id"].contains("jobs.json"))
    );
    let same = run_in(dir.path(), &["diff", "old", "old"]);
    assert!(
        same.code == 0 && same.out.contains("say the same"),
        "{same:?}"
    );
    assert_eq!(run_in(dir.path(), &["diff", "old", "nowhere"]).code, 2);
    fs::write(dir.path().join("old/report.html"), "x").unwrap();
    assert_eq!(run_in(dir.path(), &["diff", "old", "new"]).code, 4);
    let words = ["report", "now", "-o", "third", "--previous", "old"];
    assert_eq!(run_in(dir.path(), &words).code, 4);
    assert!(!dir.path().join("third").exists());
}

#[test]
fn a_report_chains_the_previous_pack_and_shows_what_changed() {
    let dir = two_packs();
    let sums = fs::read(dir.path().join("old/SHA256SUMS")).unwrap();
    let manifest = fs::read(dir.path().join("new/manifest.json")).unwrap();
    let manifest: Value = serde_json::from_slice(&manifest).unwrap();
    assert_eq!(
        manifest["previous"]["sha256sums_sha256"],
        sha256(&sums).as_str()
    );
    let page = fs::read_to_string(dir.path().join("new/report.html")).unwrap();
    assert!(page.contains("Since the previous pack") && page.contains(&sha256(&sums)));
    assert!(page.contains("JOI-003 was not assessed now"));
    let first = fs::read_to_string(dir.path().join("old/report.html")).unwrap();
    assert!(!first.contains("Since the previous pack"));
    assert!(
        !dir.path()
            .join("old/data/changes_since_previous.csv")
            .exists()
    );
    // The table in the pack and the command say the same of what both can see.
    let table = fs::read(dir.path().join("new/data/changes_since_previous.csv")).unwrap();
    let ran = run_in(dir.path(), &["diff", "old", "new", "--format", "csv"]);
    let asked = |row: &Row| row["topic"] != "population";
    let told: Vec<Row> = rows(&table).into_iter().filter(asked).collect();
    let said: Vec<Row> = rows(ran.out.as_bytes()).into_iter().filter(asked).collect();
    assert_eq!(told, said);
    assert_eq!(run_in(dir.path(), &["verify", "new"]).code, 0);
}
