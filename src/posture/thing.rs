//! Attributes of configured things, by kind and object.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{Attribute, FileId, Place};

/// An object, the file that states it, and where in it the statement begins.
type Key<'c> = (&'c str, FileId, u64);

/// Configured things: the attributes of one object in one statement.
///
/// An object that two files state (a Terraform plan and an export) is two things with one id; a
/// finding about it merges both as evidence.
#[derive(Debug, Default)]
pub struct Things<'c> {
    by_kind: BTreeMap<&'c str, BTreeMap<Key<'c>, Vec<&'c Attribute>>>,
}

/// One configured thing.
#[derive(Clone, Copy, Debug)]
pub struct Thing<'t> {
    /// Its id, a URI.
    pub object: &'t str,
    attributes: &'t [&'t Attribute],
}

/// How the kinds begin of which one record says all: two of a file are two statements, not one of
/// twice as much.
const WHOLE: &str = "vault-";

/// Leaves of statements of one file that are the same the first.
fn once(objects: &mut BTreeMap<Key<'_>, Vec<&Attribute>>) {
    let mut of = ("", FileId(0));
    let mut known = BTreeSet::new();
    objects.retain(|(object, file, _), own| {
        if of != (*object, *file) {
            of = (object, *file);
            known.clear();
        }
        let says = own
            .iter()
            .map(|one| (one.name.as_str(), one.value.as_str()));
        known.insert(says.collect::<Vec<_>>())
    });
}

impl<'c> Things<'c> {
    /// Indexes attributes; those of one name keep their order.
    #[must_use]
    pub fn new(attributes: &'c [Attribute]) -> Things<'c> {
        let mut by_kind: BTreeMap<_, BTreeMap<_, Vec<&Attribute>>> = BTreeMap::new();
        for attribute in attributes {
            let place = attribute.place;
            let statement = match attribute.kind.starts_with(WHOLE) {
                true => place.byte,
                false => 0,
            };
            let key = (attribute.object.as_str(), place.file, statement);
            let objects = by_kind.entry(attribute.kind).or_default();
            objects.entry(key).or_default().push(attribute);
        }
        by_kind.values_mut().for_each(once);
        Things { by_kind }
    }

    /// The things of a kind, by object, file and statement.
    pub fn of(&self, kind: &str) -> impl Iterator<Item = Thing<'_>> {
        let objects = self.by_kind.get(kind);
        objects
            .into_iter()
            .flatten()
            .map(|((object, ..), attributes)| Thing { object, attributes })
    }

    /// The things of a kind and id, one per statement of it.
    pub fn named<'t>(&'t self, kind: &str, object: &'t str) -> impl Iterator<Item = Thing<'t>> {
        let within = (object, FileId(0), 0)..=(object, FileId(u32::MAX), u64::MAX);
        let objects = self.by_kind.get(kind);
        let found = objects
            .into_iter()
            .flat_map(move |all| all.range(within.clone()));
        found.map(|((object, ..), attributes)| Thing { object, attributes })
    }

    /// Whether there is anything whose kind begins so: `vault-`, `gitlab-`.
    #[must_use]
    pub fn speak_of(&self, kinds: &str) -> bool {
        self.by_kind.keys().any(|kind| kind.starts_with(kinds))
    }

    /// Whether there is any thing of a kind.
    #[must_use]
    pub fn has(&self, kind: &str) -> bool {
        self.by_kind.contains_key(kind)
    }
}

impl<'t> Thing<'t> {
    /// The first value of an attribute.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<&'t str> {
        self.values(name).next()
    }

    /// Every value of an attribute.
    pub fn values<'n>(&self, name: &'n str) -> impl Iterator<Item = &'t str> + use<'t, 'n> {
        let named = self
            .attributes
            .iter()
            .filter(move |found| found.name == name);
        named.map(|found| found.value.as_str())
    }

    /// Names and values of the attributes whose name begins with `prefix`, which is left out.
    pub fn below<'n>(
        &self,
        prefix: &'n str,
    ) -> impl Iterator<Item = (&'t str, &'t str)> + use<'t, 'n> {
        self.attributes.iter().filter_map(move |found| {
            let name = found.name.strip_prefix(prefix)?;
            Some((name, found.value.as_str()))
        })
    }

    /// Whether an attribute is there.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.value(name).is_some()
    }

    /// A whole number.
    #[must_use]
    pub fn number(&self, name: &str) -> Option<i64> {
        self.value(name)?.parse().ok()
    }

    /// Whether a switch is on.
    #[must_use]
    pub fn is_true(&self, name: &str) -> bool {
        self.value(name) == Some("true")
    }

    /// Every attribute, as read.
    #[must_use]
    pub fn attributes(&self) -> &'t [&'t Attribute] {
        self.attributes
    }

    /// Where an attribute was read; the thing's first place where it has none of that name.
    #[must_use]
    pub fn place_of(&self, name: &str) -> Option<Place> {
        let named = self.attributes.iter().find(|found| found.name == name);
        named.map(|found| found.place).or_else(|| self.place())
    }

    /// Where the thing was read first.
    #[must_use]
    pub fn place(&self) -> Option<Place> {
        self.attributes.iter().map(|found| found.place).min()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Place;

    fn says(byte: u64, name: &str, value: &str) -> Attribute {
        Attribute {
            kind: "vault-role",
            object: "vault:role/gitlab/app".to_owned(),
            name: name.to_owned(),
            value: value.to_owned(),
            valid_from: None,
            place: Place {
                byte,
                ..Place::of_line(1)
            },
        }
    }

    #[test]
    fn a_role_that_a_file_states_twice_has_no_more_audiences_for_it() {
        let named = |byte| says(byte, "name", "app");
        let bound = |byte, audience| says(byte, "bound_audiences", audience);
        let all = [
            named(0),
            bound(0, "https://a"),
            named(90),
            bound(90, "https://a"),
            named(180),
            bound(180, "https://b"),
        ];
        let things = Things::new(&all);
        let audiences: Vec<Vec<&str>> = things
            .of("vault-role")
            .map(|role| role.values("bound_audiences").collect())
            .collect();
        assert_eq!(audiences, [["https://a"], ["https://b"]]);
    }
}
