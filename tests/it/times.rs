//! What times a derived period is made of, and what one wrong time may change.

use std::fs;

use serde_json::Value;

use super::product::{Pack, Row, fixture, tree, try_report};
use super::vault_log::{calm, folder, lines, pair};

/// The pack over these files without `--from`, `--to` and `[period]`.
fn pack(files: &[(&str, &[u8])]) -> Pack {
    let input = folder(files);
    let configuration = folder(&[("piperoll.toml", b"")]);
    let configuration = configuration.path().join("piperoll.toml");
    let (ran, pack) = try_report(&[input.path().to_owned()], &configuration, &[]);
    pack.unwrap_or_else(|| panic!("{}", ran.err))
}

fn period(pack: &Pack) -> (String, String) {
    let manifest: serde_json::Value = serde_json::from_slice(&pack.files["manifest.json"]).unwrap();
    let text = |key: &str| manifest["period"][key].as_str().unwrap().to_owned();
    (text("from"), text("to"))
}

fn found(pack: &Pack, rule: &str) -> Vec<String> {
    let rows = pack.rows("findings").into_iter();
    let of_rule = rows.filter(|row| row["rule_id"] == rule);
    of_rule.map(|row| row["message"].clone()).collect()
}

const TRACE: &str = "gitlab/projects/101/jobs/88004/trace.log";

/// A trace that prints a token; `stamp` comes before each line, and before the token once more.
fn leak(stamps: [&str; 3], forged: &str) -> String {
    let [a, b, c] = stamps;
    let token = ["glpat-", "d3rMu2B7EHNhJ9hM-mB5"].concat();
    format!(
        "{a}\u{1b}[0KRunning with gitlab-runner 18.7.0 (0b8e1f2a)\u{1b}[0;m\n{b}{forged}using {token}\n{c}\u{1b}[32;1mJob succeeded\u{1b}[0;m\n"
    )
}

#[test]
fn a_leak_is_found_in_a_trace_alone_with_and_without_times() {
    let stamps = [
        "2026-09-07T11:00:00.100000Z 00O ",
        "2026-09-07T11:00:02.100000Z 01O ",
        "2026-09-07T11:00:03.100000Z 00O ",
    ];
    for stamps in [["", "", ""], stamps] {
        let pack = pack(&[(TRACE, leak(stamps, "").as_bytes())]);
        assert_eq!(found(&pack, "GLB-001").len(), 1, "{stamps:?}");
    }
    let stamped = pack(&[(TRACE, leak(stamps, "").as_bytes())]);
    let wanted = ["2026-09-07T11:00:00.100000Z", "2026-09-07T11:00:03.100001Z"];
    assert_eq!(
        period(&stamped),
        (wanted[0].to_owned(), wanted[1].to_owned())
    );
    // Beside a log of another day too.
    let log = calm(20);
    let both = pack(&[
        (TRACE, leak(stamps, "").as_bytes()),
        ("vault/audit.log", log.as_bytes()),
    ]);
    assert_eq!(found(&both, "GLB-001").len(), 1);
}

/// A job may print what a runner writes before a line.
#[test]
fn a_forged_time_in_a_trace_hides_no_leak() {
    let trace = leak(["", "", ""], "2099-01-01T00:00:00.000000Z 01O ");
    let jobs = br#"[{"id": 88004, "name": "deploy", "stage": "deploy", "status": "success", "ref": "main", "tag": false, "created_at": "2026-09-01T00:00:00.000Z", "started_at": "2026-09-01T00:00:02.000Z", "finished_at": "2026-09-01T00:00:20.000Z", "pipeline": {"id": 1, "project_id": 101, "ref": "main", "sha": "aa"}, "commit": {"id": "aa"}, "web_url": "https://gitlab.example/mill/orders/-/jobs/88004"}]"#;
    let log = calm(20);
    let pack = pack(&[
        (TRACE, trace.as_bytes()),
        ("gitlab/projects/101/jobs.json", jobs),
        ("vault/audit.log", log.as_bytes()),
    ]);
    assert_eq!(found(&pack, "GLB-001").len(), 1);
    assert!(*period(&pack).1 < *"2026-09-02", "{:?}", period(&pack));
}

/// A line of another age stretches neither the period nor `as_of`, and is named.
#[test]
fn a_record_of_another_age_is_a_finding_and_no_part_of_the_period() {
    let calm = calm(20);
    let whole = pack(&[("vault/audit.log", calm.as_bytes())]);
    for year in ["9999", "1971", "2031", "2019"] {
        let [mut request, mut response] = pair(99, 5, "secret/data/people/ada");
        for record in [&mut request, &mut response] {
            let time = record["time"].as_str().unwrap().replace("2026", year);
            record["time"] = time.into();
        }
        let text = format!("{calm}{}", lines(&[request, response]));
        let pack = pack(&[("vault/audit.log", text.as_bytes())]);
        assert_eq!(period(&pack), period(&whole), "{year}");
        let [named] = &found(&pack, "INT-003")[..] else {
            panic!("{year}: {:?}", found(&pack, "INT-003"));
        };
        assert!(named.contains(&format!("{year}-09-01")), "{named}");
        let coverage = &pack.rows("coverage")[0];
        assert_eq!(
            (
                coverage["in_period"].as_str(),
                coverage["outside_period"].as_str()
            ),
            ("40", "2")
        );
        assert!(
            coverage["last_at"].starts_with("2026-09-01"),
            "{coverage:?}"
        );
    }
    assert!(found(&whole, "INT-003").is_empty());
}

/// One half of a request in 1970 does not take the request out of the period.
#[test]
fn half_a_pair_of_another_age_hides_nothing() {
    for half in 0..2 {
        let mut root = pair(99, 10, "sys/mounts");
        for record in &mut root {
            record["auth"]["policies"] = serde_json::json!(["root"]);
            record["auth"]["token_policies"] = serde_json::json!(["root"]);
        }
        root[half]["time"] = "1970-01-01T00:00:00.1Z".into();
        let text = format!("{}{}", calm(20), lines(&root));
        let pack = pack(&[("vault/audit.log", text.as_bytes())]);
        assert_eq!(found(&pack, "VLT-EVT-001").len(), 1, "{half}");
        assert_eq!(found(&pack, "INT-003").len(), 1, "{half}");
    }
}

#[test]
fn the_estate_has_no_record_of_another_age() {
    let estate = super::product::estate();
    let damaged = found(estate, "INT-003");
    assert!(
        damaged
            .iter()
            .all(|text| !text.contains("the others are of")),
        "{damaged:?}"
    );
}

#[test]
fn a_read_of_the_year_9999_keeps_no_token_in_use() {
    let log = fs::read_to_string(fixture("estate/vault/file/audit.log")).unwrap();
    let copies: Vec<String> = log
        .lines()
        .filter(|line| line.contains("\"operation\":\"read\""))
        .step_by(7)
        .map(|line| {
            let mut record: Value = serde_json::from_str(line).unwrap();
            record["time"] = "9999-01-01T00:00:00Z".into();
            format!("{record}\n")
        })
        .collect();
    assert!(copies.len() > 8);
    let older = fs::read(fixture("estate/vault/file/audit.log.1.gz")).unwrap();
    let copies = copies.concat();
    let mut files = vec![
        ("vault/file/audit.log.1.gz", older.as_slice()),
        ("vault/file/audit.log", log.as_bytes()),
    ];
    let whole = pack(&files);
    files.push(("vault/file/b.log", copies.as_bytes()));
    let copied = pack(&files);
    assert_eq!(found(&whole, "VLT-EVT-009"), found(&copied, "VLT-EVT-009"));
    assert!(!found(&copied, "INT-010").is_empty());
}

/// A record of Okta's log is moved to another age: nobody is guilty of what it would have shown.
#[test]
fn a_sign_on_of_another_age_makes_nobody_guilty() {
    let case = fixture("cases/okta");
    let configuration = case.join("piperoll.toml");
    let report = |input: &std::path::Path| {
        let (ran, pack) = try_report(&[input.to_owned()], &configuration, &[]);
        pack.unwrap_or_else(|| panic!("{}", ran.err))
            .rows("findings")
    };
    let key = |row: &Row| ["rule_id", "subject", "object"].map(|column| row[column].clone());
    let known: Vec<_> = report(&case.join("input")).iter().map(key).collect();
    let files = tree(&case.join("input"));
    let records: Vec<Value> = serde_json::from_slice(&files["okta/logs.json"]).unwrap();
    for number in 2..4 {
        let mut moved = records.clone();
        moved[number]["published"] = "2262-04-11T23:47:16.854Z".into();
        let mut files = files.clone();
        let moved = serde_json::to_vec(&moved).unwrap();
        files.insert("okta/logs.json".to_owned(), moved);
        let files: Vec<(&str, &[u8])> = files
            .iter()
            .map(|(path, bytes)| (path.as_str(), bytes.as_slice()))
            .collect();
        for row in report(folder(&files).path()) {
            let integrity = row["rule_id"].starts_with("INT");
            let certain = !row["title"].starts_with("suspected") && !integrity;
            assert!(!certain || known.contains(&key(&row)), "{number}: {row:?}");
        }
    }
}

/// No silence lies between a record of another age and the first of the period.
#[test]
fn a_record_of_another_age_borders_no_silence() {
    let input = tempfile::tempdir().unwrap();
    for (name, bytes) in tree(&fixture("estate/vault/file")) {
        let Ok(text) = String::from_utf8(bytes.clone()) else {
            fs::write(input.path().join(name), bytes).unwrap();
            continue;
        };
        let lines = text.split_inclusive('\n').enumerate();
        let aged = lines.map(|(at, line)| match at {
            20 | 21 | 60 | 61 => line.replacen("\"time\":\"2026-", "\"time\":\"1971-", 1),
            _ => line.to_owned(),
        });
        fs::write(input.path().join(name), aged.collect::<String>()).unwrap();
    }
    let configuration = fixture("estate/piperoll.toml");
    let silent = |input: &std::path::Path| {
        let (ran, pack) = try_report(&[input.to_owned()], &configuration, &[]);
        let pack = pack.unwrap_or_else(|| panic!("{}", ran.err));
        assert!(!ran.out.contains("silent from 1971"), "{}", ran.out);
        (found(&pack, "INT-002"), found(&pack, "INT-003").len())
    };
    let (gaps, damage) = silent(&fixture("estate/vault/file"));
    assert!(!gaps.is_empty());
    assert_eq!(silent(input.path()), (gaps, damage + 1));
}
