//! Judges a posture, and an estate where there is one: every rule is asked once, waivers are held
//! against what was found, and the rule about unused waivers answers last.

use std::collections::{BTreeMap, BTreeSet};

use super::waive::{is_last, waive};
use super::{Answer, Law};
use crate::check::Known;
use crate::finding::{self, Naming, WaiverUse};
use crate::model::{Evidence, Finding, RuleOutcome, RuleRun, Severity};
use crate::posture::Posture;
use crate::rule::{Excerpt, Rule};

/// What the rules said.
#[derive(Debug, Default)]
pub struct Judged {
    /// Findings, worst first.
    pub findings: Vec<Finding>,
    /// How every rule ran, by id.
    pub runs: Vec<RuleRun>,
    /// What to show of the source, by finding id.
    pub excerpts: BTreeMap<String, Excerpt>,
    /// What was left out, in words.
    pub notes: Vec<String>,
    /// What became of the configured waivers, in their order.
    pub uses: Vec<WaiverUse>,
}

/// Asks `rules` by `answer`, weighs what they say by `law`, those about unused waivers last, and holds waivers against the rest.
///
/// # Errors
///
/// The first fault of `answer`.
pub fn judge<E>(
    rules: &[&Rule],
    input: &Posture<'_>,
    known: Known<'_>,
    naming: &Naming<'_>,
    law: Law<'_>,
    mut answer: impl FnMut(&Rule, &Known<'_>) -> Result<Answer, E>,
) -> Result<Judged, E> {
    let mut judged = Judged::default();
    for rule in rules.iter().filter(|rule| !is_last(rule)) {
        let answer = weighed(rule, input, law, || answer(rule, &known))?;
        judged.take(rule, input, answer, naming);
    }
    finding::sort(&mut judged.findings);
    let assessed = judged.assessed();
    let excerpts = &judged.excerpts;
    let waived = waive(input, &mut judged.findings, &assessed, |found, line| {
        let excerpt = excerpts.get(&found.id);
        excerpt.map_or(line, |excerpt| excerpt.last_line)
    });
    let known = Known {
        unused_waivers: Some(&waived.unused),
        ..known
    };
    for rule in rules.iter().filter(|rule| is_last(rule)) {
        let answer = weighed(rule, input, law, || answer(rule, &known))?;
        judged.take(rule, input, answer, naming);
    }
    finding::sort(&mut judged.findings);
    judged.runs.sort_by(|a, b| a.rule_id.cmp(&b.rule_id));
    judged.uses = waived.uses;
    Ok(judged)
}

/// The answer of a rule for what its evidence is worth.
fn weighed<E>(
    rule: &Rule,
    input: &Posture<'_>,
    law: Law<'_>,
    answer: impl FnOnce() -> Result<Answer, E>,
) -> Result<Answer, E> {
    let chosen = &input.settings.rules;
    let bars = chosen.left_out(&rule.id).or_else(|| rule.broken.clone());
    if let Some(reason) = bars.or_else(|| law.bars(rule, input)) {
        return Ok(Answer::not_assessed(reason));
    }
    let mut answer = answer()?;
    if let Some(severity) = chosen.severity(&rule.id) {
        for seen in &mut answer.observations {
            seen.severity = Some(severity);
        }
    }
    Ok(law.weigh(rule, input, answer))
}

/// What the findings of a rule are called, unless they say otherwise.
fn severity_of(rule: &Rule, input: &Posture<'_>) -> Severity {
    let chosen = input.settings.rules.severity(&rule.id);
    chosen.unwrap_or(rule.severity)
}

impl Judged {
    /// Keeps what a rule answered.
    fn take(&mut self, rule: &Rule, input: &Posture<'_>, answer: Answer, naming: &Naming<'_>) {
        let severity = severity_of(rule, input);
        let pages = input.settings.output.rule_pages.as_ref();
        // The pages are of the rules in the box.
        let page = pages.filter(|_| rule.own.is_none());
        let page = page.map(|pages| pages.of(&rule.id));
        let mut shown: BTreeMap<(String, String), Vec<(Evidence, Excerpt)>> = BTreeMap::new();
        for seen in &answer.observations {
            if let Some(excerpt) = &seen.excerpt {
                let key = (seen.subject.clone(), seen.object.clone());
                let excerpt = (seen.evidence.clone(), excerpt.clone());
                shown.entry(key).or_default().push(excerpt);
            }
        }
        let merged = finding::merge(rule, answer.observations, naming);
        for found in &merged.findings {
            let key = (found.subject.clone(), found.object.clone());
            let mut of = shown.get(&key).into_iter().flatten();
            if let Some((_, excerpt)) = of.find(|(at, _)| found.evidence.contains(at)) {
                let id = found.id.clone();
                self.excerpts.entry(id).or_insert_with(|| excerpt.clone());
            }
        }
        if merged.dropped > 0 {
            self.notes.push(format!(
                "{}: {} piece(s) of evidence below confidence 0.30 are not reported",
                rule.id, merged.dropped
            ));
        }
        let outcome = match answer.outcome {
            RuleOutcome::Finding if merged.findings.is_empty() => RuleOutcome::Pass,
            other => other,
        };
        self.runs.push(RuleRun {
            rule_id: rule.id.clone(),
            title: rule.title.clone(),
            question: rule.question.clone(),
            logic: rule.logic.clone(),
            severity,
            outcome,
            partly: answer.partly,
            population: answer.population,
            findings: merged.findings.len() as u64,
            soc2: rule.soc2.clone(),
            iso27001: rule.iso27001.clone(),
            remediation: rule.remediation.clone(),
            page,
        });
        self.findings.extend(merged.findings);
    }

    /// The rules that could look.
    fn assessed(&self) -> BTreeSet<String> {
        let looked = |run: &&RuleRun| !matches!(run.outcome, RuleOutcome::NotAssessed(_));
        let runs = self.runs.iter().filter(looked);
        runs.map(|run| run.rule_id.clone()).collect()
    }
}
