//! What must stay silent: every item of the two lists is held by a decoy of the estate, an example
//! of a rule, or a case, each by its name.

use std::fs;

use serde_json::Value;

use super::product::fixture;

/// What holds an item.
enum Held {
    /// A decoy of the estate: rule, and what its name contains.
    Decoy(&'static str, &'static str),
    /// An example of a rule that finds nothing: rule, name.
    Example(&'static str, &'static str),
    /// A case of which a rule finds nothing: case, rule.
    Case(&'static str, &'static str),
}

use Held::{Case, Decoy, Example};

/// Two sources that only seem to disagree about who or what is named.
const NO_MISMATCH: [(&str, &[Held]); 8] = [
    (
        "two jobs of one pipeline share a role",
        &[Decoy("JOI-011", "two jobs of one pipeline share a role")],
    ),
    (
        "the address changes inside the declared pool",
        &[
            Decoy("JOI-007", "another address of the declared runner pool"),
            Decoy("JOI-018", "another address of the declared egress networks"),
        ],
    ),
    (
        "a retried job: another id, the same pipeline",
        &[
            Decoy("JOI-001", "a retried job: new id, same pipeline"),
            Decoy("JOI-011", "a retried job is another job"),
        ],
    ),
    (
        "a renewed token keeps its accessor",
        &[Decoy(
            "VLT-EVT-009",
            "renews its token: no new one is issued",
        )],
    ),
    (
        "a namespace moves, the entities stay",
        &[
            Case("namespace-move", "JOI-012"),
            Case("namespace-move", "JOI-014"),
            Case("namespace-move", "JOI-016"),
        ],
    ),
    (
        "one person's two aliases, merged on purpose",
        &[Decoy(
            "JOI-014",
            "one person's two aliases, merged on purpose",
        )],
    ),
    (
        "an e-mail address with a tag, or in other letter case",
        &[
            Decoy("JOI-012", "the same mailbox with a tag"),
            Decoy("JOI-014", "the same mailbox with a tag"),
            Decoy("JOI-018", "the same address in capital letters"),
        ],
    ),
    (
        "an account by its address here and by its unique id there",
        &[
            Decoy("JOI-018", "the alias is the account's unique id"),
            Decoy("JOI-019", "the alias is the account's unique id"),
        ],
    ),
];

/// What a first run over a healthy estate must not say.
const NOISE: [(&str, &[Held]); 11] = [
    (
        "a login where the export of jobs does not reach",
        &[Example(
            "JOI-001",
            "a login where the export of jobs does not reach is not judged",
        )],
    ),
    (
        "origins without declared runner networks",
        &[Example("JOI-007", "no runner ranges declared")],
    ),
    (
        "the child token that Terraform makes for itself",
        &[Decoy(
            "VLT-EVT-009",
            "Terraform's Vault provider makes by default",
        )],
    ),
    (
        "what the web interface asks for and may not show",
        &[
            Decoy("VLT-EVT-006", "the menu of the web interface"),
            Decoy("VLT-EVT-006", "asks for counters and capabilities"),
        ],
    ),
    (
        "one path tried again and again",
        &[Decoy("VLT-EVT-006", "a retry loop on one path")],
    ),
    (
        "policies changed by a declared pipeline or administrator",
        &[
            Decoy("VLT-EVT-004", "the declared configuration pipeline"),
            Example(
                "VLT-EVT-004",
                "the declared pipeline and a holder of the declared policy change policies",
            ),
        ],
    ),
    (
        "a refused login whose reason is hashed",
        &[Decoy("JOI-009", "the reason is hashed: class unknown")],
    ),
    (
        "a source that is never continuous falls silent",
        &[Decoy("INT-002", "never a continuous source")],
    ),
    (
        "masked values and minified script",
        &[Decoy("GLB-001", "masked values and minified script")],
    ),
    (
        "the overlap of a rotation, and of two sinks",
        &[
            Decoy("INT-003", "rotation by copy"),
            Decoy("INT-003", "two sinks overlapped"),
        ],
    ),
    (
        "requests in flight when a device's log ends",
        &[Decoy("INT-001", "one request in flight")],
    ),
];

fn decoys() -> Vec<(String, String)> {
    let truth: Value =
        serde_json::from_slice(&fs::read(fixture("truth/estate.json")).unwrap()).unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let all = truth["decoys"].as_array().unwrap().iter();
    all.map(|decoy| (text(&decoy["rule_id"]), text(&decoy["why"])))
        .collect()
}

/// Whether a rule has an example of that name that finds nothing.
fn is_silent_example(rule: &str, name: &str) -> bool {
    let folders = fs::read_dir(fixture("../rules")).unwrap();
    let files = folders.map(|folder| folder.unwrap().path().join(format!("{rule}.toml")));
    let file = files.into_iter().find(|file| file.is_file()).unwrap();
    let rule: toml::Table = toml::from_str(&fs::read_to_string(file).unwrap()).unwrap();
    let examples = rule["example"].as_array().unwrap();
    examples.iter().any(|example| {
        example["name"].as_str() == Some(name) && example["expect"].as_str() != Some("finding")
    })
}

/// Whether a rule judged a case, and found nothing.
fn is_silent_in(case: &str, rule: &str) -> bool {
    let expected = fixture("cases").join(case).join("expected/data");
    let rules = fs::read_to_string(expected.join("rules.csv")).unwrap();
    let row = rules
        .lines()
        .find(|row| row.starts_with(&format!("{rule},")));
    row.is_some_and(|row| row.contains(",pass,"))
}

#[test]
fn what_must_stay_silent_is_held_by_name() {
    let decoys = decoys();
    let mut missing = Vec::new();
    for (item, held) in NO_MISMATCH.iter().chain(&NOISE) {
        for held in *held {
            let (is_held, what) = match held {
                Decoy(rule, why) => {
                    let found = decoys.iter();
                    let mut found = found.filter(|(of, words)| of == rule && words.contains(why));
                    (found.next().is_some(), format!("decoy of {rule}: {why}"))
                }
                Example(rule, name) => (
                    is_silent_example(rule, name),
                    format!("example of {rule}: {name}"),
                ),
                Case(case, rule) => (is_silent_in(case, rule), format!("{rule} in {case}")),
            };
            if !is_held {
                missing.push(format!("{item}: no {what}"));
            }
        }
    }
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}
