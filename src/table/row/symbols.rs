//! Text stored once and named by a number.

use std::hash::BuildHasher;

use hashbrown::{DefaultHashBuilder, HashTable};

/// The number of a text in one [`Symbols`]; [`NONE`] stands for no text.
pub type Sym = u32;

/// No text: SQL's NULL.
pub const NONE: Sym = 0;

/// A set of texts, each stored once unless it came by [`Symbols::push`], numbered from 1 in the
/// order of their arrival.
#[derive(Debug, Default)]
pub struct Symbols {
    bytes: String,
    ends: Vec<usize>,
    table: HashTable<Sym>,
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
        let hash = self.hasher.hash_one(text);
        let (bytes, ends, hasher) = (&self.bytes, &self.ends, &self.hasher);
        let entry = self.table.entry(
            hash,
            |&sym| slice(bytes, ends, sym) == text,
            |&sym| hasher.hash_one(slice(bytes, ends, sym)),
        );
        match entry {
            hashbrown::hash_table::Entry::Occupied(found) => *found.get(),
            hashbrown::hash_table::Entry::Vacant(free) => {
                let sym = append(&mut self.bytes, &mut self.ends, text);
                free.insert(sym);
                sym
            }
        }
    }

    /// A new number for `text`, whether it is there or not; neither [`Symbols::add`] nor
    /// [`Symbols::find`] will answer with it. For texts that hardly ever repeat.
    pub fn push(&mut self, text: &str) -> Sym {
        if text.is_empty() {
            return NONE;
        }
        append(&mut self.bytes, &mut self.ends, text)
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

fn slice<'a>(bytes: &'a str, ends: &[usize], sym: Sym) -> &'a str {
    let Some(index) = (sym as usize).checked_sub(1) else {
        return "";
    };
    let end = ends.get(index).copied().unwrap_or(0);
    let start = index
        .checked_sub(1)
        .and_then(|before| ends.get(before))
        .copied()
        .unwrap_or(0);
    bytes.get(start..end).unwrap_or("")
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
}
