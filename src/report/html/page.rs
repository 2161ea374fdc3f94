//! The view of the whole page: every value as it is shown, nothing left for the template to work
//! out.

use std::collections::BTreeSet;
use std::io;

use serde::Serialize;

use super::causes::{Causes, causes};
use super::compared::{self, CountedTable, DeviceRow};
use super::controls::Framework;
use super::findings::{self, EVIDENCE_PER_FINDING, Group, Worst};
use super::identity::Identity;
use super::populations::PopulationLine;
use super::since::Since;
use super::sources::SourceRow;
use super::timeline::{self, Timeline};
use super::{controls, populations, sources, tables, words};
use crate::model::{FileCoverage, RuleOutcome, Severity, Status};
use crate::report::{FORMATS, Report};

#[derive(Serialize)]
pub(super) struct Page<'a> {
    entity: &'a str,
    environment: String,
    prepared_by: &'a str,
    /// Which sources it was made from, in words.
    made_from: String,
    framework_title: &'a str,
    from: String,
    to: String,
    derived: bool,
    as_of: String,
    interim: Option<&'a str>,
    report_id: &'a str,
    ruleset: &'a str,
    version: &'a str,
    first: First,
    worst: Vec<Worst>,
    notes: &'a [String],
    readiness: Vec<tables::Readiness>,
    timeline: Timeline,
    files: tables::Capped<tables::InputRow>,
    collected: tables::Capped<tables::CollectedRow>,
    rejected: tables::Capped<tables::RejectedRow>,
    frameworks: Vec<Framework>,
    missing: Vec<controls::Thing>,
    sources: Vec<SourceRow>,
    systems: CountedTable,
    compared: CountedTable,
    devices: Vec<DeviceRow>,
    populations: Vec<PopulationLine>,
    groups: Vec<Group>,
    causes: Causes,
    severities: Vec<SeverityCount>,
    since: Option<Since>,
    rules: Vec<tables::RuleRow>,
    identity: Identity,
    settings: Vec<Setting<'a>>,
    outputs: Vec<&'static str>,
    per_rule: usize,
    per_finding: usize,
}

/// The numbers of the first screen.
#[derive(Serialize)]
struct First {
    events: String,
    coverage: String,
    rejected: String,
    files: String,
    findings: String,
    open: String,
    waived: String,
    unresolved: String,
    unresolved_share: String,
    assessed: u64,
    not_assessed: u64,
    rules: u64,
}

#[derive(Serialize)]
struct SeverityCount {
    severity: &'static str,
    count: u64,
}

#[derive(Serialize)]
struct Setting<'a> {
    name: &'a str,
    value: &'a str,
}

impl<'a> Page<'a> {
    pub(super) fn new(report: &Report<'a>) -> io::Result<Page<'a>> {
        let identity = Identity::new(report)?;
        let per_rule = findings::per_rule(report.findings);
        let silence = timeline::silence(report.settings);
        let (frameworks, missing) = controls::frameworks(report.controls);
        let sources = sources::sources(report.coverage);
        Ok(Page {
            entity: report.entity,
            environment: environment(report),
            prepared_by: report.prepared_by,
            framework_title: report.framework_title,
            from: words::moment(report.period.from),
            to: words::moment(report.period.to),
            derived: report.period_derived,
            as_of: words::moment(report.as_of),
            interim: report.interim,
            report_id: report.report_id,
            ruleset: report.ruleset_sha256,
            version: report.version,
            first: first(report, &identity),
            worst: findings::worst(report.findings, per_rule),
            notes: report.notes,
            readiness: tables::readiness(report.readiness),
            timeline: Timeline::new(report.coverage, report.period, silence),
            files: tables::files(report.coverage),
            collected: tables::collected(report.collected),
            rejected: tables::rejected(report.rejected),
            frameworks,
            missing,
            made_from: sources::made_from(&sources),
            sources,
            systems: compared::counted(report, "source_systems"),
            compared: compared::counted(report, "second_source"),
            devices: compared::devices(report.devices),
            populations: populations::populations(report.populations),
            groups: findings::groups(report, per_rule),
            causes: causes(report),
            severities: severities(report),
            since: report.previous.map(Since::new),
            rules: tables::rules(report.rules),
            identity,
            settings: report
                .settings
                .iter()
                .map(|(name, value)| Setting { name, value })
                .collect(),
            outputs: FORMATS
                .iter()
                .filter(|format| format.applies(report))
                .map(|format| format.path())
                .collect(),
            per_rule,
            per_finding: EVIDENCE_PER_FINDING,
        })
    }
}

/// The environment: as configured, else as the collections of the inputs state it.
fn environment(report: &Report<'_>) -> String {
    if !report.environment.is_empty() {
        return report.environment.to_owned();
    }
    let stated = report.collected.iter();
    let stated = stated.map(|collection| collection.environment.as_str());
    let stated: BTreeSet<&str> = stated.filter(|name| !name.is_empty()).collect();
    words::clip_of(
        &stated.into_iter().collect::<Vec<_>>().join(", "),
        200,
        "manifest.json",
    )
}

fn first(report: &Report<'_>, identity: &Identity) -> First {
    // A log of which no record could be read is none that anybody recognises.
    let is_read = |file: &&FileCoverage| file.is_log || file.source == "unrecognised";
    let logs = report.coverage.iter().filter(is_read);
    let (parsed, rejected) = logs.fold((0, 0), |(parsed, rejected), file| {
        (parsed + file.parsed, rejected + file.rejected)
    });
    let findings = report.findings.len() as u64;
    let waived = report
        .findings
        .iter()
        .filter(|finding| finding.status != Status::Open)
        .count() as u64;
    let not_assessed = report
        .rules
        .iter()
        .filter(|run| matches!(run.outcome, RuleOutcome::NotAssessed(_)))
        .count() as u64;
    let rules = report.rules.len() as u64;
    First {
        events: words::number(identity.events),
        coverage: words::share(parsed, parsed + rejected),
        rejected: words::count(rejected, "rejected line"),
        files: words::count(report.coverage.len() as u64, "input file"),
        findings: words::number(findings),
        open: words::number(findings - waived),
        waived: words::number(waived),
        unresolved: words::number(identity.unresolved),
        unresolved_share: words::share(identity.unresolved, identity.events),
        assessed: rules - not_assessed,
        not_assessed,
        rules,
    }
}

fn severities(report: &Report<'_>) -> Vec<SeverityCount> {
    Severity::WORST_FIRST
        .into_iter()
        .map(|severity| SeverityCount {
            severity: severity.as_str(),
            count: report
                .findings
                .iter()
                .filter(|finding| finding.severity == severity)
                .count() as u64,
        })
        .filter(|entry| entry.count > 0)
        .collect()
}
