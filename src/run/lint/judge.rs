//! Runs the rules, merges, and holds waivers against what was found.

use std::collections::{BTreeMap, BTreeSet};

use super::Linted;
use crate::finding;
use crate::model::{RuleOutcome, RuleRun};
use crate::rule::{Configuration, Excerpt, Rule, run_check};
use crate::run::waive::{is_last, waive};

/// Runs every rule with a check, those about unused waivers last.
pub(super) fn judge(input: &mut Configuration<'_>, rules: &[Rule]) -> Linted {
    let mut linted = Linted {
        findings: Vec::new(),
        excerpts: BTreeMap::new(),
        runs: Vec::new(),
        broken: Vec::new(),
        notes: Vec::new(),
        files: Vec::new(),
        logs: Vec::new(),
        logged: None,
    };
    let checked = || rules.iter().filter(|rule| rule.check.is_some());
    for rule in checked().filter(|rule| !is_last(rule)) {
        ask(rule, input, &mut linted);
    }
    let assessed: BTreeSet<String> = linted
        .runs
        .iter()
        .filter(|run| !matches!(run.outcome, RuleOutcome::NotAssessed(_)))
        .map(|run| run.rule_id.clone())
        .collect();
    let excerpts = &linted.excerpts;
    waive(input, &mut linted.findings, &assessed, |found, line| {
        let excerpt = excerpts.get(&found.id);
        excerpt.map_or(line, |excerpt| excerpt.last_line)
    });
    for rule in checked().filter(|rule| is_last(rule)) {
        ask(rule, input, &mut linted);
    }
    finding::sort(&mut linted.findings);
    linted.runs.sort_by(|a, b| a.rule_id.cmp(&b.rule_id));
    linted
}

fn ask(rule: &Rule, input: &Configuration<'_>, linted: &mut Linted) {
    let answer = run_check(rule, input);
    let excerpts: Vec<(String, String, Excerpt)> = answer
        .observations
        .iter()
        .filter_map(|seen| {
            Some((
                seen.subject.clone(),
                seen.object.clone(),
                seen.excerpt.clone()?,
            ))
        })
        .collect();
    for (subject, object, excerpt) in excerpts {
        let id = finding::fingerprint(&rule.id, &subject, &object);
        linted.excerpts.entry(id).or_insert(excerpt);
    }
    let merged = finding::merge(rule, answer.observations);
    linted.runs.push(RuleRun {
        rule_id: rule.id.clone(),
        title: rule.title.clone(),
        question: rule.question.clone(),
        logic: rule.logic.clone(),
        severity: rule.severity,
        outcome: answer.outcome,
        partly: answer.partly,
        population: answer.population,
        findings: merged.findings.len() as u64,
        soc2: rule.soc2.clone(),
        iso27001: rule.iso27001.clone(),
        remediation: rule.remediation.clone(),
    });
    linted.findings.extend(merged.findings);
}
