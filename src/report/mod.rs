//! What a run has to say, and the formats it can be said in.
//!
//! A format turns a [`Report`] into bytes on a writer; it opens no files. Long lists (edges,
//! chains) are streamed: a format never holds the whole.

mod answer;
mod audit_devices;
mod cell;
mod configuration;
mod control_map;
mod control_matrix;
mod coverage;
mod credential_names;
mod difference;
pub mod escaped;
mod exception_rates;
mod exceptions;
mod finding_evidence;
mod findings;
mod html;
mod identity_chains;
mod identity_edges;
pub mod lint;
mod metrics;
mod population;
mod reconciliation;
mod rejected_lines;
mod rule_texts;
mod rules;
#[cfg(test)]
pub(crate) mod sample;
mod sampling;
mod spread;
#[cfg(test)]
mod tests;
mod trace;
mod visible;

use std::collections::BTreeMap;
use std::io::{self, Write};

use crate::model::{
    AuditDevice, Bridge, Cited, Collection, Confidence, ControlRow, FileCoverage, Finding, Period,
    RejectedLine, Response, RootCause, RuleRun, Timestamp,
};

pub use audit_devices::AuditDevices;
pub use cell::Table as CsvTable;
pub use configuration::Configuration;
pub use control_map::ControlMap;
pub use control_matrix::ControlMatrix;
pub use coverage::Coverage;
pub use credential_names::CredentialNames;
pub use difference::{
    Change, ChangesSincePrevious, Difference, PackName, Topic, difference_csv, difference_json,
    difference_text,
};
pub use exception_rates::ExceptionRates;
pub use exceptions::Exceptions;
pub use finding_evidence::FindingEvidence;
pub use findings::Findings;
pub use html::{Html, TemplateError, Templates};
pub use identity_chains::IdentityChains;
pub use identity_edges::IdentityEdges;
pub use metrics::Metrics;
pub use population::{Population, PopulationCounts, PopulationRow, PopulationTable};
pub use reconciliation::Reconciliation;
pub use rejected_lines::RejectedLines;
pub use rule_texts::RuleTexts;
pub use rules::Rules;
pub use sampling::{
    Exact, Item, RecordState, SampledRecord, Sampling, Stratum, sampling_csv, sampling_json,
    sampling_text,
};
pub use trace::{Look, Zone, trace_html, trace_json, trace_text, trace_timeline};
pub use visible::visible;

/// Every file of the evidence pack that a format writes, in the order of their paths.
pub const FORMATS: &[&dyn ReportFormat] = &[
    &Configuration,
    &table_of("access_matrix", "data/access_matrix.csv"),
    &AuditDevices,
    &table_of("changes", "data/changes.csv"),
    &ChangesSincePrevious,
    &ControlMap,
    &ControlMatrix,
    &Coverage,
    &CredentialNames,
    &ExceptionRates,
    &Exceptions,
    &FindingEvidence,
    &Findings,
    &table_of("grants", "data/grants.csv"),
    &IdentityChains,
    &IdentityEdges,
    &table_of("leavers", "data/leavers.csv"),
    &Metrics,
    &PopulationCounts,
    &table_of("privileged_access", "data/privileged_access.csv"),
    &Reconciliation,
    &RejectedLines,
    &RuleTexts,
    &Rules,
    &table_of("second_source", "data/second_source.csv"),
    &table_of("service_accounts", "data/service_accounts.csv"),
    &table_of("source_systems", "data/source_systems.csv"),
    &table_of("user_access_review", "data/user_access_review.csv"),
    &Html,
];

/// The file of a population.
const fn table_of(id: &'static str, path: &'static str) -> PopulationTable {
    PopulationTable { id, path }
}

/// What one format wrote, for the manifest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// Rows below the header; `None` in formats that have no rows.
    pub rows: Option<u64>,
    /// Cells that a spreadsheet could have run and that were guarded.
    pub guarded: u64,
}

/// One output format of a report: one file of the evidence pack.
pub trait ReportFormat: Sync {
    /// Path inside the pack, e.g. `data/findings.csv`.
    fn path(&self) -> &'static str;

    /// Whether this report has such a file.
    fn applies(&self, _report: &Report<'_>) -> bool {
        true
    }

    /// Writes the report in this format.
    ///
    /// # Errors
    ///
    /// Fails when the writer fails or a streamed row cannot be read back.
    fn write(&self, report: &Report<'_>, out: &mut dyn Write) -> io::Result<Written>;
}

/// Everything a report can show. Times are UTC; lists are already in their output order.
pub struct Report<'a> {
    /// Name of the audited entity, by `[output] entity`; empty when not configured.
    pub entity: &'a str,
    /// The environment it is about, by `[output] environment`; empty when not configured.
    pub environment: &'a str,
    /// Who prepared it, by `[output] prepared_by`; empty when not configured.
    pub prepared_by: &'a str,
    /// Framework id the control matrix is about, e.g. `soc2-2017`.
    pub framework: &'a str,
    /// Framework name and edition for people.
    pub framework_title: &'a str,
    /// The period under review.
    pub period: Period,
    /// Whether the period was derived from the logs for want of a configured one.
    pub period_derived: bool,
    /// The moment the report speaks from: waiver expiry, ages.
    pub as_of: Timestamp,
    /// Why the pack is interim; `None` when it is not.
    pub interim: Option<&'a str>,
    /// Digest over inputs, configuration, rules and version: names the report.
    pub report_id: &'a str,
    /// Digest of the rule set.
    pub ruleset_sha256: &'a str,
    /// Version of piperoll.
    pub version: &'a str,
    /// Findings, worst first, then by rule, subject and object.
    pub findings: &'a [Finding],
    /// The evidence of each finding as it stands in the inputs: same order as `findings`.
    pub evidence: &'a [Vec<Cited>],
    /// The chain picture of a finding, where its evidence has one: same order as `findings`.
    pub pictures: &'a [Vec<ChainLink>],
    /// What was answered to a finding, by its id.
    pub responses: &'a BTreeMap<String, Response>,
    /// What stands behind several findings each, that of the worst first.
    pub causes: &'a [RootCause],
    /// How every rule ran, by id.
    pub rules: &'a [RuleRun],
    /// Accounting of every input file, by path.
    pub coverage: &'a [FileCoverage],
    /// How the inputs were collected, as far as anything declares it.
    pub collected: &'a [Collection],
    /// How the records of each source became events and jobs, by source.
    pub bridges: &'a [(String, Bridge)],
    /// What each audit device of Vault has of the requests that any of them has, by folder.
    pub devices: &'a [AuditDevice],
    /// By the id of a credential that findings name, the handles that other audit devices write for
    /// it.
    pub handles: &'a BTreeMap<String, Vec<String>>,
    /// Lines that could not be read, by file and line, with the file named.
    pub rejected: &'a [RejectedLine],
    /// The control matrix, by framework and control.
    pub controls: &'a [ControlRow],
    /// Identity edges.
    pub edges: &'a dyn Edges,
    /// Chains: one row per event inside the period.
    pub chains: &'a dyn Chains,
    /// Logins per auth mount and role: how many could be traced to an origin.
    pub readiness: &'a [JoinReadiness],
    /// Text of the configuration file; empty without one.
    pub configuration: &'a str,
    /// Settings in force that decide what a rule finds: name, value.
    pub settings: &'a [(String, String)],
    /// Id, digest and text of every rule, by id.
    pub rule_texts: &'a [(String, String, String)],
    /// What an auditor reviews or samples, by id.
    pub populations: &'a [Population],
    /// What the page is made of, where it is not the program's own.
    pub templates: Option<&'a Templates>,
    /// What changed since the pack that was given as the previous one.
    pub previous: Option<&'a Difference>,
    /// Notes that the reader needs first: hints, contradictions, missing inputs.
    pub notes: &'a [String],
}

/// One link of the chain from a person or workload to what it touched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChainLink {
    /// What the node is: `person`, `job`, `service`, `login`, `token`, `role`, `secret`, ...
    pub kind: &'static str,
    /// The node's id; empty when nothing shows it.
    pub id: String,
    /// Key of the edge that leads here, `K1` to `K5`; empty for the first node and for gaps.
    pub key: &'static str,
    /// Confidence of that edge; `None` for the first node and for gaps.
    pub confidence: Option<Confidence>,
}

/// How well the logins of one role can be joined to what made them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JoinReadiness {
    /// `vault:role/<mount>/<name>`, or the mount where no role is named.
    pub role: String,
    /// `ci`, `workload` or `human`; empty when the mount is not declared.
    pub mount_class: String,
    /// Successful logins in the period.
    pub logins: u64,
    /// Logins with one established origin.
    pub established: u64,
    /// Logins with a probable or possible origin, or several candidates.
    pub ambiguous: u64,
    /// Logins with no origin.
    pub unjoined: u64,
    /// Claims that the role would have to map, in the order of their use.
    pub missing_claims: Vec<String>,
    /// The one line of configuration that mends it; empty when nothing is missing.
    pub remedy: String,
}

/// One identity edge as it is listed.
#[derive(Clone, Copy, Debug)]
pub struct EdgeRow<'r> {
    /// Kind of edge: `job-login`, ...
    pub edge: &'r str,
    /// Left end.
    pub left_id: &'r str,
    /// Right end.
    pub right_id: &'r str,
    /// `K1` to `K5`.
    pub key: &'r str,
    /// Confidence.
    pub confidence: Confidence,
    /// Other candidates, sorted.
    pub alternatives: &'r [&'r str],
    /// `file:line` of the left record.
    pub left_evidence: &'r str,
    /// `file:line` of the right record.
    pub right_evidence: &'r str,
    /// First byte of the left record.
    pub left_byte: u64,
    /// First byte of the right record.
    pub right_byte: u64,
}

/// One event with what is known of its origin, as it is listed.
#[derive(Clone, Copy, Debug)]
pub struct ChainRow<'r> {
    /// When.
    pub time: Timestamp,
    /// `job`, `service`, `person` or empty.
    pub origin_kind: &'r str,
    /// The origin, empty when unknown or ambiguous.
    pub origin_id: &'r str,
    /// The person behind it.
    pub person_id: &'r str,
    /// The login.
    pub login_id: &'r str,
    /// The credential in use.
    pub credential_id: &'r str,
    /// Vault role.
    pub role: &'r str,
    /// Policies of the token.
    pub policies: &'r [&'r str],
    /// Operation.
    pub operation: &'r str,
    /// What was acted on.
    pub object: &'r str,
    /// Owner of the object.
    pub owner: &'r str,
    /// Outcome.
    pub outcome: &'r str,
    /// Weakest edge; `None` when nothing is known of the origin.
    pub confidence: Option<Confidence>,
    /// Evidence file.
    pub evidence_file: &'r str,
    /// Evidence line.
    pub evidence_line: u64,
    /// First byte of the evidence.
    pub evidence_byte: u64,
}

/// Identity edges that can be walked any number of times, in the same order.
pub trait Edges: Sync {
    /// How many there are.
    fn count(&self) -> u64;
    /// Calls `visit` on each.
    ///
    /// # Errors
    ///
    /// Fails when the rows cannot be read back or `visit` fails.
    fn each(&self, visit: &mut dyn FnMut(&EdgeRow<'_>) -> io::Result<()>) -> io::Result<()>;
}

/// Chains that can be walked any number of times, in the same order.
pub trait Chains: Sync {
    /// How many there are.
    fn count(&self) -> u64;
    /// Calls `visit` on each.
    ///
    /// # Errors
    ///
    /// Fails when the rows cannot be read back or `visit` fails.
    fn each(&self, visit: &mut dyn FnMut(&ChainRow<'_>) -> io::Result<()>) -> io::Result<()>;
}
