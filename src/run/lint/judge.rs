//! Runs the rules, merges, and holds waivers against what was found.

use std::collections::BTreeMap;

use super::Linted;
use crate::finding;
use crate::model::{RuleOutcome, RuleRun};
use crate::rule::{Configuration, Excerpt, Rule, run_check};

/// The check that answers once every other rule has.
pub(super) const LAST: &str = "unused-waiver";

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
    let is_last = |rule: &&Rule| rule.check.as_deref() == Some(LAST);
    let checked = || rules.iter().filter(|rule| rule.check.is_some());
    for rule in checked().filter(|rule| !is_last(rule)) {
        ask(rule, input, &mut linted);
    }
    let assessed: Vec<String> = linted
        .runs
        .iter()
        .filter(|run| !matches!(run.outcome, RuleOutcome::NotAssessed(_)))
        .map(|run| run.rule_id.clone())
        .collect();
    waive(input, &mut linted, &assessed);
    for rule in checked().filter(is_last) {
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

/// Marks what waivers accept, and leaves in `input` where those stand that no finding met. A
/// waiver for a rule that was not assessed is not called unused.
fn waive(input: &mut Configuration<'_>, linted: &mut Linted, assessed: &[String]) {
    let mut unused = Vec::new();
    for waiver in &input.waivers {
        let met = finding::accept(&mut linted.findings, &waiver.waiver, input.as_of, |found| {
            let excerpt = linted.excerpts.get(&found.id);
            found.evidence.iter().any(|at| {
                let last = excerpt.map_or(at.line, |excerpt| excerpt.last_line);
                waiver.covers(&at.file, at.line, last)
            })
        });
        if met == 0 && assessed.contains(&waiver.waiver.rule) {
            unused.push(waiver.evidence.clone());
        }
    }
    let uses = finding::apply(&mut linted.findings, &input.settings.waivers, input.as_of);
    for (used, waiver) in uses.iter().zip(&input.settings.waivers) {
        if *used == finding::WaiverUse::Unused && assessed.contains(&waiver.rule) {
            unused.push(crate::rule::declared(&waiver.declared_at));
        }
    }
    unused.sort();
    input.unused_waivers = Some(unused);
}
