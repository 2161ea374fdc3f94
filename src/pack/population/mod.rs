//! The populations of a pack: who could do what, who may do much, what was changed.
//!
//! What a population lists comes from exports of configuration, never from who happened to act; use
//! stands beside it. What was not supplied is named, so that a short list is no clean one.

mod access;
mod account;
mod change;
mod counted;
mod grant;
mod leaver;
mod membership;
mod privilege;
mod second_source;
mod service_account;
mod system;
mod table;
mod usage;

use std::borrow::Cow;
use std::collections::BTreeSet;

use self::table::{Draft, Row};
pub(super) use self::table::{HOLDERS, things};
use super::Error;
use super::reviews::{REVIEW, Reviews};
use crate::config::Settings;
use crate::estate::{Citations, Estate};
use crate::model::{Cited, Digest, Evidence, secret};
use crate::report::{Population, PopulationRow};

/// Columns that count the records that say a thing.
const COUNTED: [&str; 3] = ["records_in_period", "first_record_at", "last_record_at"];

/// Columns of the period, which change while the fact is the same.
const USE: [&str; 5] = [
    "last_used_at",
    "uses_in_period",
    COUNTED[0],
    COUNTED[1],
    COUNTED[2],
];

/// What a population is made of before its evidence is read again.
struct Made {
    draft: Draft,
    rows: Vec<(String, Row)>,
}

/// Every population of an estate, by id.
pub(super) fn populations(
    estate: &Estate,
    settings: &Settings,
    reviews: &Reviews,
) -> Result<Vec<Population>, Error> {
    let uses = usage::Uses::read(&estate.store)?;
    let mut made = Vec::new();
    for draft in [
        access::draft(estate, &uses)?,
        account::draft(estate, &uses)?,
        change::draft(estate)?,
        grant::draft(estate)?,
        leaver::draft(estate, &uses)?,
        privilege::draft(estate, &uses)?,
        second_source::draft(estate)?,
        service_account::draft(estate, &uses)?,
        system::draft(estate)?,
    ] {
        made.push(identified(draft));
    }
    made.sort_by_key(|made| made.draft.id);
    let cited: Vec<&Evidence> = made
        .iter()
        .flat_map(|made| made.rows.iter().map(|(_, row)| &row.evidence))
        .collect();
    let citations = Citations::read(estate, settings, cited)?;
    Ok(made
        .into_iter()
        .map(|made| finished(estate, made, &citations, reviews))
        .collect())
}

/// Sorts the rows and names each by its content. A fact that two exports state is one row.
fn identified(mut draft: Draft) -> Made {
    let mut rows = std::mem::take(&mut draft.rows);
    for cell in rows.iter_mut().flat_map(|row| &mut row.cells) {
        if let Cow::Owned(clean) = secret::redacted_typed(cell) {
            *cell = clean;
        }
    }
    rows.sort_by(|a, b| (&a.cells, &a.evidence).cmp(&(&b.cells, &b.evidence)));
    rows.dedup_by(|later, first| later.cells == first.cells);
    let id = |row: &Row| {
        // Use is of a period; the fact is the same in the next one.
        let cells = draft.columns.iter().zip(&row.cells);
        let facts = cells.filter(|(column, _)| !USE.contains(*column));
        let facts: Vec<&str> = facts.map(|(_, cell)| cell.as_str()).collect();
        let text = format!("{}\0{}", draft.id, facts.join("\0"));
        format!("{:.32}", Digest::of(text))
    };
    let rows = rows.into_iter().map(|row| (id(&row), row)).collect();
    Made { draft, rows }
}

fn finished(estate: &Estate, made: Made, citations: &Citations, reviews: &Reviews) -> Population {
    let Made { draft, rows } = made;
    let rows: Vec<PopulationRow> = rows
        .into_iter()
        .filter_map(|(id, row)| {
            let evidence: &Cited = citations.of(&row.evidence)?;
            Some(PopulationRow {
                review: reviews.of(&id),
                id,
                evidence: evidence.clone(),
                cells: row.cells,
            })
        })
        .collect();
    let missing: BTreeSet<&str> = draft
        .needs
        .iter()
        .filter(|need| !need.is_supplied(estate))
        .map(|need| need.what)
        .collect();
    let missing: Vec<&str> = missing.into_iter().collect();
    let lacks = match (missing.is_empty(), rows.is_empty()) {
        (true, false) => String::new(),
        (true, true) => "nothing of the kind is in what was supplied".to_owned(),
        (false, _) => format!("not supplied: {}", missing.join("; ")),
    };
    Population {
        id: draft.id,
        title: draft.title,
        columns: draft.columns,
        worksheet: draft.worksheet,
        rows,
        lacks,
    }
}
