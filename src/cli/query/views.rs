//! What a query may ask beside the tables: what the rules say of the same inputs.

use crate::assess::Assessment;
use crate::model::{Finding, RuleRun};
use crate::table::row::{Batch, VIEWS, findings, rules};

/// Whether a query may ask for a view: it holds its name as a word. Where that word is something
/// else, the rules are asked for nothing.
pub(super) fn are_asked(sql: &str) -> bool {
    VIEWS.iter().any(|view| names(sql, view.name))
}

/// Whether a query holds the name of a table as a word.
pub(super) fn names(sql: &str, table: &str) -> bool {
    sql.split(|c: char| !(c.is_alphanumeric() || c == '_'))
        .any(|word| word.eq_ignore_ascii_case(table))
}

/// The rows of the views.
pub(super) fn rows(assessment: &Assessment) -> Vec<Batch> {
    let mut found = Batch::new(&findings::SCHEMA);
    for finding in &assessment.findings {
        add_finding(&mut found, finding);
    }
    let mut ran = Batch::new(&rules::SCHEMA);
    for run in &assessment.runs {
        add_run(&mut ran, run);
    }
    vec![found, ran]
}

fn add_finding(to: &mut Batch, finding: &Finding) {
    let mut row = to.row();
    row.text(findings::FINDING_ID, &finding.id)
        .text(findings::RULE_ID, &finding.rule_id)
        .text(findings::SEVERITY, finding.severity.as_str())
        .int(findings::CONFIDENCE, i64::from(finding.confidence.0))
        .text(findings::STATUS, finding.status.as_str())
        .text(findings::TITLE, &finding.title)
        .text(findings::SUBJECT, &finding.subject)
        .text(findings::OBJECT, &finding.object)
        .text(findings::MESSAGE, &finding.message)
        .int(findings::FIRST_SEEN, finding.first_seen.map(|at| at.0))
        .int(findings::LAST_SEEN, finding.last_seen.map(|at| at.0))
        .int(findings::OCCURRENCES, i64::try_from(finding.count).ok());
    for id in &finding.soc2 {
        row.item(findings::SOC2, id);
    }
    for id in &finding.iso27001 {
        row.item(findings::ISO27001, id);
    }
    if let Some(evidence) = finding.first_evidence() {
        row.text(findings::SOURCE_FILE, &evidence.file)
            .int(findings::SOURCE_LINE, i64::try_from(evidence.line).ok())
            .int(findings::SOURCE_BYTE, i64::try_from(evidence.byte).ok())
            .text(findings::SOURCE_SHA256, &evidence.sha256);
    }
}

fn add_run(to: &mut Batch, run: &RuleRun) {
    let mut row = to.row();
    row.text(rules::RULE_ID, &run.rule_id)
        .text(rules::TITLE, &run.title)
        .text(rules::QUESTION, &run.question)
        .text(rules::SEVERITY, run.severity.as_str())
        .text(rules::OUTCOME, run.outcome.as_str())
        .text(rules::REASON, &run.reason().unwrap_or_default())
        .int(rules::POPULATION, i64::try_from(run.population).ok())
        .int(rules::FINDINGS, i64::try_from(run.findings).ok());
    for id in &run.soc2 {
        row.item(rules::SOC2, id);
    }
    for id in &run.iso27001 {
        row.item(rules::ISO27001, id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_view_is_asked_for_by_its_name_as_a_word() {
        assert!(are_asked(
            "SELECT * FROM findings f JOIN event e ON e.at = f.first_seen"
        ));
        assert!(are_asked("select outcome from \"rules\""));
        assert!(!are_asked(
            "SELECT rules_id, find FROM event WHERE path = 'ruleset'"
        ));
    }
}
