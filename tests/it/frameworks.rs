//! The framework files hold identifiers and short titles of our own, and nothing else.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::unwrap_used
)]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

fn framework(name: &str) -> toml::Table {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("rules/frameworks");
    let text = fs::read_to_string(folder.join(format!("{name}.toml"))).unwrap();
    text.parse().unwrap()
}

fn check(name: &str, id_pattern: &str) -> BTreeSet<String> {
    let framework = framework(name);
    assert_eq!(framework["id"].as_str(), Some(name));
    let id_pattern = regex::Regex::new(id_pattern).unwrap();
    let mut ids = BTreeSet::new();
    for control in framework["control"].as_array().unwrap() {
        let text = |key: &str| control.get(key).and_then(toml::Value::as_str);
        let id = text("id").unwrap();
        assert!(id_pattern.is_match(id), "{name}: `{id}` is no identifier");
        assert!(ids.insert(id.to_owned()), "{name}: {id} stands twice");
        // Standard prose runs to sentences; our own titles do not.
        let title = text("title").unwrap();
        assert!(
            (3..=48).contains(&title.len()) && !title.ends_with('.'),
            "{id}: {title}"
        );
        assert!(
            text("family").is_some_and(|family| family.len() <= 40),
            "{id}"
        );
        let (wanted, other) = match text("evaluable").unwrap() {
            "no" => ("why_not", "not_shown"),
            "yes" | "partial" => ("not_shown", "why_not"),
            word => panic!("{id}: evaluable = `{word}`"),
        };
        let said = text(wanted).unwrap_or_default();
        assert!(
            (10..=140).contains(&said.len()) && said.ends_with('.'),
            "{id}: {said}"
        );
        assert!(text(other).is_none(), "{id}: `{other}` beside `{wanted}`");
        let derived = usize::from(control.get("from").is_some());
        let keys = control.as_table().unwrap().len();
        assert_eq!(keys, 5 + derived, "{id}: unknown keys");
    }
    ids
}

#[test]
fn soc2_lists_all_61_criteria() {
    let ids = check(
        "soc2-2017",
        r"^(CC[1-9]\.[1-8]|A1\.[1-3]|C1\.[12]|PI1\.[1-5]|P[1-8]\.[1-7])$",
    );
    let family = |prefix: &str| {
        let digit = |id: &&String| {
            id.strip_prefix(prefix)
                .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
        };
        ids.iter().filter(digit).count()
    };
    assert_eq!(["CC", "A", "C", "PI", "P"].map(family), [33, 3, 2, 5, 18]);
    assert_eq!(ids.len(), 61);
}

#[test]
fn iso27001_lists_annex_a_identifiers() {
    let ids = check("iso27001-2022", r"^[5-8]\.[1-9][0-9]?$");
    assert!(ids.contains("5.15") && ids.contains("8.15"));
}

/// Rules speak about the controls of other frameworks through the ids that they name.
#[test]
fn derived_frameworks_follow_from_ids_that_rules_name() {
    let mut known = BTreeSet::new();
    for name in ["soc2-2017", "iso27001-2022"] {
        for control in framework(name)["control"].as_array().unwrap() {
            known.insert(control["id"].as_str().unwrap().to_owned());
        }
    }
    for (name, pattern) in [
        ("nist80053-r5", r"^[A-Z]{2}-[1-9][0-9]?$"),
        ("cis-8.1", r"^[1-9][0-9]?[.][1-9][0-9]?$"),
    ] {
        assert!(check(name, pattern).len() > 10, "{name}");
        for control in framework(name)["control"].as_array().unwrap() {
            let from = control["from"].as_array().unwrap();
            assert!(!from.is_empty(), "{control:?}");
            for id in from {
                assert!(known.contains(id.as_str().unwrap()), "{name}: {id}");
            }
        }
    }
}

/// What a rule speaks about first can be seen in logs; what they cannot show it only bears on.
#[test]
fn no_rule_speaks_first_about_what_logs_cannot_show() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("rules");
    let mut seen = 0;
    for (name, key) in [("soc2-2017", "soc2"), ("iso27001-2022", "iso27001")] {
        let framework = framework(name);
        let controls = framework["control"].as_array().unwrap().iter();
        let dark: BTreeSet<&str> = controls
            .filter(|control| control["evaluable"].as_str() == Some("no"))
            .map(|control| control["id"].as_str().unwrap())
            .collect();
        assert!(!dark.is_empty());
        for entry in walkdir::WalkDir::new(&root).min_depth(2) {
            let path = entry.unwrap().into_path();
            let is_rule = path.extension().is_some_and(|ending| ending == "toml");
            if !is_rule || path.starts_with(root.join("frameworks")) {
                continue;
            }
            let rule: toml::Table = fs::read_to_string(&path).unwrap().parse().unwrap();
            let first = rule
                .get(key)
                .and_then(|ids| ids.as_array()?.first()?.as_str());
            seen += usize::from(first.is_some());
            assert!(
                first.is_none_or(|id| !dark.contains(id)),
                "{}: {key} {first:?}",
                path.display()
            );
        }
    }
    assert!(seen > 200, "{seen}");
}
