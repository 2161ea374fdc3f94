//! Which handles of a credential two records of one request tie together, and which ties are not
//! believed.
//!
//! Whoever writes a record chooses its id and every field. A repetition that bears the handle of
//! somebody else's token would make two tokens one, and their requests with them. But a device
//! hashes with one salt: two handles that it logged itself are two tokens, unless they were issued
//! to one holder in one moment, as a token is that goes on under a new salt.

use hashbrown::HashMap;

use super::handles::Tie;
use super::ledger::Ledger;
use crate::table::row::pairing::SameHandle;
use crate::table::row::{NONE, Sym};

/// More handles than devices and their salts can give one credential.
const MOST: usize = 64;

impl Ledger {
    /// Notes that two records of one request name its credential by two handles.
    pub fn same_handle(&mut self, pair: SameHandle<'_>) {
        let first = self.symbols.add(pair.first);
        let other = self.symbols.add(pair.other);
        let (at, place) = (pair.at, pair.place);
        self.same(Tie {
            first,
            other,
            at,
            place,
        });
    }

    /// Notes that two handles name the same credential.
    pub(super) fn same(&mut self, tie: Tie) {
        let pair = (tie.first.min(tie.other), tie.first.max(tie.other));
        if pair.0 != NONE && pair.0 != pair.1 && self.ties.known.insert(pair) {
            self.ties.read.push(tie);
        }
    }

    /// Ties what can be tied; what contradicts a device comes back. Of a record that bears the handle
    /// of another token, nothing is believed.
    pub fn tie(&mut self) -> Vec<Tie> {
        let ties = std::mem::take(&mut self.ties).read;
        let mut members: HashMap<Sym, Vec<Sym>> = HashMap::new();
        let mut refused = Vec::new();
        for record in ties.chunk_by(|one, other| one.place == other.place) {
            let apart = |tie: &&Tie| self.apart(**tie, &members);
            // The roots change with what is tied, so all of a record is asked before any of it.
            if let Some(tie) = record.iter().find(apart) {
                refused.push(*tie);
                continue;
            }
            for tie in record {
                let (one, other) = (self.handles.root(tie.first), self.handles.root(tie.other));
                if one == other {
                    continue;
                }
                let mut all = members.remove(&one).unwrap_or_else(|| vec![one]);
                all.extend(members.remove(&other).unwrap_or_else(|| vec![other]));
                self.handles.link(one, other);
                members.insert(self.handles.root(one), all);
            }
        }
        refused
    }

    /// Whether a tie would make one of what some device tells apart.
    fn apart(&self, tie: Tie, members: &HashMap<Sym, Vec<Sym>>) -> bool {
        let of = |handle: Sym| {
            let root = self.handles.found(handle);
            members.get(&root).cloned().unwrap_or_else(|| vec![root])
        };
        let (one, other) = (of(tie.first), of(tie.other));
        one.len() + other.len() > MOST
            || one.iter().any(|&one| {
                let mut other = other.iter().filter(|other| **other != one);
                other.any(|&other| self.devices.tells_apart(self.text(one), self.text(other)))
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::sample::place;
    use crate::model::Timestamp;

    #[test]
    fn what_devices_cannot_contradict_is_tied_once() {
        let mut ledger = Ledger::default();
        let [a, b, c] = ["a", "b", "c"].map(|text| ledger.symbols.add(text));
        for (first, other) in [(a, b), (b, a), (b, c), (c, c), (NONE, c)] {
            let at = Timestamp(0);
            ledger.same(Tie {
                first,
                other,
                at,
                place: place(1),
            });
        }
        assert_eq!(ledger.ties.read.len(), 2);
        assert_eq!(ledger.tie(), []);
        assert_eq!(ledger.handles.root(c), ledger.handles.root(a));
    }
}
