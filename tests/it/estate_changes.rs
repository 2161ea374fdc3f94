//! The estate of changes by hand: every incident found, every decoy silent, nothing said of a healthy
//! one, and nothing made up where a log or an export is missing.

use std::collections::BTreeSet;
use std::fs;
use std::sync::OnceLock;

use super::estate::committed;
use super::estate::generator::changes;
use super::estate_beyond::{healthy, packed};
use super::forged_exports::copy;
use super::judge::{self, Truth};
use super::missing_source::{Missing, faults, without};
use super::product::{Pack, fixture};

fn pack() -> &'static Pack {
    static PACK: OnceLock<Pack> = OnceLock::new();
    PACK.get_or_init(|| packed(&fixture("estate-changes")))
}

fn truth() -> Truth {
    Truth::read(&fixture("truth/estate-changes.json"))
}

/// Each rule that has a decoy has an incident, and what else finds the same deeds has none.
#[test]
fn every_rule_about_changes_has_an_incident_and_a_decoy() {
    let truth = truth();
    let of = |mut rules: Vec<&str>| {
        rules.retain(|rule| !["GCP-EVT-001", "JOI-026"].contains(rule));
        rules
            .into_iter()
            .map(str::to_owned)
            .collect::<BTreeSet<_>>()
    };
    let incidents = truth.incidents.iter().map(|one| one.rule_id.as_str());
    let decoys = truth.decoys.iter().map(|one| one.rule_id.as_str());
    let decoys = of(decoys.collect());
    assert_eq!(of(incidents.collect()), decoys);
    assert_eq!(decoys.len(), 34);
}

/// Nothing else is wrong in it: what is found are the incidents, on their evidence.
#[test]
fn what_is_found_are_the_incidents_and_no_decoy() {
    let wrong = judge::faults(pack(), &truth());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_healthy_day_is_judged_and_has_no_finding() {
    let pack = healthy(changes::write);
    let ours: BTreeSet<String> = truth().decoys.into_iter().map(|one| one.rule_id).collect();
    for row in pack.rows("rules") {
        let (rule, outcome, reason) = (&row["rule_id"], &row["outcome"], &row["reason"]);
        if ours.contains(rule) {
            assert!(
                ["pass", "no-occurrence"].contains(&outcome.as_str()) && reason.is_empty(),
                "{rule}: {outcome} ({reason})"
            );
        }
    }
}

const SOURCES: [Missing; 7] = [
    Missing {
        sources: &[],
        holds: |name| name == "gcp/logs/activity.jsonl",
        silent: &[
            "GCP-EVT-009",
            "GCP-EVT-010",
            "GCP-EVT-011",
            "GCP-EVT-012",
            "GCP-EVT-013",
            "GCP-EVT-014",
            "GCP-EVT-015",
            "GCP-EVT-016",
            "GCP-EVT-019",
            "GCP-EVT-020",
            "GCP-EVT-021",
            "GCP-EVT-022",
            "GCP-EVT-023",
            "GCP-EVT-024",
            "GCP-EVT-025",
            "GCP-EVT-026",
            "GCP-EVT-027",
        ],
        // Objects are deleted in the other log, and the pass says that this one is missing.
        narrower: &["GCP-EVT-017"],
    },
    Missing {
        sources: &[],
        holds: |name| name == "gcp/logs/data_access.jsonl",
        silent: &["GCP-DAT-007", "GCP-EVT-003", "GCP-EVT-008"],
        // A refusal may stand in either log, and the pass says that one is missing.
        narrower: &["GCP-EVT-005"],
    },
    Missing {
        sources: &["gcp-requests"],
        holds: |name| name == "gcp/logs/requests.jsonl",
        silent: &["GCP-EVT-008"],
        narrower: &[],
    },
    Missing {
        sources: &["gcp-config"],
        holds: |name| name.starts_with("gcp/") && !name.starts_with("gcp/logs/"),
        silent: &["GCP-EVT-003", "GCP-EVT-013", "GCP-EVT-016", "INT-006"],
        narrower: &[],
    },
    Missing {
        sources: &["gitlab-audit"],
        holds: |name| name == "gitlab/audit_events.json",
        silent: &["GLB-004"],
        narrower: &[],
    },
    Missing {
        sources: &["gitlab-jobs"],
        holds: |name| name == "gitlab/projects/101/jobs.json",
        silent: &["GLB-007"],
        narrower: &[],
    },
    Missing {
        sources: &["vault"],
        holds: |name| name.starts_with("vault/"),
        silent: &["VLT-EVT-005", "VLT-EVT-008", "VLT-EVT-010", "VLT-EVT-011"],
        narrower: &[],
    },
];

#[test]
fn without_a_log_or_an_export_nothing_is_made_up_and_nothing_passes() {
    let estate = committed("estate-changes");
    let all = without(&estate, |_| false);
    let mut wrong = Vec::new();
    for missing in &SOURCES {
        let less = without(&estate, missing.holds);
        let said = faults(missing, &all, &less);
        wrong.extend(
            said.into_iter()
                .map(|fault| format!("without {:?}: {fault}", missing.sources)),
        );
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The estate with other lines in one of its files.
fn changed(name: &str, change: impl Fn(&str) -> String) -> Pack {
    let input = tempfile::tempdir().unwrap();
    copy(&fixture("estate-changes"), input.path());
    let path = input.path().join(name);
    let text = change(&fs::read_to_string(&path).unwrap());
    fs::write(&path, text).unwrap();
    packed(input.path())
}

/// Outcome and reason of a rule.
fn answer(pack: &Pack, rule: &str) -> (String, String) {
    let rows = pack.rows("rules").into_iter();
    let mut own = rows.filter(|row| row["rule_id"] == rule);
    let row = own.next().unwrap();
    (row["outcome"].clone(), row["reason"].clone())
}

#[test]
fn a_deed_whose_response_is_gone_lets_its_rule_pass_in_part_only() {
    let rules = ["VLT-EVT-005", "VLT-EVT-010"];
    let findings = pack().rows("findings").into_iter();
    let cited: BTreeSet<usize> = findings
        .filter(|row| rules.contains(&row["rule_id"].as_str()))
        .map(|row| row["evidence_line"].parse().unwrap())
        .collect();
    assert!(cited.len() >= rules.len(), "{cited:?}");
    let less = changed("vault/audit.log", |log| {
        let id = |line: &str| {
            let record: serde_json::Value = serde_json::from_str(line).unwrap();
            let id = record["request"]["id"].as_str().unwrap().to_owned();
            (id, record["type"] == "response")
        };
        let lines = (1..).zip(log.lines());
        let gone: BTreeSet<String> = lines
            .filter(|(number, _)| cited.contains(number))
            .map(|(_, line)| id(line).0)
            .collect();
        let kept = log.lines().filter(|line| {
            let (id, is_response) = id(line);
            !(is_response && gone.contains(&id))
        });
        kept.map(|line| format!("{line}\n")).collect()
    });
    for rule in rules {
        assert_eq!(answer(pack(), rule).0, "finding");
        let (outcome, reason) = answer(&less, rule);
        let told = reason.contains("that no log answers") && reason.contains("vault/audit.log:");
        assert!(outcome == "pass" && told, "{rule}: {outcome}: {reason}");
    }
}

#[test]
fn a_list_that_lacks_a_project_of_which_more_was_exported_is_there_in_part() {
    let less = changed("gitlab/projects.json", |list| {
        let mut projects: Vec<serde_json::Value> = serde_json::from_str(list).unwrap();
        projects.retain(|project| project["id"] != 102);
        serde_json::to_string(&projects).unwrap()
    });
    assert_eq!(answer(pack(), "GLB-006").0, "finding");
    let (_, reason) = answer(&less, "GLB-006");
    assert!(reason.contains("gitlab:project/102"), "{reason}");
}
