//! Lists of jobs and pipelines, and entries of Google's log, that somebody writes beside the real
//! ones: what was found stands, nobody else is named, and the integrity of the inputs says what was
//! tried.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::product::{Pack, fixture, report};
use crate::vault_log::{folder, put};

type Finding = [String; 3];

fn found(pack: &Pack) -> BTreeSet<Finding> {
    let rows = pack.rows("findings").into_iter();
    rows.map(|row| ["rule_id", "subject", "object"].map(|column| row[column].clone()))
        .collect()
}

/// The findings of a case whose inputs lie beside more files.
fn beside(case: &str, more: &[(String, String)]) -> BTreeSet<Finding> {
    let case = fixture(&format!("cases/{case}"));
    let input = folder(&[]);
    copy(&case.join("input"), input.path());
    for (name, text) in more {
        put(input.path(), name, text.as_bytes());
    }
    found(&report(
        &[input.path().to_owned()],
        &case.join("piperoll.toml"),
        &[],
    ))
}

pub(crate) fn copy(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let to = to.join(entry.file_name());
        if entry.path().is_dir() {
            fs::create_dir_all(&to).unwrap();
            copy(&entry.path(), &to);
        } else {
            fs::copy(entry.path(), to).unwrap();
        }
    }
}

/// The elements of a list of a case, each changed.
fn changed(case: &str, list: &str, change: fn(&mut Value)) -> String {
    let path = fixture(&format!("cases/{case}/input/{list}"));
    let text = fs::read_to_string(path).unwrap();
    let mut elements: Value = serde_json::from_str(&text).unwrap();
    elements.as_array_mut().unwrap().iter_mut().for_each(change);
    elements.to_string()
}

fn somebody(element: &mut Value) {
    element["user"] = json!({"id": 990, "username": "somebody"});
}

fn holds(what: &str, honest: &BTreeSet<Finding>, forged: &BTreeSet<Finding>, told: &str) {
    let lost: Vec<_> = honest.difference(forged).collect();
    assert!(lost.is_empty(), "{what} hides {lost:?}");
    let new: Vec<_> = forged.difference(honest).collect();
    assert!(
        new.iter().all(|found| found[0].starts_with("INT-")),
        "{what} adds {new:?}"
    );
    let rules: BTreeSet<&str> = new.iter().map(|found| found[0].as_str()).collect();
    let expected: BTreeSet<&str> = told.split_whitespace().collect();
    assert_eq!(rules, expected, "{what}: {new:?}");
}

/// What is forged, how, and which rules tell it.
type Attack = (&'static str, fn(&mut Value), &'static str);

const ATTACKS: [Attack; 10] = [
    ("another user", somebody, "INT-010"),
    ("another ref", |job| job["ref"] = json!("evil"), "INT-010"),
    (
        "a later end",
        |job| job["finished_at"] = json!("2026-12-01T00:00:00Z"),
        "INT-010",
    ),
    (
        "no end",
        |job| {
            somebody(job);
            (job["finished_at"], job["status"]) = (Value::Null, json!("running"));
        },
        "INT-010",
    ),
    (
        "years before",
        |job| {
            for time in ["created_at", "started_at", "finished_at"] {
                job[time] = json!("2020-01-01T00:00:00Z");
            }
        },
        "INT-010",
    ),
    (
        "another project",
        |job| job["pipeline"]["project_id"] = json!(999),
        "INT-003 INT-010",
    ),
    (
        "another project with a page of its own",
        |job| {
            job["pipeline"]["project_id"] = json!(999);
            let host = job["web_url"]
                .as_str()
                .unwrap()
                .split("/-/")
                .next()
                .unwrap();
            let host = host.rsplitn(3, '/').last().unwrap().to_owned();
            job["web_url"] = json!(format!("{host}/mill/evil/-/jobs/{}", job["id"]));
        },
        "INT-003 INT-010",
    ),
    ("the same", |_| (), ""),
    ("a later state", |job| job["coverage"] = json!(80.5), ""),
    (
        "another runner",
        |job| job["runner"] = json!({"id": 9, "ip_address": "198.51.100.9"}),
        "",
    ),
];

#[test]
fn a_forged_list_of_gitlab_hides_nothing_and_accuses_nobody() {
    let case = "freed-ref";
    let honest = beside(case, &[]);
    assert!(honest.len() >= 8, "{honest:?}");
    for (number, (what, change, told)) in ATTACKS.into_iter().enumerate() {
        // What sorts first is read first.
        let page = ["jobs-000.json", "jobs-zzz.json"][number % 2];
        let pages = ["101", "102"].map(|project| {
            let list = format!("gitlab/projects/{project}/jobs.json");
            let name = format!("gitlab/projects/{project}/{page}");
            (name, changed(case, &list, change))
        });
        holds(what, &honest, &beside(case, &pages), told);
    }
    let others: [Attack; 2] = [
        ("a pipeline's user", somebody, "INT-010"),
        (
            "a pipeline's source",
            |pipeline| pipeline["source"] = json!("web"),
            "INT-010",
        ),
    ];
    for (what, change, told) in others {
        let pages = ["101", "102"].map(|project| {
            let list = format!("gitlab/projects/{project}/pipelines.json");
            let name = format!("gitlab/projects/{project}/pipelines-000.json");
            (name, changed(case, &list, change))
        });
        holds(what, &honest, &beside(case, &pages), told);
    }
}

/// Whoever gives an administrator's name his own address is none.
#[test]
fn a_forged_list_of_users_excuses_nobody() {
    let estate = fixture("estate");
    let input = folder(&[]);
    copy(&estate, input.path());
    let users = fs::read_to_string(estate.join("gitlab/users.json")).unwrap();
    let users: Vec<Value> = serde_json::from_str(&users).unwrap();
    let mut emil = users.into_iter().find(|user| user["username"] == "emil");
    emil.as_mut().unwrap()["username"] = json!("ada");
    let list = json!([emil]).to_string();
    put(input.path(), "gitlab/users-2.json", list.as_bytes());
    let config = estate.join("piperoll.toml");
    let found = found(&report(&[input.path().to_owned()], &config, &[]));
    let of = |rule: &str, text: &str| {
        let mut all = found.iter();
        all.any(|[own, subject, _]| own == rule && subject.contains(text))
    };
    assert!(of("JOI-026", "emil@mill.example"), "{found:?}");
    assert!(of("INT-010", "gitlab:user/"), "{found:?}");
}

/// The real principal stays named: what a copy says of another is another entry, under its own name.
#[test]
fn a_forged_entry_of_googles_log_hides_nothing() {
    let case = "gcp-only";
    let honest = beside(case, &[]);
    let entries = || -> Vec<Value> {
        let path = fixture("cases/gcp-only/input/activity.json");
        let text = fs::read_to_string(path).unwrap();
        match serde_json::from_str(&text) {
            Ok(Value::Array(entries)) => entries,
            Ok(one) => vec![one],
            Err(_) => text
                .lines()
                .map(|line| serde_json::from_str(line).unwrap())
                .collect(),
        }
    };
    type Attack = (&'static str, fn(&mut Value));
    let attacks: [Attack; 8] = [
        ("another principal", |entry| {
            entry["protoPayload"]["authenticationInfo"] =
                json!({"principalEmail": "hanna@mill.example"});
        }),
        ("a name with a separator", |entry| {
            entry["protoPayload"]["authenticationInfo"] =
                json!({"principalEmail": "hanna@mill.example\u{1e}x;y\n\u{202e}"});
        }),
        ("a harmless method", |entry| {
            entry["protoPayload"]["methodName"] = json!("google.example.v1.Things.Get");
        }),
        ("a refusal", |entry| {
            entry["protoPayload"]["status"] = json!({"code": 7, "message": "PERMISSION_DENIED"});
        }),
        ("another resource", |entry| {
            entry["protoPayload"]["resourceName"] = json!("projects/other");
        }),
        ("no request", |entry| {
            let payload = entry["protoPayload"].as_object_mut().unwrap();
            payload.remove("serviceData");
            payload.remove("request");
        }),
        ("a time in the year 9999", |entry| {
            entry["timestamp"] = json!("9999-01-01T00:00:00Z")
        }),
        ("a time before all others", |entry| {
            entry["timestamp"] = json!("1971-01-01T00:00:00Z")
        }),
    ];
    let names = ["emil", "fatou", "goran", "hanna"];
    for (number, (what, change)) in attacks.into_iter().enumerate() {
        let name = ["aaa.json", "zzz.json"][number % 2].to_owned();
        let mut forged = entries();
        forged.iter_mut().for_each(change);
        if what.contains("time") {
            // Where as many say so as not, nothing is out of time.
            forged.truncate(1);
        }
        let lines = forged.iter().map(|entry| format!("{entry}\n")).collect();
        let after = beside(case, &[(name, lines)]);
        let lost: Vec<_> = honest.difference(&after).collect();
        assert!(lost.is_empty(), "{what} hides {lost:?}");
        let new = after.difference(&honest);
        let (told, others): (Vec<_>, Vec<_>) = new.partition(|found| found[0].starts_with("INT-"));
        assert!(!told.is_empty(), "{what} is not told");
        // Nobody but who is named by an entry, the real ones or the forged.
        for found in others {
            let named = |name: &&str| found[1].contains(*name);
            assert!(names.iter().any(named), "{what}: {found:?}");
        }
    }
}
