//! What a forged copy of a record, or a stray file of another device, may do: it accuses nobody for
//! certain, and takes back nothing that the real log shows.

use serde_json::{Value, json};

use crate::forged_exports::copy;
use crate::product::{Pack, fixture, report};
use crate::vault_log::{folder, lines, put};

/// A key made for a service account, by somebody at a second.
fn key_made(who: &str, id: &str, second: u32) -> Value {
    let account = "projects/-/serviceAccounts/a@p.iam.gserviceaccount.com";
    json!({
        "logName": "projects/p/logs/cloudaudit.googleapis.com%2Factivity",
        "timestamp": format!("2026-09-10T10:00:{second:02}Z"), "insertId": id,
        "resource": {"type": "service_account", "labels": {"project_id": "p"}},
        "protoPayload": {
            "@type": "type.googleapis.com/google.cloud.audit.AuditLog",
            "serviceName": "iam.googleapis.com",
            "methodName": "google.iam.admin.v1.CreateServiceAccountKey",
            "resourceName": account,
            "authenticationInfo": {"principalEmail": who},
            "request": {"name": account},
        },
    })
}

/// What is found of an account: severity and title.
fn said_of(pack: &Pack, who: &str) -> Vec<[String; 2]> {
    let rows = pack.rows("findings").into_iter();
    let google = rows.filter(|row| row["rule_id"].starts_with("GCP-EVT"));
    let own = google.filter(|row| row["subject"].contains(who));
    own.map(|row| ["severity", "title"].map(|column| row[column].clone()))
        .collect()
}

const CONFIG: &str = "[period]\nfrom = \"2026-09-10\"\nto = \"2026-09-11\"\n[people]\nadmins = [\"root@acme.example\"]\n";

#[test]
fn a_copy_that_names_somebody_else_suspects_him_and_the_one_who_did_it_stays_named() {
    let others = (1..9).map(|second| key_made("root@acme.example", &format!("r{second}"), second));
    let mut real: Vec<Value> = others.collect();
    real.push(key_made("mallory@acme.example", "x1", 30));
    let forged = lines(&[key_made("ada@acme.example", "x1", 30)]);
    for name in ["gcp/a.json", "gcp/z.json"] {
        let out = folder(&[("piperoll.toml", CONFIG.as_bytes())]);
        put(out.path(), "in/gcp/m.json", lines(&real).as_bytes());
        put(out.path(), &format!("in/{name}"), forged.as_bytes());
        let pack = report(
            &[out.path().join("in")],
            &out.path().join("piperoll.toml"),
            &[],
        );
        let mallory = said_of(&pack, "mallory");
        assert!(!mallory.is_empty(), "{name}");
        for [severity, title] in &mallory {
            assert!(
                severity != "low" && !title.starts_with("suspected"),
                "{name}: {title}"
            );
        }
        for [severity, title] in said_of(&pack, "ada") {
            assert!(title.starts_with("suspected: "), "{name}: {title}");
            assert!(severity != "high" && severity != "crit", "{name}: {title}");
        }
        let told = pack.rows("findings");
        assert!(told.iter().any(|row| row["rule_id"] == "INT-010"), "{name}");
    }
}

/// In one file nothing tells which of two stood there first: neither names anybody for certain.
#[test]
fn a_copy_in_the_same_file_accuses_nobody_for_certain_wherever_it_stands() {
    let others = (1..9).map(|second| key_made("root@acme.example", &format!("r{second}"), second));
    let others: Vec<Value> = others.collect();
    let real = key_made("mallory@acme.example", "x1", 30);
    let mut forged = key_made("ada@acme.example", "x1", 30);
    let fewer = forged
        .as_object_mut()
        .unwrap()
        .get_mut("protoPayload")
        .unwrap();
    let mut without_request = fewer.clone();
    without_request.as_object_mut().unwrap().remove("request");
    for payload in [fewer.clone(), without_request] {
        forged["protoPayload"] = payload;
        for pair in [[&forged, &real], [&real, &forged]] {
            let mut all = others.clone();
            all.extend(pair.map(Value::clone));
            let out = folder(&[("piperoll.toml", CONFIG.as_bytes())]);
            put(out.path(), "in/gcp/m.json", lines(&all).as_bytes());
            let config = out.path().join("piperoll.toml");
            let pack = report(&[out.path().join("in")], &config, &[]);
            assert!(!said_of(&pack, "mallory").is_empty());
            for [severity, title] in said_of(&pack, "ada") {
                assert!(title.starts_with("suspected: "), "{title}");
                assert!(severity != "high" && severity != "crit", "{title}");
            }
            let told = pack.rows("findings");
            assert!(told.iter().any(|row| row["rule_id"] == "INT-010"));
        }
    }
}

#[test]
fn a_copy_of_a_sign_on_in_the_same_file_accuses_nobody_for_certain_wherever_it_stands() {
    let case = fixture("cases/okta");
    let log = std::fs::read_to_string(case.join("input/okta/logs.json")).unwrap();
    let records: Vec<Value> = serde_json::from_str(&log).unwrap();
    let config = case.join("piperoll.toml");
    let of_rule = |pack: &Pack| {
        let rows = pack.rows("findings").into_iter();
        let own = rows.filter(|row| row["rule_id"] == "IDP-001");
        own.map(|row| (row["subject"].clone(), row["title"].clone()))
            .collect::<Vec<_>>()
    };
    let honest = of_rule(&report(&[case.join("input")], &config, &[]));
    assert!(!honest.is_empty());
    let guilty = |record: &Value| {
        let actor = record["actor"]["alternateId"].as_str().unwrap_or("nobody");
        let subject = format!("okta:user/{}", actor.to_lowercase());
        honest.iter().any(|(found, _)| *found == subject)
    };
    let own = records
        .iter()
        .enumerate()
        .filter(|(_, record)| guilty(record));
    for (position, record) in own.take(4) {
        let actor = record["actor"]["alternateId"].as_str().unwrap();
        let text = record.to_string().replace(actor, "innocent@acme.example");
        let forged: Value = serde_json::from_str(&text).unwrap();
        for at in [position, position + 1] {
            let mut all = records.clone();
            all.insert(at, forged.clone());
            let out = folder(&[("in/okta/logs.json", json!(all).to_string().as_bytes())]);
            let pack = report(&[out.path().join("in")], &config, &[]);
            for (subject, title) in of_rule(&pack) {
                assert!(
                    !subject.contains("innocent") || title.starts_with("suspected: "),
                    "{subject}: {title}"
                );
            }
        }
    }
}

/// A copy that stands before the call that began a session, or before the session's first use, takes
/// no finding back: which of two was forged, the log does not say.
#[test]
fn a_copy_of_what_began_or_used_a_session_hides_neither() {
    let case = fixture("cases/aws-sessions");
    let log = "aws/cloudtrail/events.jsonl";
    let records = std::fs::read_to_string(case.join("input").join(log)).unwrap();
    let records: Vec<Value> = records
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let of_sessions = |pack: &Pack| {
        let rows = pack.rows("findings").into_iter();
        let own = rows.filter(|row| row["rule_id"].starts_with("JOI-03"));
        own.map(|row| ["rule_id", "subject", "object"].map(|column| row[column].clone()))
            .collect::<Vec<_>>()
    };
    let config = case.join("piperoll.toml");
    let honest = of_sessions(&report(&[case.join("input")], &config, &[]));
    assert!(honest.len() > 4, "{honest:?}");
    let no_subject = |record: &mut Value| {
        let answer = record["responseElements"].as_object_mut();
        answer.is_some_and(|answer| answer.remove("subjectFromWebIdentityToken").is_some())
    };
    let another = |record: &mut Value| {
        let issuer = record.pointer_mut("/userIdentity/sessionContext/sessionIssuer");
        issuer.is_some_and(|issuer| {
            issuer["userName"] = json!("innocent");
            issuer["arn"] = json!("arn:aws:iam::111122223333:role/innocent");
            true
        })
    };
    let elsewhere = |record: &mut Value| {
        record["sourceIPAddress"] = json!("203.0.113.9");
        record["eventName"] == "AssumeRoleWithWebIdentity"
    };
    let forgeries: [&dyn Fn(&mut Value) -> bool; 3] = [&no_subject, &another, &elsewhere];
    for (number, forge) in forgeries.into_iter().enumerate() {
        let mut all = Vec::new();
        for record in &records {
            let mut forged = record.clone();
            all.extend(forge(&mut forged).then_some(forged));
            all.push(record.clone());
        }
        assert!(all.len() > records.len());
        let out = folder(&[]);
        copy(&case.join("input"), &out.path().join("in"));
        put(out.path(), &format!("in/{log}"), lines(&all).as_bytes());
        let found = of_sessions(&report(&[out.path().join("in")], &config, &[]));
        for finding in &honest {
            assert!(
                found.contains(finding),
                "{number}: {finding:?} of {found:?}"
            );
        }
    }
}

#[test]
fn a_few_records_of_a_third_device_take_no_finding_back() {
    let out = folder(&[]);
    let estate = fixture("estate");
    let log = std::fs::read_to_string(estate.join("vault/file/audit.log")).unwrap();
    let some: Vec<&str> = log.lines().skip(20).take(10).collect();
    put(
        out.path(),
        "vault/third/audit.log",
        (some.join("\n") + "\n").as_bytes(),
    );
    let third = out.path().join("vault/third");
    let config = estate.join("piperoll.toml");
    let of = |pack: &Pack, column: &str| {
        let rows = pack.rows("rules").into_iter();
        let mut rows = rows.filter(|row| row["rule_id"] == "JOI-006");
        rows.next().unwrap()[column].clone()
    };
    let whole = report(std::slice::from_ref(&estate), &config, &[]);
    assert_eq!(of(&whole, "outcome"), "finding");
    let pack = report(&[estate, third], &config, &[]);
    assert_eq!(of(&pack, "outcome"), "finding");
    assert!(
        of(&pack, "reason").starts_with("in part: "),
        "{}",
        of(&pack, "reason")
    );
}
