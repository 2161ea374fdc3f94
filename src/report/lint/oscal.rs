//! `oscal`: assessment results of OSCAL 1.2.1. Every finding is an observation; a control is
//! `not-satisfied` where there are exceptions to it, and nothing is ever called satisfied: that is
//! for whoever assesses. The catalogue that its controls are of stands in it, for nobody publishes
//! one of SOC 2 or ISO 27001.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::oscal_catalog::{catalog, token, uuid};
use super::{LintFormat, LintReport, Shown, uri};
use crate::model::Finding;
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
        let known: BTreeSet<String> = report.controls.iter().map(token).collect();
        let mut result = json!({
            "uuid": named("result"),
            "title": format!("piperoll {}", report.command),
            "description": "What the supplied logs and exports show; no conclusion about a control.",
            "start": start,
            "end": end,
            "reviewed-controls": {
                "links": [{
                    "href": format!("#{}", named("catalog")),
                    "rel": "reference",
                    "text": "The catalogue of these controls",
                }],
                "control-selections": [selection(report, &known)],
            },
        });
        let observations: Vec<Value> = report
            .findings
            .iter()
            .map(|shown| observation(shown, &at))
            .collect();
        let findings = exceptions(report, &known);
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
                "back-matter": { "resources": resources(report, &named)? },
            },
        });
        escaped::to_writer_pretty(out, &document)?;
        out.write_all(b"\n")
    }
}

/// What the results refer to: the catalogue, whole, and the plan that is the assessor's.
fn resources(report: &LintReport<'_>, named: &dyn Fn(&str) -> String) -> io::Result<Vec<Value>> {
    let mut text = Vec::new();
    escaped::to_writer(&mut text, &catalog(report))?;
    Ok(vec![
        json!({
            "uuid": named("catalog"),
            "title": "Catalogue of the controls",
            "description": "Ids of controls with titles by piperoll; the texts of the standards are not in it.",
            "base64": {
                "filename": "catalog.json",
                "media-type": "application/json",
                "value": STANDARD.encode(text),
            },
        }),
        json!({
            "uuid": named("assessment-plan"),
            "title": "Assessment plan",
            "description": "None was supplied: what is assessed, and how, is for whoever assesses to say.",
            "citation": { "text": "The plan of the assessor" },
        }),
    ])
}

/// Every control of the catalogue that a rule speaks about.
fn selection(report: &LintReport<'_>, known: &BTreeSet<String>) -> Value {
    let ids: BTreeSet<String> = report
        .rules
        .iter()
        .flat_map(|rule| tokens(&rule.soc2, &rule.iso27001))
        .filter(|id| known.contains(id))
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
                "href": uri::line(&piece.file, piece.line),
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
fn exceptions(report: &LintReport<'_>, known: &BTreeSet<String>) -> Vec<Value> {
    let mut of: BTreeMap<String, Vec<&Finding>> = BTreeMap::new();
    for shown in report.findings {
        let finding = shown.finding;
        let controls = tokens(&finding.soc2, &finding.iso27001);
        for control in controls.filter(|id| known.contains(id)) {
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
