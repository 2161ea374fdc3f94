//! A quarter of an invented company, as a run would hand it to the formats.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::unwrap_used
)]

use piperoll::model::{
    Acceptance, Cited, Confidence, ControlRow, ControlState, Digest, Evidence, EvidenceKind,
    FileCoverage, FileId, Finding, Lack, Period, RejectedLine, RuleOutcome, RuleRun, Severity,
    Status, Timestamp,
};
use piperoll::report::{ChainLink, JoinReadiness, Report};

use super::listed::{Listed, NO_HANDLES, NO_RESPONSES};

pub(super) fn at(text: &str) -> Timestamp {
    Timestamp::parse_date_or_time(text).unwrap()
}

pub(super) struct Quarter {
    pub(super) findings: Vec<Finding>,
    evidence: Vec<Vec<Cited>>,
    pictures: Vec<Vec<ChainLink>>,
    rules: Vec<RuleRun>,
    coverage: Vec<FileCoverage>,
    rejected: Vec<RejectedLine>,
    controls: Vec<ControlRow>,
    readiness: Vec<JoinReadiness>,
    settings: Vec<(String, String)>,
    notes: Vec<String>,
    period: Period,
}

/// Rule id, severity, title, question, message, findings of it.
type Pattern = (
    &'static str,
    Severity,
    &'static str,
    &'static str,
    &'static str,
    usize,
);

const PATTERNS: &[Pattern] = &[
    (
        "VLT-ROOT-001",
        Severity::Crit,
        "Root token in use outside break-glass",
        "Is the root token used only in a declared emergency?",
        "A token with the policy `root` read `secret/data/payments/prod/stripe` 3 times; no break-glass person is declared for that day.",
        1,
    ),
    (
        "CHN-XPROJ-002",
        Severity::High,
        "CI job reads a secret owned by another project",
        "Does every job read only what its own project owns?",
        "Job 88 231 of acme/shop read a production secret that belongs to acme/payments, through a role bound to every project of the group.",
        31,
    ),
    (
        "GLB-ROLE-004",
        Severity::High,
        "JWT role accepts any branch of any project",
        "Is every CI role bound to a project and a protected ref?",
        "The role `ci-deploy` binds no `project_id` and no `ref_protected`; 14 projects logged in through it.",
        3,
    ),
    (
        "VLT-TTL-003",
        Severity::Med,
        "Token lives longer than the job that got it",
        "Does a credential end with the work it was issued for?",
        "The token of job 90 112 stayed valid for 31 days after the job had finished and was used once in that time.",
        6,
    ),
    (
        "RUN-SA-001",
        Severity::Low,
        "Service account shared by several services",
        "Does every service run under an identity of its own?",
        "Four Cloud Run services run as one service account; their accesses cannot be told apart.",
        2,
    ),
];

fn finding(pattern: &Pattern, index: usize) -> Finding {
    let (rule, severity, title, _, message, _) = *pattern;
    let pieces = 1 + (index * 7) % 13;
    let number = (index + rule.len() * 97) as u64 + 1;
    Finding {
        id: format!("{:016x}", 0x9E37_79B9_7F4A_7C15u64.wrapping_mul(number)),
        rule_id: rule.into(),
        severity,
        confidence: Confidence(if index % 5 == 4 { 60 } else { 95 }),
        title: title.into(),
        subject: match rule {
            "RUN-SA-001" => format!("gcp:sa/backend-{index}@acme-prod.iam.gserviceaccount.com"),
            "GLB-ROLE-004" => format!("vault:role/gitlab/ci-deploy-{index}"),
            _ => format!("gitlab:job/42/{}", 88_231 + index * 17),
        },
        object: format!(
            "vault:path/secret/data/payments/prod/service-{index}/database-credentials"
        ),
        first_seen: Some(at("2026-07-02T03:04:05Z")),
        last_seen: Some(at("2026-09-29T22:14:51Z")),
        count: pieces as u64,
        days: [20_636, 20_725].into(),
        ended: None,
        status: if index % 6 == 5 {
            Status::Waived(Acceptance {
                owner: "bea@acme.example".into(),
                reason: "the role is retired with the old runners".into(),
                expires: at("2026-12-31"),
                ticket: "SEC-1177".into(),
                approved_by: String::new(),
                approved_on: None,
            })
        } else {
            Status::Open
        },
        soc2: vec!["CC6.1".into(), "CC6.3".into()],
        iso27001: vec!["5.15".into(), "8.2".into()],
        message: message.into(),
        evidence: (0..pieces as u64)
            .map(|piece| Evidence {
                file: "vault/prod/audit.log.3.gz".into(),
                line: 184_223 + piece * 31,
                byte: 91_822_311 + piece * 4_410,
                sha256: format!("{:064x}", 0xDEAD_BEEF_u128 * u128::from(piece + 3)),
            })
            .collect(),
    }
}

fn chain(index: usize) -> Vec<ChainLink> {
    let link = |kind, id: &str, key, confidence: Option<u8>| ChainLink {
        kind,
        id: id.into(),
        key,
        confidence: confidence.map(Confidence),
    };
    let gap = index % 3 == 2;
    vec![
        if gap {
            link("person", "", "", None)
        } else {
            link("person", "alice", "", None)
        },
        link(
            "job",
            "gitlab:job/42/88231",
            if gap { "" } else { "K1" },
            (!gap).then_some(100),
        ),
        link(
            "login",
            "vault:login/5f0c2f1e-77aa-4c0d-9d07-1b2d7c9a4e11",
            "K2",
            Some(95),
        ),
        link("role", "vault:role/gitlab/ci-deploy", "K1", Some(100)),
        link(
            "secret",
            "vault:path/secret/data/payments/prod/stripe",
            "K1",
            Some(100),
        ),
    ]
}

fn log(path: &str, source: &str, quiet: std::ops::Range<i64>, load: u64) -> FileCoverage {
    let start = at("2026-07-01").0;
    let hours: Vec<(Timestamp, u64)> = (0..92 * 24)
        .filter(|hour| !quiet.contains(hour))
        .map(|hour| {
            let day = if (8..18).contains(&(hour % 24)) { 6 } else { 1 };
            let weekend = if hour / 24 % 7 >= 5 { 1 } else { 3 };
            (
                Timestamp(start + hour * 3_600_000_000),
                load * day * weekend + hour as u64 % 11,
            )
        })
        .collect();
    let events: u64 = hours.iter().map(|(_, events)| events).sum();
    FileCoverage {
        file: FileId(0),
        path: path.into(),
        source: source.into(),
        first_at: hours.first().map(|(at, _)| *at),
        last_at: hours.last().map(|(at, _)| *at),
        lines: events + 12,
        parsed: events + 2,
        skipped: 7,
        rejected: 3,
        duplicates: 0,
        bytes: events * 940,
        sha256: Digest([load as u8; 32]),
        longest_silence_s: (quiet.end - quiet.start).unsigned_abs() * 3600,
        in_period: events,
        outside_period: 2,
        hours,
        skip_reasons: vec![("blank".into(), 7)],
        is_log: true,
    }
}

fn controls() -> Vec<ControlRow> {
    let states = [
        (
            "CC2.1",
            "Quality of the information that controls use",
            ControlState::InsufficientCoverage,
        ),
        (
            "CC6.1",
            "Logical access architecture",
            ControlState::Exceptions,
        ),
        (
            "CC6.2",
            "Issuing and revoking credentials",
            ControlState::NoOccurrence,
        ),
        (
            "CC6.3",
            "Least privilege and separation of duties",
            ControlState::Exceptions,
        ),
        (
            "CC6.4",
            "Physical entry",
            ControlState::NotEvaluableFromLogs,
        ),
        (
            "CC7.2",
            "Anomaly monitoring",
            ControlState::NoExceptionsDetected,
        ),
    ];
    states.into_iter().map(control).collect()
}

/// The row of a control in that state.
fn control((control, title, state): (&str, &str, ControlState)) -> ControlRow {
    let evaluable = state != ControlState::NotEvaluableFromLogs;
    let excepted = state == ControlState::Exceptions;
    ControlRow {
        framework: "soc2-2017".into(),
        control: control.into(),
        title: title.into(),
        state,
        population: if evaluable { 48_210 } else { 0 },
        findings: if excepted { 41 } else { 0 },
        severities: Vec::new(),
        lacking: lacking(state),
        evidence_files: vec!["data/findings.csv".into()],
        not_shown:
            "Whether access was approved before it was granted, and what a reviewer decided.".into(),
        rules: Vec::new(),
        rules_mapped: 12,
        rules_assessed: if evaluable { 9 } else { 0 },
        waived: if excepted { 6 } else { 0 },
    }
}

fn lacking(state: ControlState) -> Vec<Lack> {
    let of = |rule: Option<&str>, what: &str| Lack {
        rule: rule.map(str::to_owned),
        what: what.into(),
    };
    match state {
        ControlState::InsufficientCoverage => vec![of(None, "gcp-audit silent for 12 d")],
        ControlState::Exceptions => (1..=9)
            .map(|number| {
                let what = if number % 2 == 0 {
                    "`.gitlab-ci.yml` files were not exported"
                } else {
                    "no Okta System Log was supplied"
                };
                of(Some(&format!("GLC-00{number}")), what)
            })
            .collect(),
        _ => Vec::new(),
    }
}

impl Quarter {
    pub(super) fn new() -> Quarter {
        let mut findings = Vec::new();
        let mut rules = Vec::new();
        for pattern in PATTERNS {
            findings.extend((0..pattern.5).map(|index| finding(pattern, index)));
            let (id, severity, title, question, _, count) = *pattern;
            let outcome = RuleOutcome::Finding;
            rules.push(run(id, severity, title, question, outcome, count));
        }
        for (id, title) in [
            ("VLT-AUD-001", "Audit device disabled"),
            ("VLT-POL-009", "Policy grants a wildcard over a mount"),
        ] {
            rules.push(run(
                id,
                Severity::Crit,
                title,
                "Is every change of the audit trail known?",
                RuleOutcome::Pass,
                0,
            ));
        }
        let lacking = RuleOutcome::NotAssessed("needs mesh snapshots; none was supplied".into());
        rules.push(run(
            "MSH-MTLS-001",
            Severity::High,
            "Mesh accepts traffic without mTLS",
            "Is every route encrypted?",
            lacking,
            0,
        ));
        rules.sort_by(|a, b| a.rule_id.cmp(&b.rule_id));
        let pictures = (0..findings.len()).map(chain).collect();
        let evidence = findings.iter().map(cited).collect();
        Quarter {
            evidence,
            pictures,
            findings,
            rules,
            coverage: vec![
                log("gcp/prod/cloudaudit-2026Q3.json", "gcp-audit", 860..1148, 9),
                log("gitlab/projects/42/jobs.json", "gitlab-jobs", 0..0, 2),
                log("vault/prod/audit.log.3.gz", "vault", 2000..2064, 14),
                FileCoverage { is_log: false, hours: Vec::new(), first_at: None, last_at: None, longest_silence_s: 0, lines: 1, parsed: 1, skipped: 0, rejected: 0, skip_reasons: Vec::new(), in_period: 0, outside_period: 0, bytes: 812, ..log("vault/prod/policies/ci-deploy.hcl", "vault-config", 0..0, 1) },
            ],
            rejected: (1..=9)
                .map(|line| RejectedLine {
                    path: "vault/prod/audit.log.3.gz".into(),
                    line: line * 4_001,
                    byte: line * 4_001 * 940,
                    sha256: Digest([7; 32]),
                    reason: "not JSON: unexpected end of input".into(),
                })
                .collect(),
            controls: controls(),
            readiness: vec![readiness("vault:role/gitlab/ci-deploy", 310, 60, 30), readiness("vault:role/gitlab/ci-test", 1_204, 0, 0)],
            settings: vec![
                ("environments.prod".into(), "prod, production, live".into()),
                ("thresholds.silence".into(), "24h".into()),
                ("vault.ci_mounts".into(), "auth/gitlab/".into()),
            ],
            notes: vec![
                "gcp-audit is silent for 12 d inside the period: controls that need it are shown as insufficient coverage.".into(),
                "`network.runner_cidrs` is not set: 4 rules could not be assessed.".into(),
            ],
            period: Period { from: at("2026-07-01"), to: at("2026-10-01") },
        }
    }

    /// The same quarter where 150 rules found 100 050 things in a thousand files.
    pub(super) fn large() -> Quarter {
        let mut quarter = Quarter::new();
        quarter.findings.clear();
        quarter.rules.clear();
        for rule in 0..150 {
            let pattern = &PATTERNS[rule % PATTERNS.len()];
            let id = format!("BIG-{rule:03}");
            quarter.findings.extend((0..667).map(|index| Finding {
                rule_id: id.clone(),
                id: format!("{rule:03x}{index:013x}"),
                ..finding(pattern, index)
            }));
            let (found, severity) = (RuleOutcome::Finding, pattern.1);
            (quarter.rules).push(run(&id, severity, pattern.2, pattern.3, found, 667));
        }
        quarter
            .findings
            .sort_by_key(|finding| std::cmp::Reverse(finding.severity));
        quarter.pictures = (0..quarter.findings.len()).map(chain).collect();
        quarter.evidence = quarter.findings.iter().map(cited).collect();
        quarter.coverage = (0..1_000)
            .map(|number| {
                let name = format!("vault/prod/audit.log.{number:04}.gz");
                log(&name, "vault", 0..0, 3)
            })
            .collect();
        quarter
    }
    pub(super) fn report(&self) -> Report<'_> {
        Report {
            entity: "Acme Payments Ltd",
            environment: "production",
            prepared_by: "",
            framework: "soc2-2017",
            framework_title: "SOC 2, Trust Services Criteria 2017 (2022 points of focus)",
            period: self.period,
            period_derived: false,
            as_of: at("2026-09-30"),
            interim: Some("as of 2026-09-30 00:00Z, before the period ends"),
            report_id: "8d5e01a9c4f27b36",
            ruleset_sha256: "41c7be02d9a3f6e5",
            version: "0.1.0",
            findings: &self.findings,
            evidence: &self.evidence,
            pictures: &self.pictures,
            responses: &NO_RESPONSES,
            causes: &[],
            rules: &self.rules,
            coverage: &self.coverage,
            collected: &[],
            bridges: &[],
            devices: &[],
            handles: &NO_HANDLES,
            rejected: &self.rejected,
            controls: &self.controls,
            edges: &Listed,
            chains: &Listed,
            readiness: &self.readiness,
            configuration: "",
            settings: &self.settings,
            populations: &[],
            rule_texts: &[],
            templates: None,
            previous: None,
            notes: &self.notes,
        }
    }
}

/// The evidence of a finding, as whole lines.
fn cited(finding: &Finding) -> Vec<Cited> {
    let line = |piece: &Evidence| Cited {
        file: piece.file.clone(),
        line: piece.line,
        byte: piece.byte,
        end: piece.byte + 900,
        kind: EvidenceKind::Line,
        sha256: Digest([0xAB; 32]),
    };
    finding.evidence.iter().map(line).collect()
}

fn readiness(role: &str, established: u64, ambiguous: u64, unjoined: u64) -> JoinReadiness {
    let whole = ambiguous + unjoined == 0;
    JoinReadiness {
        role: role.into(),
        mount_class: "ci".into(),
        logins: established + ambiguous + unjoined,
        established,
        ambiguous,
        unjoined,
        missing_claims: match whole {
            true => Vec::new(),
            false => vec!["job_id".into()],
        },
        remedy: match whole {
            true => String::new(),
            false => "claim_mappings = { job_id = \"job_id\" }".into(),
        },
    }
}

fn run(
    id: &str,
    severity: Severity,
    title: &str,
    question: &str,
    outcome: RuleOutcome,
    findings: usize,
) -> RuleRun {
    RuleRun {
        rule_id: id.into(),
        title: title.into(),
        question: question.into(),
        logic: "Events whose chain names one origin, compared with the owner of what they touched.".into(),
        severity,
        population: if matches!(outcome, RuleOutcome::NotAssessed(_)) { 0 } else { 48_210 },
        outcome,
        partly: None,
        findings: findings as u64,
        soc2: vec!["CC6.3".into()],
        iso27001: vec!["5.15".into()],
        remediation: "Bind the role to one project and a protected ref, and scope its policy to the paths the project owns.".into(),
        page: None,
    }
}
