//! `report --timings`: where the time of a run went, told apart from the evidence.

use std::path::Path;

use serde_json::Value;

use super::product::{Pack, run_in};
use super::vault_log::{calm, folder};

const PHASES: [&str; 5] = ["read", "join", "tabulate", "rules", "pack"];

fn record(folder: &Path, pack: &str) -> Value {
    let bytes = std::fs::read(folder.join(pack).join("run.json")).unwrap();
    serde_json::from_slice(&bytes).unwrap()
}

fn names(timings: &Value, of: &str) -> Vec<String> {
    let parts = timings[of].as_array().unwrap();
    let name = |part: &Value| part["name"].as_str().unwrap().to_owned();
    parts.iter().map(name).collect()
}

#[test]
fn every_phase_and_rule_is_timed_and_the_pack_is_the_same() {
    let folder = folder(&[("logs/audit.log", calm(40).as_bytes())]);
    let folder = folder.path();
    let plain = run_in(folder, &["report", "logs", "-o", "plain"]);
    let timed = run_in(folder, &["report", "logs", "-o", "timed", "--timings"]);
    assert_eq!((plain.code, timed.code), (0, 0), "{timed:?}");
    assert_eq!(record(folder, "plain").get("timings"), None);
    assert!(!plain.err.contains("wall s"), "{}", plain.err);

    let (without, with) = (folder.join("plain"), folder.join("timed"));
    let (without, with) = (Pack::read(&without), Pack::read(&with));
    assert_eq!(without.reproducible(), with.reproducible());
    let verified = run_in(folder, &["verify", "timed"]);
    assert_eq!(verified.code, 0, "{verified:?}");

    let timings = &record(folder, "timed")["timings"];
    assert_eq!(names(timings, "phases"), PHASES);
    let mut asked = names(timings, "rules");
    asked.sort();
    let runs = with.rows("rules");
    let mut answered: Vec<&str> = runs
        .iter()
        .filter(|run| timed.err.contains(run["rule_id"].as_str()))
        .map(|run| run["rule_id"].as_str())
        .collect();
    answered.sort_unstable();
    assert_eq!(asked, answered);
    assert!(asked.len() > 50, "{}", asked.len());

    let coverage = with.rows("coverage");
    let units = coverage[0]["lines"].parse::<u64>().unwrap();
    assert_eq!(timings["phases"][0]["records"], units);
    let wall = |part: &Value| part["wall_us"].as_u64().unwrap();
    let of_rules: u64 = timings["rules"].as_array().unwrap().iter().map(wall).sum();
    assert!(of_rules > 0 && of_rules <= wall(&timings["phases"][3]));
    for name in PHASES {
        let line = |line: &str| line.starts_with(&format!("{name} "));
        assert!(timed.err.lines().any(line), "{}", timed.err);
    }
}

#[test]
#[cfg(target_os = "linux")]
fn memory_grows_and_processor_time_is_told() {
    let folder = folder(&[("logs/audit.log", calm(400).as_bytes())]);
    let ran = run_in(folder.path(), &["report", "logs", "--timings", "--quiet"]);
    assert_eq!((ran.code, ran.out.as_str()), (0, ""));
    let record = record(folder.path(), "evidence");
    let phases = record["timings"]["phases"].as_array().unwrap();
    let number = |key: &str| -> Vec<u64> {
        let values = phases.iter().map(|phase| phase[key].as_u64());
        values.collect::<Option<_>>().unwrap()
    };
    let peaks = number("peak_bytes");
    assert!(peaks[0] > 1 << 20 && peaks.is_sorted(), "{peaks:?}");
    assert!(number("cpu_us").iter().sum::<u64>() > 0);
}
