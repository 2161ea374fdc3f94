//! What a rule found, and what it could not assess.

use std::collections::BTreeSet;

use super::{Confidence, Evidence, Severity, Timestamp};

/// One finding: a rule, its subject and its object, with all evidence merged.
///
/// Equal (rule, subject, object) is one finding; repeats raise `count`. The finding room builds
/// them from evidence rows, so a finding without evidence cannot arise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Content fingerprint of rule, subject and object; never a position.
    pub id: String,
    /// The rule, e.g. `VLT-EVT-001`.
    pub rule_id: String,
    /// Severity after the rule's modifiers and the band's.
    pub severity: Severity,
    /// The confidence of its best piece of evidence; each piece stands as firmly as the weakest
    /// edge of its chain.
    pub confidence: Confidence,
    /// The rule's title, prefixed `suspected` below the established band.
    pub title: String,
    /// Who or what it is about, a URI.
    pub subject: String,
    /// What was touched, a URI.
    pub object: String,
    /// First occurrence.
    pub first_seen: Option<Timestamp>,
    /// Last occurrence.
    pub last_seen: Option<Timestamp>,
    /// Occurrences.
    pub count: u64,
    /// Days on which it was seen, in UTC and counted from 1970-01-01; none where it is not dated.
    pub days: BTreeSet<i64>,
    /// What ended it last, where the end of every occurrence is in the logs.
    pub ended: Option<Ended>,
    /// What became of it.
    pub status: Status,
    /// SOC 2 criteria ids.
    pub soc2: Vec<String>,
    /// ISO/IEC 27001 Annex A ids, without `A.`.
    pub iso27001: Vec<String>,
    /// What was seen, in words.
    pub message: String,
    /// Every piece of evidence, sorted by file, line and byte; never empty.
    pub evidence: Vec<Evidence>,
}

impl Finding {
    /// The first piece of evidence.
    #[must_use]
    pub fn first_evidence(&self) -> Option<&Evidence> {
        self.evidence.first()
    }
}

/// The record that ended what was found: the grant was taken away again.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ended {
    /// When.
    pub at: Timestamp,
    /// File of the record.
    pub file: String,
    /// Its line, from 1.
    pub line: u64,
    /// Its first byte, from 0.
    pub byte: u64,
}

/// What stands behind several findings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RootCause {
    /// The thing: a role, a policy, a setting, or the record that all of them cite.
    pub id: String,
    /// Positions of the findings, in their order.
    pub findings: Vec<usize>,
}

/// What became of a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Status {
    /// Nobody has decided yet.
    Open,
    /// A waiver in force accepts it; it is still an exception.
    Waived(Acceptance),
}

/// Who accepts a finding, and until when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Acceptance {
    /// Who accepts it.
    pub owner: String,
    /// Why.
    pub reason: String,
    /// When the waiver ends.
    pub expires: Timestamp,
    /// Ticket, if named.
    pub ticket: String,
    /// Who approved that, empty where nobody is named.
    pub approved_by: String,
    /// When it was approved, if that is said.
    pub approved_on: Option<Timestamp>,
}

impl Status {
    /// The word used in every output: `open` or `waived`.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Status::Open => "open",
            Status::Waived(_) => "waived",
        }
    }
}

/// What a rule answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RuleOutcome {
    /// It found something.
    Finding,
    /// It looked at everything it needs and found nothing.
    Pass,
    /// It looked at everything it needs, and there was nothing to judge.
    NoOccurrence,
    /// It could not look; says why.
    NotAssessed(String),
}

impl RuleOutcome {
    /// The word used in every output.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            RuleOutcome::Finding => "finding",
            RuleOutcome::Pass => "pass",
            RuleOutcome::NoOccurrence => "no-occurrence",
            RuleOutcome::NotAssessed(_) => "not-assessed",
        }
    }
}

/// How one rule ran.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleRun {
    /// The rule id.
    pub rule_id: String,
    /// The rule's title.
    pub title: String,
    /// The question an auditor would ask.
    pub question: String,
    /// What the rule looks for, in words.
    pub logic: String,
    /// Severity it reports with.
    pub severity: Severity,
    /// What it answered.
    pub outcome: RuleOutcome,
    /// What of it could not be looked at, where the rest could; says why.
    pub partly: Option<String>,
    /// How many things it examined.
    pub population: u64,
    /// Findings it made, waived ones included.
    pub findings: u64,
    /// SOC 2 criteria ids, primary first.
    pub soc2: Vec<String>,
    /// ISO/IEC 27001 Annex A ids.
    pub iso27001: Vec<String>,
    /// What to do about a finding.
    pub remediation: String,
    /// The address of the page that describes the rule, where there is one.
    pub page: Option<String>,
}

impl RuleRun {
    /// Why it could not look, at all or in part; `None` where it looked at everything.
    #[must_use]
    pub fn reason(&self) -> Option<String> {
        match (&self.outcome, &self.partly) {
            (RuleOutcome::NotAssessed(reason), _) => Some(reason.clone()),
            (_, Some(missing)) => Some(format!("in part: {missing}")),
            _ => None,
        }
    }
}
