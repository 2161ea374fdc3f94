//! An id that is used twice is compared, not believed: what was forged under the id of a real
//! record hides nothing of it, and the integrity of the log says what was tried.

use std::fs;
use std::path::PathBuf;

use serde_json::{Value, json};

use crate::product::{Pack, fixture, report};
use crate::vault_log::{folder, lines, put};

fn found(pack: &Pack, rule: &str) -> Vec<[String; 2]> {
    let rows = pack.rows("findings").into_iter();
    rows.filter(|row| row["rule_id"] == rule)
        .map(|row| ["subject", "object"].map(|column| row[column].clone()))
        .collect()
}

/// The case of one job that reads another project's secret, and more files.
fn with(files: &[(&str, String)]) -> Pack {
    let case = fixture("cases/vault-gitlab");
    let out = folder(&[]);
    let mut inputs: Vec<PathBuf> = vec![case.join("input/gitlab")];
    let log = fs::read(case.join("input/vault/audit.log")).unwrap();
    put(out.path(), "vault/audit.log", &log);
    for (name, text) in files {
        put(out.path(), name, text.as_bytes());
    }
    inputs.push(out.path().to_owned());
    report(&inputs, &case.join("piperoll.toml"), &[])
}

/// The records of the read that JOI-003 finds.
fn guilty() -> Vec<Value> {
    let log = fs::read_to_string(fixture("cases/vault-gitlab/input/vault/audit.log")).unwrap();
    let records = log
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap());
    records
        .filter(|record| {
            record["request"]["path"] == "secret/data/ci/orders/prod/db"
                && record["auth"]["metadata"]["project_id"] == "102"
        })
        .collect()
}

const SECRET: &str = "vault:path/secret/data/ci/orders/prod/db";

#[test]
fn a_request_under_the_id_of_another_hides_nothing() {
    let honest = with(&[]);
    let real = found(&honest, "JOI-003");
    assert_eq!(real, [["gitlab:project/102".to_owned(), SECRET.to_owned()]]);
    assert!(found(&honest, "INT-010").is_empty());
    let reads = guilty();
    assert_eq!(reads.len(), 2, "a request and its response");
    let id = reads[0]["request"]["id"].as_str().unwrap().to_owned();
    let help = |kind: &str, time: &str| json!({"time": time, "type": kind, "request": {"id": id, "operation": "help", "path": "x"}});
    let of_that_time = reads[0]["time"].as_str().unwrap();
    let changed = |change: &dyn Fn(&mut Value)| {
        let mut records = reads.clone();
        records.iter_mut().for_each(change);
        lines(&records)
    };
    let attacks = [
        (
            "short records of another request",
            lines(&[
                help("request", of_that_time),
                help("response", of_that_time),
            ]),
        ),
        ("one record", lines(&[help("request", of_that_time)])),
        ("an answer", lines(&[help("response", of_that_time)])),
        (
            "the same outside the period",
            changed(&|record| record["time"] = json!("2025-01-01T00:00:00Z")),
        ),
        (
            "another path",
            changed(&|record| record["request"]["path"] = json!("secret/data/ci/billing/prod/db")),
        ),
        (
            "another principal",
            changed(&|record| record["auth"]["entity_id"] = json!("another")),
        ),
    ];
    for (what, forged) in attacks {
        for name in ["vault/a.log", "vault/z.log"] {
            let pack = with(&[(name, forged.clone())]);
            assert!(
                found(&pack, "JOI-003").contains(&real[0]),
                "{what} in {name}"
            );
            let told = found(&pack, "INT-010");
            assert_eq!(told.len(), 1, "{what} in {name}: {told:?}");
            assert_eq!(told[0][0], format!("vault:request/{id}"), "{what}");
        }
    }
}

/// What a copy says differently, and how it comes to say it.
type Change = (&'static str, fn(&mut Value));

#[test]
fn a_copy_that_differs_in_anything_its_device_writes_is_told() {
    let reads = guilty();
    let id = reads[0]["request"]["id"].as_str().unwrap().to_owned();
    let changes: [Change; 7] = [
        ("policies", |record| {
            record["auth"]["policies"] = json!(["default"]);
            record["auth"]["token_policies"] = json!(["default"]);
        }),
        ("metadata", |record| {
            record["auth"]["metadata"]["project_id"] = json!("101");
        }),
        ("display name", |record| {
            record["auth"]["display_name"] = json!("gitlab-mill/orders");
        }),
        ("mount", |record| {
            record["request"]["mount_point"] = json!("kv/");
        }),
        ("kind of the mount", |record| {
            record["request"]["mount_type"] = json!("transit");
        }),
        ("address", |record| {
            record["request"]["remote_address"] = json!("203.0.113.9");
        }),
        ("token", |record| {
            record["auth"]["client_token"] = json!(format!("hmac-sha256:{}", "a".repeat(64)));
        }),
    ];
    for (what, change) in changes {
        let mut records = reads.clone();
        records.iter_mut().for_each(change);
        for name in ["vault/a.log", "vault/z.log"] {
            let pack = with(&[(name, lines(&records))]);
            let told = found(&pack, "INT-010");
            let subjects: Vec<&str> = told.iter().map(|[subject, _]| subject.as_str()).collect();
            assert_eq!(
                subjects,
                [format!("vault:request/{id}")],
                "{what} in {name}"
            );
        }
        // What no device hashes is told of another device too, in whatever packing.
        if what != "token" && what != "display name" {
            let pack = with(&[("another/a.log", lines(&records))]);
            assert_eq!(found(&pack, "INT-010").len(), 1, "{what} on another device");
        }
    }
}

#[test]
fn a_token_of_two_logins_names_neither_and_is_told() {
    let reads = guilty();
    let accessor = &reads[0]["auth"]["accessor"];
    let log = fs::read_to_string(fixture("cases/vault-gitlab/input/vault/audit.log")).unwrap();
    let mut login: Vec<Value> = log
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
        .filter(|record| record["response"]["auth"]["accessor"] == *accessor)
        .collect();
    assert_eq!(login.len(), 1);
    for record in &mut login {
        record["request"]["id"] = json!("00000000-0000-4000-8000-00000000f001");
        for auth in ["/auth", "/response/auth"] {
            let metadata = record.pointer_mut(auth).unwrap();
            metadata["metadata"]["project_id"] = json!("101");
            metadata["metadata"]["job_id"] = json!("88145");
            metadata["metadata"]["project_path"] = json!("mill/orders");
        }
    }
    for name in ["vault/a.log", "vault/z.log"] {
        let pack = with(&[(name, lines(&login))]);
        let told = found(&pack, "INT-010");
        assert_eq!(told.len(), 1, "{name}: {told:?}");
        assert!(told[0][0].starts_with("vault:accessor/"), "{told:?}");
        let named = found(&pack, "JOI-003");
        assert!(
            named
                .iter()
                .all(|[subject, _]| subject != "gitlab:project/101"),
            "{named:?}"
        );
    }
}

/// A record of a login under the id of another may be written by whoever brings a log: what it says of
/// somebody else is suspected at most, wherever its file stands in the order.
#[test]
fn a_copy_of_a_login_accuses_nobody_else() {
    let honest = with(&[]);
    let log = fs::read_to_string(fixture("cases/vault-gitlab/input/vault/audit.log")).unwrap();
    let logins: Vec<Value> = log
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
        .filter(|record| record["response"]["auth"]["metadata"]["project_id"] == "102")
        .collect();
    assert!(!logins.is_empty());
    let changes: [Change; 3] = [
        ("project", |metadata| metadata["project_id"] = json!("101")),
        ("job", |metadata| metadata["job_id"] = json!("88145")),
        ("role", |metadata| metadata["role"] = json!("orders")),
    ];
    for (what, change) in changes {
        let mut copies = logins.clone();
        for record in &mut copies {
            for auth in ["/auth", "/response/auth"] {
                if let Some(auth) = record.pointer_mut(auth).filter(|auth| auth.is_object()) {
                    change(&mut auth["metadata"]);
                }
            }
        }
        for name in ["vault/a.log", "vault/z.log", "other/a.log"] {
            let pack = with(&[(name, lines(&copies))]);
            assert!(!found(&pack, "INT-010").is_empty(), "{what} in {name}");
            for row in pack.rows("findings") {
                let known = honest.rows("findings").iter().any(|old| {
                    ["rule_id", "subject", "object"]
                        .iter()
                        .all(|it| old[*it] == row[*it])
                });
                let doubted = row["title"].starts_with("suspected: ");
                assert!(
                    known || doubted || row["rule_id"].starts_with("INT-"),
                    "{what} in {name}: {row:?}"
                );
            }
        }
    }
}

#[test]
fn a_copy_of_a_root_tokens_request_does_not_make_it_anothers() {
    let mut records = guilty();
    for record in &mut records {
        record["request"]["id"] = json!("00000000-0000-4000-8000-00000000f001");
        record["auth"]["policies"] = json!(["root"]);
        record["auth"]["token_policies"] = json!(["root"]);
    }
    let honest = found(&with(&[("vault/root.log", lines(&records))]), "VLT-EVT-001");
    assert_eq!(honest.len(), 1);
    let mut copy = records.clone();
    for record in &mut copy {
        record["auth"]["policies"] = json!(["default"]);
        record["auth"]["token_policies"] = json!(["default"]);
    }
    for name in ["vault/a.log", "vault/z.log", "another/a.log"] {
        let pack = with(&[("vault/root.log", lines(&records)), (name, lines(&copy))]);
        assert_eq!(found(&pack, "VLT-EVT-001"), honest, "{name}");
        assert_eq!(found(&pack, "INT-010").len(), 1, "{name}");
    }
}

#[test]
fn what_a_second_device_repeats_is_no_conflict() {
    let salted = |text: &mut Value| {
        if let Some(hash) = text.as_str().filter(|text| text.starts_with("hmac-")) {
            *text = json!(format!(
                "hmac-sha256:{}",
                hash.replace("hmac-sha256:", "")
                    .chars()
                    .rev()
                    .collect::<String>()
            ));
        }
    };
    let log = fs::read_to_string(fixture("cases/vault-gitlab/input/vault/audit.log")).unwrap();
    let records: Vec<Value> = log
        .lines()
        .map(|line| {
            let mut record: Value = serde_json::from_str(line).unwrap();
            for at in [
                "/auth/client_token",
                "/auth/accessor",
                "/response/auth/accessor",
            ] {
                if let Some(text) = record.pointer_mut(at) {
                    salted(text);
                }
            }
            if let Some(auth) = record.get_mut("auth").and_then(Value::as_object_mut) {
                auth.remove("entity_id");
            }
            record
        })
        .collect();
    let pack = with(&[("vault/socket/audit.log", lines(&records))]);
    assert!(found(&pack, "INT-010").is_empty());
    let coverage = pack.rows("coverage");
    let second = coverage
        .iter()
        .find(|row| row["file"].ends_with("socket/audit.log"))
        .unwrap();
    assert_eq!(second["duplicates"], second["parsed"]);
}

#[test]
fn an_entry_under_the_insert_id_of_another_does_not_change_who_did_it() {
    let entry = |who: &str, time: &str| {
        json!({
            "logName": "projects/p/logs/cloudaudit.googleapis.com%2Factivity",
            "timestamp": time, "insertId": "x1",
            "resource": {"type": "service_account", "labels": {"project_id": "p"}},
            "protoPayload": {
                "@type": "type.googleapis.com/google.cloud.audit.AuditLog",
                "serviceName": "iam.googleapis.com",
                "methodName": "google.iam.admin.v1.CreateServiceAccountKey",
                "resourceName": "projects/-/serviceAccounts/a@p.iam.gserviceaccount.com",
                "authenticationInfo": {"principalEmail": who},
                "request": {"name": "projects/-/serviceAccounts/a@p.iam.gserviceaccount.com"},
            },
        })
    };
    let time = "2026-09-10T10:00:00Z";
    for (other, told) in [(time, 1), ("2026-09-10T10:00:00.000001Z", 0)] {
        let real = lines(&[entry("mallory@acme.example", time)]);
        let forged = lines(&[entry("ada@acme.example", other)]);
        let pack = with(&[("gcp/a.json", forged), ("gcp/b.json", real)]);
        let events = pack.rows("identity_chains");
        let ids: Vec<&str> = events
            .iter()
            .filter(|row| row["evidence_file"].contains("gcp/"))
            .map(|row| row["evidence_file"].as_str())
            .collect();
        assert_eq!(ids.len(), 2, "{ids:?}");
        let keys = pack.rows("findings");
        let keys = keys
            .iter()
            .filter(|row| row["rule_id"].starts_with("GCP-EVT"));
        let named = keys
            .filter(|row| row["subject"].contains("mallory"))
            .count();
        assert!(named > 0, "mallory is not named");
        assert_eq!(found(&pack, "INT-010").len(), told);
    }
}

#[test]
fn an_entry_under_the_insert_id_of_another_does_not_change_what_was_granted() {
    let entry = |action: &str, member: &str| {
        json!({
            "logName": "projects/p/logs/cloudaudit.googleapis.com%2Factivity",
            "timestamp": "2026-09-10T10:00:00Z", "insertId": "x1",
            "resource": {"type": "project", "labels": {"project_id": "p"}},
            "protoPayload": {
                "@type": "type.googleapis.com/google.cloud.audit.AuditLog",
                "serviceName": "cloudresourcemanager.googleapis.com",
                "methodName": "SetIamPolicy", "resourceName": "projects/p",
                "authenticationInfo": {"principalEmail": "mallory@acme.example"},
                "serviceData": {"policyDelta": {"bindingDeltas": [
                    {"action": action, "role": "roles/owner", "member": member},
                ]}},
            },
        })
    };
    let real = lines(&[entry("ADD", "user:mallory@acme.example")]);
    let honest = found(&with(&[("gcp/b.json", real.clone())]), "GCP-EVT-001");
    assert_eq!(honest.len(), 1);
    for other in [
        entry("REMOVE", "user:mallory@acme.example"),
        entry("REMOVE", "user:bruno@acme.example"),
    ] {
        for name in ["gcp/a.json", "gcp/c.json"] {
            let forged = lines(std::slice::from_ref(&other));
            let pack = with(&[(name, forged), ("gcp/b.json", real.clone())]);
            assert_eq!(found(&pack, "GCP-EVT-001"), honest, "{name}");
            assert_eq!(found(&pack, "INT-010").len(), 1, "{name}");
        }
    }
    // A second sink writes what the first does.
    let pack = with(&[("gcp/a.json", real.clone()), ("gcp/b.json", real)]);
    assert_eq!(found(&pack, "INT-010").len(), 0);
}

#[test]
fn a_job_in_another_page_does_not_replace_the_job() {
    let page = fs::read_to_string(fixture(
        "cases/vault-gitlab/input/gitlab/projects/102/jobs.json",
    ));
    let jobs: Value = serde_json::from_str(&page.unwrap()).unwrap();
    let mut forged = jobs.as_array().unwrap()[0].clone();
    let id = forged["id"].as_u64().unwrap();
    let pack = with(&[("more/projects/102/jobs-2.json", json!([forged]).to_string())]);
    assert!(found(&pack, "INT-010").is_empty(), "the same job");
    forged["user"] = json!({"id": 9, "username": "somebody"});
    forged["ref"] = json!("another");
    let pack = with(&[("more/projects/102/jobs-2.json", json!([forged]).to_string())]);
    let told = found(&pack, "INT-010");
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(told[0][0], format!("gitlab:job/102/{id}"));
}

#[test]
fn a_repetition_that_bears_the_token_of_somebody_else_makes_no_two_tokens_one() {
    let log = fs::read_to_string(fixture("cases/vault-gitlab/input/vault/audit.log")).unwrap();
    let reads = guilty();
    let own = &reads[0]["auth"]["accessor"];
    let others: Vec<Value> = log
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
        .map(|record| record["auth"]["accessor"].clone())
        .filter(|accessor| accessor.is_string() && accessor != own)
        .collect();
    let real = found(&with(&[]), "JOI-003");
    let mut forged = reads.clone();
    for record in &mut forged {
        record["auth"]["accessor"] = others[0].clone();
        record["request"]["client_token_accessor"] = others[0].clone();
        record["auth"]
            .as_object_mut()
            .unwrap()
            .remove("client_token");
        record["request"]
            .as_object_mut()
            .unwrap()
            .remove("client_token");
    }
    for name in ["other/audit.log", "a/audit.log"] {
        let pack = with(&[(name, lines(&forged))]);
        assert!(found(&pack, "JOI-003").contains(&real[0]), "{name}");
        let told = found(&pack, "INT-010");
        assert_eq!(told.len(), 1, "{name}: {told:?}");
        assert!(told[0][0].starts_with("vault:request/"), "{name}: {told:?}");
    }
}
