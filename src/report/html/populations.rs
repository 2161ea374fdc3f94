//! The populations as the page lists them: how many rows, what they lack, where they are.

use serde::Serialize;

use super::compared::is_shown;
use super::words;
use crate::report::Population;

#[derive(Serialize)]
pub(super) struct PopulationLine {
    id: &'static str,
    title: &'static str,
    file: String,
    rows: u64,
    lacks: String,
    /// How many rows a reviewer decided on; nothing where there is nothing to decide.
    reviewed: String,
}

pub(super) fn populations(populations: &[Population]) -> Vec<PopulationLine> {
    populations
        .iter()
        .filter(|population| !is_shown(population))
        .map(|population| PopulationLine {
            id: population.id,
            title: population.title,
            file: format!("data/{}.csv", population.id),
            rows: population.rows.len() as u64,
            lacks: population.lacks.clone(),
            reviewed: reviewed(population),
        })
        .collect()
}

fn reviewed(population: &Population) -> String {
    if population.worksheet.is_empty() {
        return String::new();
    }
    let decided = population.rows.iter();
    let decided = decided.filter(|row| !row.review.is_empty()).count() as u64;
    let rows = population.rows.len() as u64;
    format!("{} of {}", words::number(decided), words::number(rows))
}
