//! `sarif`: SARIF 2.1.0, waived and known findings included as suppressed or unchanged.

mod log;

use std::io::{self, Write};

use super::uri::uri;
use super::{LintFormat, LintReport, Shown, Snippet};
use crate::model::{RuleOutcome, RuleRun, Severity, Status};
use crate::report::escaped;
use crate::report::visible::visible;
use log::{
    ArtifactLocation, Configuration, DescriptorReference, Details, Driver, Fingerprints,
    Invocation, Level, Location, Log, Message, Notification, PhysicalLocation, Region,
    ReportingDescriptor, ResultProperties, RuleProperties, Run, SarifResult, Suppression, Tool,
};

pub(super) struct Sarif;

impl LintFormat for Sarif {
    fn name(&self) -> &'static str {
        "sarif"
    }

    fn write(&self, report: &LintReport<'_>, out: &mut dyn Write) -> io::Result<()> {
        let results = report.findings.iter();
        let results = results.map(|shown| result(shown, report.rules)).collect();
        let run = Run {
            tool: Tool {
                driver: Driver {
                    name: "piperoll",
                    version: report.version,
                    semantic_version: report.version,
                    rules: report.rules.iter().map(rule).collect(),
                },
            },
            automation_details: Details {
                id: format!("piperoll/{}/", report.command),
            },
            column_kind: "unicodeCodePoints",
            invocations: [Invocation {
                execution_successful: report.broken.is_empty(),
                tool_execution_notifications: notifications(report),
            }],
            results,
        };
        let log = Log {
            schema: "https://json.schemastore.org/sarif-2.1.0.json",
            version: "2.1.0",
            runs: [run],
        };
        escaped::to_writer_pretty(out, &log)?;
        out.write_all(b"\n")
    }
}

/// Files that cannot be parsed, waivers that the change adds, rules that could not look.
fn notifications<'a>(report: &LintReport<'a>) -> Vec<Notification<'a>> {
    let at = |level, text: &str, location| Notification {
        level,
        message: message(text),
        locations: vec![location],
        associated_rule: None,
    };
    let broken = report.broken.iter().map(|fault| {
        let text = format!("cannot be parsed: {}", fault.reason);
        let place = location(fault.file, fault.line, fault.snippet);
        at(Level::Error, &text, place)
    });
    let added = report.added.iter().map(|added| {
        let place = location(added.file, added.line, None);
        at(Level::Warning, &added.said(), place)
    });
    let of_rules = report.rules.iter().filter_map(|run| {
        let (how, why) = match (&run.outcome, &run.partly) {
            (RuleOutcome::NotAssessed(reason), _) => ("was not assessed", reason),
            (_, Some(missing)) => ("was assessed in part", missing),
            (_, None) => return None,
        };
        Some(Notification {
            level: Level::Note,
            message: message(&format!("{} {how}: {why}", run.rule_id)),
            locations: Vec::new(),
            associated_rule: Some(DescriptorReference { id: &run.rule_id }),
        })
    });
    broken.chain(added).chain(of_rules).collect()
}

fn level(severity: Severity) -> Level {
    match severity {
        Severity::Crit | Severity::High => Level::Error,
        Severity::Med => Level::Warning,
        Severity::Low | Severity::Info => Level::Note,
    }
}

/// The number by which consumers of SARIF rank security findings.
fn score(severity: Severity) -> &'static str {
    match severity {
        Severity::Crit => "9.5",
        Severity::High => "8.0",
        Severity::Med => "5.0",
        Severity::Low => "3.0",
        Severity::Info => "0.0",
    }
}

/// Text of strangers, with what is hidden in it shown.
fn message(text: &str) -> Message {
    Message {
        text: visible(text).into_owned(),
    }
}

/// Text of a rule file, which may have lines.
fn own(text: &str) -> Message {
    Message {
        text: text.to_owned(),
    }
}

fn rule(run: &RuleRun) -> ReportingDescriptor<'_> {
    let mut tags = vec!["security".to_owned()];
    tags.extend(run.soc2.iter().map(|id| format!("SOC2/{id}")));
    tags.extend(run.iso27001.iter().map(|id| format!("ISO27001/{id}")));
    ReportingDescriptor {
        id: &run.rule_id,
        name: run.rule_id.replace('-', ""),
        short_description: own(&run.title),
        full_description: own(&run.logic),
        help: own(&run.remediation),
        help_uri: run.page.as_deref(),
        default_configuration: Configuration {
            level: level(run.severity),
        },
        properties: RuleProperties {
            tags,
            security_severity: score(run.severity),
        },
    }
}

fn result<'a>(shown: &'a Shown<'_>, rules: &[RuleRun]) -> SarifResult<'a> {
    let found = shown.finding;
    let (file, line) = shown.place();
    let first = location(file, line, shown.snippet);
    let more = shown.more().map(|at| location(&at.file, at.line, None));
    let suppressions = match &found.status {
        Status::Waived(it) => Some([Suppression {
            kind: "external",
            status: "accepted",
            justification: visible(&format!("{} ({})", it.reason, it.owner)).into_owned(),
        }]),
        Status::Open => None,
    };
    SarifResult {
        rule_id: &found.rule_id,
        rule_index: rules.iter().position(|run| run.rule_id == found.rule_id),
        level: level(found.severity),
        message: message(&found.message),
        locations: std::iter::once(first).chain(more).collect(),
        partial_fingerprints: Fingerprints { finding: &found.id },
        baseline_state: if shown.known { "unchanged" } else { "new" },
        suppressions,
        properties: ResultProperties {
            severity: found.severity,
            security_severity: score(found.severity),
            subject: visible(&found.subject).into_owned(),
            object: visible(&found.object).into_owned(),
        },
    }
}

fn location(file: &str, line: u64, snippet: Option<Snippet<'_>>) -> Location {
    let region = match snippet {
        Some(snippet) => Region {
            start_line: snippet.line,
            start_column: Some(snippet.column),
            end_column: Some(snippet.column + snippet.length),
            snippet: Some(message(snippet.text)),
        },
        None => Region {
            start_line: line.max(1),
            start_column: None,
            end_column: None,
            snippet: None,
        },
    };
    Location {
        physical_location: PhysicalLocation {
            artifact_location: ArtifactLocation { uri: uri(file) },
            region,
        },
    }
}
