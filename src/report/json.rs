//! `report.json`: what the page and the CSV files say, for programs; schema `piperoll/report/1`.
//!
//! Exact values: no cell is guarded here. Identity rows are counted, not repeated: there may be
//! millions, and `data/identity_edges.csv` and `data/identity_chains.csv` have them.

use std::io::{self, Write};

use serde::Serialize;

use super::{Report, ReportFormat, Written};
use crate::model::{
    ControlRow, Evidence, FileCoverage, Finding, RejectedLine, RuleRun, Status, Timestamp,
};

/// Writes the report as one JSON document, for `--format json`; no part of the pack.
pub struct Json;

impl ReportFormat for Json {
    fn path(&self) -> &'static str {
        "report.json"
    }

    fn write(&self, report: &Report<'_>, out: &mut dyn Write) -> io::Result<Written> {
        super::escaped::to_writer_pretty(out, &document(report))?;
        out.write_all(b"\n")?;
        Ok(Written::default())
    }
}

#[derive(Serialize)]
struct Document<'a, F, R, C, J, M> {
    schema: &'static str,
    report_id: &'a str,
    version: &'a str,
    entity: &'a str,
    framework: &'a str,
    period: Period,
    as_of: String,
    interim: Option<&'a str>,
    ruleset_sha256: &'a str,
    edges: u64,
    chains: u64,
    findings: F,
    rules: R,
    coverage: C,
    rejected_lines: J,
    control_matrix: M,
    notes: &'a [String],
}

#[derive(Serialize)]
struct Period {
    from: String,
    to: String,
    derived: bool,
}

fn document<'a>(report: &Report<'a>) -> impl Serialize + use<'a> {
    Document {
        schema: "piperoll/report/1",
        report_id: report.report_id,
        version: report.version,
        entity: report.entity,
        framework: report.framework,
        period: Period {
            from: report.period.from.stated(),
            to: report.period.to.stated(),
            derived: report.period_derived,
        },
        as_of: report.as_of.stated(),
        interim: report.interim,
        ruleset_sha256: report.ruleset_sha256,
        edges: report.edges.count(),
        chains: report.chains.count(),
        findings: Streamed(report.findings, finding),
        rules: Streamed(report.rules, rule),
        coverage: Streamed(report.coverage, file),
        rejected_lines: Streamed(report.rejected, rejected),
        control_matrix: Streamed(report.controls, control),
        notes: report.notes,
    }
}

/// A list whose elements are built one at a time, as they are written.
struct Streamed<'a, T, U>(&'a [T], fn(&'a T) -> U);

impl<T, U: Serialize> Serialize for Streamed<'_, T, U> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(self.1))
    }
}

fn time(at: Option<Timestamp>) -> Option<String> {
    at.map(|at| at.to_string())
}

#[derive(Serialize)]
struct FindingEntry<'a> {
    finding_id: &'a str,
    rule_id: &'a str,
    severity: &'static str,
    confidence: String,
    band: Option<&'static str>,
    title: &'a str,
    subject: &'a str,
    object: &'a str,
    first_seen: Option<String>,
    last_seen: Option<String>,
    count: u64,
    status: &'static str,
    waiver: Option<WaiverEntry<'a>>,
    soc2: &'a [String],
    iso27001: &'a [String],
    message: &'a str,
    evidence: Streamed<'a, Evidence, EvidenceEntry<'a>>,
}

#[derive(Serialize)]
struct WaiverEntry<'a> {
    owner: &'a str,
    reason: &'a str,
    expires: String,
    ticket: &'a str,
}

#[derive(Serialize)]
struct EvidenceEntry<'a> {
    file: &'a str,
    line: u64,
    byte: u64,
    sha256: &'a str,
}

fn finding(finding: &Finding) -> FindingEntry<'_> {
    FindingEntry {
        finding_id: &finding.id,
        rule_id: &finding.rule_id,
        severity: finding.severity.as_str(),
        confidence: finding.confidence.to_string(),
        band: finding.confidence.band().map(|band| band.as_str()),
        title: &finding.title,
        subject: &finding.subject,
        object: &finding.object,
        first_seen: time(finding.first_seen),
        last_seen: time(finding.last_seen),
        count: finding.count,
        status: finding.status.as_str(),
        waiver: match &finding.status {
            Status::Open => None,
            Status::Waived {
                owner,
                reason,
                expires,
                ticket,
            } => Some(WaiverEntry {
                owner,
                reason,
                expires: expires.to_string(),
                ticket,
            }),
        },
        soc2: &finding.soc2,
        iso27001: &finding.iso27001,
        message: &finding.message,
        evidence: Streamed(&finding.evidence, |evidence| EvidenceEntry {
            file: &evidence.file,
            line: evidence.line,
            byte: evidence.byte,
            sha256: &evidence.sha256,
        }),
    }
}

#[derive(Serialize)]
struct RuleEntry<'a> {
    rule_id: &'a str,
    title: &'a str,
    severity: &'static str,
    outcome: &'static str,
    reason: Option<String>,
    population: u64,
    findings: u64,
}

fn rule(run: &RuleRun) -> RuleEntry<'_> {
    RuleEntry {
        rule_id: &run.rule_id,
        title: &run.title,
        severity: run.severity.as_str(),
        outcome: run.outcome.as_str(),
        reason: run.reason(),
        population: run.population,
        findings: run.findings,
    }
}

#[derive(Serialize)]
struct CoverageEntry<'a> {
    source: &'a str,
    file: &'a str,
    first_at: Option<String>,
    last_at: Option<String>,
    lines: u64,
    parsed: u64,
    skipped: u64,
    rejected: u64,
    duplicates: u64,
    bytes: u64,
    sha256: String,
    longest_silence_s: u64,
    in_period: u64,
    outside_period: u64,
}

fn file(file: &FileCoverage) -> CoverageEntry<'_> {
    CoverageEntry {
        source: &file.source,
        file: &file.path,
        first_at: time(file.first_at),
        last_at: time(file.last_at),
        lines: file.lines,
        parsed: file.parsed,
        skipped: file.skipped,
        rejected: file.rejected,
        duplicates: file.duplicates,
        bytes: file.bytes,
        sha256: file.sha256.to_string(),
        longest_silence_s: file.longest_silence_s,
        in_period: file.in_period,
        outside_period: file.outside_period,
    }
}

#[derive(Serialize)]
struct RejectedEntry<'a> {
    file: &'a str,
    line: u64,
    byte: u64,
    reason: &'a str,
}

fn rejected(line: &RejectedLine) -> RejectedEntry<'_> {
    RejectedEntry {
        file: &line.path,
        line: line.line,
        byte: line.byte,
        reason: &line.reason,
    }
}

#[derive(Serialize)]
struct ControlEntry<'a> {
    framework: &'a str,
    control: &'a str,
    title: &'a str,
    state: &'static str,
    population: u64,
    findings: u64,
    coverage: &'a str,
    evidence_files: &'a [String],
    not_shown: &'a str,
    rules_mapped: u64,
    rules_assessed: u64,
    waived: u64,
}

fn control(row: &ControlRow) -> ControlEntry<'_> {
    ControlEntry {
        framework: &row.framework,
        control: &row.control,
        title: &row.title,
        state: row.state.as_str(),
        population: row.population,
        findings: row.findings,
        coverage: &row.coverage,
        evidence_files: &row.evidence_files,
        not_shown: &row.not_shown,
        rules_mapped: row.rules_mapped,
        rules_assessed: row.rules_assessed,
        waived: row.waived,
    }
}
