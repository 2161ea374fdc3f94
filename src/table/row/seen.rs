//! What is kept of every operation that was read, by the key that its records share.
//!
//! There is one for each operation of a run. They lie in pages that are never moved, beside a table
//! of their numbers: one table of all of them would stand there twice whenever it grows.

use std::hash::BuildHasher as _;

use hashbrown::hash_table::Entry;
use hashbrown::{DefaultHashBuilder, HashTable};

use super::repeat::{Contents, Mark};
use crate::model::Part;

/// The number of an operation that is not complete.
pub(super) const WAITING: u32 = u32::MAX;

/// How many operations lie in one page.
const PAGE: usize = 1 << 14;

/// What is kept of one operation.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seen {
    pub(super) parts: u16,
    /// Seconds between its first and last record, rounded up; the largest number for more.
    pub(super) span: u16,
    pub(super) operation: Mark,
    /// Two bits a device: request seen, response seen. Devices beyond the sixteenth share the last.
    pub(super) devices: u32,
    pub(super) number: u32,
    pub(super) contents: Contents,
}

impl Seen {
    fn new(operation: Mark) -> Seen {
        Seen {
            parts: 0,
            span: 0,
            operation,
            devices: 0,
            number: WAITING,
            contents: Contents::default(),
        }
    }

    /// Whether what is known of a part, and of the caller of the operation, is from a device.
    pub(super) fn is_of(&self, device: u8, part: Part) -> bool {
        // Of a complete operation, the response says who called.
        let answered = self.number != WAITING && self.parts & bit(Part::Response) != 0;
        let lead = if answered { Part::Response } else { part };
        let wrote = |part| self.contents.is_of(part, device);
        self.parts & bit(part) != 0 && wrote(part) && wrote(lead)
    }
}

/// The bit of a part in [`Seen::parts`].
pub(super) fn bit(part: Part) -> u16 {
    match part {
        Part::Whole => 1,
        Part::Request => 2,
        Part::Response => 4,
        Part::First => 8,
        Part::Last => 16,
        Part::Split { index, .. } => 32 << index.min(10),
    }
}

/// A key in two halves: as one number it would be kept at every second place only.
type Halves = [u64; 2];

fn halves(key: u128) -> Halves {
    [(key >> 64) as u64, key as u64]
}

/// Places of operations with their keys, in pages that are full but for the last.
#[derive(Debug, Default)]
struct Pages(Vec<Vec<(Halves, Seen)>>);

impl Pages {
    fn at(&self, place: usize) -> &(Halves, Seen) {
        &self.0[place / PAGE][place % PAGE]
    }

    fn at_mut(&mut self, place: usize) -> &mut (Halves, Seen) {
        &mut self.0[place / PAGE][place % PAGE]
    }

    /// Puts something behind all that is there, and gives its place.
    fn push(&mut self, new: (Halves, Seen)) -> usize {
        let full = self.0.len().saturating_sub(1) * PAGE;
        let place = full + self.0.last().map_or(0, Vec::len);
        match self.0.last_mut() {
            Some(page) if page.len() < PAGE => page.push(new),
            _ => {
                let mut page = Vec::with_capacity(PAGE);
                page.push(new);
                self.0.push(page);
            }
        }
        place
    }
}

/// The operations that were seen, by key.
#[derive(Debug, Default)]
pub(super) struct AllSeen {
    /// The place of each.
    table: HashTable<usize>,
    pages: Pages,
    /// Places of those that were forgotten, to be used again.
    free: Vec<usize>,
    hasher: DefaultHashBuilder,
}

impl AllSeen {
    /// What is kept under a key.
    pub(super) fn get(&self, key: u128) -> Option<&Seen> {
        Some(&self.pages.at(self.place(key)?).1)
    }

    /// The same, to be changed.
    pub(super) fn get_mut(&mut self, key: u128) -> Option<&mut Seen> {
        let place = self.place(key)?;
        Some(&mut self.pages.at_mut(place).1)
    }

    /// What is kept under a key, which is entered as `operation` if it is new.
    pub(super) fn enter(&mut self, key: u128, operation: Mark) -> &mut Seen {
        let key = halves(key);
        let (pages, hasher) = (&self.pages, &self.hasher);
        let found = self.table.entry(
            hasher.hash_one(key),
            |&place| pages.at(place).0 == key,
            |&place| hasher.hash_one(pages.at(place).0),
        );
        let place = match found {
            Entry::Occupied(found) => *found.get(),
            Entry::Vacant(vacant) => {
                let new = (key, Seen::new(operation));
                let place = match self.free.pop() {
                    Some(place) => {
                        *self.pages.at_mut(place) = new;
                        place
                    }
                    None => self.pages.push(new),
                };
                vacant.insert(place);
                place
            }
        };
        &mut self.pages.at_mut(place).1
    }

    /// Forgets a key.
    pub(super) fn forget(&mut self, key: u128) {
        let (pages, key) = (&self.pages, halves(key));
        let is = |&place: &usize| pages.at(place).0 == key;
        if let Ok(found) = self.table.find_entry(self.hasher.hash_one(key), is) {
            self.free.push(found.remove().0);
        }
    }

    /// All that are kept, in no order.
    pub(super) fn values(&self) -> impl Iterator<Item = &Seen> {
        self.table.iter().map(|&place| &self.pages.at(place).1)
    }

    fn place(&self, key: u128) -> Option<usize> {
        let (pages, key) = (&self.pages, halves(key));
        let is = |&place: &usize| pages.at(place).0 == key;
        self.table.find(self.hasher.hash_one(key), is).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As many as fill several pages, of which some are forgotten and their places used again.
    #[test]
    fn every_key_has_what_was_kept_under_it_and_no_other() {
        let mut seen = AllSeen::default();
        let keys: Vec<u128> = (0..3 * PAGE as u128 + 7).map(|n| n << 63 | n).collect();
        for (&key, number) in keys.iter().zip(0..) {
            seen.enter(key, Mark::of("read")).number = number;
        }
        for &key in keys.iter().step_by(3) {
            seen.forget(key);
        }
        let forgotten = keys.iter().step_by(3).count();
        assert_eq!(seen.values().count(), keys.len() - forgotten);
        for &key in keys.iter().step_by(6) {
            assert_eq!(seen.enter(key, Mark::of("update")).number, WAITING);
        }
        for (index, &key) in keys.iter().enumerate() {
            let found = seen.get(key).map(|seen| seen.number);
            let kept = match index % 6 {
                0 => Some(WAITING),
                3 => None,
                _ => u32::try_from(index).ok(),
            };
            assert_eq!(found, kept, "{index}");
        }
        assert_eq!(seen.pages.0.len(), 4);
        assert!(seen.get(u128::MAX).is_none() && seen.get_mut(u128::MAX).is_none());
    }
}
