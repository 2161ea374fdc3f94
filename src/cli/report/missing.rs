//! What the inputs should hold and do not, as the first screen names it.

use crate::model::Hole;

/// How many holes of either kind are named.
const SHOWN: usize = 5;

/// Holes in words: some that may lie anywhere, and the longest stretches; and how many more.
pub(super) fn of(holes: &[Hole]) -> (Vec<&str>, usize) {
    let length = |hole: &&Hole| {
        let span = hole.span;
        span.map_or(0, |(from, to)| from.0.saturating_sub(to.0))
    };
    let (mut dated, anywhere): (Vec<&Hole>, Vec<&Hole>) =
        holes.iter().partition(|hole| hole.span.is_some());
    dated.sort_by_key(length);
    let shown = anywhere.iter().take(SHOWN).chain(dated.iter().take(SHOWN));
    let mut words: Vec<&str> = shown.map(|hole| hole.words.as_str()).collect();
    words.dedup();
    let more = holes.len().saturating_sub(words.len());
    (words, more)
}
