//! What a run says of an estate, and where it says too much of a part of it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use piperoll::assess::assess;
use piperoll::estate::{Estate, Request};
use piperoll::model::{ControlState, Finding, RuleOutcome, Severity, Timestamp};
use piperoll::rule::{self, Rule};

use super::files::{Files, write};
use crate::hard_estate::settings;

/// Rules whose finding is the hole itself: they accuse nobody.
const HOLES: [&str; 3] = ["INT-001", "INT-002", "INT-003"];

/// How much a rule vouches for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Answer {
    Finding,
    NotAssessed,
    InPart,
    Plain,
}

/// A finding as far as it is compared.
#[derive(Debug)]
pub(super) struct Found {
    severity: Severity,
    pub(super) words: String,
    rule: String,
    object: String,
    seen: Option<(Timestamp, Timestamp)>,
    /// The digest of every record that shows it: lines move when others are taken away.
    records: BTreeSet<String>,
}

impl Found {
    /// What it says apart from words: those may count records.
    pub(super) fn told(&self) -> String {
        let (rule, severity) = (&self.rule, self.severity);
        format!("{rule} {severity} {} {:?}", self.object, self.seen)
    }

    /// Whether another finding is the same act, under another name perhaps: because nobody is left
    /// to say the person's, or because each audit device writes a token with a hash of its own.
    fn is_act_of(&self, known: &Found) -> bool {
        let (Some((from, to)), Some((first, last))) = (self.seen, known.seen) else {
            return self.rule == known.rule && !self.records.is_disjoint(&known.records);
        };
        let when = first <= from && to <= last;
        let what = self.object == known.object && when;
        self.rule == known.rule && (what || !self.records.is_disjoint(&known.records))
    }
}

/// What a run says.
#[derive(Debug)]
pub(super) struct Said {
    pub(super) findings: BTreeMap<String, Found>,
    pub(super) rules: BTreeMap<String, (Answer, String)>,
    controls: BTreeMap<String, (ControlState, String)>,
}

/// The kinds of fault that an ablation may show.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    /// A rule that found something, or said in part, passes without a word.
    SilentPass,
    /// A rule that could not look passes.
    LearnedFromLess,
    /// A control is greener, or silent about why it is not.
    GreenerControl,
    /// Somebody is accused because evidence is missing.
    Accused,
}

/// Reads and assesses files as `report` does, for the period of their logs.
pub(super) fn say(files: &Files, rules: &[Rule]) -> Option<Said> {
    say_of(files, rules, None)
}

/// The same for a period that is asked for.
pub(super) fn say_of(
    files: &Files,
    rules: &[Rule],
    period: Option<(Timestamp, Timestamp)>,
) -> Option<Said> {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("estate");
    write(files, &root);
    let config = root.join("piperoll.toml");
    let settings = settings(&config, rules).unwrap();
    let request = Request {
        inputs: &[root.to_str().unwrap().to_owned()],
        except: &[config],
        links: piperoll::source::Links::Followed,
        settings: &settings,
        config_file: "piperoll.toml",
        from: period.map(|(from, _)| from),
        to: period.map(|(_, to)| to),
        as_of: None,
    };
    // Nothing left to read is an error, and says nothing.
    let estate = Estate::read(&request, &mut ()).ok()?;
    let assessment = assess(&estate, rules, &settings, &mut ()).unwrap();
    let answers = assessment.runs.iter().map(|run| {
        let reason = run.reason().unwrap_or_default();
        let answer = match &run.outcome {
            RuleOutcome::Finding => Answer::Finding,
            RuleOutcome::NotAssessed(_) => Answer::NotAssessed,
            _ if reason.is_empty() => Answer::Plain,
            _ => Answer::InPart,
        };
        (run.rule_id.clone(), (answer, reason))
    });
    let controls = assessment.controls.iter().map(|row| {
        let name = format!("{} {}", row.framework, row.control);
        (name, (row.state, row.coverage()))
    });
    Some(Said {
        findings: assessment.findings.iter().map(found).collect(),
        rules: answers.collect(),
        controls: controls.collect(),
    })
}

fn found(finding: &Finding) -> (String, Found) {
    let Finding {
        id,
        rule_id,
        severity,
        title,
        subject,
        object,
        message,
        ..
    } = finding;
    let words = format!("{rule_id} {severity} {title}: {subject} -> {object}: {message}");
    let severity = *severity;
    let records = finding.evidence.iter().map(|at| at.sha256.clone());
    let found = Found {
        severity,
        words,
        rule: rule_id.clone(),
        object: object.clone(),
        seen: finding.first_seen.zip(finding.last_seen),
        records: records.collect(),
    };
    (id.clone(), found)
}

impl Said {
    /// The faults of what is said of a part, against what is said of the whole.
    pub(super) fn faults(&self, part: &Said) -> BTreeSet<(Kind, String)> {
        let mut faults = BTreeSet::new();
        for (id, (now, _)) in &part.rules {
            let (before, why) = &self.rules[id];
            match (before, now) {
                (Answer::Finding | Answer::InPart, Answer::Plain) => {
                    faults.insert((Kind::SilentPass, format!("{id} was {before:?} ({why})")));
                }
                (Answer::NotAssessed, Answer::Plain | Answer::InPart) => {
                    let words = format!("{id} was not assessed ({why}), now {now:?}");
                    faults.insert((Kind::LearnedFromLess, words));
                }
                _ => {}
            }
        }
        for (name, (now, why)) in &part.controls {
            let (before, _) = &self.controls[name];
            let unsaid = *now == ControlState::InsufficientCoverage && why.is_empty();
            let greener = green(*now) > green(*before).max(1);
            if greener || unsaid {
                let words = format!("{name}: {before:?} -> {now:?} ({why})");
                faults.insert((Kind::GreenerControl, words));
            }
        }
        for (id, now) in &part.findings {
            if now.severity < Severity::High || HOLES.contains(&now.rule.as_str()) {
                continue;
            }
            let same = |(known, found): &(&String, &Found)| *known == id || now.is_act_of(found);
            let before = self.findings.iter().filter(same);
            let before = before.map(|(_, found)| found.severity).max();
            if before.is_none_or(|before| before < Severity::High) {
                faults.insert((Kind::Accused, now.words.clone()));
            }
        }
        faults
    }
}

/// How reassuring a state is: nothing is but a pass, and less evidence must not lead to one.
fn green(state: ControlState) -> u8 {
    match state {
        ControlState::Exceptions | ControlState::NotEvaluableFromLogs => 0,
        ControlState::InsufficientCoverage => 1,
        ControlState::NoOccurrence => 2,
        ControlState::NoExceptionsDetected => 3,
    }
}

/// The rules in the box.
pub(super) fn rules() -> Vec<Rule> {
    rule::embedded().unwrap()
}

/// The configuration file that nobody takes away.
pub(super) fn is_configuration(name: &str) -> bool {
    Path::new(name) == Path::new("piperoll.toml")
}
