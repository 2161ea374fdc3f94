//! Which handles name the same credential.
//!
//! Every audit device hashes with its own salt, so one token has as many accessor hashes as there
//! are devices. Two devices' records of the same request tie the hashes together.

use hashbrown::{HashMap, HashSet};

use crate::model::{Place, Timestamp};
use crate::table::row::Sym;

/// Two handles that are of one credential, as a repetition says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tie {
    /// The handle in the record that came first.
    pub first: Sym,
    /// The handle in its repetition.
    pub other: Sym,
    /// When the repetition was written.
    pub at: Timestamp,
    /// Where it was read.
    pub place: Place,
}

/// The ties that were read, each once, in the order of the logs.
#[derive(Debug, Default)]
pub(super) struct Ties {
    pub(super) known: HashSet<(Sym, Sym)>,
    pub(super) read: Vec<Tie>,
}

/// A union-find over handles.
#[derive(Debug, Default)]
pub struct Handles {
    parent: HashMap<Sym, Sym>,
}

impl Handles {
    /// Says that two handles name the same credential.
    pub fn link(&mut self, one: Sym, other: Sym) {
        let (one, other) = (self.root(one), self.root(other));
        if one != other {
            // The smaller number came first: roots do not depend on the order of links.
            self.parent.insert(one.max(other), one.min(other));
        }
    }

    /// The handle that stands for all that name the same credential.
    pub fn root(&mut self, handle: Sym) -> Sym {
        let root = self.found(handle);
        let mut at = handle;
        while at != root {
            at = self.parent.insert(at, root).unwrap_or(root);
        }
        root
    }

    /// Shortens every way, once all is linked: [`Handles::found`] takes one step from then on.
    pub fn shorten(&mut self) {
        for handle in self.linked() {
            self.root(handle);
        }
    }

    /// As [`Handles::root`], without shortening the way.
    #[must_use]
    pub fn found(&self, handle: Sym) -> Sym {
        let mut root = handle;
        while let Some(&above) = self.parent.get(&root) {
            root = above;
        }
        root
    }

    /// All handles that were ever linked, in order of their numbers.
    pub fn linked(&self) -> Vec<Sym> {
        let mut all: Vec<Sym> = self
            .parent
            .iter()
            .flat_map(|(&low, &high)| [low, high])
            .collect();
        all.sort_unstable();
        all.dedup();
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_transitive_and_order_does_not_matter() {
        for links in [[(3, 2), (2, 1), (9, 3)], [(9, 3), (1, 2), (3, 2)]] {
            let mut handles = Handles::default();
            links
                .iter()
                .for_each(|&(one, other)| handles.link(one, other));
            assert_eq!([1, 2, 3, 9].map(|handle| handles.root(handle)), [1; 4]);
            assert_eq!(handles.root(7), 7);
        }
    }
}
