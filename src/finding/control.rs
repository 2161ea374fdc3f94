//! What the evidence says about each control of a framework. Never a score, never "compliant".

use serde::Deserialize;

use crate::model::{
    ControlRow, ControlState, Finding, Lack, RuleOutcome, RuleRun, Severity, Status, Strength,
};

/// A framework: ids with our own titles.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Framework {
    /// `soc2-2017`, `iso27001-2022`.
    pub id: String,
    /// Name for people.
    pub title: String,
    /// Edition.
    pub edition: String,
    /// Where it stands among the frameworks of the control matrix.
    pub order: u32,
    /// Its controls.
    #[serde(rename = "control")]
    pub controls: Vec<Control>,
}

/// One control.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Control {
    /// `CC6.1`, `8.2`.
    pub id: String,
    /// Our own title.
    pub title: String,
    /// Group of controls it belongs to.
    #[serde(default)]
    pub family: String,
    /// Whether logs can show it.
    pub evaluable: Evaluable,
    /// Why logs cannot show it, where they cannot.
    #[serde(default)]
    pub why_not: String,
    /// What logs do not show about it.
    #[serde(default)]
    pub not_shown: String,
    /// Ids of other frameworks through which rules speak about it; without any they name it.
    #[serde(default)]
    pub from: Vec<String>,
}

/// Whether logs can show a control.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum Evaluable {
    /// Yes.
    Yes,
    /// In part.
    Partial,
    /// No.
    No,
}

/// A framework file that cannot be read.
#[derive(Debug, thiserror::Error)]
#[error(
    "{file}: {message}\nhelp: a framework has id, title, edition, order and [[control]] entries"
)]
pub struct FrameworkError {
    /// The file.
    pub file: String,
    /// What is wrong.
    pub message: String,
}

impl Framework {
    /// Reads a framework file; `file` is its name in messages.
    ///
    /// # Errors
    ///
    /// The file is not TOML, or has other keys.
    pub fn parse(file: &str, text: &str) -> Result<Framework, FrameworkError> {
        toml::from_str(text).map_err(|error| FrameworkError {
            file: file.to_owned(),
            message: error.to_string().trim_end().to_owned(),
        })
    }

    /// How a rule that names these ids, primary first, speaks about a control; `None` if it does not.
    fn strength(
        &self,
        control: &Control,
        soc2: &[String],
        iso27001: &[String],
    ) -> Option<Strength> {
        let both = [soc2, iso27001];
        let (soc2, iso27001) = both.split_at(1);
        let own = std::slice::from_ref(&control.id);
        let (own, lists) = match control.from.as_slice() {
            [] if self.id.starts_with("soc2") => (own, soc2),
            [] => (own, iso27001),
            from => (from, both.as_slice()),
        };
        let mut first = lists.iter().filter_map(|ids| ids.first());
        let mut all = lists.iter().copied().flatten();
        if first.any(|id| own.contains(id)) {
            Some(Strength::Primary)
        } else {
            all.any(|id| own.contains(id))
                .then_some(Strength::Supporting)
        }
    }
}

/// One row per control. `gap` says in words why the inputs do not cover the period, if so.
#[must_use]
pub fn matrix(
    framework: &Framework,
    runs: &[RuleRun],
    findings: &[Finding],
    gap: Option<&str>,
) -> Vec<ControlRow> {
    let controls = framework.controls.iter();
    controls
        .map(|control| row(framework, control, runs, findings, gap))
        .collect()
}

fn row(
    framework: &Framework,
    control: &Control,
    runs: &[RuleRun],
    findings: &[Finding],
    gap: Option<&str>,
) -> ControlRow {
    let strength = |run: &RuleRun| framework.strength(control, &run.soc2, &run.iso27001);
    let rules: Vec<(&RuleRun, Strength)> = runs
        .iter()
        .filter_map(|run| Some((run, strength(run)?)))
        .collect();
    let mapped: Vec<&RuleRun> = rules.iter().map(|(run, _)| *run).collect();
    let primary: Vec<&RuleRun> = rules
        .iter()
        .filter(|(_, strength)| *strength == Strength::Primary)
        .map(|(run, _)| *run)
        .collect();
    let named: Vec<&Finding> = findings
        .iter()
        .filter(|found| {
            let strength = framework.strength(control, &found.soc2, &found.iso27001);
            strength.is_some()
        })
        .collect();
    let (state, lacking) = judge(control, &mapped, &primary, !named.is_empty(), gap);
    let waived = named.iter().filter(|found| found.status != Status::Open);
    ControlRow {
        framework: framework.id.clone(),
        control: control.id.clone(),
        title: control.title.clone(),
        state,
        population: mapped.iter().map(|run| run.population).max().unwrap_or(0),
        findings: named.len() as u64,
        severities: severities(&named),
        lacking,
        evidence_files: if mapped.is_empty() {
            Vec::new()
        } else {
            vec![
                "data/finding_evidence.csv".to_owned(),
                "data/findings.csv".to_owned(),
                "data/rules.csv".to_owned(),
            ]
        },
        not_shown: [control.why_not.as_str(), control.not_shown.as_str()]
            .into_iter()
            .filter(|text| !text.is_empty())
            .collect::<Vec<_>>()
            .join(" "),
        rules: rules
            .iter()
            .map(|(run, strength)| (run.rule_id.clone(), *strength))
            .collect(),
        rules_mapped: mapped.len() as u64,
        rules_assessed: mapped.iter().filter(|run| assessed(run)).count() as u64,
        waived: waived.count() as u64,
    }
}

/// How many findings there are of each severity, worst first; those of none are left out.
fn severities(findings: &[&Finding]) -> Vec<(Severity, u64)> {
    let count = |severity| {
        let of = findings.iter().filter(|found| found.severity == severity);
        (severity, of.count() as u64)
    };
    let all = Severity::WORST_FIRST.into_iter().map(count);
    all.filter(|(_, count)| *count > 0).collect()
}

fn assessed(run: &RuleRun) -> bool {
    !matches!(run.outcome, RuleOutcome::NotAssessed(_))
}

/// The state, and what the evidence lacks.
fn judge(
    control: &Control,
    mapped: &[&RuleRun],
    primary: &[&RuleRun],
    found: bool,
    gap: Option<&str>,
) -> (ControlState, Vec<Lack>) {
    let mut lacking: Vec<Lack> = mapped
        .iter()
        .filter_map(|run| match &run.outcome {
            RuleOutcome::NotAssessed(reason) => Some(lack(run, reason.clone())),
            _ => None,
        })
        .collect();
    // What logs cannot show, findings do not show either: they only bear on it.
    if control.evaluable == Evaluable::No {
        return (ControlState::NotEvaluableFromLogs, lacking);
    }
    if found {
        return (ControlState::Exceptions, lacking);
    }
    let whole = |what: &str| Lack {
        rule: None,
        what: what.to_owned(),
    };
    if primary.is_empty() {
        lacking.push(whole("no rule has this control as its primary one"));
        return (ControlState::InsufficientCoverage, lacking);
    }
    // What supports it is an exception too where it finds something: without it nothing is said.
    if mapped.iter().any(|run| !assessed(run)) {
        return (ControlState::InsufficientCoverage, lacking);
    }
    for run in mapped {
        if let Some(missing) = &run.partly {
            lacking.push(lack(run, format!("in part: {missing}")));
        }
    }
    if mapped.iter().any(|run| run.partly.is_some()) {
        return (ControlState::InsufficientCoverage, lacking);
    }
    if primary.iter().all(|run| run.population == 0) {
        return (ControlState::NoOccurrence, lacking);
    }
    for run in primary.iter().filter(|run| run.population == 0) {
        lacking.push(lack(run, "nothing to examine".to_owned()));
    }
    if primary.iter().any(|run| run.population == 0) {
        return (ControlState::InsufficientCoverage, lacking);
    }
    if let Some(gap) = gap {
        lacking.push(whole(gap));
        return (ControlState::InsufficientCoverage, lacking);
    }
    (ControlState::NoExceptionsDetected, lacking)
}

fn lack(run: &RuleRun, what: String) -> Lack {
    Lack {
        rule: Some(run.rule_id.clone()),
        what,
    }
}
