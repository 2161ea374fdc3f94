//! What is kept of every operation that was read, by the key that its records share.
//!
//! There is one for each operation of a run. They lie in pages beside a table of their places: one
//! table of all of them would stand there twice whenever it grows.

use std::cell::RefCell;
use std::hash::BuildHasher as _;
use std::io;

use hashbrown::{DefaultHashBuilder, HashTable};

use super::one_seen::Seen;
use super::repeat::Mark;
use super::seen_pages::{Halves, Pages, Shelf};

fn halves(key: u128) -> Halves {
    [(key >> 64) as u64, key as u64]
}

/// Where the operation of a key lies, and half of the key's hash: enough to tell it from most others
/// without looking there.
#[derive(Clone, Copy, Debug)]
struct Entered {
    place: u32,
    print: u32,
}

impl Entered {
    /// The hash that its place in the table follows from.
    fn hash(self) -> u64 {
        spread(self.print)
    }
}

/// Half of a hash, spread over a whole one.
fn spread(print: u32) -> u64 {
    u64::from(print).wrapping_mul(0x9E37_79B9_7F4A_7C15)
}

/// The operations that were seen, by key.
#[derive(Debug, Default)]
pub(super) struct AllSeen {
    /// Where each lies.
    table: HashTable<Entered>,
    pages: RefCell<Pages>,
    /// Places of those that were forgotten, to be used again.
    free: Vec<u32>,
    hasher: DefaultHashBuilder,
}

impl AllSeen {
    /// The same, put away on a shelf but for the latest `pages`.
    pub(super) fn shelving(shelf: Box<dyn Shelf>, pages: usize) -> AllSeen {
        AllSeen {
            pages: RefCell::new(Pages::shelving(shelf, pages)),
            ..AllSeen::default()
        }
    }

    /// What is kept under a key.
    pub(super) fn get(&self, key: u128) -> Option<Seen> {
        let place = self.place(key)?;
        Some(self.pages.borrow_mut().at(place).1)
    }

    /// What is kept under a key, which is entered as `operation` if it is new, and its place.
    pub(super) fn enter(&mut self, key: u128, operation: Mark) -> (usize, Seen) {
        let print = self.print(key);
        if let Some(place) = self.place_of(key, print) {
            return (place, self.pages.get_mut().at(place).1);
        }
        let new = (halves(key), Seen::new(operation));
        let pages = self.pages.get_mut();
        let place = match self.free.pop() {
            Some(place) => {
                pages.put(place as usize, new);
                place
            }
            None => u32::try_from(pages.push(new)).unwrap_or(u32::MAX),
        };
        let entered = Entered { place, print };
        self.table
            .insert_unique(entered.hash(), entered, |known| known.hash());
        (place as usize, new.1)
    }

    /// Keeps something under a key, at the place that it was entered at.
    pub(super) fn keep(&mut self, key: u128, place: usize, seen: Seen) {
        self.pages.get_mut().put(place, (halves(key), seen));
    }

    /// Notes the number of a complete operation, and how far its records lie apart.
    pub(super) fn settle(&mut self, key: u128, number: u32, span: u16) {
        if let Some(place) = self.place(key) {
            let pages = self.pages.get_mut();
            let (key, mut seen) = pages.at(place);
            (seen.number, seen.span) = (number, span);
            pages.put(place, (key, seen));
        }
    }

    /// Forgets a key.
    pub(super) fn forget(&mut self, key: u128) {
        let print = self.print(key);
        let (pages, key) = (self.pages.get_mut(), halves(key));
        let is = |known: &Entered| is_at(*known, print, key, pages);
        if let Ok(found) = self.table.find_entry(spread(print), is) {
            let place = found.remove().0.place;
            self.free.push(place);
            pages.put(place as usize, ([0; 2], Seen::default()));
        }
    }

    /// Shows all that are kept, and nothing where one was forgotten.
    pub(super) fn each(&self, see: impl FnMut(&Seen)) {
        self.pages.borrow_mut().each(see);
    }

    /// What went wrong with the shelf, if anything did: what was kept is not known any more.
    pub(super) fn fault(&mut self) -> Option<io::Error> {
        self.pages.get_mut().fault.take()
    }

    /// Where what is kept under a key lies.
    fn place(&self, key: u128) -> Option<usize> {
        self.place_of(key, self.print(key))
    }

    fn place_of(&self, key: u128, print: u32) -> Option<usize> {
        let key = halves(key);
        let mut pages = self.pages.borrow_mut();
        let is = |known: &Entered| is_at(*known, print, key, &mut pages);
        let found = self.table.find(spread(print), is);
        found.map(|known| known.place as usize)
    }

    fn print(&self, key: u128) -> u32 {
        // The upper half of the hash.
        (self.hasher.hash_one(halves(key)) >> 32) as u32
    }
}

/// Whether what is known at a place is of a key.
fn is_at(known: Entered, print: u32, key: Halves, pages: &mut Pages) -> bool {
    known.print == print && pages.at(known.place as usize).0 == key
}

#[cfg(test)]
mod tests {
    use super::super::one_seen::WAITING;
    use super::super::seen_pages::PAGE;
    use super::super::shelf_tests::Bytes;
    use super::*;

    /// More pages than stay in memory.
    const PAGES: usize = 9;
    const HELD: usize = 4;

    fn keys() -> impl DoubleEndedIterator<Item = (u128, u32)> {
        let count = u32::try_from(PAGES * PAGE + 7).unwrap();
        (0..count).map(|n| (u128::from(n) << 63 | u128::from(n), n))
    }

    fn number(seen: &mut AllSeen, key: u128, number: u32) {
        let (place, kept) = seen.enter(key, Mark::of("read"));
        seen.keep(key, place, Seen { number, ..kept });
    }

    /// As many as fill several pages, of which some are forgotten and their places used again.
    fn every_key_has_its_own(mut seen: AllSeen) -> AllSeen {
        for (key, own) in keys() {
            number(&mut seen, key, own);
        }
        for (key, _) in keys().step_by(3) {
            seen.forget(key);
        }
        for (key, _) in keys().step_by(6) {
            assert_eq!(seen.enter(key, Mark::of("update")).1.number, WAITING);
        }
        for (key, own) in keys().rev() {
            let kept = match own % 6 {
                0 => Some(WAITING),
                3 => None,
                _ => Some(own),
            };
            assert_eq!(seen.get(key).map(|seen| seen.number), kept, "{own}");
        }
        assert!(seen.get(u128::MAX).is_none());
        seen
    }

    #[test]
    fn every_key_has_what_was_kept_under_it_and_no_other() {
        every_key_has_its_own(AllSeen::default());
        let shelf = Bytes::default();
        let mut seen = every_key_has_its_own(AllSeen::shelving(Box::new(shelf.clone()), HELD));
        assert!(seen.fault().is_none());
        assert!(!shelf.0.lock().unwrap().is_empty(), "nothing was put away");
    }

    #[test]
    fn what_does_not_come_back_from_the_shelf_is_a_fault() {
        let shelf = Bytes::default();
        let mut seen = AllSeen::shelving(Box::new(shelf.clone()), HELD);
        for (key, own) in keys() {
            number(&mut seen, key, own);
        }
        assert!(seen.fault().is_none());
        shelf.0.lock().unwrap().clear();
        let (key, _) = keys().nth(7).unwrap();
        assert!(seen.get(key).is_none(), "what is gone is no key's");
        assert!(seen.fault().is_some());
    }
}
