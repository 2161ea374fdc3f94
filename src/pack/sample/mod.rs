//! A sample of a population of a pack, drawn so that anybody can draw it again.

mod place;
mod record;
mod stratum;
#[cfg(test)]
mod tests;

use std::collections::BinaryHeap;
use std::path::PathBuf;

use self::stratum::{Spans, allot};
use super::contents::{Contents, Rows};
use super::{Error, manifest::Output};
use crate::model::{Digest, Timestamp};
use crate::report::{Item, Sampling};

/// What is sampled, and how.
#[derive(Clone, Debug)]
pub struct SampleRequest<'a> {
    /// Name of the population: its file in the pack, with or without `data/`, `population_`, `.csv`.
    pub population: &'a str,
    /// How many rows.
    pub size: u64,
    /// The seed; without one it is derived from the pack and the population.
    pub seed: Option<&'a str>,
    /// Folder that the inputs lie in, as they are named in the pack; without one where they lay.
    pub inputs: Option<PathBuf>,
}

/// Columns that hold the time of a row.
const TIMES: [&str; 4] = ["time", "at", "first_seen", "first_at"];

/// A row as it is drawn: by the digest of seed and number.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Drawn {
    rank: Digest,
    row: u64,
    cells: Vec<String>,
}

/// Draws a sample.
///
/// # Errors
///
/// The pack has no such population, or cannot be read.
pub fn sample(contents: &Contents, request: &SampleRequest<'_>) -> Result<Sampling, Error> {
    let population = population(contents, request.population)?;
    let manifest = &contents.manifest;
    let period = &manifest.period;
    let derived = [&manifest.report_id, &population.path, &population.sha256];
    let seed = request.seed.map_or_else(
        || Digest::of(derived.map(String::as_str).join("\n")).to_string(),
        str::to_owned,
    );
    let rows = contents.rows(&population.path)?;
    let time = TIMES.iter().find_map(|name| rows.column(name));
    let time_column = time.and_then(|at| rows.header.get(at).cloned());
    let header = rows.header.clone();
    let moment = |text: &str| Timestamp::parse_date_or_time(text).map(|time| time.0);
    let spans = Spans::new(moment(&period.from), moment(&period.to), request.size);
    let stratum_of = |row: &csv::StringRecord| {
        let time = time.and_then(|at| row.get(at)).and_then(moment);
        spans.of(time)
    };
    let counts = count(rows, spans.len(), &stratum_of)?;
    let total: u64 = counts.iter().sum();
    let allotted = allot(&counts, request.size);
    let drawn = draw(
        contents.rows(&population.path)?,
        &allotted,
        &seed,
        &stratum_of,
    )?;
    // What is empty is no stratum; the rest is numbered from 1.
    let filled: Vec<usize> = (0..counts.len())
        .filter(|&at| counts.get(at).is_some_and(|rows| *rows > 0))
        .collect();
    let strata = filled.iter().map(|&at| {
        let [rows, drawn] = [&counts, &allotted].map(|all| all.get(at).copied().unwrap_or(0));
        spans.stratum(at, rows, drawn)
    });
    let mut items = items(drawn, &filled);
    record::attach(contents, request.inputs.as_deref(), &header, &mut items);
    Ok(Sampling {
        report_id: manifest.report_id.clone(),
        sha256sums_sha256: contents.sha256sums_sha256.clone(),
        from: period.from.clone(),
        to: period.to.clone(),
        population: population.path.clone(),
        population_sha256: population.sha256.clone(),
        rows: total,
        size: request.size,
        seed,
        seed_given: request.seed.is_some(),
        time_column: time_column.unwrap_or_default(),
        strata: strata.collect(),
        header,
        items,
    })
}

/// The items in the order of the population; their strata are numbered among those that are filled.
fn items(drawn: Vec<(usize, Drawn)>, filled: &[usize]) -> Vec<Item> {
    let mut items: Vec<Item> = drawn
        .into_iter()
        .map(|(at, drawn)| Item {
            row: drawn.row,
            stratum: filled.iter().take_while(|filled| **filled <= at).count(),
            cells: drawn.cells,
            records: Vec::new(),
        })
        .collect();
    items.sort_by_key(|item| item.row);
    items
}

/// The population that is meant.
fn population<'c>(contents: &'c Contents, name: &str) -> Result<&'c Output, Error> {
    let stem = |path: &str| {
        let name = path.rsplit('/').next().unwrap_or(path);
        name.strip_suffix(".csv").unwrap_or(name).to_owned()
    };
    let short = |path: &str| {
        let name = stem(path);
        name.strip_prefix("population_")
            .map_or(name.clone(), str::to_owned)
    };
    let wanted = short(name).replace('-', "_");
    let mut tables = contents.tables();
    tables
        .find(|table| table.path == name || short(&table.path) == wanted)
        .ok_or_else(|| Error::NoPopulation {
            name: name.to_owned(),
            known: contents
                .tables()
                .map(|table| stem(&table.path))
                .collect::<Vec<_>>()
                .join(", "),
        })
}

/// How many rows each stratum has.
fn count(
    mut rows: Rows,
    strata: usize,
    stratum_of: &dyn Fn(&csv::StringRecord) -> usize,
) -> Result<Vec<u64>, Error> {
    let mut counts = vec![0; strata];
    let mut row = csv::StringRecord::new();
    while rows.next(&mut row)? {
        if let Some(count) = counts.get_mut(stratum_of(&row)) {
            *count += 1;
        }
    }
    Ok(counts)
}

/// The rows of the smallest digests of each stratum, with their strata.
fn draw(
    mut rows: Rows,
    allotted: &[u64],
    seed: &str,
    stratum_of: &dyn Fn(&csv::StringRecord) -> usize,
) -> Result<Vec<(usize, Drawn)>, Error> {
    // The largest of those kept is on top, and leaves for a smaller one.
    let mut kept: Vec<BinaryHeap<Drawn>> = allotted.iter().map(|_| BinaryHeap::new()).collect();
    let (mut row, mut number) = (csv::StringRecord::new(), 0);
    while rows.next(&mut row)? {
        number += 1;
        let at = stratum_of(&row);
        let (Some(heap), Some(&most)) = (kept.get_mut(at), allotted.get(at)) else {
            continue;
        };
        let rank = Digest::of(format!("{seed}\n{number}"));
        let full = heap.len() as u64 >= most;
        if most == 0 || (full && heap.peek().is_some_and(|worst| worst.rank <= rank)) {
            continue;
        }
        if full {
            heap.pop();
        }
        heap.push(Drawn {
            rank,
            row: number,
            cells: row.iter().map(str::to_owned).collect(),
        });
    }
    let strata = kept.into_iter().enumerate();
    Ok(strata
        .flat_map(|(at, heap)| heap.into_iter().map(move |drawn| (at, drawn)))
        .collect())
}
