//! The control matrix by framework: what logs can show first, the rest folded.

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
    lacking: Vec<Lacking>,
    not_shown: String,
}

/// One thing that is missing, with the rules that lack it.
#[derive(Serialize)]
struct Lacking {
    what: String,
    rules: Vec<String>,
}

pub(super) fn frameworks(controls: &[ControlRow]) -> Vec<Framework> {
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
            framework.folded.push(control(row));
        } else {
            framework.rows.push(control(row));
        }
    }
    frameworks.into_iter().map(|(_, found)| found).collect()
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

fn control(row: &ControlRow) -> Control {
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
        lacking: lacking(&row.lacking),
        not_shown: row.not_shown.clone(),
    }
}

/// What is missing, each thing once, in the order in which it is first named.
fn lacking(lacking: &[Lack]) -> Vec<Lacking> {
    let mut things: Vec<(&str, Vec<&str>)> = Vec::new();
    for lack in lacking {
        let rule = lack.rule.as_deref();
        match things.iter_mut().find(|(what, _)| *what == lack.what) {
            Some((_, rules)) => rules.extend(rule),
            None => things.push((&lack.what, rule.into_iter().collect())),
        }
    }
    things
        .into_iter()
        .map(|(what, rules)| Lacking {
            what: what.to_owned(),
            rules: rules.into_iter().map(str::to_owned).collect(),
        })
        .collect()
}
