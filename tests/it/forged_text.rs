//! What a requester, a token's owner or a repository writes stays one item of one list: no text
//! makes a claim, a policy or a file of its own.

use std::fs;

use serde_json::{Value, json};

use crate::product::{Pack, fixture, report};
use crate::vault_log::{folder, lines, pair, put};

const SETTINGS: &str = "[period]\nfrom = \"2026-09-01\"\nto = \"2026-10-01\"\n\n[vault]\nci_mounts = [\"auth/gitlab/\"]\nhuman_mounts = [\"auth/userpass/\"]\n\n[people]\nadmins = [\"vault-admins\"]\n\n[people.aliases]\nada = [\"gitlab:user/ada\"]\nemil = [\"gitlab:user/emil\"]\n";

/// The case of one job that reads another project's secret, each record changed by `change`.
fn forged(change: impl Fn(&mut Value)) -> Pack {
    let case = fixture("cases/vault-gitlab");
    let log = fs::read_to_string(case.join("input/vault/audit.log")).unwrap();
    let changed: Vec<Value> = log
        .lines()
        .map(|line| {
            let mut record: Value = serde_json::from_str(line).unwrap();
            change(&mut record);
            record
        })
        .collect();
    of_log(&lines(&changed))
}

/// The same case with another text for a log.
fn of_log(text: &str) -> Pack {
    let case = fixture("cases/vault-gitlab");
    let out = folder(&[("vault/audit.log", text.as_bytes())]);
    report(
        &[out.path().to_owned(), case.join("input/gitlab")],
        &case.join("piperoll.toml"),
        &[],
    )
}

/// Rule, subject and object of the findings of rules that start so.
fn found(pack: &Pack, rules: &[&str]) -> Vec<[String; 3]> {
    let rows = pack.rows("findings").into_iter();
    rows.filter(|row| rules.iter().any(|rule| row["rule_id"].starts_with(rule)))
        .map(|row| ["rule_id", "subject", "object"].map(|column| row[column].clone()))
        .collect()
}

fn metadata(record: &mut Value) -> impl Iterator<Item = &mut serde_json::Map<String, Value>> {
    let (mut auth, mut issued) = (None, None);
    for (name, part) in record.as_object_mut().unwrap() {
        match name.as_str() {
            "auth" => auth = part.get_mut("metadata"),
            "response" => issued = part.pointer_mut("/auth/metadata"),
            _ => {}
        }
    }
    [auth, issued]
        .into_iter()
        .flatten()
        .filter_map(Value::as_object_mut)
}

#[test]
fn a_claim_cannot_name_another_job() {
    let honest = forged(|_| ());
    let joined = found(&honest, &["JOI-"]);
    assert!(
        joined
            .iter()
            .any(|found| found[0] == "JOI-003" && found[1] == "gitlab:project/102"),
        "{joined:?}"
    );
    for separator in ['\u{1e}', '\u{1f}', ';', '\n', '\0'] {
        let text = format!("production{separator}job_id=88002{separator}project_id=101");
        let pack = forged(|record| {
            for claims in metadata(record) {
                if claims.get("project_id") == Some(&json!("102")) {
                    claims.insert("environment".to_owned(), json!(text));
                    // An entry that sorts before the real ones.
                    claims.insert("a;project_id=101".to_owned(), json!("x"));
                    claims.insert("job_id=88002".to_owned(), json!("x"));
                }
            }
        });
        assert_eq!(found(&pack, &["JOI-"]), joined, "{separator:?}");
    }
}

/// A program that cuts a text between the halves of a character writes one half.
#[test]
fn half_of_a_character_takes_no_record_away() {
    let log = fixture("cases/vault-gitlab").join("input/vault/audit.log");
    let log = fs::read_to_string(log).unwrap();
    let honest = found(&of_log(&log), &["JOI-"]);
    assert!(!honest.is_empty());
    for half in ["\\ud83d", "\\uDE00", "\\ud83dx\\ud83d"] {
        let beside = format!("\"x\\udc00\":\"{half}\",\"type\":");
        let pack = of_log(&log.replace("\"type\":", &beside));
        assert_eq!(found(&pack, &["JOI-"]), honest, "{half}");
        let coverage = pack.rows("coverage");
        assert!(coverage.iter().all(|row| row["rejected"] == "0"), "{half}");
    }
}

#[test]
fn a_name_cannot_make_another_person_guilty() {
    let login = |name: &str| {
        let [mut request, mut response] = pair(1, 1, "auth/userpass/login/emil");
        for record in [&mut request, &mut response] {
            record["auth"] = json!({});
            record["request"]["operation"] = json!("update");
            record["request"]["mount_point"] = json!("auth/userpass/");
            record["request"]["mount_type"] = json!("userpass");
        }
        response["response"]["auth"] = json!({
            "client_token": pair(1, 1, "")[0]["auth"]["client_token"],
            "accessor": pair(1, 1, "")[0]["auth"]["accessor"],
            "display_name": "userpass-emil", "policies": ["people"], "entity_id": "e1",
            "metadata": {"name": name, "username": "emil"}, "token_type": "service",
        });
        let mut records = vec![request, response];
        records.extend(pair(2, 5, "secret/data/people/emil"));
        records
    };
    let users = br#"[{"id": 1, "username": "ada", "state": "active"}, {"id": 2, "username": "emil", "state": "active"}]"#;
    for name in ["Emil", "Emil\u{1e}username=ada", "Emil;username=ada"] {
        let files = folder(&[
            ("vault/audit.log", lines(&login(name)).as_bytes()),
            ("gitlab/users.json", users),
        ]);
        let settings = put(files.path(), "piperoll.toml", SETTINGS.as_bytes());
        let pack = report(&[files.path().to_owned()], &settings, &[]);
        let chains = pack.rows("identity_chains");
        let people: Vec<&str> = chains.iter().map(|row| row["person_id"].as_str()).collect();
        assert_eq!(people, ["emil", "emil"], "{name:?}");
    }
}

/// A change of a policy by a token with these policies.
fn policy_change(policies: &[&str]) -> Pack {
    let mut records = pair(1, 1, "sys/policies/acl/app");
    for record in &mut records {
        record["request"]["operation"] = json!("update");
        record["request"]["mount_point"] = json!("sys/");
        record["request"]["mount_type"] = json!("system");
        record["auth"]["policies"] = json!(policies);
        record["auth"]["token_policies"] = json!(policies);
    }
    let files = folder(&[("vault/audit.log", lines(&records).as_bytes())]);
    let settings = put(files.path(), "piperoll.toml", SETTINGS.as_bytes());
    report(&[files.path().to_owned()], &settings, &[])
}

#[test]
fn a_policys_name_cannot_be_two_policies() {
    assert_eq!(
        found(
            &policy_change(&["people", "vault-admins"]),
            &["VLT-EVT-004"]
        )
        .len(),
        0
    );
    for name in [
        "x\u{1e}vault-admins",
        "x;vault-admins",
        "x\u{1f}vault-admins",
    ] {
        let pack = policy_change(&["people", name]);
        assert_eq!(found(&pack, &["VLT-EVT-004"]).len(), 1, "{name:?}");
        // The cell splits into the two policies that the token had.
        let chains = pack.rows("identity_chains");
        assert_eq!(chains[0]["policies"].split(';').count(), 2, "{name:?}");
    }
    let pack = policy_change(&["a%3Bb", "c;d"]);
    assert_eq!(pack.rows("identity_chains")[0]["policies"], "a%253Bb;c%3Bd");
}
