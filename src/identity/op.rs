//! Every operation of a run, 32 bytes each.

use crate::model::{EventKind, Outcome, System, Timestamp};
use crate::table::row::Sym;
use crate::table::row::repeat::Mark;

/// One operation, as far as joins need it. Texts are numbers in [`super::Ledger::symbols`].
#[derive(Clone, Copy, Debug)]
pub struct Op {
    /// When it began.
    pub at: Timestamp,
    /// Accessor of the caller's token.
    pub accessor: Sym,
    /// Hash of the caller's token.
    pub token: Sym,
    /// Where it came from.
    pub address: Sym,
    /// The caller's entity (Vault) or principal (Google).
    pub principal: Sym,
    /// Kind.
    pub kind: EventKind,
    /// How it ended.
    pub outcome: Outcome,
    /// System.
    pub system: System,
    /// Namespace and path, to tell a repetition from what only bears its id.
    pub path: Mark,
}

/// How many operations lie in one page.
const PAGE: usize = 1 << 14;

/// Operations by number, in pages that are never moved: in one list they would all stand there twice
/// whenever it grows.
#[derive(Debug, Default)]
pub struct Ops {
    /// Full but for the last.
    pages: Vec<Vec<Op>>,
}

impl Ops {
    /// Puts one behind all others.
    pub fn push(&mut self, op: Op) {
        match self.pages.last_mut() {
            Some(page) if page.len() < PAGE => page.push(op),
            _ => {
                let mut page = Vec::with_capacity(PAGE);
                page.push(op);
                self.pages.push(page);
            }
        }
    }

    /// The operation of a number.
    #[must_use]
    pub fn get(&self, number: usize) -> Option<&Op> {
        self.pages.get(number / PAGE)?.get(number % PAGE)
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        let full = self.pages.len().saturating_sub(1) * PAGE;
        full + self.pages.last().map_or(0, Vec::len)
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.pages.is_empty()
    }

    /// All of them by number.
    pub fn iter(&self) -> impl Iterator<Item = &Op> {
        self.pages.iter().flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operations_keep_their_numbers_over_pages() {
        let mut ops = Ops::default();
        assert!(ops.is_empty() && ops.get(0).is_none());
        let count = PAGE * 2 + 3;
        for number in 0..count {
            ops.push(Op {
                at: Timestamp(number as i64),
                accessor: 0,
                token: 0,
                address: 0,
                principal: 0,
                kind: EventKind::Request,
                outcome: Outcome::Allowed,
                system: System::Vault,
                path: Mark::default(),
            });
        }
        assert_eq!(ops.len(), count);
        let times: Vec<i64> = ops.iter().map(|op| op.at.0).collect();
        assert_eq!(times, (0..count as i64).collect::<Vec<_>>());
        for number in [0, PAGE - 1, PAGE, 2 * PAGE, count - 1] {
            assert_eq!(ops.get(number).map(|op| op.at.0), Some(number as i64));
        }
        assert!(ops.get(count).is_none());
    }
}
