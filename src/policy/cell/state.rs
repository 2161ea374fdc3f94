//! The patterns still in play behind the head of a path.

use crate::policy::pattern::{Pattern, PatternKind};

/// A set of pattern numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Bits(Vec<u64>);

impl Bits {
    fn insert(&mut self, bit: usize) {
        let word = bit / 64;
        if self.0.len() <= word {
            self.0.resize(word + 1, 0);
        }
        if let Some(word) = self.0.get_mut(word) {
            *word |= 1 << (bit % 64);
        }
    }

    fn is_empty(&self) -> bool {
        self.0.iter().all(|word| *word == 0)
    }

    fn union(&self, other: &Bits) -> Bits {
        let (long, short) = if self.0.len() >= other.0.len() {
            (self, other)
        } else {
            (other, self)
        };
        let mut union = long.clone();
        for (word, more) in union.0.iter_mut().zip(&short.0) {
            *word |= more;
        }
        union
    }

    fn iter(&self) -> impl Iterator<Item = usize> {
        self.0.iter().enumerate().flat_map(|(index, word)| {
            (0..64)
                .filter(move |bit| word & (1 << bit) != 0)
                .map(move |bit| index * 64 + bit)
        })
    }
}

/// Where every pattern stands behind some segments.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct State {
    depth: usize,
    /// Those that need a further segment.
    alive: Bits,
    /// Those that match if the path ends here.
    done: Bits,
    /// Those that match whatever follows.
    open: Bits,
}

impl State {
    /// The patterns that match if the path ends here.
    pub(super) fn matched(&self) -> Bits {
        self.done.union(&self.open)
    }

    /// Says whether a further segment can tell nothing new: no pattern waits for one, and none
    /// ends here that a further segment would leave behind.
    pub(super) fn is_spent(&self) -> bool {
        self.alive.is_empty() && self.done.is_empty() && self.depth > 1
    }
}

/// The patterns, cut into segments.
pub(super) struct Patterns<'p> {
    parts: Vec<Vec<Part<'p>>>,
}

#[derive(Clone, Copy)]
enum Part<'p> {
    /// `+`.
    Any,
    Literal(&'p str),
    /// The last segment of an open pattern: what begins with this, and anything behind it.
    Stem(&'p str),
}

impl<'p> Patterns<'p> {
    pub(super) fn new(patterns: &[&'p Pattern]) -> Patterns<'p> {
        Patterns {
            parts: patterns.iter().map(|pattern| cut(pattern)).collect(),
        }
    }

    pub(super) fn start(&self) -> State {
        let mut alive = Bits::default();
        for index in 0..self.parts.len() {
            alive.insert(index);
        }
        State {
            depth: 0,
            alive,
            done: Bits::default(),
            open: Bits::default(),
        }
    }

    /// The literals and stems that the next segment can meet; the flag says that it is a stem.
    pub(super) fn parts(&self, state: &State) -> impl Iterator<Item = (&'p str, bool)> {
        state
            .alive
            .iter()
            .filter_map(|index| match self.part(index, state.depth)? {
                Part::Any => None,
                Part::Literal(text) => Some((text, false)),
                Part::Stem(text) => Some((text, true)),
            })
    }

    fn part(&self, index: usize, depth: usize) -> Option<Part<'p>> {
        self.parts.get(index)?.get(depth).copied()
    }

    /// The state behind one more segment.
    pub(super) fn step(&self, state: &State, segment: &str) -> State {
        let mut next = State {
            depth: state.depth + 1,
            alive: Bits::default(),
            done: Bits::default(),
            open: state.open.clone(),
        };
        for index in state.alive.iter() {
            let fits = match self.part(index, state.depth) {
                Some(Part::Any) => true,
                Some(Part::Literal(text)) => segment == text,
                Some(Part::Stem(text)) => {
                    if segment.starts_with(text) {
                        next.open.insert(index);
                    }
                    false
                }
                None => false,
            };
            if fits && self.part(index, next.depth).is_none() {
                next.done.insert(index);
            } else if fits {
                next.alive.insert(index);
            }
        }
        next
    }
}

fn cut(pattern: &Pattern) -> Vec<Part<'_>> {
    let wild = pattern.kind() == PatternKind::Segments;
    let mut parts: Vec<Part<'_>> = pattern
        .stem()
        .split('/')
        .map(|text| {
            if wild && text == "+" {
                Part::Any
            } else {
                Part::Literal(text)
            }
        })
        .collect();
    if pattern.is_open()
        && let Some(Part::Literal(text)) = parts.pop()
    {
        parts.push(Part::Stem(text));
    }
    parts
}
