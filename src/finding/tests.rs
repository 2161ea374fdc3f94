//! Laws of merging, waiving and judging controls.

use std::sync::OnceLock;

use proptest::prelude::*;

use super::*;
use crate::model::{
    Confidence, ControlState, Evidence, Key, RuleOutcome, RuleRun, Severity, Status, Timestamp,
    Waiver,
};
use crate::rule::{Absence, Observation, Rule, embedded};

fn rule() -> Rule {
    static ROOT: OnceLock<Rule> = OnceLock::new();
    let read = || {
        let mut rules = embedded().unwrap();
        rules.retain(|rule| rule.id == "VLT-EVT-001");
        rules.remove(0)
    };
    ROOT.get_or_init(read).clone()
}

fn seen(subject: u8, line: u64, confidence: u8) -> Observation {
    Observation {
        subject: format!("s{subject}"),
        object: "o".to_owned(),
        at: Some(Timestamp(line as i64)),
        evidence: Evidence {
            file: "a.log".to_owned(),
            line,
            byte: line * 10,
            sha256: String::new(),
        },
        confidence: Confidence(confidence),
        severity: None,
        detail: format!("d{line}"),
        excerpt: None,
        occurrence: None,
        ended: None,
        absence: Absence::default(),
    }
}

proptest! {
    #[test]
    fn neither_order_nor_repeats_change_findings(
        rows in prop::collection::vec((0u8..4, 1u64..9, 0u8..=100), 0..30),
        seed in any::<u64>(),
    ) {
        let rows: Vec<Observation> =
            rows.into_iter().map(|(s, line, c)| seen(s, line, c)).collect();
        let plain = merge(&rule(), rows.clone(), &Naming::PLAIN).findings;
        let mut shuffled = rows.clone();
        shuffled.extend(rows.clone());
        let n = shuffled.len() as u64;
        shuffled.sort_by_key(|row| (row.evidence.line ^ seed).wrapping_mul(seed | 1) % (n + 1));
        prop_assert_eq!(merge(&rule(), shuffled, &Naming::PLAIN).findings, plain);
    }
}

proptest! {
    /// Whatever a rule says of its rows, what is critical has a row whose weakest edge is
    /// established: K4 and K5 never carry it, and neither does one of several candidates.
    #[test]
    fn only_an_established_edge_carries_a_critical_finding(
        rows in prop::collection::vec(
            (prop::collection::vec((0usize..5, 1usize..4), 1..4), 0usize..6), 1..12),
    ) {
        let keys = [Key::K1, Key::K2, Key::K3, Key::K4, Key::K5];
        let rows: Vec<Observation> = rows
            .into_iter()
            .zip(1u64..)
            .map(|((edges, severity), line)| {
                let weakest = edges
                    .into_iter()
                    .map(|(key, candidates)| keys[key].confidence().shared_by(candidates))
                    .min();
                Observation {
                    severity: Severity::WORST_FIRST.get(severity).copied(),
                    ..seen(1, line, weakest.unwrap().0)
                }
            })
            .collect();
        let firm = |row: &&Observation| row.confidence >= Key::K3.confidence();
        let worst = rows.iter().filter(firm).map(|row| row.severity.unwrap_or(Severity::Crit)).max();
        for finding in merge(&rule(), rows, &Naming::PLAIN).findings {
            let critical = finding.severity == Severity::Crit;
            prop_assert_eq!(critical, worst == Some(Severity::Crit));
            prop_assert!(!critical || finding.confidence >= Key::K3.confidence());
        }
    }
}

#[test]
fn records_that_show_one_thing_are_one_occurrence() {
    let shows = |line, thing: Option<&str>| Observation {
        occurrence: thing.map(str::to_owned),
        ..seen(1, line, 100)
    };
    let rows = vec![
        shows(1, Some("a")),
        shows(2, Some("a")),
        shows(3, Some("b")),
        shows(4, None),
        shows(5, None),
    ];
    let found = merge(&rule(), rows, &Naming::PLAIN).findings.remove(0);
    assert_eq!((found.count, found.evidence.len()), (4, 5));
}

#[test]
fn the_band_decides_title_and_severity() {
    let found = |confidence| merge(&rule(), vec![seen(1, 1, confidence)], &Naming::PLAIN);
    let firm = found(80).findings.remove(0);
    assert_eq!(
        (firm.severity, firm.title.as_str()),
        (Severity::Crit, "Root token used")
    );
    let probable = found(60).findings.remove(0);
    assert_eq!(probable.severity, Severity::High);
    assert_eq!(probable.title, "suspected: Root token used");
    assert_eq!(found(30).findings.remove(0).severity, Severity::Med);
    assert_eq!((found(29).findings.len(), found(29).dropped), (0, 1));
}

#[test]
fn repeats_raise_the_count_and_evidence_is_sorted() {
    let one = merge(
        &rule(),
        vec![seen(1, 3, 100), seen(1, 1, 100), seen(1, 3, 100)],
        &Naming::PLAIN,
    );
    let finding = &one.findings[0];
    let lines: Vec<u64> = finding
        .evidence
        .iter()
        .map(|evidence| evidence.line)
        .collect();
    assert_eq!((finding.count, lines), (2, vec![1, 3]));
    assert_eq!(finding.id.len(), 32);
    assert!(finding.message.contains("2 times"), "{}", finding.message);
}

#[test]
fn parts_of_a_fingerprint_do_not_run_together() {
    assert_ne!(fingerprint("r", "ab", "c"), fingerprint("r", "a", "bc"));
}

fn waiver(expires: i64, fingerprint: &str) -> Waiver {
    Waiver {
        rule: "VLT-EVT-001".to_owned(),
        fingerprint: Some(fingerprint.to_owned()),
        subject: None,
        object: None,
        reason: "known".to_owned(),
        owner: "alice".to_owned(),
        expires: Timestamp(expires),
        ticket: String::new(),
        approved_by: String::new(),
        approved_on: None,
        declared_at: "piperoll.toml:3".to_owned(),
    }
}

#[test]
fn a_waiver_holds_until_it_ends_and_says_when_it_fits_nothing() {
    let mut findings = merge(&rule(), vec![seen(1, 1, 100)], &Naming::PLAIN).findings;
    let id = findings[0].id.clone();
    let waivers = [waiver(10, &id), waiver(99, "other")];
    let uses = apply(&mut findings, &waivers, Timestamp(10));
    assert_eq!(uses, [WaiverUse::Expired(1), WaiverUse::Unused]);
    assert_eq!(findings[0].status, Status::Open);
    assert!(
        uses[0]
            .note(&waivers[0])
            .unwrap()
            .contains("piperoll.toml:3")
    );
    let uses = apply(&mut findings, &waivers, Timestamp(9));
    assert_eq!(uses[0], WaiverUse::InForce(1));
    assert!(matches!(findings[0].status, Status::Waived(_)));
}

fn run(outcome: RuleOutcome, population: u64) -> RuleRun {
    let rule = rule();
    RuleRun {
        rule_id: rule.id,
        title: rule.title,
        question: rule.question,
        logic: rule.logic,
        severity: rule.severity,
        outcome,
        partly: None,
        population,
        findings: 0,
        soc2: rule.soc2,
        iso27001: rule.iso27001,
        remediation: rule.remediation,
        page: None,
    }
}

#[test]
fn a_control_is_quiet_only_when_everything_was_examined() {
    let text = "id = \"soc2-2017\"\ntitle = \"t\"\nedition = \"2017\"\norder = 1\n\
        [[control]]\nid = \"CC6.3\"\ntitle = \"x\"\nevaluable = \"yes\"\nnot_shown = \"n\"\n";
    let framework = Framework::parse("soc2.toml", text).unwrap();
    let state = |runs: &[RuleRun], gap| matrix(&framework, runs, &[], gap)[0].state;
    let missing = RuleOutcome::NotAssessed("no log".to_owned());
    assert_eq!(
        state(&[run(RuleOutcome::Pass, 5)], None),
        ControlState::NoExceptionsDetected
    );
    assert_eq!(
        state(&[run(RuleOutcome::Pass, 0)], None),
        ControlState::NoOccurrence
    );
    for (runs, gap) in [
        (vec![run(missing, 0)], None),
        (vec![run(RuleOutcome::Pass, 5)], Some("a gap")),
        (
            vec![run(RuleOutcome::Pass, 5), run(RuleOutcome::Pass, 0)],
            None,
        ),
        (Vec::new(), None),
    ] {
        assert_eq!(state(&runs, gap), ControlState::InsufficientCoverage);
    }
    let mut findings = merge(&rule(), vec![seen(1, 1, 100)], &Naming::PLAIN).findings;
    let accepted = [waiver(99, &findings[0].id)];
    apply(&mut findings, &accepted, Timestamp(0));
    let row = &matrix(&framework, &[run(RuleOutcome::Finding, 5)], &findings, None)[0];
    assert_eq!((row.state, row.waived), (ControlState::Exceptions, 1));
}

#[test]
fn what_logs_cannot_show_is_no_exception_and_populations_are_not_added_up() {
    let text = |evaluable: &str, why: &str| {
        format!(
            "id = \"soc2-2017\"\ntitle = \"t\"\nedition = \"2017\"\norder = 1\n\
            [[control]]\nid = \"CC6.3\"\ntitle = \"x\"\nevaluable = \"{evaluable}\"\n{why} = \"n\"\n"
        )
    };
    let findings = merge(&rule(), vec![seen(1, 1, 100)], &Naming::PLAIN).findings;
    let runs = [run(RuleOutcome::Finding, 5), run(RuleOutcome::Pass, 7)];
    let row = |evaluable, why| {
        let framework = Framework::parse("soc2.toml", &text(evaluable, why)).unwrap();
        matrix(&framework, &runs, &findings, None).remove(0)
    };
    let dark = row("no", "why_not");
    assert_eq!(dark.state, ControlState::NotEvaluableFromLogs);
    assert_eq!(dark.findings, 1);
    let seen = row("yes", "not_shown");
    assert_eq!(seen.state, ControlState::Exceptions);
    assert_eq!(seen.population, 7);
    assert_eq!(seen.severities, [(findings[0].severity, 1)]);
}
