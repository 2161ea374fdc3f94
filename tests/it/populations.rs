//! Populations of a pack: what they hold, and how one source and one audit device stand against
//! another.

use std::fs;

use serde_json::{Value, json};

use super::product::{Row, rows, run_in};
use super::vault_log::{folder, lines, pair};

/// A table of the pack over these files.
fn table(files: &[(&str, &[u8])], name: &str) -> Vec<Row> {
    let dir = folder(files);
    let ran = run_in(dir.path(), &["report", ".", "-o", "out", "-q"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let path = dir.path().join("out/data").join(name);
    rows(&fs::read(path).unwrap())
}

/// A write by a person.
fn write(number: u32, path: &str) -> [Value; 2] {
    pair(number, number, path).map(|mut record| {
        record["request"]["operation"] = json!("update");
        record
    })
}

#[test]
fn settings_of_auditing_are_changes_and_hashing_with_a_device_is_none() {
    let log = [
        write(1, "sys/config/auditing/request-headers/x-request-id"),
        write(2, "sys/audit-hash/file"),
        write(3, "sys/audit/file"),
        write(4, "sys/generate-root/attempt"),
        write(5, "sys/wrapping/unwrap"),
    ];
    let log = lines(&log.concat());
    let found = table(&[("vault/audit.log", log.as_bytes())], "changes.csv");
    let objects: Vec<&str> = found.iter().map(|row| row["object"].as_str()).collect();
    let wanted = [
        "vault:path/sys/config/auditing/request-headers/x-request-id",
        "vault:path/sys/audit/file",
        "vault:path/sys/generate-root/attempt",
    ];
    assert_eq!(objects, wanted);
}

#[test]
fn grants_are_read_as_the_server_reads_them() {
    let log = lines(&write(1, "secret/data/people/ada"));
    let policy = b"path \"secret/metadata/*\" { capabilities = [\"list\", \"scan\"] }\n";
    let files = [
        ("vault/audit.log", log.as_bytes()),
        ("vault/policies/people.hcl", policy),
        ("piperoll.toml", b"[vault]\ndialect = \"openbao\"\n"),
    ];
    let found = table(&files, "grants.csv");
    let granted: Vec<&str> = found.iter().map(|row| row["capability"].as_str()).collect();
    assert_eq!(granted, ["list", "scan"]);
}

#[test]
fn audit_devices_are_held_against_each_other() {
    let reads = |range: std::ops::Range<u32>| {
        let all = range.flat_map(|number| pair(number, number, "secret/data/people/ada"));
        all.collect::<Vec<Value>>()
    };
    let (file, mut socket) = (reads(0..5), reads(2..7));
    // Its last response never came.
    socket.pop();
    let (file, socket) = (lines(&file), lines(&socket));
    let files = [
        ("vault/file/audit.log", file.as_bytes()),
        ("vault/socket/audit.log", socket.as_bytes()),
    ];
    let cells = |row: &Row| {
        let numbers = [
            "requests",
            "both_records",
            "request_only",
            "response_only",
            "on_other_devices_only",
            "on_no_other_device",
        ];
        let numbers = numbers.map(|name| row[name].parse::<u32>().unwrap());
        (row["device"].clone(), numbers)
    };
    let found: Vec<_> = table(&files, "audit_devices.csv")
        .iter()
        .map(cells)
        .collect();
    let wanted = [
        ("vault/file/".to_owned(), [5, 5, 0, 0, 2, 2]),
        ("vault/socket/".to_owned(), [5, 4, 1, 0, 2, 2]),
    ];
    assert_eq!(found, wanted);
}

#[test]
fn a_system_is_known_by_what_its_records_name() {
    let log = lines(&pair(1, 1, "secret/data/people/ada"));
    let mut inner = pair(2, 2, "secret/data/people/ada");
    for record in &mut inner {
        record["request"]["namespace"] = json!({"id": "n1", "path": "team/"});
    }
    let log = log + &lines(&inner);
    let found = table(&[("vault/audit.log", log.as_bytes())], "source_systems.csv");
    let told: Vec<_> = found
        .iter()
        .map(|row| {
            let cells = ["log", "instance", "records_in_period", "evidence_line"];
            cells.map(|name| row[name].as_str()).join(" ")
        })
        .collect();
    assert_eq!(
        told,
        ["audit namespace root 1 2", "audit namespace team 1 4"]
    );
}

/// An account of another project is in no list of this one's, and may do what its binding says.
#[test]
fn accounts_that_only_a_binding_names_are_accounts_too() {
    let policy = json!({"version": 1, "etag": "BwY=", "bindings": [
        {"role": "roles/editor", "members": [
            "serviceAccount:deployer@other.iam.gserviceaccount.com", "user:ada@mill.example"]},
        {"role": "roles/viewer", "members": [
            "serviceAccount:deployer@other.iam.gserviceaccount.com",
            "serviceAccount:listed@mill.iam.gserviceaccount.com"]},
    ]});
    let accounts = json!([{"email": "listed@mill.iam.gserviceaccount.com", "projectId": "mill",
        "name": "projects/mill/serviceAccounts/listed@mill.iam.gserviceaccount.com",
        "uniqueId": "1", "displayName": "listed", "etag": "x", "oauth2ClientId": "1"}]);
    let (policy, accounts) = (policy.to_string(), accounts.to_string());
    let log = lines(&write(1, "secret/data/people/ada"));
    let files = [
        ("vault/audit.log", log.as_bytes()),
        ("gcp/projects/mill/iam-policy.json", policy.as_bytes()),
        (
            "gcp/projects/mill/service-accounts.json",
            accounts.as_bytes(),
        ),
    ];
    let found = table(&files, "service_accounts.csv");
    let named: Vec<[&str; 3]> = found
        .iter()
        .map(|row| [&row["account"], &row["state"], &row["evidence_file"]].map(String::as_str))
        .collect();
    let bound = "gcp:sa/deployer@other.iam.gserviceaccount.com";
    assert!(
        named.contains(&[bound, "not listed", "gcp/projects/mill/iam-policy.json"]),
        "{named:?}"
    );
    assert_eq!(named.len(), 2, "{named:?}");
}
