//! The main job over the estate: every incident found, every decoy silent, the joins true.

use std::collections::BTreeSet;

use super::judge::{self, Truth};
use super::product::{Row, estate, fixture};

/// Kinds of edges that the files of the estate decide without a doubt.
const CERTAIN: [&str; 7] = [
    "job-login",
    "login-request",
    "person-job",
    "person-login",
    "request-lease",
    "service-login",
    "token-child",
];

fn truth() -> Truth {
    Truth::read(&fixture("truth/estate.json"))
}

/// Ids of the rules that ran.
fn in_the_box() -> BTreeSet<String> {
    let rules = estate().rows("rules");
    rules
        .into_iter()
        .map(|row| row["rule_id"].clone())
        .collect()
}

#[test]
fn every_incident_is_found_on_its_evidence() {
    let (rules, findings) = (in_the_box(), estate().rows("findings"));
    let evidence = judge::evidence(estate());
    let (mut wrong, mut judged) = (Vec::new(), 0);
    for incident in truth().incidents {
        judged += 1;
        if !rules.contains(&incident.rule_id) {
            wrong.push(format!("no such rule: {}", incident.rule_id));
            continue;
        }
        let said: Vec<_> = findings.iter().filter(|row| incident.is(row)).collect();
        if said.is_empty() {
            let of_rule = findings
                .iter()
                .filter(|row| row["rule_id"] == incident.rule_id);
            let said: Vec<_> = of_rule
                .map(|row| format!("{} | {}", row["subject"], row["object"]))
                .collect();
            wrong.push(format!("not found: {incident:?}; the rule says {said:?}"));
        } else if !said
            .iter()
            .any(|row| incident.is_shown_by(&evidence[&row["finding_id"]]))
        {
            wrong.push(format!("found on other evidence: {incident:?}"));
        }
    }
    assert!(judged > 0, "the truth holds no incident");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_decoy_is_silent() {
    let findings = estate().rows("findings");
    let mut wrong = Vec::new();
    for decoy in truth().decoys {
        for row in findings.iter().filter(|row| decoy.is_named_by(row)) {
            wrong.push(format!(
                "{} ({}) is no {}: {} | {}",
                decoy.token, decoy.why, decoy.rule_id, row["subject"], row["object"]
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// `fixtures/README.md`: nothing else in the estate breaks any of these rules.
#[test]
fn judged_rules_find_nothing_but_their_incidents() {
    let incidents = truth().incidents;
    let judged: BTreeSet<&str> = incidents.iter().map(|i| i.rule_id.as_str()).collect();
    let findings = estate().rows("findings");
    let wrong: Vec<String> = findings
        .iter()
        .filter(|row| judged.contains(row["rule_id"].as_str()))
        .filter(|row| !incidents.iter().any(|incident| incident.is(row)))
        .map(|row| format!("{}: {} | {}", row["rule_id"], row["subject"], row["object"]))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_established_edge_is_wrong() {
    let scores = judge::edges(&truth(), estate());
    let wrong: Vec<String> = scores
        .values()
        .filter(|score| !score.wrong.is_empty())
        .map(judge::EdgeScore::complaint)
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn resolvable_edges_are_found() {
    let scores = judge::edges(&truth(), estate());
    for score in scores.values() {
        eprintln!("{}", score.line());
    }
    let short: Vec<String> = scores
        .values()
        .filter(|score| score.resolvable > 0 && score.recall() < 0.99)
        .map(judge::EdgeScore::complaint)
        .collect();
    assert!(short.is_empty(), "{}", short.join("\n"));
    for kind in CERTAIN {
        assert!(
            scores[kind].resolvable > 0,
            "no {kind} of the truth can be resolved"
        );
    }
}

/// An edge that can be resolved is decided, not left to the reader among candidates.
#[test]
fn resolvable_edges_are_established() {
    let truth = truth();
    let scores = judge::edges(&truth, estate());
    for kind in CERTAIN {
        let score = &scores[kind];
        let right = score.established - score.wrong.len();
        assert!(
            right as f64 >= 0.99 * score.resolvable as f64,
            "{}",
            score.line()
        );
    }
}

#[test]
fn no_secret_of_the_estate_is_in_the_pack() {
    assert_eq!(estate().holding("Canary"), Vec::<&str>::new());
}

#[test]
fn the_pack_of_the_estate_is_whole() {
    let names: Vec<&str> = estate().files.keys().map(String::as_str).collect();
    let wanted = [
        "SHA256SUMS",
        "data/control_matrix.csv",
        "data/coverage.csv",
        "data/finding_evidence.csv",
        "data/findings.csv",
        "data/identity_chains.csv",
        "data/identity_edges.csv",
        "data/rejected_lines.csv",
        "data/rules.csv",
        "manifest.json",
        "report.html",
        "run.json",
    ];
    for name in wanted {
        assert!(names.contains(&name), "{name} is missing: {names:?}");
    }
    let findings = estate().rows("findings");
    let evidence = judge::evidence(estate());
    for finding in &findings {
        let id = &finding["finding_id"];
        assert!(evidence.contains_key(id), "no evidence: {finding:?}");
    }
    let known: BTreeSet<&String> = findings.iter().map(|row| &row["finding_id"]).collect();
    assert_eq!(known.len(), findings.len(), "finding ids are unique");
    assert_eq!(known, evidence.keys().collect(), "evidence of no finding");
}

/// A person or project that only an edge names stands as firmly as that edge.
#[test]
fn a_finding_is_no_firmer_than_the_edge_that_names_its_subject() {
    let chains = estate().rows("identity_chains");
    let mut named = 0;
    for finding in estate().rows("findings") {
        let told = finding["rule_id"].starts_with("VLT-EVT-") && finding["count"] == "1";
        let place = |row: &Row| (row["evidence_file"].clone(), row["evidence_line"].clone());
        let chain = chains.iter().find(|chain| place(chain) == place(&finding));
        let Some(chain) = chain.filter(|chain| told && chain["person_id"] == finding["subject"])
        else {
            continue;
        };
        named += 1;
        assert_eq!(finding["confidence"], chain["confidence"], "{finding:?}");
    }
    assert!(named >= 3, "{named} findings name a person");
}
