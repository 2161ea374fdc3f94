//! A record, or a list, that somebody drops into a folder of its own looks like another server of
//! which the rest is missing: it takes back nothing of what the files of the first server show.

use std::fs;

use crate::product::{Pack, fixture, report};
use crate::vault_log::{folder, put};

/// What is found by rules that ask what configuration states: rule, subject, object, severity.
fn found(pack: &Pack) -> Vec<[String; 4]> {
    let rows = pack.rows("findings").into_iter();
    rows.map(|row| ["rule_id", "subject", "object", "severity"].map(|it| row[it].clone()))
        // The name of a file is longer beside a stray one.
        .filter(|row| !row[0].starts_with("INT-") && !row[2].starts_with("input:"))
        .collect()
}

#[test]
fn a_stray_file_of_another_server_demotes_no_finding_of_the_first() {
    let estate = fixture("estate");
    let config = estate.join("piperoll.toml");
    let whole = found(&report(std::slice::from_ref(&estate), &config, &[]));
    let critical = |row: &&[String; 4]| row[0] == "VLT-POL-003" && row[3] == "crit";
    assert!(whole.iter().filter(critical).count() >= 2, "{whole:?}");
    let read = |name: &str| fs::read_to_string(estate.join(name)).unwrap();
    let log = read("vault/file/audit.log");
    let line = log.lines().nth(30).unwrap().to_owned() + "\n";
    for (name, text) in [
        ("stray/x.log", line),
        (
            "stray/audit-list.json",
            read("vault/config/audit-list.json"),
        ),
        ("stray/auth-list.json", read("vault/config/auth-list.json")),
    ] {
        let out = folder(&[]);
        put(out.path(), name, text.as_bytes());
        let pack = report(&[estate.clone(), out.path().join("stray")], &config, &[]);
        let missing: Vec<_> = found(&pack)
            .into_iter()
            .filter(|row| !whole.contains(row))
            .collect();
        assert!(missing.is_empty(), "{name}: {missing:?}");
        let rules = pack.rows("rules");
        let reason = |rule: &str| {
            let row = rules.iter().find(|row| row["rule_id"] == rule);
            row.unwrap()["reason"].clone()
        };
        assert!(!reason("VLT-POL-003").is_empty(), "{name}");
    }
}
