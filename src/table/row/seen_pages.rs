//! What is kept of every operation, in pages of which the latest are in memory.
//!
//! A repetition is most often one of what was just read, or of what a second device wrote in the same
//! order: pages that were long not asked for are put away, and come back when they are.

use std::collections::VecDeque;
use std::io;

use super::one_seen::Seen;
use super::packed::Packed;

/// How many operations lie in one page.
pub(super) const PAGE: usize = 1 << 10;

/// A key in two halves: as one number it would be kept at every second place only.
pub(super) type Halves = [u64; 2];

/// Bytes of one operation in a page that was put away.
const ROW: usize = 72;

/// Where pages lie that are not in memory.
pub trait Shelf: std::fmt::Debug {
    /// Puts bytes away, from this place of all that is there on.
    ///
    /// # Errors
    ///
    /// They cannot be written.
    fn put(&mut self, at: u64, bytes: &[u8]) -> io::Result<()>;

    /// Reads bytes that were put away at this place.
    ///
    /// # Errors
    ///
    /// They cannot be read back.
    fn read(&mut self, at: u64, bytes: &mut [u8]) -> io::Result<()>;
}

/// One page in memory.
#[derive(Debug, Default)]
struct Page {
    rows: Vec<(Halves, Seen)>,
    /// Whether the shelf has it otherwise, or not at all.
    changed: bool,
    /// Whether it was asked for since it was last passed over.
    used: bool,
}

/// All pages, full but for the last.
#[derive(Debug, Default)]
pub(super) struct Pages {
    /// `None` for one that was put away.
    pages: Vec<Option<Page>>,
    /// How many operations there are in all.
    len: usize,
    /// Those in memory, the one that is passed over next first.
    held: VecDeque<usize>,
    shelf: Option<Box<dyn Shelf>>,
    /// Pages that stay in memory.
    most: usize,
    /// What went wrong with the shelf: what was kept is not known any more.
    pub(super) fault: Option<io::Error>,
}

impl Pages {
    /// Pages of which `most` stay in memory.
    pub(super) fn shelving(shelf: Box<dyn Shelf>, most: usize) -> Pages {
        Pages {
            shelf: Some(shelf),
            most,
            ..Pages::default()
        }
    }

    /// What lies at a place.
    pub(super) fn at(&mut self, place: usize) -> (Halves, Seen) {
        let page = self.page(place / PAGE);
        let row = page.rows.get(place % PAGE).copied();
        row.unwrap_or(([0; 2], Seen::default()))
    }

    /// Puts something at a place in the stead of what lay there.
    pub(super) fn put(&mut self, place: usize, new: (Halves, Seen)) {
        let page = self.page(place / PAGE);
        page.changed = true;
        if let Some(row) = page.rows.get_mut(place % PAGE) {
            *row = new;
        }
    }

    /// Puts something behind all that is there, and gives its place.
    pub(super) fn push(&mut self, new: (Halves, Seen)) -> usize {
        let place = self.len;
        if place.is_multiple_of(PAGE) {
            self.pages.push(None);
            let page = Page {
                rows: Vec::with_capacity(PAGE),
                ..Page::default()
            };
            self.hold(place / PAGE, page);
        }
        // First the page: how many rows one has that was put away follows from the count.
        let page = self.page(place / PAGE);
        page.changed = true;
        page.rows.push(new);
        self.len += 1;
        place
    }

    /// Everything that was ever pushed, in its order.
    pub(super) fn each(&mut self, mut see: impl FnMut(&Seen)) {
        for number in 0..self.pages.len() {
            self.page(number)
                .rows
                .iter()
                .for_each(|(_, seen)| see(seen));
        }
    }

    /// A page, which is fetched if it was put away.
    fn page(&mut self, number: usize) -> &mut Page {
        if self.pages.get(number).is_some_and(Option::is_none) {
            let rows = self.fetched(number).unwrap_or_else(|fault| {
                self.fault.get_or_insert(fault);
                vec![([0; 2], Seen::default()); self.rows_of(number)]
            });
            let page = Page {
                rows,
                ..Page::default()
            };
            self.hold(number, page);
        }
        if self.pages.len() <= number {
            self.pages.resize_with(number + 1, || None);
        }
        let page = self.pages[number].get_or_insert_default();
        page.used = true;
        page
    }

    /// How many operations a page has that was put away.
    fn rows_of(&self, number: usize) -> usize {
        self.len.saturating_sub(number * PAGE).min(PAGE)
    }

    fn fetched(&mut self, number: usize) -> io::Result<Vec<(Halves, Seen)>> {
        let mut bytes = vec![0; self.rows_of(number) * ROW];
        if let Some(shelf) = &mut self.shelf {
            shelf.read((number * PAGE * ROW) as u64, &mut bytes)?;
        }
        let mut from = bytes.as_slice();
        let mut rows = Vec::with_capacity(PAGE);
        while !from.is_empty() {
            let row = Halves::read(&mut from).zip(Seen::read(&mut from));
            rows.push(row.ok_or(io::ErrorKind::UnexpectedEof)?);
        }
        Ok(rows)
    }

    /// Takes a page into memory, and puts others away that were not asked for since their last turn.
    fn hold(&mut self, number: usize, page: Page) {
        if let Some(slot) = self.pages.get_mut(number) {
            *slot = Some(page);
        }
        self.held.push_back(number);
        while self.shelf.is_some() && self.held.len() > self.most {
            let Some(oldest) = self.held.pop_front() else {
                return;
            };
            let page = self.pages.get_mut(oldest).and_then(Option::as_mut);
            match page {
                Some(page) if page.used || oldest == number => {
                    page.used = false;
                    self.held.push_back(oldest);
                }
                _ => self.put_away(oldest),
            }
        }
    }

    fn put_away(&mut self, number: usize) {
        let page = self.pages.get_mut(number).and_then(Option::take);
        let Some(page) = page.filter(|page| page.changed) else {
            return;
        };
        let mut bytes = Vec::with_capacity(PAGE * ROW);
        for (key, seen) in &page.rows {
            key.write(&mut bytes);
            seen.write(&mut bytes);
        }
        if let Some(shelf) = &mut self.shelf
            && let Err(fault) = shelf.put((number * PAGE * ROW) as u64, &bytes)
        {
            self.fault.get_or_insert(fault);
        }
    }
}
