//! Which of many names is most like one that was not seen.
//!
//! A configuration may name thousands of owners and a log tens of thousands of paths. What two names
//! have in common is bounded by the letters that both have: most pairs need no comparison.

use std::cell::OnceCell;

use super::tally::Tally;

/// Names less alike than this are not said to be.
const ALIKE: f64 = 0.8;
/// More than two ways to compute one likeness may differ by.
const ROUNDING: f64 = 1e-9;
/// Kinds of letters that are counted.
const KINDS: usize = 32;

/// A name with what it is compared by: as a whole, and behind its last `/` or `:`.
type Name<'t> = (&'t String, Letters, Letters);

/// Names that were seen, made ready to be compared once something is.
pub(super) struct Names<'t> {
    pub(super) seen: &'t Tally,
    all: OnceCell<Vec<Name<'t>>>,
}

impl<'t> Names<'t> {
    pub(super) fn of(seen: &'t Tally) -> Names<'t> {
        Names {
            seen,
            all: OnceCell::new(),
        }
    }

    fn all(&self) -> &[Name<'t>] {
        self.all.get_or_init(|| {
            let all = self.seen.keys().map(|name| {
                let last = name.rsplit(['/', ':']).next().unwrap_or(name);
                (name, Letters::of(name), Letters::of(last))
            });
            all.collect()
        })
    }

    /// The name most like `value`; of several the first. A bare name is compared with that of an
    /// account, whatever stands before it.
    pub(super) fn nearest(&self, value: &str) -> Option<&'t String> {
        let bare = !value.contains(['/', ':']);
        let wanted = Letters::of(value);
        let mut best: Option<(f64, &String)> = None;
        for (name, whole, last) in self.all() {
            let own = if bare { last } else { whole };
            let least = best.map_or(ALIKE, |(likeness, _)| likeness);
            if own.most(&wanted) < least - ROUNDING {
                continue;
            }
            let likeness = strsim::jaro_winkler(&own.text, &wanted.text);
            if likeness > least {
                best = Some((likeness, name));
            }
        }
        best.map(|(_, name)| name)
    }
}

/// A name in small letters, and how many of each kind it has.
struct Letters {
    text: String,
    length: u32,
    kinds: [u16; KINDS],
}

impl Letters {
    fn of(name: &str) -> Letters {
        let text = name.to_lowercase();
        let (mut length, mut kinds) = (0, [0_u16; KINDS]);
        for letter in text.chars() {
            length += 1;
            if let Some(kind) = kinds.get_mut(letter as usize % KINDS) {
                *kind = kind.saturating_add(1);
            }
        }
        Letters {
            text,
            length,
            kinds,
        }
    }

    /// The largest likeness (Jaro and Winkler's) that two names with these letters can have: all that
    /// both have match in order, and they begin alike.
    fn most(&self, other: &Letters) -> f64 {
        let pairs = self.kinds.iter().zip(&other.kinds);
        let common: u32 = pairs.map(|(a, b)| u32::from(*a.min(b))).sum();
        if common == 0 {
            return 0.0;
        }
        let common = f64::from(common);
        let jaro = (common / f64::from(self.length) + common / f64::from(other.length) + 1.0) / 3.0;
        jaro + 0.4 * (1.0 - jaro)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By comparing every pair.
    fn plainly<'t>(seen: &'t Tally, value: &str) -> Option<&'t String> {
        let bare = !value.contains(['/', ':']);
        let likeness = |name: &String| {
            let last = name.rsplit(['/', ':']).find(|_| bare).unwrap_or(name);
            strsim::jaro_winkler(&last.to_lowercase(), &value.to_lowercase())
        };
        let alike = seen.keys().map(|name| (likeness(name), name));
        let nearest = alike.max_by(|a, b| a.0.total_cmp(&b.0).then(b.1.cmp(a.1)));
        let nearest = nearest.filter(|(likeness, _)| *likeness > ALIKE);
        nearest.map(|(_, name)| name)
    }

    proptest::proptest! {
        #[test]
        fn the_nearest_is_the_one_that_comparing_all_finds(
            names in proptest::collection::btree_map("[abAB/:]{0,3}[abc/é]{1,9}", 1u64..9, 1..40),
            value in "[abAB/:]{0,3}[abc/é]{1,9}",
        ) {
            assert_eq!(Names::of(&names).nearest(&value), plainly(&names, &value));
        }
    }
}
