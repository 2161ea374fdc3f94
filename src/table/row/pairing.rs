//! Makes one operation of its records: request and response, first and last, pieces, duplicates.
//!
//! Kept of every operation: its key, which parts were seen and what they said; on a shelf, where there
//! is one, but for the latest. A record that waits for its partner is kept whole; partners stand next
//! to each other in all but the first and last lines of a file.

use std::collections::BTreeMap;
use std::io;

use hashbrown::HashMap;

use super::Symbols;
use super::half::{Field, Half};
use super::one_seen::{WAITING, bit};
pub use super::paired::{Conflict, Known, Lone, Operation, Paired, SameHandle};
use super::parts::Parts;
use super::repeat::{Difference, operation_mark};
use super::seen::AllSeen;
pub use super::seen_pages::Shelf;
use crate::model::{AuditDevice, Outcome, Part, System, Timestamp};

/// Under which key a record stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// Its own: nobody with the same id contradicts it.
    Own,
    /// With those of the same id that do the same to the same.
    Matter,
    /// Alone: equal records only.
    Alone,
}

/// Where records wait for their partners.
#[derive(Debug, Default)]
pub struct Pairing {
    pub(super) seen: AllSeen,
    pub(super) waiting: HashMap<u128, Waiting>,
    /// Keys that began to wait in the current block.
    fresh: Vec<u128>,
    /// Records whose partner their own device has not logged so far.
    open: BTreeMap<(u8, u128), Lone>,
    pub(super) device: u8,
    /// Time of the last operation whose halves agreed.
    clock: Option<Timestamp>,
}

/// How far the halves of one request may lie apart, in microseconds: Vault ends a request after 90
/// seconds unless told otherwise.
const LONGEST: i64 = 86_400_000_000;

#[derive(Debug)]
pub(super) struct Waiting {
    pub(super) halves: Vec<Half>,
    /// `None` while the texts are in the current block's dictionary.
    pub(super) symbols: Option<Symbols>,
}

impl Pairing {
    /// Pairing that puts away on a shelf what it keeps of operations, but for the `pages` that were
    /// asked for last, of 1,024 each.
    #[must_use]
    pub fn shelving(shelf: Box<dyn Shelf>, pages: usize) -> Pairing {
        Pairing {
            seen: AllSeen::shelving(shelf, pages),
            ..Pairing::default()
        }
    }

    /// What went wrong with the shelf: what was kept is not known any more, and nothing that was paired
    /// since can be believed.
    pub fn fault(&mut self) -> Option<io::Error> {
        self.seen.fault()
    }

    /// Takes the records of one block of `device` in order; returns how many of each system were
    /// duplicates.
    pub fn block(
        &mut self,
        device: u8,
        halves: Vec<Half>,
        symbols: &mut Symbols,
        to: &mut impl Paired,
    ) -> BTreeMap<System, u64> {
        self.device = device.min(15);
        let mut duplicates = BTreeMap::new();
        for half in halves {
            let system = half.system;
            if self.record(half, symbols, to) {
                *duplicates.entry(system).or_default() += 1;
            }
        }
        for key in self.fresh.drain(..) {
            if let Some(waiting) = self.waiting.get_mut(&key)
                && waiting.symbols.is_none()
            {
                let mut own = Symbols::new();
                waiting
                    .halves
                    .iter_mut()
                    .for_each(|half| half.translate(symbols, &mut own));
                waiting.symbols = Some(own);
            }
        }
        duplicates
    }

    /// Gives up waiting: what has no partner becomes an operation by itself, in file order.
    pub fn finish(&mut self, to: &mut impl Paired) {
        for ((device, key), mut lone) in std::mem::take(&mut self.open) {
            let logged = self.seen.get(key).map_or(0, |seen| seen.devices);
            lone.elsewhere = (0..16).any(|device: u32| logged >> (device * 2) & 3 == 3);
            to.lone(device, &lone);
        }
        let mut rest: Vec<(u128, Waiting)> = self.waiting.drain().collect();
        rest.sort_by_key(|(_, waiting)| waiting.halves.first().map(|half| half.place));
        for (key, waiting) in rest {
            let symbols = waiting.symbols.unwrap_or_default();
            if let Some(operation) = self.merged(waiting.halves) {
                let (transient, span) = (operation.half.transient, operation.span);
                let number = to.operation(operation, &symbols);
                self.settle(key, number, transient, span);
            }
        }
    }

    /// What each audit device of Vault has of the requests that any of them has, by its number.
    /// Devices beyond the sixteenth are counted as one.
    #[must_use]
    pub fn devices(&self) -> [AuditDevice; 16] {
        let mut all: [AuditDevice; 16] = Default::default();
        self.seen.each(|seen| {
            let logged = seen.devices;
            if logged == 0 {
                return;
            }
            for (number, device) in (0_u32..).zip(&mut all) {
                let own = logged & (3 << (number * 2));
                *match own >> (number * 2) {
                    0 => &mut device.absent,
                    1 => &mut device.request_only,
                    2 => &mut device.response_only,
                    _ => &mut device.both,
                } += 1;
                device.alone += u64::from(own != 0 && own == logged);
            }
        });
        all
    }

    /// Takes one record; returns whether it was a duplicate.
    ///
    /// A record that contradicts what its id is known for is put beside it under a name of its own;
    /// its partner, which contradicts it likewise, finds it there.
    fn record(&mut self, mut half: Half, symbols: &mut Symbols, to: &mut impl Paired) -> bool {
        let (mut standing, mut found) = (Standing::Own, None);
        while let Some((difference, first_at)) = self.contradiction(standing, &half, symbols, to) {
            found = found.or(Some((difference, first_at, half.sym(Field::Id))));
            standing = match standing {
                Standing::Own => Standing::Matter,
                Standing::Matter | Standing::Alone => Standing::Alone,
            };
            half.set_aside(standing == Standing::Alone, symbols);
        }
        let told = found.filter(|(difference, ..)| is_told(&half, *difference));
        let conflict = told.map(|(difference, first_at, id)| Conflict {
            system: half.system,
            id: symbols.get(id).to_owned(),
            kept_as: symbols.get(half.sym(Field::Id)).to_owned(),
            difference,
            first_at,
            at: half.at,
            place: half.place,
        });
        let duplicate = self.take(half, symbols, to);
        if let Some(conflict) = conflict.filter(|_| !duplicate) {
            to.conflict(conflict);
        }
        duplicate
    }

    /// Takes one record under its key; returns whether it was a duplicate.
    fn take(&mut self, half: Half, symbols: &mut Symbols, to: &mut impl Paired) -> bool {
        let key = half.key;
        let bit = bit(half.part);
        let device = self.device;
        let operation = operation_mark(&half, symbols);
        let (place, mut seen) = self.seen.enter(key, operation);
        if matches!(half.part, Part::Request | Part::Response) && !half.transient {
            let own = u32::from(device) * 2;
            seen.devices |= u32::from(bit >> 1) << own;
            let both = seen.devices >> own & 3 == 3;
            open_or_close(&mut self.open, (device, both), &half, symbols);
        }
        let repeated = seen.parts & bit != 0;
        if !repeated {
            seen.parts |= bit;
            seen.contents.keep(&half, device);
        }
        self.seen.keep(key, place, seen);
        if repeated {
            self.repeat(seen.number, &half, symbols, to);
            return true;
        }
        let (part, transient) = (half.part, half.transient);
        if part == Part::Whole {
            let number = to.operation(
                Operation {
                    half,
                    parts: Parts::Whole,
                    records: 1,
                    span: 0,
                },
                symbols,
            );
            self.settle(key, number, transient, 0);
            return false;
        }
        let waiting = self.waiting.entry(key).or_insert_with(|| Waiting {
            halves: Vec::new(),
            symbols: None,
        });
        if let Some(own) = waiting.symbols.take() {
            waiting
                .halves
                .iter_mut()
                .for_each(|half| half.translate(&own, symbols));
        }
        waiting.halves.push(half);
        self.fresh.push(key);
        if !is_complete(part, &waiting.halves) {
            return false;
        }
        if let Some(waiting) = self.waiting.remove(&key)
            && let Some(operation) = self.merged(waiting.halves)
        {
            let span = operation.span;
            let number = to.operation(operation, symbols);
            self.settle(key, number, transient, span);
        }
        false
    }

    /// One operation of its records, at a time that both can be of.
    fn merged(&mut self, halves: Vec<Half>) -> Option<Operation> {
        let pair = halves
            .iter()
            .all(|half| matches!(half.part, Part::Request | Part::Response));
        let times = halves.iter().map(|half| half.at);
        let (first, last) = (times.clone().min()?, times.max()?);
        let mut operation = merge(halves)?;
        if pair && last.0.saturating_sub(first.0) > LONGEST {
            let far = |at: Timestamp| self.clock.map_or(0, |clock| at.0.abs_diff(clock.0));
            let nearer = if far(last) < far(first) { last } else { first };
            operation.half.at = nearer;
        } else if pair {
            self.clock = Some(operation.half.at);
        }
        Some(operation)
    }

    fn settle(&mut self, key: u128, number: u32, transient: bool, span: u16) {
        if transient {
            self.seen.forget(key);
        } else {
            self.seen.settle(key, number, span);
        }
    }

    /// A repetition adds no operation, but may name the same token under another salt.
    fn repeat(&mut self, number: u32, half: &Half, symbols: &Symbols, to: &mut impl Paired) {
        if number != WAITING {
            to.duplicate(number, half, symbols);
            return;
        }
        let Some(waiting) = self.waiting.get(&half.key) else {
            return;
        };
        let theirs = waiting.symbols.as_ref().unwrap_or(symbols);
        for first in waiting
            .halves
            .iter()
            .filter(|first| first.part == half.part)
        {
            for (mine, other) in HANDLES.map(|field| (first.sym(field), half.sym(field))) {
                let pair = SameHandle {
                    first: theirs.get(mine),
                    other: symbols.get(other),
                    at: half.at,
                    place: half.place,
                };
                if !pair.first.is_empty() && !pair.other.is_empty() && pair.first != pair.other {
                    to.same_handle(pair);
                }
            }
        }
    }
}

/// The fields that name a credential.
pub const HANDLES: [Field; 5] = [
    Field::Accessor,
    Field::Token,
    Field::IssuedAccessor,
    Field::IssuedToken,
    Field::WrappingAccessor,
];

fn is_complete(part: Part, halves: &[Half]) -> bool {
    match part {
        Part::Split { total, .. } => halves.len() >= usize::from(total),
        _ => halves.len() >= 2,
    }
}

/// One operation of its records. The fuller record leads: the response repeats the request, the
/// first entry of a Google operation names the caller, the first piece of a split one the rest.
fn merge(mut halves: Vec<Half>) -> Option<Operation> {
    halves.sort_by_key(|half| (rank(half.part), half.place));
    let (parts, records) = (Parts::of(&halves), halves.len());
    let times = || halves.iter().map(|half| half.at.0);
    let span = times().max()?.saturating_sub(times().min()?);
    let span = u16::try_from(span.saturating_add(999_999) / 1_000_000).unwrap_or(u16::MAX);
    let mut rest = halves.into_iter();
    let mut lead = rest.next()?;
    for other in rest {
        if lead.part == Part::First && other.part == Part::Last {
            // The last entry alone knows how a long-running operation ended.
            if other.outcome != Outcome::Unknown && lead.outcome != Outcome::Denied {
                lead.outcome = other.outcome;
            }
            lead.status = other.status.or(lead.status);
        }
        if lead.part == Part::Response
            && other.part == Part::Request
            && other.outcome == Outcome::Denied
        {
            // The answer may word a denial as a bad request; the request's record says what it is.
            lead.outcome = Outcome::Denied;
            lead.texts[Field::Error as usize] = other.texts[Field::Error as usize];
        }
        lead.complete_from(&other);
    }
    Some(Operation {
        half: lead,
        parts,
        records,
        span,
    })
}

fn rank(part: Part) -> u16 {
    match part {
        Part::Whole | Part::Response | Part::First => 0,
        Part::Request | Part::Last => 1,
        Part::Split { index, .. } => index,
    }
}

/// Notes a half whose other half its device has not logged so far, or that it has `both`: the same
/// half again, as whoever ships a log twice writes it, is no other half.
fn open_or_close(
    open: &mut BTreeMap<(u8, u128), Lone>,
    (device, both): (u8, bool),
    half: &Half,
    symbols: &Symbols,
) {
    if both {
        open.remove(&(device, half.key));
        return;
    }
    open.entry((device, half.key)).or_insert_with(|| Lone {
        part: half.part,
        at: half.at,
        path: symbols.get(half.sym(Field::Path)).to_owned(),
        place: half.place,
        elsewhere: false,
    });
}

/// Whether a difference is told, not only kept. Google's insert ids are unique among the entries
/// of one time and log, and the last entry of a long operation may name another resource.
fn is_told(half: &Half, difference: Difference) -> bool {
    half.system != System::Gcp || (half.part == Part::Whole && difference != Difference::Time)
}

#[cfg(test)]
#[path = "pairing_tests.rs"]
pub(super) mod tests;
