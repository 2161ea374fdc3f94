//! Proves waived examples by the very judgement that `lint` and `report` make.

use std::collections::BTreeSet;
use std::convert::Infallible;

use super::with_configuration;
use crate::assess::{Judged, Law, judge, run_check};
use crate::check::Known;
use crate::finding::Naming;
use crate::model::{Finding, Severity, Status, Timestamp};
use crate::posture::Posture;
use crate::rule::{Example, Rule};

/// A moment at which every waiver of an example has ended.
const AFTER: &str = "2099-01-01T00:00:00Z";

/// Runs an example: what it finds must be accepted while the waiver lasts and be open after it.
///
/// # Errors
///
/// How the answer differs from the promise.
pub(super) fn prove(rule: &Rule, example: &Example) -> Result<(), String> {
    if rule.check.is_none() {
        return Err("a waived example is for rules with a `check`".to_owned());
    }
    with_configuration(rule, example, |input, known| {
        let now = alone(rule, input, known);
        let waived = pairs(&now, is_waived);
        let finds = example.finds.iter();
        let wanted: BTreeSet<String> = finds.map(|[s, o]| format!("{s} -> {o}")).collect();
        if wanted.is_empty() {
            return Err("a waived example names its findings under `finds`, or `of`".to_owned());
        }
        if waived != wanted {
            return Err(differ("waived", &wanted, &waived));
        }
        if let Some(severity) = worst_open(&now) {
            let open = pairs(&now, |found| !is_waived(found));
            let open = join(&open);
            return Err(format!("open at {}: {open}", severity.as_str()));
        }
        after(input, known, rule, &wanted)
    })?
}

/// The same findings once the waiver has ended: a waiver that never ends would accept for ever.
fn after(
    input: &mut Posture<'_>,
    known: Known<'_>,
    rule: &Rule,
    wanted: &BTreeSet<String>,
) -> Result<(), String> {
    input.as_of = Timestamp::parse(AFTER).unwrap_or(Timestamp(i64::MAX));
    let later = alone(rule, input, known);
    let open = pairs(&later, |found| !is_waived(found));
    match wanted.is_subset(&open) {
        true => Ok(()),
        false => Err(differ("open after the waiver", wanted, &open)),
    }
}

/// What one rule says, waivers held against it.
fn alone(rule: &Rule, input: &Posture<'_>, known: Known<'_>) -> Judged {
    let naming = &Naming::PLAIN;
    let judged = judge::<Infallible>(
        &[rule],
        input,
        known,
        naming,
        Law::default(),
        |rule, known| Ok(run_check(rule, input, known)),
    );
    let Ok(judged) = judged;
    judged
}

fn worst_open(judged: &Judged) -> Option<Severity> {
    let open = judged.findings.iter().filter(|found| !is_waived(found));
    open.map(|found| found.severity).max()
}

fn is_waived(finding: &Finding) -> bool {
    matches!(finding.status, Status::Waived(_))
}

fn pairs(judged: &Judged, which: impl Fn(&Finding) -> bool) -> BTreeSet<String> {
    let found = judged.findings.iter().filter(|found| which(found));
    found
        .map(|found| format!("{} -> {}", found.subject, found.object))
        .collect()
}

fn differ(what: &str, wanted: &BTreeSet<String>, got: &BTreeSet<String>) -> String {
    let (wanted, got) = (join(wanted), join(got));
    format!("expected {what}: {wanted}; got {got}")
}

fn join(pairs: &BTreeSet<String>) -> String {
    match pairs.is_empty() {
        true => "none".to_owned(),
        false => pairs.iter().cloned().collect::<Vec<_>>().join("; "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::{Expect, embedded};

    #[test]
    fn every_waived_example_is_accepted_and_open_afterwards() {
        let (mut wrong, mut proven) = (Vec::new(), 0);
        for rule in embedded().unwrap() {
            let waived = |example: &&Example| example.expect == Expect::Waived;
            for example in rule.examples.iter().filter(waived) {
                proven += 1;
                if let Err(why) = prove(&rule, example) {
                    wrong.push(format!("{} \"{}\": {why}", rule.id, example.name));
                }
            }
        }
        assert!(proven > 0 && wrong.is_empty(), "{}", wrong.join("\n"));
    }

    #[test]
    fn a_waiver_of_another_finding_or_one_that_has_ended_proves_nothing() {
        let rules = embedded().unwrap();
        let rule = rules.iter().find(|rule| rule.id == "VLT-POL-001").unwrap();
        let waived = |example: &&Example| example.expect == Expect::Waived;
        let sound = rule.examples.iter().find(waived).unwrap();
        prove(rule, sound).unwrap();
        for (from, to) in [
            ("2027-01-01", "2026-01-01"),
            ("VLT-POL-001", "VLT-POL-002"),
            ("allow", "permit"),
        ] {
            let mut other = sound.clone();
            for text in other.files.values_mut().chain([&mut other.config]) {
                *text = text.replace(from, to);
            }
            assert!(prove(rule, &other).is_err(), "{from}");
        }
    }
}
