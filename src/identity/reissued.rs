//! One token that two logins hand out. A server gives every login a token of its own, so one of
//! the two records is not the server's; none of them is believed.

use hashbrown::HashMap;

use super::handles::Tie;
use super::ledger::{Ledger, Login};
use super::resolve::Identity;
use crate::model::{Place, Timestamp, id};
use crate::table::row::{NONE, Sym};

/// A login whose token an earlier one had handed out to somebody else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reissued {
    /// The token.
    pub credential: String,
    /// The login that came second, or the other token that is said to be this one.
    pub login: String,
    /// When the first was.
    pub first_at: Timestamp,
    /// When this one was.
    pub at: Timestamp,
    /// Where this one was read.
    pub place: Place,
}

impl Identity {
    /// All of them, in the order of the logs.
    #[must_use]
    pub fn reissued(&mut self, names: &HashMap<Sym, String>) -> Vec<Reissued> {
        let mut first: HashMap<Sym, usize> = HashMap::new();
        let mut found = Vec::new();
        for position in 0..self.ledger.logins.len() {
            let handle = self.ledger.issued(position);
            if handle == NONE {
                continue;
            }
            let known = *first.entry(handle).or_insert(position);
            let logins = &self.ledger.logins;
            let (Some(one), Some(other)) = (logins.get(known), logins.get(position)) else {
                continue;
            };
            if known != position && !self.ledger.of_one_holder(known, position) {
                found.push(Reissued {
                    credential: self.credential_id(handle, names),
                    login: id::vault_login(self.ledger.text(other.id)),
                    first_at: one.at,
                    at: other.at,
                    place: other.place,
                });
            }
        }
        found
    }

    /// A record that bears the id of another and names somebody else's token.
    #[must_use]
    pub fn untied(&self, tie: &Tie, names: &HashMap<Sym, String>) -> Reissued {
        let of = |handle| self.credential_id(self.ledger.handles.found(handle), names);
        Reissued {
            credential: of(tie.first),
            login: of(tie.other),
            first_at: tie.at,
            at: tie.at,
            place: tie.place,
        }
    }
}

impl Ledger {
    /// Whether two logins are of one holder: the same mount, role, entity, name and metadata.
    pub(super) fn of_one_holder(&self, one: usize, other: usize) -> bool {
        let (Some(one), Some(other)) = (self.logins.get(one), self.logins.get(other)) else {
            return false;
        };
        let holder = |login: &Login| {
            let Login {
                namespace,
                mount,
                role,
                entity,
                display_name,
                ..
            } = *login;
            [namespace, mount, role, entity, display_name]
        };
        let entries = |login: &Login| {
            let entries = self.symbols.entries(login.metadata);
            let mut entries: Vec<(&str, &str)> = entries.collect();
            entries.sort_unstable();
            entries
        };
        holder(one) == holder(other) && entries(one) == entries(other)
    }
}

#[cfg(test)]
mod tests {
    use crate::identity::sample::{Sample, World};

    #[test]
    fn a_login_repeated_under_another_id_hides_no_request() {
        for (git_ref, joined) in [("main", true), ("other", false)] {
            let mut sample = Sample::default();
            for (at, git_ref) in [(61, git_ref), (60, "main")] {
                sample.login("one", "auth/gitlab/", at, "10.1.0.1", &[("ref", git_ref)]);
            }
            let op = sample.request("r", "one", 62);
            let world = World::default();
            let mut identity = sample.join(&world);
            let login = identity.session(op).map(|session| session.login);
            assert_eq!(login, joined.then_some(1), "{git_ref}");
            let told = identity.reissued(&hashbrown::HashMap::new());
            assert_eq!(told.is_empty(), joined, "{git_ref}");
        }
    }
}
