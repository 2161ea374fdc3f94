//! The patterns still in play behind the head of a path.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use crate::policy::pattern::{Pattern, PatternKind};

/// Pattern numbers, in order. Behind the first segments few of many patterns are left, so what is
/// kept of a state is as large as what it holds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Numbers(Vec<u32>);

impl Numbers {
    fn union(&self, other: &Numbers) -> Numbers {
        if other.0.is_empty() {
            return self.clone();
        }
        let mut both: Vec<u32> = self.0.iter().chain(&other.0).copied().collect();
        both.sort_unstable();
        both.dedup();
        Numbers(both)
    }
}

/// Where every pattern stands behind some segments.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct State {
    depth: usize,
    /// Those that need a further segment.
    alive: Numbers,
    /// Those that match if the path ends here.
    done: Numbers,
    /// Those that match whatever follows.
    open: Numbers,
}

impl State {
    /// The patterns that match if the path ends here.
    pub(super) fn matched(&self) -> Numbers {
        self.open.union(&self.done)
    }

    /// Says whether a further segment can tell nothing new: no pattern waits for one, and none
    /// ends here that a further segment would leave behind.
    pub(super) fn is_spent(&self) -> bool {
        self.alive.0.is_empty() && self.done.0.is_empty() && self.depth > 1
    }

    /// How many numbers it keeps.
    pub(super) fn size(&self) -> usize {
        self.alive.0.len() + self.done.0.len() + self.open.0.len()
    }
}

/// What the next segment of a path can meet, by what it is.
#[derive(Default)]
pub(super) struct Ahead<'p> {
    any: Vec<u32>,
    literals: BTreeMap<&'p str, Vec<u32>>,
    stems: BTreeMap<&'p str, Vec<u32>>,
    /// The lengths that stems have.
    lengths: BTreeSet<usize>,
}

impl<'p> Ahead<'p> {
    /// The segments that it tells apart, in order; `fresh` is one that no pattern has.
    pub(super) fn segments<'s>(&self, fresh: &'s str) -> BTreeSet<Cow<'s, str>>
    where
        'p: 's,
    {
        let mut segments: BTreeSet<Cow<'s, str>> = [Cow::Borrowed(""), fresh.into()].into();
        segments.extend(self.literals.keys().map(|text| Cow::Borrowed(*text)));
        for stem in self.stems.keys() {
            segments.insert(Cow::Borrowed(*stem));
            segments.insert(format!("{stem}{fresh}").into());
        }
        segments
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
        let all = (0_u32..).zip(&self.parts).map(|(number, _)| number);
        State {
            depth: 0,
            alive: Numbers(all.collect()),
            done: Numbers::default(),
            open: Numbers::default(),
        }
    }

    /// What the next segment can meet.
    pub(super) fn ahead(&self, state: &State) -> Ahead<'p> {
        let mut ahead = Ahead::default();
        for number in &state.alive.0 {
            match self.part(*number, state.depth) {
                Some(Part::Any) => ahead.any.push(*number),
                Some(Part::Literal(text)) => ahead.literals.entry(text).or_default().push(*number),
                Some(Part::Stem(text)) => {
                    ahead.stems.entry(text).or_default().push(*number);
                    ahead.lengths.insert(text.len());
                }
                None => {}
            }
        }
        ahead
    }

    fn part(&self, number: u32, depth: usize) -> Option<Part<'p>> {
        let parts = self.parts.get(usize::try_from(number).ok()?)?;
        parts.get(depth).copied()
    }

    /// The state behind one more segment.
    pub(super) fn step(&self, state: &State, ahead: &Ahead<'p>, segment: &str) -> State {
        let depth = state.depth + 1;
        let named = ahead.literals.get(segment).into_iter().flatten();
        let fit = Numbers(ahead.any.clone()).union(&Numbers(named.copied().collect()));
        let further = |number: &u32| self.part(*number, depth).is_some();
        let (alive, done) = fit.0.into_iter().partition(further);
        let lengths = ahead.lengths.range(..=segment.len());
        let stems = lengths.filter_map(|length| ahead.stems.get(segment.get(..*length)?));
        State {
            depth,
            alive: Numbers(alive),
            done: Numbers(done),
            open: state
                .open
                .union(&Numbers(stems.flatten().copied().collect())),
        }
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
