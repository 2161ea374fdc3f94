//! The control matrix by framework: what logs can show first, the rest folded.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::words;
use crate::model::{ControlRow, ControlState, Lack};

#[derive(Serialize)]
pub(super) struct Framework {
    title: String,
    rows: Vec<Control>,
    folded: Vec<Control>,
}

#[derive(Serialize)]
struct Control {
    control: String,
    title: String,
    state: &'static str,
    words: &'static str,
    population: u64,
    findings: u64,
    severities: String,
    waived: u64,
    rules_mapped: u64,
    rules_assessed: u64,
    lacks: Lacks,
    not_shown: String,
}

/// What a control lacks.
#[derive(Serialize)]
struct Lacks {
    /// How many of its rules lack something.
    rules: u64,
    /// What they lack, by its number in the list of all that is missing.
    things: Vec<Named>,
    /// What no rule asks for.
    said: Vec<String>,
}

#[derive(Serialize)]
struct Named {
    n: u64,
    what: String,
}

/// One thing that is missing, with the rules that lack it.
#[derive(Serialize)]
pub(super) struct Thing {
    what: String,
    rules: Vec<String>,
}

/// The matrix by framework, and what its controls lack, in the order of the numbers.
pub(super) fn frameworks(controls: &[ControlRow]) -> (Vec<Framework>, Vec<Thing>) {
    let mut things = Things::default();
    let mut frameworks: Vec<(&str, Framework)> = Vec::new();
    for row in controls {
        let known = frameworks.iter().any(|(id, _)| *id == row.framework);
        if !known {
            let framework = Framework {
                title: title(&row.framework),
                rows: Vec::new(),
                folded: Vec::new(),
            };
            frameworks.push((&row.framework, framework));
        }
        let own = frameworks.iter_mut().find(|(id, _)| *id == row.framework);
        let Some((_, framework)) = own else { continue };
        if row.state == ControlState::NotEvaluableFromLogs {
            framework.folded.push(control(row, &mut things));
        } else {
            framework.rows.push(control(row, &mut things));
        }
    }
    let frameworks = frameworks.into_iter().map(|(_, found)| found);
    (frameworks.collect(), things.listed())
}

/// What a framework is called, for people.
fn title(id: &str) -> String {
    if let Some(edition) = id.strip_prefix("soc2-") {
        format!("SOC 2, Trust Services Criteria {edition}")
    } else if let Some(edition) = id.strip_prefix("iso27001-") {
        format!("ISO/IEC 27001:{edition}, Annex A")
    } else if let Some(edition) = id.strip_prefix("nist80053-r") {
        format!("NIST SP 800-53, Revision {edition}")
    } else if let Some(edition) = id.strip_prefix("cis-") {
        format!("CIS Controls {edition}")
    } else if id == "own" {
        "Own controls".to_owned()
    } else {
        id.to_owned()
    }
}

fn control<'a>(row: &'a ControlRow, things: &mut Things<'a>) -> Control {
    Control {
        control: row.control.clone(),
        title: row.title.clone(),
        state: row.state.as_str(),
        words: match row.state {
            ControlState::Exceptions => "exceptions",
            ControlState::NoExceptionsDetected => "no exceptions detected",
            ControlState::NoOccurrence => "no occurrence",
            ControlState::InsufficientCoverage => "insufficient coverage",
            ControlState::NotEvaluableFromLogs => "not evaluable from logs",
        },
        population: row.population,
        findings: row.findings,
        severities: row
            .severities
            .iter()
            .map(|(severity, count)| format!("{}\u{A0}{severity}", words::number(*count)))
            .collect::<Vec<_>>()
            .join(", "),
        waived: row.waived,
        rules_mapped: row.rules_mapped,
        rules_assessed: row.rules_assessed,
        lacks: things.of(&row.lacking),
        not_shown: row.not_shown.clone(),
    }
}

/// What the controls lack, each thing once and numbered, with every rule that lacks it.
#[derive(Default)]
struct Things<'a>(Vec<(&'a str, BTreeSet<&'a str>)>);

impl<'a> Things<'a> {
    /// The number of a thing, from 1.
    fn number(&mut self, lack: &'a Lack) -> u64 {
        let known = self.0.iter().position(|(what, _)| *what == lack.what);
        let at = known.unwrap_or_else(|| {
            self.0.push((&lack.what, BTreeSet::new()));
            self.0.len() - 1
        });
        if let Some((_, rules)) = self.0.get_mut(at) {
            rules.extend(lack.rule.as_deref());
        }
        at as u64 + 1
    }

    /// What one control lacks: what a rule asks for by its number, in the order of the numbers,
    /// what none asks for in words.
    fn of(&mut self, lacking: &'a [Lack]) -> Lacks {
        let mut numbers = BTreeMap::new();
        let mut said = Vec::new();
        let mut rules = BTreeSet::new();
        for lack in lacking {
            if let Some(rule) = &lack.rule {
                rules.insert(rule.as_str());
                numbers.insert(self.number(lack), lack.what.clone());
            } else if !said.contains(&lack.what) {
                said.push(lack.what.clone());
            }
        }
        let numbers = numbers.into_iter();
        Lacks {
            rules: rules.len() as u64,
            things: numbers.map(|(n, what)| Named { n, what }).collect(),
            said,
        }
    }

    fn listed(self) -> Vec<Thing> {
        let things = self.0.into_iter();
        things
            .map(|(what, rules)| Thing {
                what: what.to_owned(),
                rules: rules.into_iter().map(str::to_owned).collect(),
            })
            .collect()
    }
}
