//! Text stored once and named by a number; lists and maps of texts likewise.

use std::hash::{BuildHasher, Hash};
use std::ops::Range;

use hashbrown::hash_table::Entry;
use hashbrown::{DefaultHashBuilder, HashTable};
use serde::{Deserialize, Serialize};

/// The number of a text in one [`Symbols`]; [`NONE`] stands for no text.
pub type Sym = u32;

/// No text: SQL's NULL.
pub const NONE: Sym = 0;

/// The number of a list of texts in one [`Symbols`]; the default is the empty list.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct List(u32);

/// The number of a map of texts in one [`Symbols`]; the default is the empty map.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct Map(List);

impl List {
    /// Whether nothing is in it.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }
}

impl Map {
    /// Whether nothing is in it.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.0.is_empty()
    }
}

/// A set of texts, each stored once unless it came by [`Symbols::push`], numbered from 1 in the
/// order of their arrival.
///
/// Read back from a file, every number stands for what it stood for; what was in it is found by
/// [`Symbols::add`] and [`Symbols::find`] no more, as if it had been pushed.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Symbols {
    bytes: String,
    ends: Vec<usize>,
    #[serde(skip)]
    table: HashTable<Sym>,
    /// The members of all lists, one list after the other.
    members: Vec<Sym>,
    list_ends: Vec<usize>,
    #[serde(skip)]
    lists: HashTable<u32>,
    #[serde(skip)]
    hasher: DefaultHashBuilder,
}

impl Symbols {
    /// An empty set.
    #[must_use]
    pub fn new() -> Symbols {
        Symbols::default()
    }

    /// The number of `text`, which is added if new. Empty text is [`NONE`]: NULL, never "".
    pub fn add(&mut self, text: &str) -> Sym {
        if text.is_empty() {
            return NONE;
        }
        let (bytes, ends) = (&self.bytes, &self.ends);
        let known = |sym| slice(bytes, ends, sym);
        match entry(&mut self.table, &self.hasher, text, known) {
            Entry::Occupied(found) => *found.get(),
            Entry::Vacant(free) => {
                let sym = append(&mut self.bytes, &mut self.ends, text);
                free.insert(sym);
                sym
            }
        }
    }

    /// The number of `text`, looked at first in `like`: what a record says, the record before it
    /// often said too, and to compare is cheaper than to look up.
    pub fn add_like(&mut self, text: &str, like: Sym) -> Sym {
        if !text.is_empty() && self.get(like) == text {
            return like;
        }
        self.add(text)
    }

    /// A new number for `text`, whether it is there or not; neither [`Symbols::add`] nor
    /// [`Symbols::find`] will answer with it. For texts that hardly ever repeat.
    pub fn push(&mut self, text: &str) -> Sym {
        if text.is_empty() {
            return NONE;
        }
        append(&mut self.bytes, &mut self.ends, text)
    }

    /// The number of a list; empty items are left out.
    pub fn add_list<'t>(&mut self, items: impl IntoIterator<Item = &'t str>) -> List {
        let start = self.members.len();
        for item in items {
            let sym = self.add(item);
            if sym != NONE {
                self.members.push(sym);
            }
        }
        self.seal(start)
    }

    /// The number of a list, looked at first in `like`; empty items are left out.
    pub fn add_list_like<'t>(
        &mut self,
        items: impl Iterator<Item = &'t str> + Clone,
        like: List,
    ) -> List {
        if !like.is_empty() && self.items(like).eq(items.clone()) {
            return like;
        }
        self.add_list(items)
    }

    /// The number of a map, looked at first in `like`.
    pub fn add_map_like<'t>(
        &mut self,
        entries: impl Iterator<Item = (&'t str, &'t str)> + Clone,
        like: Map,
    ) -> Map {
        if !like.is_empty() && self.holds(like, entries.clone()) {
            return like;
        }
        self.add_map(entries)
    }

    /// Whether a map has these entries and no others, in their order.
    fn holds<'t>(&self, map: Map, mut entries: impl Iterator<Item = (&'t str, &'t str)>) -> bool {
        let mut known = self.entries(map);
        let same = entries.all(|(key, value)| {
            let known = known.next();
            known.is_some_and(|known| known.0 == key && known.1 == value)
        });
        same && known.next().is_none()
    }

    /// The number of a map, its entries in the given order; a value may be empty.
    pub fn add_map<'t>(&mut self, entries: impl IntoIterator<Item = (&'t str, &'t str)>) -> Map {
        let start = self.members.len();
        for (key, value) in entries {
            let entry = [self.add(key), self.add(value)];
            self.members.extend(entry);
        }
        Map(self.seal(start))
    }

    /// The number of the list that the members from `start` on are, which are kept if new.
    fn seal(&mut self, start: usize) -> List {
        let new = self.members.get(start..).unwrap_or(&[]);
        if new.is_empty() {
            return List::default();
        }
        let (members, ends) = (&self.members, &self.list_ends);
        let known = |list| run(members, ends, list);
        match entry(&mut self.lists, &self.hasher, new, known) {
            Entry::Occupied(found) => {
                let list = List(*found.get());
                self.members.truncate(start);
                list
            }
            Entry::Vacant(free) => {
                self.list_ends.push(members.len());
                let number = u32::try_from(self.list_ends.len()).unwrap_or(0);
                free.insert(number);
                List(number)
            }
        }
    }

    /// The members of a list.
    #[must_use]
    pub fn members(&self, list: List) -> &[Sym] {
        run(&self.members, &self.list_ends, list.0)
    }

    /// The texts of a list.
    pub fn items(&self, list: List) -> impl Iterator<Item = &str> {
        self.members(list).iter().map(|&sym| self.get(sym))
    }

    /// Keys and values of a map.
    pub fn entries(&self, map: Map) -> impl Iterator<Item = (&str, &str)> {
        self.members(map.0)
            .chunks_exact(2)
            .filter_map(|entry| match entry {
                [key, value] => Some((self.get(*key), self.get(*value))),
                _ => None,
            })
    }

    /// The value of the first entry of a map with this key; empty when absent.
    #[must_use]
    pub fn value(&self, map: Map, key: &str) -> &str {
        self.entries(map)
            .find(|(name, _)| *name == key)
            .map_or("", |(_, value)| value)
    }

    /// The number of `text`, or [`NONE`] when it was never added.
    #[must_use]
    pub fn find(&self, text: &str) -> Sym {
        let hash = self.hasher.hash_one(text);
        self.table
            .find(hash, |&sym| slice(&self.bytes, &self.ends, sym) == text)
            .copied()
            .unwrap_or(NONE)
    }

    /// The text behind a number; empty for [`NONE`].
    #[must_use]
    pub fn get(&self, sym: Sym) -> &str {
        slice(&self.bytes, &self.ends, sym)
    }

    /// How many texts there are; the largest number in use.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }
}

fn append(bytes: &mut String, ends: &mut Vec<usize>, text: &str) -> Sym {
    bytes.push_str(text);
    ends.push(bytes.len());
    Sym::try_from(ends.len()).unwrap_or(NONE)
}

/// Where the number of `new` stands in a table, or would; `known` gives what a number stands for.
#[inline]
fn entry<'t, 'k, K: Hash + PartialEq + ?Sized + 'k>(
    table: &'t mut HashTable<u32>,
    hasher: &DefaultHashBuilder,
    new: &K,
    known: impl Fn(u32) -> &'k K,
) -> Entry<'t, u32> {
    table.entry(
        hasher.hash_one(new),
        |&number| known(number) == new,
        |&number| hasher.hash_one(known(number)),
    )
}

/// What stands between the end before that of `number`, from 1, and its own; nothing for none.
#[inline]
fn within(ends: &[usize], number: u32) -> Range<usize> {
    let Some(index) = (number as usize).checked_sub(1) else {
        return 0..0;
    };
    let end = ends.get(index).copied().unwrap_or(0);
    let before = index.checked_sub(1).and_then(|before| ends.get(before));
    before.copied().unwrap_or(0)..end
}

#[inline]
fn slice<'a>(bytes: &'a str, ends: &[usize], sym: Sym) -> &'a str {
    bytes.get(within(ends, sym)).unwrap_or("")
}

/// The run of numbers that a list is.
fn run<'a>(members: &'a [Sym], ends: &[usize], list: u32) -> &'a [Sym] {
    members.get(within(ends, list)).unwrap_or(&[])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_texts_share_a_number_and_empty_is_none() {
        let mut symbols = Symbols::new();
        let (a, b) = (symbols.add("a"), symbols.add("bc"));
        assert_eq!(symbols.add("a"), a);
        assert_ne!(a, b);
        assert_eq!(symbols.add(""), NONE);
        assert_eq!(
            (symbols.get(a), symbols.get(b), symbols.get(NONE)),
            ("a", "bc", "")
        );
        assert_eq!((symbols.find("bc"), symbols.find("zz")), (b, NONE));
        assert_eq!(symbols.len(), 2);
    }

    #[test]
    fn a_pushed_text_has_a_number_of_its_own() {
        let mut symbols = Symbols::new();
        let a = symbols.add("a");
        let again = symbols.push("a");
        assert_ne!(a, again);
        assert_eq!((symbols.get(again), symbols.find("a")), ("a", a));
        assert_eq!(symbols.push(""), NONE);
    }

    #[test]
    fn ten_thousand_texts_keep_their_numbers() {
        let mut symbols = Symbols::new();
        let numbers: Vec<Sym> = (0..10_000)
            .map(|n| symbols.add(&format!("text {n}")))
            .collect();
        for (n, &sym) in numbers.iter().enumerate() {
            assert_eq!(symbols.get(sym), format!("text {n}"));
        }
    }

    #[test]
    fn no_text_of_a_member_makes_another_member() {
        let mut symbols = Symbols::new();
        let forged = "production\u{1e}job_id=88145\u{1e}project_id=101";
        let map = symbols.add_map([("environment", forged), ("job_id=1", "x"), ("ref", "a=b")]);
        assert_eq!(symbols.value(map, "environment"), forged);
        assert_eq!(symbols.value(map, "ref"), "a=b");
        for key in ["job_id", "project_id", "absent"] {
            assert_eq!(symbols.value(map, key), "", "{key}");
        }
        let list = symbols.add_list(["a;b\u{1e}c", "", "d"]);
        assert_eq!(symbols.items(list).collect::<Vec<_>>(), ["a;b\u{1e}c", "d"]);
    }

    #[test]
    fn equal_lists_share_a_number_and_nothing_is_the_empty_list() {
        let mut symbols = Symbols::new();
        let one = symbols.add_list(["a", "b"]);
        let other = symbols.add_list(["b", "a"]);
        assert_eq!(symbols.add_list(["a", "b"]), one);
        assert_ne!(one, other);
        assert_eq!(symbols.items(other).collect::<Vec<_>>(), ["b", "a"]);
        assert!(symbols.add_list([""]).is_empty());
        assert!(symbols.add_map([]).is_empty());
        // A map whose value is empty is no empty map, and its entry is there.
        let map = symbols.add_map([("k", "")]);
        assert_eq!(symbols.entries(map).collect::<Vec<_>>(), [("k", "")]);
    }

    #[test]
    fn what_is_looked_at_first_changes_no_number() {
        let mut symbols = Symbols::new();
        let (a, b) = (symbols.add("a"), symbols.add("b"));
        for like in [NONE, a, b, 77] {
            assert_eq!(symbols.add_like("a", like), a);
            assert_eq!(symbols.add_like("", like), NONE);
        }
        let lists = [vec!["a"], vec!["a", "b"], vec!["b", "a"], vec![]];
        let numbers = lists.clone().map(|list| symbols.add_list(list));
        let maps = [
            vec![("a", "")],
            vec![("a", "b")],
            vec![("a", "b"), ("b", "a")],
            vec![],
        ];
        let pairs = maps.clone().map(|map| symbols.add_map(map));
        for (list, number) in lists.iter().zip(numbers) {
            for like in numbers {
                let items = list.iter().copied().chain([""]);
                assert_eq!(symbols.add_list_like(items, like), number);
                assert_eq!(symbols.add_list_like(list.iter().copied(), like), number);
            }
        }
        for (map, number) in maps.iter().zip(pairs) {
            for like in pairs {
                assert_eq!(symbols.add_map_like(map.iter().copied(), like), number);
            }
        }
    }
}
