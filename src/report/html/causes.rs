//! What stands behind several findings, before the findings themselves.

use std::collections::BTreeMap;

use serde::Serialize;

use super::words;
use crate::model::Severity;
use crate::report::Report;

/// How many the page shows; the rest is counted and in `data/exceptions.csv`.
const SHOWN: usize = 25;

#[derive(Serialize)]
pub(super) struct Causes {
    shown: Vec<Cause>,
    hidden: u64,
    /// Findings that share theirs with another.
    findings: u64,
}

#[derive(Serialize)]
struct Cause {
    id: String,
    severity: &'static str,
    findings: u64,
    rules: Vec<Rule>,
}

#[derive(Serialize)]
struct Rule {
    id: String,
    count: u64,
}

/// The causes of the page, those of the worst findings first.
pub(super) fn causes(report: &Report<'_>) -> Causes {
    let all = report.causes;
    let shown = all.iter().take(SHOWN).map(|cause| {
        let mut rules: BTreeMap<&str, u64> = BTreeMap::new();
        let mut worst = Severity::Info;
        for finding in cause
            .findings
            .iter()
            .filter_map(|at| report.findings.get(*at))
        {
            *rules.entry(&finding.rule_id).or_default() += 1;
            worst = worst.max(finding.severity);
        }
        Cause {
            id: words::clip(&cause.id, 400),
            severity: worst.as_str(),
            findings: cause.findings.len() as u64,
            rules: rules
                .into_iter()
                .map(|(id, count)| Rule {
                    id: id.to_owned(),
                    count,
                })
                .collect(),
        }
    });
    Causes {
        shown: shown.collect(),
        hidden: all.len().saturating_sub(SHOWN) as u64,
        findings: all.iter().map(|cause| cause.findings.len() as u64).sum(),
    }
}
