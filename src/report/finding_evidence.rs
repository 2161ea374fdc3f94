//! `data/finding_evidence.csv`: every piece of evidence of every finding.

use std::io::{self, Write};

use super::cell::Table;
use super::{Report, ReportFormat, Written};

/// Writes `data/finding_evidence.csv`.
pub struct FindingEvidence;

const HEADER: &[&str] = &[
    "finding_id",
    "file",
    "line",
    "byte",
    "end",
    "kind",
    "sha256",
];

impl ReportFormat for FindingEvidence {
    fn path(&self) -> &'static str {
        "data/finding_evidence.csv"
    }

    fn write(&self, report: &Report<'_>, out: &mut dyn Write) -> io::Result<Written> {
        let mut table = Table::new(out, HEADER)?;
        for (finding, evidence) in report.findings.iter().zip(report.evidence) {
            for evidence in evidence {
                table.text(&finding.id)?;
                table.evidence(evidence)?;
                table.end()?;
            }
        }
        table.finish()
    }
}
