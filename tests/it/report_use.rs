//! What a report says of real use and of waivers is what the gate says.

use std::collections::BTreeSet;
use std::fs;

use super::product::{Row, estate, fixture, piperoll, rows, try_report};

type Said = BTreeSet<(String, String, String)>;

fn of(rows: Vec<Row>, rules: &[&str]) -> Said {
    let wanted = rows
        .into_iter()
        .filter(|row| rules.contains(&row["rule_id"].as_str()));
    wanted
        .map(|row| {
            let cell = |name: &str| row[name].clone();
            (cell("rule_id"), cell("subject"), cell("object"))
        })
        .collect()
}

#[test]
fn report_and_gate_judge_the_same_use() {
    let rules = ["VLT-USE-001", "VLT-USE-002", "VLT-USE-003"];
    let exports = fixture("estate").display().to_string();
    let config = format!("{exports}/piperoll.toml");
    let ran = piperoll(&[
        "lint",
        &exports,
        "--config",
        &config,
        "--logs",
        &exports,
        "--from",
        "2026-09-01",
        "--to",
        "2026-10-01",
        "--as-of",
        "2026-10-01",
        "--format",
        "csv",
    ]);
    assert_eq!(ran.code, 1, "{}", ran.err);
    let gate = of(rows(ran.out.as_bytes()), &rules);
    assert!(!gate.is_empty(), "{}", ran.err);
    assert_eq!(of(estate().rows("findings"), &rules), gate);
    let assessed = estate().rows("rules");
    for rule in rules {
        let run = assessed.iter().find(|row| row["rule_id"] == rule).unwrap();
        assert_ne!(run["outcome"], "not-assessed", "{run:?}");
    }
}

#[test]
fn a_waiver_that_accepts_nothing_is_found_in_a_report_too() {
    let dir = tempfile::tempdir().unwrap();
    let exports = dir.path().join("exports");
    fs::create_dir_all(exports.join("policies")).unwrap();
    fs::write(
        exports.join("policies/a.hcl"),
        "# piperoll: allow VLT-POL-001 reason=\"old\" owner=\"ann\" expires=2027-01-31\n\
         path \"secret/data/a/*\" { capabilities = [\"read\"] }\n\
         # piperoll: allow VLT-POL-002 reason=\"agreed\" owner=\"ann\" expires=2027-01-31\n\
         path \"secret/data/b/*\" { capabilities = [\"read\", \"sudo\"] }\n",
    )
    .unwrap();
    let config = dir.path().join("piperoll.toml");
    // The first names nothing; the second is for a rule that cannot look without logs.
    fs::write(
        &config,
        "[period]\nfrom = \"2026-09-01\"\nto = \"2026-10-01\"\n\
         [[waiver]]\nrule = \"VLT-POL-003\"\nsubject = \"vault:policy/gone\"\nobject = \"x\"\n\
         reason = \"r\"\nowner = \"o\"\nexpires = \"2027-01-01\"\n\
         [[waiver]]\nrule = \"VLT-EVT-001\"\nsubject = \"root\"\nobject = \"x\"\n\
         reason = \"r\"\nowner = \"o\"\nexpires = \"2027-01-01\"\n",
    )
    .unwrap();
    // No event lies in the period, which exit 3 says; the pack is written.
    let (ran, pack) = try_report(&[exports], &config, &[]);
    let pack = pack.unwrap_or_else(|| panic!("{}", ran.err));
    let unused: Vec<String> = of(pack.rows("findings"), &["WVR-003"])
        .into_iter()
        .map(|(_, subject, object)| format!("{subject} {object}"))
        .collect();
    let expected = [
        "waiver:piperoll.toml line:4",
        "waiver:policies/a.hcl line:1",
    ];
    assert_eq!(unused, expected);
}
