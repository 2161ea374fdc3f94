//! The estate of the systems beside Vault, GitLab and Google: every incident found, every decoy
//! silent, nothing said of a healthy one, and nothing made up where a source is missing.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::OnceLock;

use super::estate::generator::beyond;
use super::estate::generator::week::Course;
use super::estate::{Write, committed};
use super::judge::{self, Truth};
use super::missing_source::{Missing, faults, without};
use super::product::{Pack, fixture, report};

/// The pack of an estate, read with its own configuration.
pub(crate) fn packed(estate: &Path) -> Pack {
    let inputs = [estate.to_owned()];
    report(&inputs, &estate.join("piperoll.toml"), &[])
}

fn pack() -> &'static Pack {
    static PACK: OnceLock<Pack> = OnceLock::new();
    PACK.get_or_init(|| packed(&fixture("estate-beyond")))
}

fn truth() -> Truth {
    Truth::read(&fixture("truth/estate-beyond.json"))
}

/// KMA, IDP, AWS and PRX, the joins of sessions of AWS, and what was reviewed.
fn is_of_these_systems(rule: &str) -> bool {
    ["KMA-", "IDP-", "AWS-", "PRX-"]
        .iter()
        .any(|kind| rule.starts_with(kind))
        || ["JOI-031", "JOI-032", "JOI-033", "JOI-034", "INT-007"].contains(&rule)
}

#[test]
fn every_rule_of_these_systems_has_an_incident_and_a_decoy() {
    let truth = truth();
    let rules = pack().rows("rules");
    let wanted: BTreeSet<&str> = rules.iter().map(|row| row["rule_id"].as_str()).collect();
    let wanted: BTreeSet<&str> = wanted
        .into_iter()
        .filter(|rule| is_of_these_systems(rule))
        .collect();
    let incidents: BTreeSet<&str> = truth
        .incidents
        .iter()
        .map(|one| one.rule_id.as_str())
        .collect();
    let decoys: BTreeSet<&str> = truth
        .decoys
        .iter()
        .map(|one| one.rule_id.as_str())
        .collect();
    assert_eq!(incidents, wanted);
    assert_eq!(decoys, wanted);
    assert_eq!(wanted.len(), 35);
}

/// Nothing else is wrong in it: what is found are the incidents, on their evidence.
#[test]
fn what_is_found_are_the_incidents_and_no_decoy() {
    let wrong = judge::faults(pack(), &truth());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The pack of an estate of a week in which nothing goes wrong: it has no finding.
pub(crate) fn healthy(write: Write) -> Pack {
    let folder = tempfile::tempdir().unwrap();
    let estate = folder.path().join("estate");
    write(Course::Healthy, &estate, &folder.path().join("truth.json")).unwrap();
    let pack = packed(&estate);
    let findings = pack.rows("findings");
    assert!(findings.is_empty(), "{findings:?}");
    pack
}

#[test]
fn a_healthy_estate_is_judged_and_has_no_finding() {
    let pack = healthy(beyond::write);
    let rules = pack.rows("rules");
    let unjudged: Vec<&str> = rules
        .iter()
        .filter(|row| is_of_these_systems(&row["rule_id"]) && row["outcome"] == "not-assessed")
        .map(|row| row["rule_id"].as_str())
        .collect();
    assert_eq!(unjudged, Vec::<&str>::new());
}

const SOURCES: [Missing; 10] = [
    Missing {
        sources: &["okta"],
        holds: |name| name.starts_with("okta/"),
        silent: &[
            "IDP-001", "IDP-002", "IDP-003", "IDP-004", "IDP-005", "PRX-003",
        ],
        narrower: &[],
    },
    Missing {
        sources: &["cloudtrail"],
        holds: |name| name.starts_with("aws/cloudtrail/"),
        silent: &[
            "AWS-EVT-001",
            "AWS-EVT-002",
            "AWS-EVT-003",
            "AWS-EVT-004",
            "JOI-031",
            "JOI-034",
        ],
        narrower: &[],
    },
    Missing {
        sources: &["aws-config"],
        holds: |name| name.starts_with("aws/111122223333/"),
        silent: &["AWS-TRU-001", "AWS-TRU-005", "AWS-TRU-007"],
        narrower: &[],
    },
    Missing {
        sources: &["mesh"],
        holds: |name| name == "kuma/access.log",
        silent: &["KMA-009"],
        narrower: &[],
    },
    Missing {
        sources: &["mesh-config"],
        holds: |name| name.starts_with("kuma/") && name.ends_with(".json"),
        silent: &["KMA-001", "KMA-006", "KMA-008", "KMA-009"],
        // The lines of the log are still judged, and the pass says that formats are not.
        narrower: &["KMA-007"],
    },
    Missing {
        sources: &["hoop"],
        holds: |name| name.starts_with("hoop/sessions-"),
        silent: &["PRX-001", "PRX-002", "PRX-003", "PRX-004", "PRX-005"],
        narrower: &[],
    },
    Missing {
        sources: &["hoop-config"],
        holds: |name| ["hoop/connections.json", "hoop/machine-identities.json"].contains(&name),
        silent: &["PRX-001", "PRX-002", "PRX-004"],
        narrower: &[],
    },
    Missing {
        sources: &["gitlab-jobs"],
        holds: |name| name.ends_with("/jobs.json"),
        silent: &["JOI-032", "JOI-034"],
        narrower: &[],
    },
    Missing {
        sources: &["vault"],
        holds: |name| name.starts_with("vault/"),
        silent: &["JOI-033"],
        narrower: &[],
    },
    Missing {
        sources: &["review"],
        holds: |name| name.starts_with("reviews/"),
        silent: &["INT-007"],
        narrower: &[],
    },
];

#[test]
fn without_a_source_nothing_is_made_up_and_nothing_passes() {
    let estate = committed("estate-beyond");
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
