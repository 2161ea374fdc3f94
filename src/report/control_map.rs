//! `data/control_map.csv`: which rule speaks about which control, and which of them first.

use std::collections::BTreeMap;
use std::io::{self, Write};

use super::cell::Table;
use super::{Report, ReportFormat, Written};

/// Writes `data/control_map.csv`.
pub struct ControlMap;

const HEADER: &[&str] = &["framework", "control", "rule_id", "strength", "outcome"];

impl ReportFormat for ControlMap {
    fn path(&self) -> &'static str {
        "data/control_map.csv"
    }

    fn write(&self, report: &Report<'_>, out: &mut dyn Write) -> io::Result<Written> {
        let outcomes: BTreeMap<&str, &str> = report
            .rules
            .iter()
            .map(|rule| (rule.rule_id.as_str(), rule.outcome.as_str()))
            .collect();
        let mut lines = Vec::new();
        for control in report.controls {
            for (rule, strength) in &control.rules {
                lines.push((
                    &control.framework,
                    &control.control,
                    strength.as_str(),
                    rule,
                ));
            }
        }
        lines.sort();
        let mut table = Table::new(out, HEADER)?;
        for (framework, control, strength, rule) in lines {
            let outcome = outcomes.get(rule.as_str()).copied().unwrap_or_default();
            table.raw(framework)?;
            table.text(control)?;
            table.text(rule)?;
            table.raw(strength)?;
            table.raw(outcome)?;
            table.end()?;
        }
        table.finish()
    }
}
