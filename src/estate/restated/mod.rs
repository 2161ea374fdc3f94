//! Configured things that the exports state twice and differently.
//!
//! Whoever can bring a file states a thing anew in it: a project under another's path, a policy that
//! permits nothing, a list without a device. Nothing tells which statement is the server's, so both
//! are kept, what rests on them is suspected, and INT-010 says where they stand. A repetition that
//! says the same is fine; so are the exports of two servers and of two dates.

mod policy;
mod related;
mod server;
mod statement;

use std::collections::BTreeMap;

use super::provenance::Provenance;
use crate::identity::Directory;
use crate::model::{Doubt, Grant, Place, Restated, Stands};
use crate::posture::StatedPolicy;
use related::related;
use server::Servers;

/// What else of the exports is compared.
#[derive(Clone, Copy)]
pub(super) struct Stated<'e> {
    pub(super) directory: &'e Directory,
    pub(super) policies: &'e [StatedPolicy],
    pub(super) grants: &'e [Grant],
    pub(super) provenance: &'e Provenance,
    pub(super) files: &'e [String],
}

/// Two statements of one thing, and in what they differ.
struct Pair<'e> {
    kind: &'e str,
    object: String,
    places: [Place; 2],
    names: Vec<String>,
    /// Why the two may differ though nobody wrote anything wrong.
    doubt: Option<Doubt>,
}

/// Every thing that is stated twice and differently, each once, by kind and id.
pub(super) fn restated(stated: Stated<'_>) -> Vec<Restated> {
    let servers = Servers::new(stated);
    let mut pairs = statement::pairs(stated.directory, stated.grants, &servers);
    pairs.extend(policy::pairs(stated.policies, &servers));
    let mut found: BTreeMap<(String, String), Restated> = BTreeMap::new();
    for pair in pairs {
        let [first, second] = pair.places;
        let Some(one) = servers.one(pair.kind, first.file, second.file) else {
            continue;
        };
        let doubt = if one {
            pair.doubt
        } else {
            Some(Doubt::Elsewhere)
        };
        let stands = [first, second].map(|place| Stands {
            file: servers.name(place.file).to_owned(),
            line: place.line,
            byte: place.byte,
            sha256: place.sha256.to_string(),
        });
        let key = (pair.kind.to_owned(), pair.object.clone());
        let known = found.entry(key).or_insert_with(|| Restated {
            kind: pair.kind.to_owned(),
            rests: related(pair.kind, &pair.object, stated.directory),
            object: pair.object,
            stands,
            names: pair.names.iter().cloned().collect(),
            doubt,
        });
        known.names.extend(pair.names);
        known.doubt = known.doubt.and(doubt);
    }
    found.into_values().collect()
}
