//! `data/control_map.csv`: which rule speaks about which control, and which of them first.

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
        let mut lines = Vec::new();
        for rule in report.rules {
            for (framework, controls) in
                [("soc2-2017", &rule.soc2), ("iso27001-2022", &rule.iso27001)]
            {
                // A rule names its primary control first.
                for (nth, control) in controls.iter().enumerate() {
                    let strength = if nth == 0 { "primary" } else { "supporting" };
                    lines.push((framework, control, strength, rule));
                }
            }
        }
        lines.sort_by_key(|(framework, control, strength, rule)| {
            (*framework, *control, *strength, &rule.rule_id)
        });
        let mut table = Table::new(out, HEADER)?;
        for (framework, control, strength, rule) in lines {
            table.raw(framework)?;
            table.text(control)?;
            table.text(&rule.rule_id)?;
            table.raw(strength)?;
            table.raw(rule.outcome.as_str())?;
            table.end()?;
        }
        table.finish()
    }
}
