//! Exports that state a thing twice and differently: what was found stands or is told to be in part,
//! nobody else is named for certain, and INT-010 says where both statements stand.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::forged_exports::copy;
use crate::product::{Pack, fixture, report};
use crate::vault_log::{folder, put};

type Finding = [String; 3];

/// The severity of each finding.
fn found(pack: &Pack) -> BTreeMap<Finding, String> {
    let rows = pack.rows("findings").into_iter();
    rows.map(|row| {
        let of = ["rule_id", "subject", "object"].map(|column| row[column].clone());
        (of, row["severity"].clone())
    })
    .collect()
}

fn estate() -> tempfile::TempDir {
    let input = folder(&[]);
    copy(&fixture("estate"), input.path());
    fs::remove_file(input.path().join("piperoll.toml")).unwrap();
    input
}

fn read(input: &Path, name: &str) -> Value {
    let text = fs::read_to_string(input.join(name)).unwrap();
    serde_json::from_str(&text).unwrap()
}

/// The project 102, changed.
fn project(input: &Path, change: fn(&mut Value)) -> String {
    let all = read(input, "gitlab/projects.json");
    let own = all.as_array().unwrap().iter();
    let mut own = own.clone().find(|it| it["id"] == 102).unwrap().clone();
    change(&mut own);
    json!([own]).to_string()
}

/// A file to write, its text, and what INT-010 names; nothing where the same is said.
type Attack = (&'static str, fn(&Path) -> String, &'static str);

const EMIL: &str = "vault/config/identity/entity/id/a1000000-0000-4000-a000-000000000005.json";
const BILLING: &str = "vault/config/policies/ci-billing.hcl";

const ATTACKS: [Attack; 8] = [
    (
        "gitlab/a-projects.json",
        |input| project(input, |it| it["path_with_namespace"] = json!("mill/orders")),
        "gitlab:project/102",
    ),
    (
        "gitlab/z-projects.json",
        |input| project(input, |it| it["id"] = json!(106)),
        "gitlab:project/106",
    ),
    ("gitlab/z-projects.json", |input| project(input, |_| ()), ""),
    (
        "aaa/policies/ci-billing.hcl",
        |_| "path \"secret/data/ci/billing/prod/*\" { capabilities = [\"read\"] }\n".to_owned(),
        "vault:policy/ci-billing",
    ),
    (
        "aaa/policies/ci-billing.hcl",
        |input| {
            format!(
                "# a copy\n{}",
                fs::read_to_string(input.join(BILLING)).unwrap()
            )
        },
        "",
    ),
    (
        "vault/config/a/audit-list.json",
        |_| json!({"data": {}}).to_string(),
        "vault:audit",
    ),
    (
        "vault/config/identity/entity/id/z.json",
        |input| {
            fs::read_to_string(input.join(EMIL))
                .unwrap()
                .replace("emil", "ada")
        },
        "vault:entity/a1000000-0000-4000-a000-000000000005",
    ),
    (
        "gitlab/projects/101/z-protected_branches.json",
        |_| {
            let level = json!([{"access_level": 40}]);
            let own = json!({"id": 9, "name": "*", "push_access_levels": level});
            let mut own = own;
            own["merge_access_levels"] = level;
            json!([own]).to_string()
        },
        "gitlab:project/101",
    ),
];

#[test]
fn a_thing_that_is_stated_twice_and_differently_hides_nothing_and_accuses_nobody() {
    let config = fixture("estate").join("piperoll.toml");
    let honest = estate();
    let honest = found(&report(&[honest.path().to_owned()], &config, &[]));
    for (file, text, told) in ATTACKS {
        let input = estate();
        let text = text(input.path());
        put(input.path(), file, text.as_bytes());
        let pack = report(&[input.path().to_owned()], &config, &[]);
        let forged = found(&pack);
        let reasons = pack.rows("rules").into_iter();
        let in_part = reasons.filter(|row| !row["reason"].is_empty());
        let in_part: Vec<String> = in_part.map(|row| row["rule_id"].clone()).collect();
        let lost = honest.keys().filter(|it| !forged.contains_key(*it));
        let lost: Vec<&Finding> = lost.filter(|it| !in_part.contains(&it[0])).collect();
        assert!(lost.is_empty(), "{file} hides {lost:?}");
        let new = forged.iter().filter(|(it, _)| !honest.contains_key(*it));
        let (tells, names): (Vec<_>, Vec<_>) = new.partition(|(it, _)| it[0] == "INT-010");
        let certain = names
            .iter()
            .filter(|(_, severity)| matches!(severity.as_str(), "high" | "crit"));
        let certain: Vec<_> = certain.collect();
        assert!(certain.is_empty(), "{file} accuses {certain:?}");
        let told_of: Vec<&str> = tells.iter().map(|(it, _)| it[1].as_str()).collect();
        match told {
            "" => assert!(told_of.is_empty(), "{file}: {told_of:?}"),
            told => assert!(told_of.contains(&told), "{file}: {told_of:?}"),
        }
    }
}
