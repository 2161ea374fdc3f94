//! The rule set is whole: list and disk agree, every rule is mapped, and its examples prove.

use std::collections::BTreeSet;
use std::path::Path;

use super::*;

fn on_disk(dir: &Path, below: &str, found: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() && !(below.is_empty() && name == "frameworks") {
            on_disk(&path, &format!("{below}{name}/"), found);
        } else if name.ends_with(".toml") {
            found.insert(format!("{below}{name}"));
        }
    }
}

#[test]
fn the_embedded_list_and_the_folder_agree() {
    let mut disk = BTreeSet::new();
    on_disk(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("rules"),
        "",
        &mut disk,
    );
    let listed: Vec<String> = load::FILES
        .iter()
        .map(|(path, _)| (*path).to_owned())
        .collect();
    let sorted: Vec<String> = disk.into_iter().collect();
    assert_eq!(listed, sorted);
}

#[test]
fn every_embedded_rule_is_read() {
    if let Err(errors) = embedded() {
        let texts: Vec<String> = errors.iter().map(ToString::to_string).collect();
        panic!("{}", texts.join("\n\n"));
    }
}

#[test]
fn a_run_asks_what_the_files_say_but_for_their_examples() {
    let bare = |rule: Rule| Rule {
        examples: Vec::new(),
        ..rule
    };
    let whole: Vec<Rule> = embedded().unwrap().into_iter().map(bare).collect();
    assert_eq!(format!("{:?}", shipped().unwrap()), format!("{whole:?}"));
}

#[test]
fn every_rule_has_the_three_kinds_of_examples() {
    for rule in embedded().unwrap() {
        for expect in [Expect::Finding, Expect::Pass, Expect::NotAssessed] {
            let there = rule.examples.iter().any(|example| example.expect == expect);
            assert!(there, "{}: no example expects {expect:?}", rule.id);
        }
    }
}

#[test]
fn every_lint_has_the_examples_it_needs() {
    let rules = embedded().unwrap();
    let missing: Vec<String> = rules.iter().flat_map(missing).collect();
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}

#[test]
fn a_rule_with_an_unknown_key_is_refused() {
    let (path, text) = load::FILES.first().unwrap();
    let broken = format!("colour = \"red\"\n{text}");
    let error = parse(path, &broken).unwrap_err();
    assert!(error[0].to_string().contains("colour"), "{}", error[0]);
}

/// A critical rule over joins must say how sure the join is, or a guess would count as certain.
#[test]
fn a_critical_rule_over_joins_returns_their_confidence() {
    let refused = |path: &str, from: &str, to: &str| {
        let (_, text) = load::FILES.iter().find(|(file, _)| *file == path).unwrap();
        assert!(text.contains(from), "{path}");
        let faults = parse(path, &text.replace(from, to)).err();
        let faults = faults.unwrap_or_default().into_iter();
        faults.map(|fault| fault.message).collect::<Vec<String>>()
    };
    let fault =
        |table| format!("a rule that may be critical reads `{table}` and returns no `confidence`");
    let seal = "vault/VLT-EVT-002.toml";
    let given = "END AS confidence,";
    assert_eq!(refused(seal, given, "END AS sure,"), [fault("chain")]);
    let service = "identity/JOI-018.toml";
    let given = "m.confidence AS confidence,";
    assert_eq!(refused(service, given, ""), [fault("mismatch")]);
    // Of a rule that is never critical the engine takes every row for certain.
    let person = "identity/JOI-012.toml";
    assert!(refused(person, given, "").is_empty());
}
