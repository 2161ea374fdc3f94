//! `data/control_matrix.csv`: what the evidence says about each control; never a score.

use std::io::{self, Write};

use super::cell::Table;
use super::{Report, ReportFormat, Written};

/// Writes `data/control_matrix.csv`.
pub struct ControlMatrix;

const HEADER: &[&str] = &[
    "framework",
    "control",
    "title",
    "state",
    "population",
    "findings",
    "coverage",
    "evidence_files",
    "not_shown",
    "rules_mapped",
    "rules_assessed",
    "waived",
    "severities",
];

impl ReportFormat for ControlMatrix {
    fn path(&self) -> &'static str {
        "data/control_matrix.csv"
    }

    fn write(&self, report: &Report<'_>, out: &mut dyn Write) -> io::Result<Written> {
        let mut table = Table::new(out, HEADER)?;
        for control in report.controls {
            table.text(&control.framework)?;
            table.text(&control.control)?;
            table.text(&control.title)?;
            table.text(control.state.as_str())?;
            table.number(control.population)?;
            table.number(control.findings)?;
            table.text(&control.coverage())?;
            table.list(&control.evidence_files)?;
            table.text(&control.not_shown)?;
            table.number(control.rules_mapped)?;
            table.number(control.rules_assessed)?;
            table.number(control.waived)?;
            let severities = control.severities.iter();
            let counts: Vec<String> = severities
                .map(|(severity, count)| format!("{count} {severity}"))
                .collect();
            table.text(&counts.join(", "))?;
            table.end()?;
        }
        table.finish()
    }
}
