//! The numbers of one dictionary in another.

use hashbrown::HashMap;

use super::half::{Field, Half, Listed, Mapped};
use super::repeat::{Mark, path_mark};
use super::{List, Map, Sym, Symbols};
use crate::model::{Place, Timestamp};

/// A dictionary's numbers in another, filled in as they are asked for: most texts of a block
/// stand in many of its records.
#[derive(Debug, Default)]
pub struct Translation {
    known: Vec<Sym>,
    lists: HashMap<List, List>,
    maps: HashMap<Map, Map>,
}

impl Translation {
    /// The number in `to` of a text that has number `sym` in `from`.
    pub fn of(&mut self, sym: Sym, from: &Symbols, to: &mut Symbols) -> Sym {
        let index = sym as usize;
        if self.known.len() <= index {
            self.known.resize(index.max(from.len()) + 1, Sym::MAX);
        }
        match self.known.get(index) {
            Some(&known) if known != Sym::MAX => known,
            _ => {
                let new = to.add(from.get(sym));
                if let Some(slot) = self.known.get_mut(index) {
                    *slot = new;
                }
                new
            }
        }
    }

    /// The number in `to` of a list that has number `list` in `from`.
    pub fn list(&mut self, list: List, from: &Symbols, to: &mut Symbols) -> List {
        if list.is_empty() {
            return list;
        }
        if let Some(known) = self.lists.get(&list) {
            return *known;
        }
        let new = to.add_list(from.items(list));
        self.lists.insert(list, new);
        new
    }

    /// The number in `to` of a map that has number `map` in `from`.
    pub fn map(&mut self, map: Map, from: &Symbols, to: &mut Symbols) -> Map {
        if map.is_empty() {
            return map;
        }
        if let Some(known) = self.maps.get(&map) {
            return *known;
        }
        let new = to.add_map(from.entries(map));
        self.maps.insert(map, new);
        new
    }

    /// Forgets everything: one of the dictionaries was replaced.
    pub fn clear(&mut self) {
        self.known.clear();
        self.lists.clear();
        self.maps.clear();
    }
}

/// What a record says, on its way from one dictionary to another.
#[derive(Debug)]
pub struct Translated<'h> {
    half: &'h Half,
    from: &'h Symbols,
    known: &'h mut Translation,
}

impl<'h> Translated<'h> {
    /// Says what `half` says, whose texts are in `from`; `known` keeps what was translated already.
    pub fn new(half: &'h Half, from: &'h Symbols, known: &'h mut Translation) -> Translated<'h> {
        Translated { half, from, known }
    }

    /// When it was written.
    #[must_use]
    pub fn at(&self) -> Timestamp {
        self.half.at
    }

    /// Where it was read.
    #[must_use]
    pub fn place(&self) -> Place {
        self.half.place
    }

    /// The number in `to` of a text.
    pub fn text(&mut self, field: Field, to: &mut Symbols) -> Sym {
        self.known.of(self.half.sym(field), self.from, to)
    }

    /// The number in `to` of a text that no other operation has.
    pub fn own(&self, field: Field, to: &mut Symbols) -> Sym {
        to.push(self.from.get(self.half.sym(field)))
    }

    /// The mark of namespace and path.
    #[must_use]
    pub fn path(&self) -> Mark {
        path_mark(self.half, self.from)
    }

    /// The number in `to` of a list.
    pub fn list(&mut self, field: Listed, to: &mut Symbols) -> List {
        self.known.list(self.half.list(field), self.from, to)
    }

    /// The number in `to` of a map.
    pub fn map(&mut self, field: Mapped, to: &mut Symbols) -> Map {
        self.known.map(self.half.map(field), self.from, to)
    }
}
