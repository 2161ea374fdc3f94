//! `[people]`: administrators, break-glass identities, bots, and who is who.

use std::collections::{BTreeMap, BTreeSet};

use super::reading::{Fields, Placed};

/// People by role and by their ids in several systems.
///
/// An entry of `admins`, `break_glass` and `bots` is a person's name, a principal id or a policy
/// name. A query matches an entry if both are the same text, if aliases make them the same person,
/// if the query is `gitlab:user/<entry>`, or if it is `vault:policy/<entry>`.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct People {
    admins: BTreeSet<String>,
    break_glass: BTreeSet<String>,
    bots: BTreeSet<String>,
    /// Principal id -> person.
    persons: BTreeMap<String, String>,
}

impl People {
    /// The person that `[people.aliases]` gives to a principal id.
    #[must_use]
    pub fn person_of(&self, principal: &str) -> Option<&str> {
        self.persons.get(&canonical(principal)).map(String::as_str)
    }

    /// The principal ids of a person, sorted.
    pub fn ids_of<'p>(&'p self, person: &'p str) -> impl Iterator<Item = &'p str> {
        self.persons
            .iter()
            .filter(move |(_, found)| *found == person)
            .map(|(id, _)| id.as_str())
    }

    /// The people that aliases name, sorted.
    pub fn persons(&self) -> impl Iterator<Item = &str> {
        let names: BTreeSet<&str> = self.persons.values().map(String::as_str).collect();
        names.into_iter()
    }

    /// Whether a principal id, person or policy is an administrator.
    #[must_use]
    pub fn is_admin(&self, who: &str) -> bool {
        self.lists(&self.admins, who)
    }

    /// Whether a principal id, person or policy is for emergencies.
    #[must_use]
    pub fn is_break_glass(&self, who: &str) -> bool {
        self.lists(&self.break_glass, who)
    }

    /// Whether a principal id, person or policy is a machine's.
    #[must_use]
    pub fn is_bot(&self, who: &str) -> bool {
        self.lists(&self.bots, who)
    }

    /// The entries of `admins`, sorted.
    pub fn admins(&self) -> impl Iterator<Item = &str> {
        self.admins.iter().map(String::as_str)
    }

    /// The entries of `break_glass`, sorted.
    pub fn break_glass(&self) -> impl Iterator<Item = &str> {
        self.break_glass.iter().map(String::as_str)
    }

    /// The entries of `bots`, sorted.
    pub fn bots(&self) -> impl Iterator<Item = &str> {
        self.bots.iter().map(String::as_str)
    }

    fn lists(&self, list: &BTreeSet<String>, who: &str) -> bool {
        let who = canonical(who);
        let bare = who
            .strip_prefix("gitlab:user/")
            .or_else(|| who.strip_prefix("vault:policy/"))
            .unwrap_or(&who);
        if list.contains(&who) || list.contains(bare) {
            return true;
        }
        let Some(person) = self.person_of(&who).or_else(|| self.person_named(&who)) else {
            return false;
        };
        list.contains(person) || self.ids_of(person).any(|id| list.contains(id))
    }

    fn person_named<'p>(&'p self, name: &str) -> Option<&'p str> {
        self.persons
            .values()
            .find(|person| *person == name)
            .map(String::as_str)
    }
}

/// E-mail addresses, and so service accounts and logins by e-mail, have no case.
fn canonical(principal: &str) -> String {
    let principal = principal.trim();
    match principal.contains('@') {
        true => principal.to_lowercase(),
        false => principal.to_owned(),
    }
}

/// Reads `[people]`.
pub(super) fn read(mut fields: Fields<'_>) -> People {
    let set = |list: Option<Vec<Placed<String>>>| {
        let list = list.unwrap_or_default();
        list.into_iter().map(|(text, _)| canonical(&text)).collect()
    };
    let mut people = People {
        admins: set(fields.strings("admins")),
        break_glass: set(fields.strings("break_glass")),
        bots: set(fields.strings("bots")),
        persons: BTreeMap::new(),
    };
    if let Some(aliases) = fields.table("aliases") {
        let document = aliases.document;
        for (person, ids) in aliases.open_lists() {
            for (id, span) in ids {
                if !id.contains(':') {
                    document.complain(
                        &span,
                        format!("alias \"{id}\" of `{person}` is no principal id"),
                        "write the system before it, e.g. \"gitlab:user/alice\"",
                    );
                    continue;
                }
                let other = people.persons.insert(canonical(&id), person.clone());
                if let Some(other) = other.filter(|other| *other != person) {
                    document.complain(
                        &span,
                        format!("\"{id}\" is an alias of both `{other}` and `{person}`"),
                        "a principal is one person; keep it under one name",
                    );
                }
            }
        }
    }
    fields.finish();
    people
}
