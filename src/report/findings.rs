//! `data/findings.csv`: one row per finding, worst first.

use std::io::{self, Write};

use super::cell::{FOUND, Table};
use super::{Report, ReportFormat, Written};

/// Writes `data/findings.csv`.
pub struct Findings;

const HEADER: &[&str] = &[
    "finding_id",
    "rule_id",
    "severity",
    "confidence",
    "band",
    "title",
    "subject",
    "object",
    "first_seen",
    "last_seen",
    "count",
    "status",
];

/// What follows the columns that every table of findings has.
const EXTENT: &[&str] = &["evidence_byte", "evidence_end", "evidence_kind"];

impl ReportFormat for Findings {
    fn path(&self) -> &'static str {
        "data/findings.csv"
    }

    fn write(&self, report: &Report<'_>, out: &mut dyn Write) -> io::Result<Written> {
        let mut table = Table::new(out, &[HEADER, FOUND, EXTENT].concat())?;
        for (finding, evidence) in report.findings.iter().zip(report.evidence) {
            table.text(&finding.id)?;
            table.text(&finding.rule_id)?;
            table.text(finding.severity.as_str())?;
            table.confidence(Some(finding.confidence))?;
            table.text(&finding.title)?;
            table.text(&finding.subject)?;
            table.text(&finding.object)?;
            table.time(finding.first_seen)?;
            table.time(finding.last_seen)?;
            table.number(finding.count)?;
            table.text(finding.status.as_str())?;
            let evidence = evidence.first().ok_or_else(|| {
                io::Error::other(format!("finding {} has no evidence", finding.id))
            })?;
            let digest = evidence.sha256.to_string();
            table.found(finding, (&evidence.file, evidence.line), &digest)?;
            table.number(evidence.byte)?;
            table.number(evidence.end)?;
            table.raw(evidence.kind.as_str())?;
            table.end()?;
        }
        table.finish()
    }
}
