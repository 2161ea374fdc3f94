//! Logins of which two records say different things: of one id, or of one token. Nobody knows which
//! record is the server's, so that what either says of its login is suspected only.

use hashbrown::{HashMap, HashSet};

use super::{Identity, Mismatch};
use crate::model::{Confidence, Place};
use crate::table::row::half::Half;
use crate::table::row::{NONE, Sym};

/// What a fact is worth that one of two records shows.
const ONE_OF_TWO: Confidence = Confidence(70);

impl Identity {
    /// Takes the certainty from facts that a disputed login shows.
    pub(super) fn doubted(&self, facts: &mut [Mismatch]) {
        let disputed = self.disputed();
        for fact in facts.iter_mut() {
            if disputed.contains(&fact.place) {
                fact.confidence = fact.confidence.min(ONE_OF_TWO);
            }
        }
    }

    /// Where the records of such logins stand.
    fn disputed(&self) -> HashSet<Place> {
        let logins = &self.ledger.logins;
        let ids = logins.iter().map(|login| self.ledger.text(login.id));
        let twice: HashSet<&str> = ids
            .filter(|id| Half::is_set_aside(id))
            .map(Half::borne)
            .collect();
        let mut found = HashSet::new();
        let mut first: HashMap<Sym, usize> = HashMap::new();
        for (position, login) in logins.iter().enumerate() {
            if twice.contains(Half::borne(self.ledger.text(login.id))) {
                found.insert(login.place);
            }
            let given = match login.accessor {
                NONE => login.token,
                accessor => accessor,
            };
            if given == NONE {
                continue;
            }
            let handle = self.ledger.handles.found(given);
            let known = *first.entry(handle).or_insert(position);
            if known != position && !self.ledger.of_one_holder(known, position) {
                found.insert(login.place);
                found.extend(logins.get(known).map(|login| login.place));
            }
        }
        found
    }
}
