//! E-mail addresses that two users of GitLab claim: neither is told by one.
//!
//! Whoever writes a list of users beside the real one gives his own address to an administrator. An
//! address is of one user at a time; a user who was renamed keeps his number with it.

use std::collections::{BTreeMap, BTreeSet};

use super::repeated_job::{JobConflict, JobDifference};
use crate::model::{Attribute, Place};

/// Kind of a user, and the attribute that ties him to other systems.
const USER: &str = "gitlab-user";
const EMAIL: &str = "email";
/// What the attribute is called where another user claims the same.
const DISPUTED: &str = "disputed_email";

/// Takes the addresses that several users claim from all of them; says which records do.
pub(super) fn disputed(attributes: &mut [Attribute]) -> Vec<JobConflict> {
    let mut numbers: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    let mut claims: BTreeMap<String, BTreeMap<&str, Place>> = BTreeMap::new();
    for said in attributes.iter().filter(|said| said.kind == USER) {
        if said.name == "id" {
            numbers.entry(&said.object).or_default().insert(&said.value);
        } else if said.name == EMAIL {
            let claim = claims.entry(said.value.to_lowercase()).or_default();
            let place = claim.entry(&said.object).or_insert(said.place);
            *place = said.place.min(*place);
        }
    }
    let one = |users: &BTreeMap<&str, Place>| {
        let mut all = users.keys().map(|user| numbers.get(user));
        let first = all.next().flatten();
        users.len() < 2 || (first.is_some_and(|it| it.len() == 1) && all.all(|it| it == first))
    };
    claims.retain(|_, users| !one(users));
    let mut conflicts = Vec::new();
    for users in claims.values() {
        let mut by_place: Vec<(&&str, &Place)> = users.iter().collect();
        by_place.sort_by_key(|(_, place)| **place);
        conflicts.extend(
            by_place
                .into_iter()
                .skip(1)
                .map(|(user, place)| JobConflict {
                    id: (*user).to_owned(),
                    difference: JobDifference::Address,
                    first_at: None,
                    at: None,
                    place: *place,
                }),
        );
    }
    let claims: BTreeSet<String> = claims.into_keys().collect();
    for said in attributes.iter_mut() {
        if said.kind == USER && said.name == EMAIL && claims.contains(&said.value.to_lowercase()) {
            DISPUTED.clone_into(&mut said.name);
        }
    }
    conflicts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Digest, FileId};

    /// Which addresses are still of somebody, and who claims another's.
    fn of(users: &[(&str, &str, &str)]) -> (Vec<String>, Vec<String>) {
        let mut attributes = Vec::new();
        for (line, (name, id, email)) in (1..).zip(users) {
            let mut say = |name_of: &str, value: &str| {
                attributes.push(Attribute {
                    kind: USER,
                    object: format!("gitlab:user/{name}"),
                    name: name_of.to_owned(),
                    value: value.to_owned(),
                    valid_from: None,
                    place: Place {
                        file: FileId(0),
                        line,
                        byte: 0,
                        sha256: Digest([0; 32]),
                    },
                });
            };
            say("id", id);
            say(EMAIL, email);
        }
        let conflicts = disputed(&mut attributes);
        let own = attributes.into_iter().filter(|said| said.name == EMAIL);
        (
            own.map(|said| said.value).collect(),
            conflicts.into_iter().map(|found| found.id).collect(),
        )
    }

    #[test]
    fn an_address_that_two_users_claim_is_neithers() {
        let (ada, emil) = (("ada", "1", "ada@x"), ("emil", "5", "emil@x"));
        for forged in [
            ("ada", "1", "Emil@x"),
            ("ada", "5", "emil@x"),
            ("eve", "9", "emil@x"),
        ] {
            let (own, told) = of(&[ada, emil, forged]);
            assert_eq!(own, ["ada@x"], "{forged:?}");
            assert_eq!(told, [format!("gitlab:user/{}", forged.0)], "{forged:?}");
        }
    }

    #[test]
    fn a_user_who_was_renamed_or_stands_in_two_lists_keeps_his_address() {
        for again in [("emil", "5", "emil@x"), ("emil.k", "5", "emil@x")] {
            let (own, told) = of(&[("emil", "5", "emil@x"), again]);
            assert_eq!((own.len(), told.len()), (2, 0), "{again:?}");
        }
    }
}
