//! `data/metrics.csv`: the counts of a pack, each by what it counts, to be followed from period to
//! period. None of them is a score.

use std::collections::BTreeMap;
use std::io::{self, Write};

use super::cell::Table;
use super::{Report, ReportFormat, Written};

/// Writes `data/metrics.csv`.
pub struct Metrics;

const HEADER: &[&str] = &["metric", "of", "value"];

/// Counts by metric and by what is counted.
type Counts = BTreeMap<(&'static str, String), u64>;

impl ReportFormat for Metrics {
    fn path(&self) -> &'static str {
        "data/metrics.csv"
    }

    fn write(&self, report: &Report<'_>, out: &mut dyn Write) -> io::Result<Written> {
        let mut table = Table::new(out, HEADER)?;
        for ((metric, of), value) in counts(report) {
            table.raw(metric)?;
            table.text(&of)?;
            table.number(value)?;
            table.end()?;
        }
        table.finish()
    }
}

fn counts(report: &Report<'_>) -> Counts {
    let mut counts = Counts::new();
    let mut add = |metric, of: String, value: u64| {
        *counts.entry((metric, of)).or_default() += value;
    };
    add("events", "in the period".to_owned(), report.chains.count());
    add("edges", "all".to_owned(), report.edges.count());
    for file in report.coverage {
        add("files", file.source.clone(), 1);
        for (of, value) in [
            ("parsed", file.parsed),
            ("skipped", file.skipped),
            ("rejected", file.rejected),
        ] {
            add("units", of.to_owned(), value);
        }
    }
    for finding in report.findings {
        let (severity, status) = (finding.severity.as_str(), finding.status.as_str());
        add("findings", format!("{severity} {status}"), 1);
    }
    for run in report.rules {
        add("rules", run.outcome.as_str().to_owned(), 1);
    }
    for row in report.controls {
        let of = format!("{} {}", row.framework, row.state.as_str());
        add("controls", of, 1);
    }
    for role in report.readiness {
        for (of, value) in [
            ("established", role.established),
            ("ambiguous", role.ambiguous),
            ("unjoined", role.unjoined),
        ] {
            add("logins", of.to_owned(), value);
        }
    }
    for population in report.populations {
        let rows = population.rows.len() as u64;
        add("population", population.id.to_owned(), rows);
    }
    counts
}
