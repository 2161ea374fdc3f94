//! The populations as the page lists them: how many rows, what they lack, where they are.

use serde::Serialize;

use crate::report::Population;

#[derive(Serialize)]
pub(super) struct PopulationLine {
    id: &'static str,
    title: &'static str,
    file: String,
    rows: u64,
    lacks: String,
}

pub(super) fn populations(populations: &[Population]) -> Vec<PopulationLine> {
    populations
        .iter()
        .map(|population| PopulationLine {
            id: population.id,
            title: population.title,
            file: format!("data/{}.csv", population.id),
            rows: population.rows.len() as u64,
            lacks: population.lacks.clone(),
        })
        .collect()
}
