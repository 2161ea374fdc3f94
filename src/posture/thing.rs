//! Attributes of configured things, by kind and object.

use std::collections::BTreeMap;

use crate::model::{Attribute, FileId, Place};

/// Configured things: the attributes of one object in one file.
///
/// An object that two files state (a Terraform plan and an export) is two things with one id; a
/// finding about it merges both as evidence.
#[derive(Debug, Default)]
pub struct Things<'c> {
    by_kind: BTreeMap<&'c str, BTreeMap<(&'c str, FileId), Vec<&'c Attribute>>>,
}

/// One configured thing.
#[derive(Clone, Copy, Debug)]
pub struct Thing<'t> {
    /// Its id, a URI.
    pub object: &'t str,
    attributes: &'t [&'t Attribute],
}

impl<'c> Things<'c> {
    /// Indexes attributes; those of one name keep their order.
    #[must_use]
    pub fn new(attributes: &'c [Attribute]) -> Things<'c> {
        let mut by_kind: BTreeMap<_, BTreeMap<_, Vec<&Attribute>>> = BTreeMap::new();
        for attribute in attributes {
            let key = (attribute.object.as_str(), attribute.place.file);
            let objects = by_kind.entry(attribute.kind).or_default();
            objects.entry(key).or_default().push(attribute);
        }
        Things { by_kind }
    }

    /// The things of a kind, by object and file.
    pub fn of(&self, kind: &str) -> impl Iterator<Item = Thing<'_>> {
        let objects = self.by_kind.get(kind);
        objects
            .into_iter()
            .flatten()
            .map(|((object, _), attributes)| Thing { object, attributes })
    }

    /// The things of a kind and id, one per file that states it.
    pub fn named<'t>(&'t self, kind: &str, object: &'t str) -> impl Iterator<Item = Thing<'t>> {
        let within = (object, FileId(0))..=(object, FileId(u32::MAX));
        let objects = self.by_kind.get(kind);
        let found = objects
            .into_iter()
            .flat_map(move |all| all.range(within.clone()));
        found.map(|((object, _), attributes)| Thing { object, attributes })
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
