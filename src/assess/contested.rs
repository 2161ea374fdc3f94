//! Records of which another bears the id and says something else about who did what or when, and records that
//! bear none: whom such a record alone names is suspected.
//!
//! Whoever can bring a file can write a copy of a record into it. A log has few such records among
//! many, a file of copies little else: what stands in the file with twice the share of the other is
//! the copy. In one file, and where the shares tell nothing, either may be: which stands first is up to
//! whoever wrote them.

use std::collections::{BTreeMap, BTreeSet};

use super::Error;
use crate::estate::Estate;
use crate::model::{FileCoverage, UNNUMBERED, id};
use crate::table::row::{Batch, conflict, event};

/// The file and the byte offset of a record.
type Stands = (String, u64);
/// Where records stand.
pub(super) type Contested = BTreeSet<Stands>;

/// What two records of one id differ in that may be no more than what one of them has lost.
const LOSSES: [&str; 2] = ["fields", "metadata"];
/// What they differ in where another device may have written one of them.
const HASH: &str = "hash";
/// So many such records of a file, or a tenth of it, are a device's (INT-010 says the same).
const OF_DEVICE: u64 = 20;
/// How many times the share of the other file tells the copies.
const TIMES: u64 = 2;

const CONFLICT: [usize; 4] = [
    conflict::ID,
    conflict::KEPT_AS,
    conflict::DIFFERS,
    conflict::SOURCE_FILE,
];
const EVENT: [usize; 3] = [event::EVENT_ID, event::SOURCE_FILE, event::SOURCE_BYTE];

/// Two records of one id.
#[derive(Default)]
struct Conflicts {
    /// Their ids, and whether one of them may only have lost something.
    pairs: BTreeMap<(String, String), bool>,
    /// Those that differ in a hash alone, and the file of the second.
    hashed: Vec<(String, String, String)>,
}

/// Where the copies stand, and the records that may be.
///
/// # Errors
///
/// When a table cannot be read back.
pub(super) fn contested(estate: &Estate) -> Result<Contested, Error> {
    let mut conflicts = Conflicts::default();
    for batch in estate.store.scan_columns(&conflict::SCHEMA, &CONFLICT) {
        conflicts.told(&batch?);
    }
    let pairs = conflicts.of_matter(&estate.coverage);
    let unnumbered = estate.holes.iter().any(|it| it.of.ends_with(UNNUMBERED));
    if pairs.is_empty() && !unnumbered {
        return Ok(Contested::new());
    }
    let ids = pairs.keys().flat_map(|(first, second)| [first, second]);
    let ids: BTreeSet<&str> = ids.map(String::as_str).collect();
    let mut places: BTreeMap<String, Stands> = BTreeMap::new();
    let mut nameless = Contested::new();
    for batch in estate.store.scan_columns(&event::SCHEMA, &EVENT) {
        placed(&batch?, &ids, &mut places, &mut nameless);
    }
    let paired = pairs.iter().filter_map(|((first, second), loss)| {
        let place = |id: &String| places.get(id).cloned();
        Some((place(first)?, place(second)?, *loss))
    });
    let mut found = copies(&paired.collect::<Vec<_>>(), &estate.coverage);
    found.append(&mut nameless);
    Ok(found)
}

impl Conflicts {
    /// Adds the ids of records and of what bears the same id.
    fn told(&mut self, batch: &Batch) {
        for row in 0..batch.len() {
            let text = |column| batch.text(row, column).to_owned();
            let (first, second) = (text(conflict::ID), text(conflict::KEPT_AS));
            let differs = batch.text(row, conflict::DIFFERS);
            if first == second {
                continue;
            }
            if differs == HASH {
                let file = text(conflict::SOURCE_FILE);
                self.hashed.push((first, second, file));
                continue;
            }
            let loss = LOSSES.contains(&differs);
            let known = self.pairs.entry((first, second)).or_insert(loss);
            *known &= loss;
        }
    }

    /// Those that accuse otherwise, without those that another device may have written.
    fn of_matter(mut self, coverage: &[FileCoverage]) -> BTreeMap<(String, String), bool> {
        let mut of_file: BTreeMap<&str, u64> = BTreeMap::new();
        for (.., file) in &self.hashed {
            *of_file.entry(file).or_default() += 1;
        }
        let parsed = |file: &str| {
            let own = coverage.iter().filter(|of| of.path == file);
            own.map(|of| of.parsed).max().unwrap_or_default()
        };
        let of_device: BTreeSet<String> = of_file
            .into_iter()
            .filter(|(file, count)| *count >= OF_DEVICE || count * 10 >= parsed(file))
            .map(|(file, _)| file.to_owned())
            .collect();
        for (first, second, file) in self.hashed {
            if !of_device.contains(&file) {
                self.pairs.insert((first, second), false);
            }
        }
        self.pairs
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
fn copies(pairs: &[(Stands, Stands, bool)], coverage: &[FileCoverage]) -> Contested {
    let both = pairs.iter().flat_map(|(first, second, _)| [first, second]);
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
    for (first, second, loss) in pairs {
        let (own, other) = (share(&first.0), share(&second.0));
        let one_is = [
            own.saturating_mul(TIMES) > other,
            other.saturating_mul(TIMES) > own,
        ];
        // A second export of the same log, out of which something was taken, is no file of copies.
        if *loss && first.0 != second.0 && one_is == [true; 2] {
            continue;
        }
        let stands = [first, second].into_iter().zip(one_is);
        let may = stands.filter(|(_, is)| *is || first.0 == second.0);
        found.extend(may.map(|(stands, _)| stands.clone()));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(first: &str, second: &str, records: [u64; 2], loss: bool) -> Vec<String> {
        let coverage = ["a.log", "b.log"].iter().zip(records);
        let coverage = coverage.map(|(file, parsed)| FileCoverage::of_rows(file, "vault", parsed));
        let pair = ((first.to_owned(), 1), (second.to_owned(), 2), loss);
        let copies = copies(&[pair], &coverage.collect::<Vec<_>>());
        copies.into_iter().map(|(file, _)| file).collect()
    }

    #[test]
    fn the_copy_is_what_stands_in_a_file_of_little_else() {
        for loss in [false, true] {
            assert_eq!(found("a.log", "b.log", [2, 90], loss), ["a.log"]);
            assert_eq!(found("a.log", "b.log", [90, 2], loss), ["b.log"]);
            // Nothing tells which of two was there first.
            assert_eq!(found("a.log", "a.log", [9, 9], loss), ["a.log", "a.log"]);
        }
        assert_eq!(found("a.log", "b.log", [9, 9], false), ["a.log", "b.log"]);
        assert!(found("a.log", "b.log", [9, 9], true).is_empty());
    }

    fn of_matter(differs: &[&str], parsed: u64) -> Vec<bool> {
        let mut batch = Batch::new(&conflict::SCHEMA);
        for (number, differs) in differs.iter().enumerate() {
            batch
                .row()
                .text(conflict::ID, &format!("x/{number}"))
                .text(conflict::KEPT_AS, &format!("x/{number}~1"))
                .text(conflict::DIFFERS, differs)
                .text(conflict::SOURCE_FILE, "a.log");
        }
        let mut conflicts = Conflicts::default();
        conflicts.told(&batch);
        let coverage = [FileCoverage::of_rows("a.log", "vault", parsed)];
        conflicts.of_matter(&coverage).into_values().collect()
    }

    #[test]
    fn whatever_two_records_differ_in_is_of_matter_but_the_hashes_of_another_device() {
        let differs = ["content", "address", "principal", "fields", "metadata"];
        let losses = [false, false, false, true, true];
        assert_eq!(of_matter(&differs, 90), losses);
        assert_eq!(of_matter(&["hash"], 90), [false]);
        assert!(of_matter(&["hash"], 9).is_empty());
        assert!(of_matter(&["hash"; 20], 9_000).is_empty());
    }
}
