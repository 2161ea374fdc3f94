//! Populations: what an auditor reviews or samples, whole, row by row with its evidence.

use std::io::{self, Write};

use super::cell::{EVIDENCE, Table};
use super::{Report, ReportFormat, Written};
use crate::model::Cited;

/// One population.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Population {
    /// Its id, which is also the stem of its file.
    pub id: &'static str,
    /// What it lists, in words.
    pub title: &'static str,
    /// Columns between the row's id and its evidence.
    pub columns: Vec<&'static str>,
    /// Columns that a reviewer fills in, behind the evidence.
    pub worksheet: &'static [&'static str],
    /// Rows, sorted by their cells.
    pub rows: Vec<PopulationRow>,
    /// What was not supplied, so that it may lack rows; or why it has none.
    pub lacks: String,
}

/// One row of a population.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PopulationRow {
    /// Digest of the population's id and the row's cells: the same fact has the same id in every
    /// pack.
    pub id: String,
    /// Cells, one per column.
    pub cells: Vec<String>,
    /// Where it stands.
    pub evidence: Cited,
    /// What a reviewer wrote, one per column of the worksheet; empty where nobody did.
    pub review: Vec<String>,
}

/// Writes one population.
pub struct PopulationTable {
    /// The population's id.
    pub id: &'static str,
    /// Its file.
    pub path: &'static str,
}

impl ReportFormat for PopulationTable {
    fn path(&self) -> &'static str {
        self.path
    }

    fn applies(&self, report: &Report<'_>) -> bool {
        report.populations.iter().any(|found| found.id == self.id)
    }

    fn write(&self, report: &Report<'_>, out: &mut dyn Write) -> io::Result<Written> {
        let mut populations = report.populations.iter();
        let population = populations
            .find(|population| population.id == self.id)
            .ok_or_else(|| io::Error::other(format!("the population {} is missing", self.id)))?;
        let mut header = vec!["population_id", "row_id"];
        header.extend(&population.columns);
        header.extend(EVIDENCE);
        header.extend(population.worksheet);
        let mut table = Table::new(out, &header)?;
        for row in &population.rows {
            table.raw(population.id)?;
            table.raw(&row.id)?;
            for cell in &row.cells {
                table.text(cell)?;
            }
            table.evidence(&row.evidence)?;
            for (column, _) in population.worksheet.iter().enumerate() {
                table.text(row.review.get(column).map_or("", String::as_str))?;
            }
            table.end()?;
        }
        table.finish()
    }
}

/// Writes `data/population_counts.csv`: how many rows each population has, and what it lacks.
pub struct PopulationCounts;

impl ReportFormat for PopulationCounts {
    fn path(&self) -> &'static str {
        "data/population_counts.csv"
    }

    fn write(&self, report: &Report<'_>, out: &mut dyn Write) -> io::Result<Written> {
        let mut table = Table::new(out, &["population_id", "title", "rows", "lacks"])?;
        for population in report.populations {
            table.raw(population.id)?;
            table.text(population.title)?;
            table.number(population.rows.len() as u64)?;
            table.text(&population.lacks)?;
            table.end()?;
        }
        table.finish()
    }
}
