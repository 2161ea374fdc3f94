//! Whether a record only repeats what its id is known for, or contradicts it.

use super::Symbols;
use super::half::{Field, Half};
use super::one_seen::{Seen, WAITING, bit};
use super::paired::{Known, Paired};
use super::pairing::{Pairing, Standing};
use super::repeat::{Difference, First, Mark};
use crate::model::Timestamp;

impl Pairing {
    /// Whether `device` logged the same record first and hashed the caller's token alike; none where
    /// it did not, or where the two say anything else that differs.
    #[must_use]
    pub fn hashed_alike(
        &self,
        device: u8,
        half: &Half,
        symbols: &Symbols,
        known: &dyn Known,
    ) -> Option<bool> {
        let seen = &self.seen.get(half.key)?;
        if half.transient || !seen.is_of(device, half.part) {
            return None;
        }
        let first = if seen.number == WAITING {
            let waiting = self.waiting.get(&half.key)?;
            let theirs = waiting.symbols.as_ref().unwrap_or(symbols);
            let same = waiting.halves.iter().find(|it| it.part == half.part)?;
            First::of(same, theirs)
        } else {
            settled(seen, known)?
        };
        let mine = Mark::of(symbols.get(half.sym(Field::Accessor)));
        let alike = first.differs(half, symbols).is_none() && !seen.differs_in_the_clear(half);
        let both = first.accessor != Mark::default() && mine != Mark::default();
        (alike && both).then_some(mine == first.accessor)
    }

    /// In what a record differs from what its key is known for, and since when.
    pub(super) fn contradiction(
        &self,
        standing: Standing,
        half: &Half,
        symbols: &Symbols,
        to: &impl Paired,
    ) -> Option<(Difference, Timestamp)> {
        let seen = &self.seen.get(half.key)?;
        if half.transient || standing == Standing::Alone {
            return None;
        }
        let accessor = symbols.get(half.sym(Field::Accessor));
        if seen.number == WAITING {
            return self.of_waiting(seen, half, symbols, to);
        }
        let first = settled(seen, to.known())?;
        let hash = self.other_hash(seen, half, first.accessor, symbols);
        let another = || {
            to.known()
                .is_another(seen.number, accessor)
                .then_some(Difference::Principal)
        };
        let difference = first
            .differs(half, symbols)
            .or_else(|| self.other_content(seen, half, hash.is_some()))
            .or_else(another)
            .or(hash)?;
        Some((difference, first.at))
    }

    /// As [`Pairing::contradiction`], where the operation is not complete.
    fn of_waiting(
        &self,
        seen: &Seen,
        half: &Half,
        symbols: &Symbols,
        to: &impl Paired,
    ) -> Option<(Difference, Timestamp)> {
        let waiting = self.waiting.get(&half.key)?;
        let theirs = waiting.symbols.as_ref().unwrap_or(symbols);
        let mut hash = None;
        let of_matter = waiting.halves.iter().find_map(|known| {
            let first = First::of(known, theirs);
            let difference = if known.part == half.part {
                hash = self.other_hash(seen, half, first.accessor, symbols);
                first.differs(half, symbols)
            } else {
                first.parts_from(half, symbols)
            };
            Some((difference?, known.at))
        });
        let first_at = waiting.halves.first()?.at;
        let accessor = symbols.get(half.sym(Field::Accessor));
        let mut known = waiting.halves.iter();
        let mut another = || {
            known.any(|known| {
                to.known()
                    .tells_apart(theirs.get(known.sym(Field::Accessor)), accessor)
            })
        };
        of_matter
            .or_else(|| Some((self.other_content(seen, half, hash.is_some())?, first_at)))
            .or_else(|| another().then_some((Difference::Principal, first_at)))
            .or_else(|| Some((hash?, first_at)))
    }

    /// Whether the caller's token is hashed otherwise than the same device did.
    fn other_hash(
        &self,
        seen: &Seen,
        half: &Half,
        known: Mark,
        symbols: &Symbols,
    ) -> Option<Difference> {
        let mine = Mark::of(symbols.get(half.sym(Field::Accessor)));
        let differs = seen.is_of(self.device, half.part) && known.contradicts(mine);
        differs.then_some(Difference::Hash)
    }

    /// In what a record differs that repeats a part of an operation. What differs where a hash does
    /// may be no more than hashes.
    fn other_content(&self, seen: &Seen, half: &Half, hash: bool) -> Option<Difference> {
        if seen.parts & bit(half.part) == 0 {
            return None;
        }
        match seen.contents.differs(half, self.device)? {
            Difference::Content if hash => seen.contents.in_the_clear(half),
            other => Some(other),
        }
    }
}

impl Seen {
    /// Whether a record says anything that every device writes, and otherwise than was seen.
    fn differs_in_the_clear(&self, half: &Half) -> bool {
        self.contents.in_the_clear(half).is_some()
    }
}

/// What is known of a complete operation.
fn settled(seen: &Seen, known: &dyn Known) -> Option<First> {
    let mut first = known.first(seen.number)?;
    first.operation = seen.operation;
    let span = i64::from(seen.span) * 1_000_000;
    first.until = (seen.span < u16::MAX).then(|| first.at.plus_micros(span));
    if first.until.is_none() {
        // So far apart, the operation may have the time of either of its records.
        first.at = Timestamp::MIN;
    }
    Some(first)
}
