//! What a forged copy of a record, or a stray file of another device, may do: it accuses nobody for
//! certain, and takes back nothing that the real log shows.

use serde_json::{Value, json};

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
