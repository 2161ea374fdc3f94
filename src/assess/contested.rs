//! Records of which another bears the id and says something else about who did what or when, and records that
//! bear none: whom such a record alone names is suspected.
//!
//! Whoever can bring a file can write a copy of a record into it. A log has few such records among
//! many, a file of copies little else: what stands in the file with twice the share of the other is
//! the copy. In one file it is what came second; where the shares tell nothing, both may be copies.

use std::collections::{BTreeMap, BTreeSet};

use super::Error;
use crate::estate::Estate;
use crate::model::{FileCoverage, UNNUMBERED, id};
use crate::table::row::{Batch, conflict, event};

/// The file and the byte offset of a record.
type Stands = (String, u64);
/// Where records stand.
pub(super) type Contested = BTreeSet<Stands>;

/// What two records of one id must differ in to accuse otherwise.
const DIFFERS: [&str; 5] = ["operation", "outcome", "path", "principal", "time"];
/// How many times the share of the other file tells the copies.
const TIMES: u64 = 2;

const CONFLICT: [usize; 3] = [conflict::ID, conflict::KEPT_AS, conflict::DIFFERS];
const EVENT: [usize; 3] = [event::EVENT_ID, event::SOURCE_FILE, event::SOURCE_BYTE];

/// Where the copies stand, and the records that may be.
///
/// # Errors
///
/// When a table cannot be read back.
pub(super) fn contested(estate: &Estate) -> Result<Contested, Error> {
    let mut pairs = BTreeSet::new();
    for batch in estate.store.scan_columns(&conflict::SCHEMA, &CONFLICT) {
        told(&batch?, &mut pairs);
    }
    let unnumbered = estate.holes.iter().any(|it| it.of.ends_with(UNNUMBERED));
    if pairs.is_empty() && !unnumbered {
        return Ok(Contested::new());
    }
    let ids = pairs.iter().flat_map(|(first, second)| [first, second]);
    let ids: BTreeSet<&str> = ids.map(String::as_str).collect();
    let mut places: BTreeMap<String, Stands> = BTreeMap::new();
    let mut nameless = Contested::new();
    for batch in estate.store.scan_columns(&event::SCHEMA, &EVENT) {
        placed(&batch?, &ids, &mut places, &mut nameless);
    }
    let paired = pairs.iter().filter_map(|(first, second)| {
        let place = |id: &String| places.get(id).cloned();
        place(first).zip(place(second))
    });
    let mut found = copies(&paired.collect::<Vec<_>>(), &estate.coverage);
    found.append(&mut nameless);
    Ok(found)
}

/// Adds the ids of records and of what bears the same id.
fn told(batch: &Batch, pairs: &mut BTreeSet<(String, String)>) {
    for row in 0..batch.len() {
        let text = |column| batch.text(row, column);
        let (first, second) = (text(conflict::ID), text(conflict::KEPT_AS));
        if first != second && DIFFERS.contains(&text(conflict::DIFFERS)) {
            pairs.insert((first.to_owned(), second.to_owned()));
        }
    }
}

/// Adds where events of some ids stand, and those of none.
fn placed(
    batch: &Batch,
    ids: &BTreeSet<&str>,
    places: &mut BTreeMap<String, Stands>,
    nameless: &mut Contested,
) {
    let unborne = format!("/{}", id::NAMELESS);
    for row in 0..batch.len() {
        let id = batch.text(row, event::EVENT_ID);
        let byte = batch.int(row, event::SOURCE_BYTE);
        let Some(byte) = byte.and_then(|byte| u64::try_from(byte).ok()) else {
            continue;
        };
        let stands = || (batch.text(row, event::SOURCE_FILE).to_owned(), byte);
        if ids.contains(id) {
            places.insert(id.to_owned(), stands());
        }
        if id.contains(&unborne) {
            nameless.insert(stands());
        }
    }
}

/// Which of two records of one id are copies.
fn copies(pairs: &[(Stands, Stands)], coverage: &[FileCoverage]) -> Contested {
    let both = pairs.iter().flat_map(|(first, second)| [first, second]);
    let both: BTreeSet<&Stands> = both.collect();
    let mut shares: BTreeMap<&str, u64> = BTreeMap::new();
    for (file, _) in both {
        *shares.entry(file).or_default() += 1_000_000;
    }
    for of in coverage {
        if let Some(share) = shares.get_mut(of.path.as_str()) {
            *share /= of.parsed.max(1);
        }
    }
    let share = |file: &str| shares.get(file).copied().unwrap_or_default();
    let mut found = Contested::new();
    for (first, second) in pairs {
        let (own, other) = (share(&first.0), share(&second.0));
        let same = first.0 == second.0;
        if !same && own.saturating_mul(TIMES) > other {
            found.insert(first.clone());
        }
        if same || other.saturating_mul(TIMES) > own {
            found.insert(second.clone());
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(first: &str, second: &str, records: [u64; 2]) -> Vec<String> {
        let coverage = ["a.log", "b.log"].iter().zip(records);
        let coverage = coverage.map(|(file, parsed)| FileCoverage::of_rows(file, "vault", parsed));
        let pair = ((first.to_owned(), 1), (second.to_owned(), 2));
        let copies = copies(&[pair], &coverage.collect::<Vec<_>>());
        copies.into_iter().map(|(file, _)| file).collect()
    }

    #[test]
    fn the_copy_is_what_stands_in_a_file_of_little_else() {
        assert_eq!(found("a.log", "b.log", [2, 90]), ["a.log"]);
        assert_eq!(found("a.log", "b.log", [90, 2]), ["b.log"]);
        assert_eq!(found("a.log", "b.log", [9, 9]), ["a.log", "b.log"]);
        assert_eq!(found("a.log", "a.log", [9, 9]), ["a.log"]);
    }
}
