//! `oscal`: assessment results of OSCAL 1.2.1. Every finding is an observation; a control is
//! `not-satisfied` where there are exceptions to it, and nothing is ever called satisfied: that is
//! for whoever assesses.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use serde_json::{Value, json};

use super::{LintFormat, LintReport, Shown};
use crate::model::{Digest, Finding};
use crate::report::escaped;
use crate::report::visible::visible;

pub(super) struct Oscal;

impl LintFormat for Oscal {
    fn name(&self) -> &'static str {
        "oscal"
    }

    fn write(&self, report: &LintReport<'_>, out: &mut dyn Write) -> io::Result<()> {
        let at = report.as_of.to_string();
        let (start, end) = match report.period {
            Some(period) => (period.from.to_string(), period.to.to_string()),
            None => (at.clone(), at.clone()),
        };
        let named = |name: &str| uuid(&format!("{name}\n{start}\n{end}\n{at}"));
        let mut result = json!({
            "uuid": named("result"),
            "title": format!("piperoll {}", report.command),
            "description": "What the supplied logs and exports show; no conclusion about a control.",
            "start": start,
            "end": end,
            "reviewed-controls": { "control-selections": [selection(report)] },
        });
        let observations: Vec<Value> = report
            .findings
            .iter()
            .map(|shown| observation(shown, &at))
            .collect();
        let findings = exceptions(report);
        // OSCAL knows no empty list.
        if let Some(fields) = result.as_object_mut() {
            for (name, list) in [("observations", observations), ("findings", findings)] {
                if !list.is_empty() {
                    fields.insert(name.to_owned(), Value::Array(list));
                }
            }
        }
        let document = json!({
            "assessment-results": {
                "uuid": named("assessment-results"),
                "metadata": {
                    "title": "Access evidence, piperoll",
                    "last-modified": at,
                    "version": report.version,
                    "oscal-version": "1.2.1",
                },
                "import-ap": { "href": format!("#{}", named("assessment-plan")) },
                "results": [result],
            },
        });
        escaped::to_writer_pretty(out, &document)?;
        out.write_all(b"\n")
    }
}

/// Every control that a rule speaks about.
fn selection(report: &LintReport<'_>) -> Value {
    let ids: BTreeSet<String> = report
        .rules
        .iter()
        .flat_map(|rule| tokens(&rule.soc2, &rule.iso27001))
        .collect();
    if ids.is_empty() {
        return json!({ "include-all": {} });
    }
    let ids: Vec<Value> = ids.iter().map(|id| json!({ "control-id": id })).collect();
    json!({ "include-controls": ids })
}

/// Control ids as tokens, which begin with a letter.
fn tokens<'c>(soc2: &'c [String], iso27001: &'c [String]) -> impl Iterator<Item = String> + 'c {
    let soc2 = soc2.iter().map(|id| format!("soc2-{}", id.to_lowercase()));
    soc2.chain(iso27001.iter().map(|id| format!("iso27001-{id}")))
}

fn observation(shown: &Shown<'_>, at: &str) -> Value {
    let finding = shown.finding;
    let evidence: Vec<Value> = finding
        .evidence
        .iter()
        .map(|piece| {
            let place = format!("{}:{}", piece.file, piece.line);
            json!({
                "href": format!("#{}", uuid(&place)),
                "description": visible(&place),
            })
        })
        .collect();
    json!({
        "uuid": uuid(&finding.id),
        "title": visible(&finding.title),
        "description": visible(&finding.message),
        "props": [
            { "name": "finding-id", "value": finding.id },
            { "name": "rule-id", "value": finding.rule_id },
            { "name": "severity", "value": finding.severity.as_str() },
            { "name": "status", "value": shown.state() },
        ],
        "methods": ["EXAMINE"],
        "types": ["finding"],
        "collected": at,
        "relevant-evidence": evidence,
    })
}

/// One finding per control that has exceptions, waived ones included.
fn exceptions(report: &LintReport<'_>) -> Vec<Value> {
    let mut of: BTreeMap<String, Vec<&Finding>> = BTreeMap::new();
    for shown in report.findings {
        let finding = shown.finding;
        for control in tokens(&finding.soc2, &finding.iso27001) {
            of.entry(control).or_default().push(finding);
        }
    }
    of.iter()
        .map(|(control, findings)| {
            let related: Vec<Value> = findings
                .iter()
                .map(|finding| json!({ "observation-uuid": uuid(&finding.id) }))
                .collect();
            json!({
                "uuid": uuid(&format!("finding\n{control}")),
                "title": control,
                "description": format!("{} exception(s) were found", findings.len()),
                "target": {
                    "type": "objective-id",
                    "target-id": control,
                    "status": { "state": "not-satisfied" },
                },
                "related-observations": related,
            })
        })
        .collect()
}

/// A UUID of version 5's form out of a digest: the same thing has the same one in every run.
fn uuid(name: &str) -> String {
    let digest = Digest::of(name).to_string();
    let part = |from: usize, to: usize| digest.get(from..to).unwrap_or_default().to_owned();
    format!(
        "{}-{}-5{}-8{}-{}",
        part(0, 8),
        part(8, 12),
        part(13, 16),
        part(17, 20),
        part(20, 32)
    )
}
