//! `manifest.json`: what went in, what came out, and under which settings and rules.

use serde::{Deserialize, Serialize};

use crate::model::{Collection, FileCoverage, Timestamp};
use crate::report::{Difference, Report, visible};

/// The name and version of the manifest's schema.
pub(super) const SCHEMA: &str = "piperoll/manifest/1";

/// What decided the content of a pack besides its inputs.
#[derive(Clone, Copy, Debug)]
pub struct Provenance<'a> {
    /// Digest of the resolved configuration.
    pub configuration_sha256: &'a str,
    /// Name of the configuration file in the evidence; empty without one.
    pub configuration_file: &'a str,
    /// Every rule of the rule set with the digest of its file, by id.
    pub rules: &'a [(String, String)],
}

/// The manifest as it is written and read back.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Manifest {
    pub(super) schema: String,
    pub(super) report_id: String,
    pub(super) tool: Tool,
    pub(super) entity: String,
    pub(super) framework: String,
    pub(super) period: PeriodEntry,
    pub(super) as_of: String,
    pub(super) interim: Option<String>,
    /// The pack of the period before, which this one goes on from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    previous: Option<Previous>,
    pub(super) configuration: Configuration,
    pub(super) ruleset: Ruleset,
    pub(super) inputs: Vec<Input>,
    /// How they were collected, where anything declares it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    collected: Vec<Collected>,
    pub(super) outputs: Vec<Output>,
    totals: Totals,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Tool {
    name: String,
    pub(super) version: String,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct PeriodEntry {
    pub(super) from: String,
    pub(super) to: String,
    derived: bool,
}

/// The pack that was given as the previous one: its digest chains the periods.
#[derive(Debug, Serialize, Deserialize)]
struct Previous {
    report_id: String,
    sha256sums_sha256: String,
    from: String,
    to: String,
}

impl Previous {
    fn of(difference: &Difference) -> Previous {
        let old = &difference.old;
        Previous {
            report_id: old.report_id.clone(),
            sha256sums_sha256: old.sha256sums_sha256.clone(),
            from: old.from.clone(),
            to: old.to.clone(),
        }
    }
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Configuration {
    /// What the copy in the pack is called in evidence.
    #[serde(default)]
    pub(super) file: String,
    sha256: String,
    pub(super) settings: Vec<Setting>,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Setting {
    pub(super) name: String,
    pub(super) value: String,
}

impl Setting {
    fn of((name, value): &(String, String)) -> Setting {
        Setting {
            name: name.clone(),
            value: value.clone(),
        }
    }
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Ruleset {
    sha256: String,
    pub(super) rules: Vec<RuleEntry>,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct RuleEntry {
    pub(super) id: String,
    pub(super) sha256: String,
}

impl RuleEntry {
    fn of((id, sha256): &(String, String)) -> RuleEntry {
        RuleEntry {
            id: id.clone(),
            sha256: sha256.clone(),
        }
    }
}

/// One input file. Its time of modification and absolute path are in the run record.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Input {
    pub(super) path: String,
    pub(super) source: String,
    pub(super) bytes: u64,
    pub(super) sha256: String,
    lines: u64,
    parsed: u64,
    skipped: u64,
    rejected: u64,
    duplicates: u64,
}

impl Input {
    fn of(file: &FileCoverage) -> Input {
        Input {
            path: file.path.clone(),
            source: file.source.clone(),
            bytes: file.bytes,
            sha256: file.sha256.to_string(),
            lines: file.lines,
            parsed: file.parsed,
            skipped: file.skipped,
            rejected: file.rejected,
            duplicates: file.duplicates,
        }
    }
}

/// How some of the input files were collected: what was declared, and what was read.
#[derive(Debug, Serialize, Deserialize)]
struct Collected {
    path: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    system: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    instance: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    environment: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    command: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    collected_at: Option<String>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    collected_by: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    expect_records: Option<u64>,
    files: u64,
    records: u64,
}

impl Collected {
    fn of(collection: &Collection) -> Collected {
        let Collection {
            path,
            system,
            instance,
            environment,
            command,
            at,
            by,
            expected,
            files,
            records,
        } = collection.clone();
        let collected_at = at.map(Timestamp::stated);
        Collected {
            path: visible(&path).into_owned(),
            system: visible(&system).into_owned(),
            instance: visible(&instance).into_owned(),
            environment: visible(&environment).into_owned(),
            command: visible(&command).into_owned(),
            collected_at,
            collected_by: visible(&by).into_owned(),
            expect_records: expected,
            files,
            records,
        }
    }
}

/// One file of the pack.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Output {
    pub(super) path: String,
    pub(super) bytes: u64,
    pub(super) sha256: String,
    /// Rows below the header, in formats that have rows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) rows: Option<u64>,
    #[serde(default)]
    pub(super) guarded_cells: u64,
    /// Places at which a secret was replaced by its digest.
    #[serde(default, skip_serializing_if = "is_none")]
    pub(super) redactions: u64,
}

/// Whether a count is nought: older packs do not say it.
#[allow(clippy::trivially_copy_pass_by_ref)]
fn is_none(count: &u64) -> bool {
    *count == 0
}

#[derive(Debug, Serialize, Deserialize)]
struct Totals {
    findings: u64,
    rules: u64,
    edges: u64,
    chains: u64,
    guarded_cells: u64,
}

impl Manifest {
    pub(super) fn new(
        report: &Report<'_>,
        provenance: &Provenance<'_>,
        outputs: Vec<Output>,
    ) -> Manifest {
        Manifest {
            schema: SCHEMA.to_owned(),
            report_id: report.report_id.to_owned(),
            tool: Tool {
                name: "piperoll".to_owned(),
                version: report.version.to_owned(),
            },
            entity: report.entity.to_owned(),
            framework: report.framework.to_owned(),
            period: PeriodEntry {
                from: report.period.from.stated(),
                to: report.period.to.stated(),
                derived: report.period_derived,
            },
            as_of: report.as_of.stated(),
            interim: report.interim.map(str::to_owned),
            previous: report.previous.map(Previous::of),
            configuration: Configuration {
                file: provenance.configuration_file.to_owned(),
                sha256: provenance.configuration_sha256.to_owned(),
                settings: report.settings.iter().map(Setting::of).collect(),
            },
            ruleset: Ruleset {
                sha256: report.ruleset_sha256.to_owned(),
                rules: provenance.rules.iter().map(RuleEntry::of).collect(),
            },
            inputs: report.coverage.iter().map(Input::of).collect(),
            collected: report.collected.iter().map(Collected::of).collect(),
            totals: Totals {
                findings: report.findings.len() as u64,
                rules: report.rules.len() as u64,
                edges: report.edges.count(),
                chains: report.chains.count(),
                guarded_cells: outputs.iter().map(|output| output.guarded_cells).sum(),
            },
            outputs,
        }
    }
}
