//! A small hand-made report for tests: hostile text in every place where a log can put some.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};
use std::io;

use super::{
    ChainLink, ChainRow, Chains, EdgeRow, Edges, JoinReadiness, Population, Report, Templates,
};
use crate::model::{
    Acceptance, AuditDevice, Bridge, Cited, Confidence, ControlRow, ControlState, Digest, Evidence,
    EvidenceKind, FileCoverage, FileId, Finding, Lack, Period, RejectedLine, Response, RuleOutcome,
    RuleRun, Severity, Status, Timestamp,
};

/// Owns what a [`Report`] borrows.
pub(crate) struct Sample {
    pub(crate) findings: Vec<Finding>,
    evidence: OnceCell<Vec<Vec<Cited>>>,
    pub(crate) pictures: Vec<Vec<ChainLink>>,
    pub(crate) rules: Vec<RuleRun>,
    pub(crate) coverage: Vec<FileCoverage>,
    pub(crate) bridges: Vec<(String, Bridge)>,
    pub(crate) devices: Vec<AuditDevice>,
    pub(crate) handles: BTreeMap<String, Vec<String>>,
    pub(crate) rejected: Vec<RejectedLine>,
    pub(crate) controls: Vec<ControlRow>,
    pub(crate) readiness: Vec<JoinReadiness>,
    pub(crate) settings: Vec<(String, String)>,
    pub(crate) rule_texts: Vec<(String, String, String)>,
    pub(crate) populations: Vec<Population>,
    pub(crate) responses: BTreeMap<String, Response>,
    pub(crate) notes: Vec<String>,
    pub(crate) interim: Option<String>,
    pub(crate) templates: Templates,
}

pub(crate) fn at(text: &str) -> Timestamp {
    Timestamp::parse_date_or_time(text).unwrap()
}

/// A finding of `rule` about `subject`, with `pieces` pieces of evidence.
pub(crate) fn finding(rule: &str, severity: Severity, subject: &str, pieces: u64) -> Finding {
    Finding {
        id: format!(
            "{:0>16}",
            format!("{:x}", subject.len() * 7919 + rule.len())
        ),
        rule_id: rule.into(),
        severity,
        confidence: Confidence(95),
        title: "CI job reads a secret owned by another project".into(),
        subject: subject.into(),
        object: "vault:path/secret/data/payments/prod/db".into(),
        first_seen: Some(at("2026-07-02T03:04:05.000006Z")),
        last_seen: Some(at("2026-09-29T23:00:00Z")),
        count: pieces,
        days: BTreeSet::from([20_636, 20_725]),
        ended: None,
        status: Status::Open,
        soc2: vec!["CC6.3".into(), "CC6.1".into()],
        iso27001: vec!["8.2".into(), "5.15".into()],
        message: "A job of acme/shop read a secret that belongs to acme/payments.".into(),
        evidence: (1..=pieces)
            .map(|line| Evidence {
                file: "vault/audit.log".into(),
                line,
                byte: line * 900,
                sha256: "ab".repeat(32),
            })
            .collect(),
    }
}

/// The evidence of each finding, as whole lines.
fn cited(findings: &[Finding]) -> Vec<Vec<Cited>> {
    let line = |piece: &Evidence| Cited {
        file: piece.file.clone(),
        line: piece.line,
        byte: piece.byte,
        end: piece.byte + 899,
        kind: EvidenceKind::Line,
        sha256: Digest([0xAB; 32]),
    };
    let of = |finding: &Finding| finding.evidence.iter().map(line).collect();
    findings.iter().map(of).collect()
}

fn rule(id: &str, outcome: RuleOutcome, population: u64, findings: u64) -> RuleRun {
    RuleRun {
        rule_id: id.into(),
        title: "CI job reads a secret owned by another project".into(),
        question: "Does every job read only what its own project owns?".into(),
        logic: "Reads whose chain names one project, of paths owned by another.".into(),
        severity: Severity::High,
        outcome,
        partly: None,
        population,
        findings,
        soc2: vec!["CC6.3".into()],
        iso27001: vec!["5.15".into()],
        remediation: "Bind the role to the project that owns the path.".into(),
        page: None,
    }
}

fn file(path: &str, source: &str, is_log: bool) -> FileCoverage {
    let start = at("2026-07-01").0;
    // Forty days of events, ten of silence, then events to the end.
    let hours = (0..92 * 24)
        .filter(|hour| !(960..1200).contains(hour))
        .map(|hour| {
            (
                Timestamp(start + hour * 3_600_000_000),
                12 + hour as u64 % 7,
            )
        })
        .collect();
    FileCoverage {
        file: FileId(0),
        path: path.into(),
        source: source.into(),
        first_at: is_log.then(|| at("2026-07-01T00:00:01Z")),
        last_at: is_log.then(|| at("2026-09-30T23:59:00Z")),
        lines: 30_000,
        parsed: 29_990,
        skipped: 7,
        rejected: 3,
        duplicates: 12,
        bytes: 27_000_000,
        sha256: Digest([0xCD; 32]),
        longest_silence_s: 864_000,
        in_period: 29_900,
        outside_period: 90,
        hours: if is_log { hours } else { Vec::new() },
        skip_reasons: vec![("blank".into(), 7)],
        is_log,
    }
}

fn control(id: &str, state: ControlState, findings: u64) -> ControlRow {
    ControlRow {
        framework: "soc2-2017".into(),
        control: id.into(),
        title: "Least privilege and separation of duties".into(),
        state,
        population: 1234,
        findings,
        severities: vec![(Severity::High, findings)],
        lacking: vec![Lack {
            rule: None,
            what: "vault-audit complete".into(),
        }],
        evidence_files: vec!["data/findings.csv".into(), "data/coverage.csv".into()],
        not_shown: "Approval before access was granted.".into(),
        rules: Vec::new(),
        rules_mapped: 9,
        rules_assessed: 7,
        waived: 1,
    }
}

/// A finding whose texts try to be formulas and markup.
fn hostile() -> Finding {
    Finding {
        object: "vault:path/\u{202E}</script><script>alert(1)</script>\"'&".into(),
        message: "\u{2066}\"onmouseover=alert(1) x=\"".into(),
        ..finding("VLT-EVT-001", Severity::Crit, "=cmd|'/C calc'!A0", 12)
    }
}

fn waived() -> Finding {
    Finding {
        title: "Policy grants a wildcard".into(),
        status: Status::Waived(Acceptance {
            owner: "bob".into(),
            reason: "retired in Q4".into(),
            expires: at("2026-12-31"),
            ticket: "SEC-77".into(),
            approved_by: String::new(),
            approved_on: None,
        }),
        ..finding("VLT-POL-002", Severity::Med, "vault:policy/legacy", 2)
    }
}

/// A chain with a link that nothing shows.
fn picture() -> Vec<ChainLink> {
    let secret = "vault:path/secret/data/payments/prod/db";
    vec![
        link("person", "alice", "", None),
        link("job", "gitlab:job/42/1001", "K1", Some(100)),
        link("login", "", "", None),
        link("secret", secret, "K2", Some(95)),
    ]
}

/// A rule of every outcome.
fn rules() -> Vec<RuleRun> {
    let not_assessed = RuleOutcome::NotAssessed("needs gitlab-jobs".into());
    vec![
        rule("VLT-EVT-001", RuleOutcome::Finding, 5000, 2),
        rule("VLT-EVT-002", RuleOutcome::Pass, 300, 0),
        rule("VLT-JOIN-003", not_assessed, 0, 0),
        rule("VLT-POL-002", RuleOutcome::Finding, 40, 1),
    ]
}

fn bridge() -> Bridge {
    Bridge {
        records: 59_978,
        repeated: 24,
        pairs: 29_970,
        things: 29_984,
        outside: 45,
        ..Bridge::default()
    }
}

/// A control in every state.
fn controls() -> Vec<ControlRow> {
    vec![
        control("CC6.1", ControlState::NoExceptionsDetected, 0),
        control("CC6.3", ControlState::Exceptions, 3),
        control("CC6.4", ControlState::NotEvaluableFromLogs, 0),
        control("CC7.2", ControlState::InsufficientCoverage, 0),
        control("CC8.1", ControlState::NoOccurrence, 0),
    ]
}

impl Sample {
    pub(crate) fn new() -> Sample {
        Sample {
            devices: vec![AuditDevice {
                folder: "vault/file/".into(),
                both: 12,
                request_only: 1,
                absent: 3,
                alone: 2,
                ..AuditDevice::default()
            }],
            handles: BTreeMap::new(),
            bridges: vec![("vault".into(), bridge())],
            evidence: OnceCell::new(),
            findings: vec![
                hostile(),
                finding("VLT-EVT-001", Severity::High, "gitlab:job/42/1001", 2),
                waived(),
            ],
            pictures: vec![Vec::new(), picture(), Vec::new()],
            rules: rules(),
            coverage: vec![
                file("gitlab/projects/42/jobs.json", "gitlab-jobs", true),
                file("vault/audit.log", "vault", true),
                file("vault/policies/a.hcl", "vault-config", false),
            ],
            rejected: vec![RejectedLine {
                path: "vault/audit.log".into(),
                line: 17,
                byte: 4096,
                reason: "not JSON: unexpected end".into(),
                sha256: Digest([7; 32]),
            }],
            controls: controls(),
            readiness: vec![JoinReadiness {
                role: "vault:role/gitlab/shop".into(),
                mount_class: "ci".into(),
                logins: 400,
                established: 310,
                ambiguous: 60,
                unjoined: 30,
                missing_claims: vec!["job_id".into()],
                remedy: "claim_mappings = { job_id = \"job_id\" }".into(),
            }],
            settings: vec![("thresholds.silence".into(), "24h".into())],
            rule_texts: vec![("VLT-EVT-001".into(), "ab".repeat(32), "id = 1".into())],
            populations: populations(),
            responses: BTreeMap::new(),
            notes: vec!["No Okta log was supplied.".into()],
            interim: None,
            templates: Templates::default(),
        }
    }

    pub(crate) fn report(&self) -> Report<'_> {
        Report {
            entity: "Acme & Sons",
            environment: "",
            prepared_by: "",
            framework: "soc2-2017",
            framework_title: "SOC 2, Trust Services Criteria 2017",
            period: Period {
                from: at("2026-07-01"),
                to: at("2026-10-01"),
            },
            period_derived: false,
            as_of: at("2026-10-01"),
            interim: self.interim.as_deref(),
            report_id: "8d5e0123456789abcdef",
            ruleset_sha256: "0011223344556677",
            version: "0.1.0",
            findings: &self.findings,
            evidence: self.evidence.get_or_init(|| cited(&self.findings)),
            pictures: &self.pictures,
            responses: &self.responses,
            causes: &[],
            rules: &self.rules,
            coverage: &self.coverage,
            collected: &[],
            bridges: &self.bridges,
            devices: &self.devices,
            handles: &self.handles,
            rejected: &self.rejected,
            controls: &self.controls,
            edges: &OneEdge,
            chains: &OneChain,
            readiness: &self.readiness,
            configuration: "[thresholds]\nsilence = \"24h\"\n",
            settings: &self.settings,
            populations: &self.populations,
            rule_texts: &self.rule_texts,
            templates: Some(&self.templates),
            previous: None,
            notes: &self.notes,
        }
    }
}

/// Every population, without a row.
fn populations() -> Vec<Population> {
    let ids = [
        "access_matrix",
        "changes",
        "grants",
        "leavers",
        "privileged_access",
        "second_source",
        "service_accounts",
        "source_systems",
        "user_access_review",
    ];
    ids.into_iter()
        .map(|id| Population {
            id,
            title: "What there is of the kind",
            columns: vec!["account"],
            worksheet: &["reviewer"],
            rows: Vec::new(),
            lacks: "not supplied: GitLab users (users.json)".into(),
        })
        .collect()
}

fn link(kind: &'static str, id: &str, key: &'static str, confidence: Option<u8>) -> ChainLink {
    ChainLink {
        kind,
        id: id.into(),
        key,
        confidence: confidence.map(Confidence),
    }
}

struct OneEdge;

impl Edges for OneEdge {
    fn count(&self) -> u64 {
        1
    }

    fn each(&self, visit: &mut dyn FnMut(&EdgeRow<'_>) -> io::Result<()>) -> io::Result<()> {
        visit(&EdgeRow {
            edge: "job-login",
            left_id: "gitlab:job/42/1001",
            right_id: "vault:login/r1",
            key: "K1",
            confidence: Confidence(100),
            alternatives: &["gitlab:job/42/9", "gitlab:job/42/1002"],
            left_evidence: "gitlab/projects/42/jobs.json:3",
            right_evidence: "vault/audit.log:7",
            left_byte: 1_800,
            right_byte: 6_300,
        })
    }
}

struct OneChain;

impl Chains for OneChain {
    fn count(&self) -> u64 {
        1
    }

    fn each(&self, visit: &mut dyn FnMut(&ChainRow<'_>) -> io::Result<()>) -> io::Result<()> {
        visit(&ChainRow {
            time: at("2026-07-02T03:04:05.000006Z"),
            origin_kind: "job",
            origin_id: "gitlab:job/42/1001",
            person_id: "alice",
            login_id: "vault:login/r1",
            credential_id: "vault:accessor/hmac-sha256:aa",
            role: "vault:role/gitlab/shop",
            policies: &["shop", "default"],
            operation: "read",
            object: "vault:path/secret/data/payments/prod/db",
            owner: "acme/payments",
            outcome: "allowed",
            confidence: None,
            evidence_file: "vault/audit.log",
            evidence_line: 8,
            evidence_byte: 7_200,
        })
    }
}
