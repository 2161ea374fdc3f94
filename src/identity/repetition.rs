//! What the ledger makes of a record that repeats one it has.

use super::handles::Tie;
use super::ledger::Ledger;
use crate::table::row::NONE;
use crate::table::row::Translated;
use crate::table::row::half::Field;
use crate::table::row::pairing::Known;
use crate::table::row::repeat::{First, Mark};

impl Known for Ledger {
    fn first(&self, number: u32) -> Option<First> {
        let op = self.ops.get(number as usize)?;
        Some(First {
            at: op.at,
            until: None,
            kind: op.kind,
            outcome: op.outcome,
            operation: Mark::default(),
            path: op.path,
            principal: Mark::of(self.text(op.principal)),
            accessor: Mark::of(self.text(op.accessor)),
            address: Mark::of(self.text(op.address)),
        })
    }

    fn is_another(&self, number: u32, accessor: &str) -> bool {
        let op = self.ops.get(number as usize);
        op.is_some_and(|op| self.tells_apart(self.text(op.accessor), accessor))
    }

    fn tells_apart(&self, one: &str, other: &str) -> bool {
        self.devices.tells_apart(one, other)
    }
}

impl Ledger {
    /// Takes a repetition of operation `number` as another device logged it.
    pub fn duplicate(&mut self, number: u32, mut said: Translated<'_>) {
        let Some(op) = self.ops.get(number as usize).copied() else {
            return;
        };
        let login = self
            .logins
            .binary_search_by_key(&number, |login| login.op)
            .ok();
        let login = login.and_then(|index| self.logins.get(index));
        let issued = login.map_or((NONE, NONE), |login| (login.accessor, login.token));
        let wraps = self
            .wrappings
            .binary_search_by_key(&number, |wraps| wraps.op);
        let wraps = wraps.ok().and_then(|index| self.wrappings.get(index));
        let wraps = wraps.map_or((NONE, NONE), |wraps| (wraps.accessor, wraps.token));
        let mut get = |field| said.text(field, &mut self.symbols);
        let pairs = [
            (op.accessor, get(Field::Accessor)),
            (op.token, get(Field::Token)),
            (issued.0, get(Field::IssuedAccessor)),
            (issued.1, get(Field::IssuedToken)),
            (wraps.0, get(Field::WrappingAccessor)),
            (wraps.1, get(Field::WrappingToken)),
        ];
        let (at, place) = (said.at(), said.place());
        for (first, other) in pairs {
            self.same(Tie {
                first,
                other,
                at,
                place,
            });
        }
        self.hands_out(pairs[2].1, pairs[3].1);
    }
}
