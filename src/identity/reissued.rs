//! One token that two logins hand out. A server gives every login a token of its own, so one of
//! the two records is not the server's; none of them is believed.

use std::collections::BTreeMap;

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
    /// Whether the holders differ only in what one of the records does not say.
    pub lacks: bool,
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
                    lacks: self.ledger.may_be_one_holder(known, position),
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
            lacks: false,
        }
    }
}

impl Ledger {
    /// Whether two logins are of one holder: the same mount, role, entity, name and metadata.
    pub(super) fn of_one_holder(&self, one: usize, other: usize) -> bool {
        let (Some(one), Some(other)) = (self.logins.get(one), self.logins.get(other)) else {
            return false;
        };
        holder(one) == holder(other) && self.metadata(one) == self.metadata(other)
    }

    /// Whether two logins differ only in what one of them does not say: its record may have lost it.
    fn may_be_one_holder(&self, one: usize, other: usize) -> bool {
        let (Some(one), Some(other)) = (self.logins.get(one), self.logins.get(other)) else {
            return false;
        };
        let mut fields = holder(one).into_iter().zip(holder(other));
        let (one, other) = (self.metadata(one), self.metadata(other));
        let kept = |key: &str, value: &str| other.get(key).is_none_or(|known| *known == value);
        fields.all(|(one, other)| one == other || one == NONE || other == NONE)
            && one.iter().all(|(key, value)| kept(key, value))
    }

    fn metadata(&self, login: &Login) -> BTreeMap<&str, &str> {
        self.symbols.entries(login.metadata).collect()
    }
}

/// Mount, role, entity and name of a login.
fn holder(login: &Login) -> [Sym; 5] {
    let Login {
        namespace,
        mount,
        role,
        entity,
        display_name,
        ..
    } = *login;
    [namespace, mount, role, entity, display_name]
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

    #[test]
    fn a_login_that_lacks_a_key_may_be_of_the_same_holder_and_one_that_says_another_is_not() {
        let whole = [("job_id", "7"), ("ref", "main")];
        for (second, lacks) in [
            (&whole[1..], true),
            (&[("job_id", "8"), ("ref", "main")], false),
        ] {
            let mut sample = Sample::default();
            sample.login("one", "auth/gitlab/", 60, "10.1.0.1", &whole);
            sample.login("one", "auth/gitlab/", 61, "10.1.0.1", second);
            let world = World::default();
            let mut identity = sample.join(&world);
            let told = identity.reissued(&hashbrown::HashMap::new());
            let told: Vec<bool> = told.iter().map(|found| found.lacks).collect();
            assert_eq!(told, [lacks]);
        }
    }
}
