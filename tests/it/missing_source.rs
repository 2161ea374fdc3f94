//! What is not supplied is not assessed: without a source no finding appears, and no rule that
//! needs it passes. Both estates are held to it.

use crate::hard_estate::settings;
use piperoll::assess::assess;
use piperoll::estate::{Estate, Request};
use piperoll::model::RuleOutcome;
use piperoll::rule::{self, Rule};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use walkdir::WalkDir;

/// A source, the files that hold it, and what is to become of the rules.
pub(crate) struct Missing {
    pub(crate) sources: &'static [&'static str],
    pub(crate) holds: fn(&str) -> bool,
    /// Rules that must not be assessed, whatever their files say they require.
    pub(crate) silent: &'static [&'static str],
    /// Rules that judge what is left, say that it is a part, and may find nothing in it.
    pub(crate) narrower: &'static [&'static str],
}

/// What a run says of an estate.
pub(crate) struct Said {
    findings: BTreeMap<String, String>,
    runs: BTreeMap<String, RuleOutcome>,
    /// Rules that say what of it they could not look at.
    partly: BTreeSet<String>,
    sources: BTreeSet<String>,
}

fn estate() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/estate")
}

/// Copies an estate without some of its files, and reads and assesses the copy.
pub(crate) fn without(from: &Path, holds: fn(&str) -> bool) -> Said {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("estate");
    for entry in WalkDir::new(from) {
        let entry = entry.unwrap();
        let name = entry.path().strip_prefix(from).unwrap();
        if !entry.file_type().is_file() {
            continue;
        }
        if holds(&name.to_str().unwrap().replace('\\', "/")) {
            continue;
        }
        let target = root.join(name);
        fs::create_dir_all(target.parent().unwrap()).unwrap();
        fs::copy(entry.path(), target).unwrap();
    }
    said(&root)
}

fn said(root: &Path) -> Said {
    let (rules, config) = (rules(), root.join("piperoll.toml"));
    let settings = settings(&config, &rules).unwrap();
    let request = Request {
        inputs: &[root.to_str().unwrap().to_owned()],
        except: &[config],
        links: piperoll::source::Links::Followed,
        settings: &settings,
        config_file: "piperoll.toml",
        from: None,
        to: None,
        as_of: None,
    };
    let estate = Estate::read(&request, &mut ()).unwrap();
    let assessment = assess(&estate, &rules, &settings, &mut ()).unwrap();
    let findings = assessment.findings.iter().map(|finding| {
        let words = format!(
            "{} {} {} {}",
            finding.rule_id, finding.subject, finding.object, finding.message
        );
        (finding.id.clone(), words)
    });
    let runs = assessment.runs.iter();
    let read = estate.coverage.iter().filter(|file| file.parsed > 0);
    let partly = assessment.runs.iter().filter(|run| run.partly.is_some());
    Said {
        findings: findings.collect(),
        partly: partly.map(|run| run.rule_id.clone()).collect(),
        runs: runs
            .map(|run| (run.rule_id.clone(), run.outcome.clone()))
            .collect(),
        sources: read.map(|file| file.source.clone()).collect(),
    }
}

fn rules() -> Vec<Rule> {
    rule::embedded().unwrap()
}

fn check(missing: &Missing) {
    let estate = estate();
    let faults = faults(
        missing,
        &without(&estate, |_| false),
        &without(&estate, missing.holds),
    );
    assert!(
        faults.is_empty(),
        "without {:?}:\n{}",
        missing.sources,
        faults.join("\n")
    );
}

/// What a run over less says that it must not.
pub(crate) fn faults(missing: &Missing, all: &Said, less: &Said) -> Vec<String> {
    let mut faults = Vec::new();
    for source in missing.sources {
        assert!(all.sources.contains(*source), "{source} was never there");
        if less.sources.contains(*source) {
            faults.push(format!("coverage still lists {source}"));
        }
    }
    for (id, words) in &less.findings {
        if !all.findings.contains_key(id) {
            faults.push(format!("new finding {id}: {words}"));
        }
    }
    for rule in rules() {
        let now = &less.runs[&rule.id];
        let needs = |source: &&str| rule.requires.sources.iter().any(|name| name == source);
        let silent =
            missing.sources.iter().any(needs) || missing.silent.contains(&rule.id.as_str());
        match now {
            RuleOutcome::NotAssessed(why) if why.is_empty() => {
                faults.push(format!("{} does not say why it is not assessed", rule.id));
            }
            RuleOutcome::NotAssessed(_) => {}
            other if silent => faults.push(format!("{} is {other:?} without its source", rule.id)),
            // What was found with the source is no pass without it.
            RuleOutcome::Pass
                if all.runs[&rule.id] == RuleOutcome::Finding
                    && !(missing.narrower.contains(&rule.id.as_str())
                        && less.partly.contains(&rule.id)) =>
            {
                faults.push(format!("{} passes, yet it found something before", rule.id));
            }
            _ => {}
        }
    }
    faults
}

#[test]
fn without_vault_logs() {
    check(&Missing {
        sources: &["vault"],
        holds: |name| name.starts_with("vault/file/") || name.starts_with("vault/socket/"),
        silent: &["JOI-001", "JOI-005", "VLT-EVT-001", "INT-001", "INT-008"],
        narrower: &["INT-003"],
    });
}

#[test]
fn without_gitlab_jobs() {
    check(&Missing {
        sources: &["gitlab-jobs", "gitlab-pipelines"],
        holds: |name| name.ends_with("/jobs.json") || name.ends_with("/pipelines.json"),
        silent: &["JOI-001", "JOI-003", "JOI-004", "JOI-005", "JOI-006"],
        narrower: &["INT-008"],
    });
}

#[test]
fn without_gitlab_configuration() {
    check(&Missing {
        sources: &["gitlab-config"],
        holds: |name| {
            name.ends_with("/protected_branches.json")
                || ["gitlab/projects.json", "gitlab/users.json"].contains(&name)
        },
        silent: &[],
        // People are told apart by the e-mail of their GitLab account, and roles bound to the number
        // of a project by its name.
        narrower: &["JOI-026", "VLT-POL-005"],
    });
}

#[test]
fn without_google_cloud_logs() {
    check(&Missing {
        sources: &["gcp-audit", "gcp-requests"],
        holds: |name| name.starts_with("gcp/sink/") || name == "gcp/logging-read.json",
        silent: &[
            "GCP-EVT-001",
            "GCP-EVT-002",
            "GCP-EVT-004",
            "GCP-EVT-006",
            "GCP-EVT-007",
        ],
        narrower: &[],
    });
}

#[test]
fn without_google_cloud_configuration() {
    check(&Missing {
        sources: &["gcp-config"],
        holds: |name| {
            name.starts_with("gcp/run/")
                || name.starts_with("gcp/projects/")
                || name == "gcp/asset-iam-policies.jsonl"
        },
        silent: &["GCP-RUN-001", "GCP-RUN-002", "GCP-EVT-007", "INT-005"],
        // Projects are still judged, accounts are not; a role of two accounts reaches another
        // service only where the services are known.
        narrower: &["JOI-019", "JOI-029"],
    });
}

#[test]
fn without_vault_configuration() {
    check(&Missing {
        sources: &["vault-config"],
        holds: |name| name.starts_with("vault/config/"),
        silent: &["VLT-POL-001"],
        narrower: &[],
    });
}
