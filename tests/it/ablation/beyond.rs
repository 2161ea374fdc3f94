//! Parts of the estate of Okta, AWS, the mesh and the proxy, each of which once accused somebody or
//! hid what was found.

use serde_json::Value;

use super::files::Files;
use super::part::{Part, sift};
use super::said::{rules, say};
use super::{files, hold};
use crate::estate::committed;

fn part(what: &str, files: Files) -> Part {
    let what = what.to_owned();
    let noticed = true;
    Part {
        what,
        files,
        noticed,
    }
}

fn without(whole: &Files, name: &str) -> Files {
    let mut files = whole.clone();
    assert!(files.remove(name).is_some(), "{name}");
    files
}

/// The configuration without the lines that begin with a word.
fn unset(whole: &Files, key: &str) -> Files {
    let mut files = whole.clone();
    let text = std::str::from_utf8(&whole["piperoll.toml"]).unwrap();
    let kept = text.lines().filter(|line| !line.starts_with(key));
    let kept: Vec<&str> = kept.collect();
    assert!(kept.len() < text.lines().count(), "{key}");
    files.insert("piperoll.toml".to_owned(), kept.join("\n").into_bytes());
    files
}

fn is(record: &Value, pointer: &str, value: &str) -> bool {
    record.pointer(pointer).and_then(Value::as_str) == Some(value)
}

/// A file of the mesh with an answer that its server never gives.
fn emptied(whole: &Files) -> Files {
    let mut files = whole.clone();
    files.insert("kuma/legacy.json".to_owned(), b"[]\n".to_vec());
    files
}

/// A mesh that ends in the middle, where neither folder nor name says that it is one.
fn cut_elsewhere(whole: &Files) -> Files {
    let mut files = whole.clone();
    let mut text = files.remove("kuma/legacy.json").unwrap();
    text.truncate(text.len() / 2);
    files.insert("x/export.json".to_owned(), text);
    files
}

/// The proxy's connections without one that sessions are on.
fn unlisted(whole: &Files) -> Files {
    let name = "hoop/connections.json";
    let mut connections: Value = serde_json::from_slice(&whole[name]).unwrap();
    let list = match &mut connections {
        Value::Array(list) => list,
        page => page["data"].as_array_mut().unwrap(),
    };
    list.retain(|connection| connection["name"] != "orders-db");
    let mut files = whole.clone();
    files.insert(name.to_owned(), serde_json::to_vec(&connections).unwrap());
    files
}

/// Okta's log with outcomes that somebody blacked out.
fn unresolved(whole: &Files) -> Files {
    let name = "okta/system-log.jsonl";
    let text = std::str::from_utf8(&whole[name]).unwrap();
    let mut files = whole.clone();
    let text = text.replace(r#""SUCCESS""#, r#""REDACTED""#);
    files.insert(name.to_owned(), text.into_bytes());
    files
}

/// One job of the list has lost a field without which nothing tells it from other objects.
fn a_job_without_its_stage(whole: &Files) -> Files {
    let name = "gitlab/projects/101/jobs.json";
    let mut files = whole.clone();
    let mut jobs: Vec<Value> = serde_json::from_slice(&whole[name]).unwrap();
    let of_session = jobs.iter_mut().find(|job| job["id"] == 5011).unwrap();
    assert!(
        of_session
            .as_object_mut()
            .unwrap()
            .remove("stage")
            .is_some()
    );
    files.insert(name.to_owned(), serde_json::to_vec(&jobs).unwrap());
    files
}

#[test]
fn a_part_of_the_estate_beyond_accuses_nobody_and_hides_nothing() {
    let whole = files::read(&committed("estate-beyond"));
    let trail = |name: &str| name.starts_with("aws/cloudtrail/");
    let okta = |name: &str| name.starts_with("okta/");
    let early = |record: &Value| {
        record["eventTime"]
            .as_str()
            .is_some_and(|at| at < "2026-09-08T13:23")
    };
    let late = |record: &Value| {
        record["eventTime"]
            .as_str()
            .is_some_and(|at| at >= "2026-09-08T13:36")
    };
    let before_the_acts = |record: &Value| {
        let at = record["published"].as_str();
        at.is_some_and(|at| at < "2026-09-08T07")
    };
    let leases = sift(
        &whole,
        |name| name.starts_with("vault/"),
        |record| !is(record, "/request/mount_point", "aws/"),
    );
    let begun = sift(&whole, okta, |record| {
        !is(record, "/eventType", "user.session.start")
    });
    // Those who came to Vault through it have no sign-on left, and who gave rights away is gone.
    let thinned = sift(&whole, okta, |record| {
        let at = record["published"].as_str().unwrap_or_default();
        let morning = at.starts_with("2026-09-08T08") || at.starts_with("2026-09-08T09");
        let granted = is(record, "/eventType", "user.account.privilege.grant");
        !morning && !granted
    });
    let parts = vec![
        part("sign-ons and grants of Okta", thinned),
        part("the trail's first hours", sift(&whole, trail, early)),
        part("the trail's last hours", sift(&whole, trail, late)),
        part(
            "the first days of Okta",
            sift(&whole, okta, before_the_acts),
        ),
        part("nobody declared", unset(&whole, "admins")),
        part(
            "the page that counts sessions",
            without(&whole, "hoop/sessions-1.json"),
        ),
        part("an empty answer of the mesh", emptied(&whole)),
        part("half a mesh of another name", cut_elsewhere(&whole)),
        part("a connection of the proxy", unlisted(&whole)),
        part("no outcome in Okta", unresolved(&whole)),
        part("no users of GitLab", without(&whole, "gitlab/users.json")),
        part("a job without its stage", a_job_without_its_stage(&whole)),
        Part::unnoticed("no lease of AWS".to_owned(), leases),
        Part::unnoticed("no beginning of a session".to_owned(), begun),
    ];
    for part in &parts {
        assert!(part.files != whole, "{}", part.what);
    }
    hold(&whole, parts);
}

#[test]
fn a_resource_in_yaml_that_ends_in_the_middle_is_missing_from_the_mesh() {
    let mut files = files::read(&committed("estate-beyond"));
    let text = b"type: Mesh\nname: late\nmtls:\n  enabledBackend: ca-1\n  backe";
    files.insert("x/more.yaml".to_owned(), text.to_vec());
    let said = say(&files, &rules()).unwrap();
    let (_, why) = &said.rules["KMA-005"];
    assert!(why.contains("x/more.yaml"), "{why}");
}
