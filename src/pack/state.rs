//! What a pack states, as far as two packs can be compared: one reading for both, whether the pack
//! lies on disk or is about to be written.

use std::collections::BTreeMap;
use std::io;

use super::contents::Contents;
use super::{Error, Provenance};
use crate::report::{ControlMatrix, Findings, PackName, Report, ReportFormat, Rules};

/// One row of a table, by column.
pub(super) type Cells = BTreeMap<String, String>;
/// Rows by their id.
pub(super) type ById = BTreeMap<String, Cells>;

/// What a pack states.
#[derive(Debug, Default)]
pub(super) struct State {
    pub(super) name: PackName,
    /// Version of the program, entity, framework.
    pub(super) run: BTreeMap<String, String>,
    pub(super) settings: BTreeMap<String, String>,
    /// Digest of every rule's text.
    pub(super) logic: BTreeMap<String, String>,
    /// Digest of every input.
    pub(super) inputs: BTreeMap<String, String>,
    pub(super) findings: ById,
    pub(super) rules: ById,
    pub(super) controls: ById,
    /// Rows of every table.
    pub(super) rows: BTreeMap<String, u64>,
}

/// Columns that name a row of each table.
const FINDING: &[&str] = &["finding_id"];
const RULE: &[&str] = &["rule_id"];
const CONTROL: &[&str] = &["framework", "control"];

impl State {
    /// What the pack on disk states.
    pub(super) fn of_contents(contents: &Contents) -> Result<State, Error> {
        let manifest = &contents.manifest;
        let table = |format: &dyn ReportFormat, ids: &[&str]| -> Result<ById, Error> {
            let mut rows = contents.rows(format.path())?;
            let (mut found, mut row) = (ById::new(), csv::StringRecord::new());
            while rows.next(&mut row)? {
                add(&mut found, &rows.header, &row, ids);
            }
            Ok(found)
        };
        let rows = contents.tables();
        Ok(State {
            name: PackName {
                report_id: manifest.report_id.clone(),
                sha256sums_sha256: contents.sha256sums_sha256.clone(),
                from: manifest.period.from.clone(),
                to: manifest.period.to.clone(),
                interim: manifest.interim.clone().unwrap_or_default(),
            },
            run: run(
                &manifest.tool.version,
                &manifest.entity,
                &manifest.framework,
                &manifest.as_of,
            ),
            settings: manifest
                .configuration
                .settings
                .iter()
                .map(|setting| (setting.name.clone(), setting.value.clone()))
                .collect(),
            logic: manifest
                .ruleset
                .rules
                .iter()
                .map(|rule| (rule.id.clone(), rule.sha256.clone()))
                .collect(),
            inputs: manifest
                .inputs
                .iter()
                .map(|input| (input.path.clone(), input.sha256.clone()))
                .collect(),
            findings: table(&Findings, FINDING)?,
            rules: table(&Rules, RULE)?,
            controls: table(&ControlMatrix, CONTROL)?,
            rows: rows
                .map(|output| (output.path.clone(), output.rows.unwrap_or(0)))
                .collect(),
        })
    }

    /// What a report states that is about to be written.
    pub(super) fn of_report(report: &Report<'_>, provenance: &Provenance<'_>) -> io::Result<State> {
        let count = |path: &str, rows: u64| (path.to_owned(), rows);
        let findings = table_of(report, &Findings, FINDING)?;
        let inputs = report.coverage.iter();
        Ok(State {
            name: PackName {
                report_id: report.report_id.to_owned(),
                sha256sums_sha256: String::new(),
                from: report.period.from.stated(),
                to: report.period.to.stated(),
                interim: report.interim.unwrap_or("").to_owned(),
            },
            run: run(
                report.version,
                report.entity,
                report.framework,
                &report.as_of.stated(),
            ),
            settings: report.settings.iter().cloned().collect(),
            logic: provenance.rules.iter().cloned().collect(),
            inputs: inputs
                .map(|file| (file.path.clone(), file.sha256.to_string()))
                .collect(),
            rows: BTreeMap::from([
                count(Findings.path(), findings.len() as u64),
                count("data/coverage.csv", report.coverage.len() as u64),
                count("data/identity_edges.csv", report.edges.count()),
                count("data/identity_chains.csv", report.chains.count()),
            ]),
            findings,
            rules: table_of(report, &Rules, RULE)?,
            controls: table_of(report, &ControlMatrix, CONTROL)?,
        })
    }
}

fn run(version: &str, entity: &str, framework: &str, as_of: &str) -> BTreeMap<String, String> {
    let named = [
        ("as_of", as_of),
        ("entity", entity),
        ("framework", framework),
        ("version", version),
    ];
    named
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

fn table_of(report: &Report<'_>, format: &dyn ReportFormat, ids: &[&str]) -> io::Result<ById> {
    let mut bytes = Vec::new();
    format.write(report, &mut bytes)?;
    let mut reader = csv::Reader::from_reader(bytes.as_slice());
    let header: Vec<String> = reader.headers()?.iter().map(str::to_owned).collect();
    let mut found = ById::new();
    for row in reader.records() {
        add(&mut found, &header, &row?, ids);
    }
    Ok(found)
}

fn add(found: &mut ById, header: &[String], row: &csv::StringRecord, ids: &[&str]) {
    let cells: Cells = header
        .iter()
        .cloned()
        .zip(row.iter().map(str::to_owned))
        .collect();
    let id: Vec<&str> = ids
        .iter()
        .map(|name| cells.get(*name).map_or("", String::as_str))
        .collect();
    found.insert(id.join(" "), cells);
}
