//! `piperoll init`: what it proposes is read without a fault, passes nothing until it is confirmed,
//! and is held against what is there when it runs again.

use std::collections::BTreeMap;
use std::fs;

use piperoll::config::Settings;

use super::product::{fixture, run_in};

/// Outcomes of a pack's rules.
fn outcomes(pack: &std::path::Path) -> BTreeMap<String, String> {
    let text = fs::read_to_string(pack.join("data/rules.csv")).unwrap();
    let mut rows = csv::Reader::from_reader(text.as_bytes());
    let rows = rows.records().map(Result::unwrap);
    rows.map(|row| (row[0].to_owned(), row[2].to_owned()))
        .collect()
}

#[test]
fn what_is_proposed_is_sound_suspects_and_passes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let estate = fixture("estate").display().to_string();
    let written = run_in(folder.path(), &["init", &estate]);
    assert_eq!(written.code, 0, "{} {}", written.out, written.err);
    let text = fs::read_to_string(folder.path().join("piperoll.toml")).unwrap();
    let settings =
        Settings::parse("piperoll.toml", &text, &[]).unwrap_or_else(|p| panic!("{p}\n{text}"));
    is_sound(&settings, &text);

    // Confirmed, everything is assessed that the same settings make assessable; before, none of it
    // passes.
    let confirmed = text.replace("[proposed]\nkeys", "# keys");
    assert_ne!(confirmed, text);
    fs::write(folder.path().join("confirmed.toml"), &confirmed).unwrap();
    let report = |configuration: &str, pack: &str| {
        let ran = run_in(
            folder.path(),
            &["report", &estate, "-c", configuration, "-o", pack],
        );
        assert_eq!(ran.code, 0, "{}", ran.err);
        outcomes(&folder.path().join(pack))
    };
    let proposed = report("piperoll.toml", "proposed");
    let sure = report("confirmed.toml", "confirmed");
    let needing: Vec<String> = piperoll::rule::embedded()
        .unwrap()
        .into_iter()
        .filter(|rule| {
            let mut needed = rule.requires.settings.iter();
            needed.any(|s| settings.proposed.iter().any(|key| s == key))
        })
        .map(|rule| rule.id)
        .collect();
    assert!(needing.len() > 5, "{needing:?}");
    for id in &needing {
        let outcome = proposed[id].as_str();
        assert!(
            matches!(outcome, "finding" | "not-assessed"),
            "{id}: {outcome}"
        );
    }
    let assessed = |outcomes: &BTreeMap<String, String>| {
        outcomes
            .values()
            .filter(|outcome| *outcome != "not-assessed")
            .count()
    };
    assert!(
        assessed(&sure) > assessed(&proposed),
        "{} {}",
        assessed(&sure),
        assessed(&proposed)
    );
    let findings = fs::read_to_string(folder.path().join("proposed/data/findings.csv")).unwrap();
    let mut rows = csv::Reader::from_reader(findings.as_bytes());
    for row in rows.records().map(Result::unwrap) {
        if needing.iter().any(|id| *id == row[1]) {
            assert!(row[5].starts_with("suspected: "), "{row:?}");
            assert_ne!(&row[2], "crit", "{row:?}");
        }
    }

    // Again: the file is kept, and what is not confirmed is said.
    let again = run_in(folder.path(), &["init", &estate]);
    assert_eq!(again.code, 0, "{}", again.err);
    assert!(
        again.out.contains("is kept") && again.out.contains("? owner: proposed"),
        "{}",
        again.out
    );
    assert_eq!(
        fs::read_to_string(folder.path().join("piperoll.toml")).unwrap(),
        text
    );
}

/// What is proposed of the estate: what its logs show, and nothing that excuses anybody.
fn is_sound(settings: &Settings, text: &str) {
    for key in ["vault.ci_mounts", "vault.human_mounts", "owner"] {
        assert!(
            settings.is_set(key) && settings.proposed.iter().any(|k| k == key),
            "{key}\n{text}"
        );
    }
    assert!(
        text.contains("\"auth/gitlab/\"") && text.contains("login(s)"),
        "{text}"
    );
    assert!(text.contains("{project}"), "{text}");
    // The address of the one login from elsewhere is told, and no line to be taken holds it.
    let lines = |key: &str| {
        text.lines()
            .filter(|line| line.starts_with(key))
            .collect::<Vec<_>>()
    };
    assert!(
        text.contains("#   198.51.100.0/24: 1 login(s); left out"),
        "{text}"
    );
    assert_eq!(
        lines("# runner_cidrs"),
        ["# runner_cidrs = [\"10.10.4.0/24\"]"]
    );
    assert_eq!(lines("# egress_cidrs").len(), 1, "{text}");
    assert!(
        !settings.is_set("people.admins"),
        "what excuses somebody is no setting: {text}"
    );
}

#[test]
fn a_run_over_a_changed_estate_says_what_has_changed() {
    let folder = tempfile::tempdir().unwrap();
    let estate = fixture("estate").display().to_string();
    let toml = "[vault]\nci_mounts = [\"auth/gitlab/\", \"auth/gone/\"]\n";
    fs::write(folder.path().join("piperoll.toml"), toml).unwrap();
    let said = run_in(folder.path(), &["init", &estate]);
    assert_eq!(said.code, 0, "{}", said.err);
    for line in [
        "+ vault.human_mounts: \"auth/oidc/\"",
        "- vault.ci_mounts: \"auth/gone/\": no login",
    ] {
        assert!(said.out.contains(line), "{}", said.out);
    }
    assert!(said.out.contains("have no owner"), "{}", said.out);
    assert!(!said.out.contains("\"auth/gitlab/\""), "{}", said.out);
}

#[test]
fn nothing_to_propose_is_said_and_nothing_is_written() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a.txt"), "nothing\n").unwrap();
    let said = run_in(folder.path(), &["init", "a.txt"]);
    assert_eq!(said.code, 3, "{} {}", said.out, said.err);
    assert!(!folder.path().join("piperoll.toml").exists());
    let wrong = "[vault]\nci_mount = []\n";
    fs::write(folder.path().join("piperoll.toml"), wrong).unwrap();
    assert_eq!(run_in(folder.path(), &["init", "a.txt"]).code, 2);
}
