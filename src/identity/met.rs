//! Whom the logins and jobs of a run name, in short.

use std::collections::{BTreeMap, BTreeSet};

use super::resolve::Identity;
use crate::model::id;

impl Identity {
    /// The entities of Vault whose login was read, as ids.
    #[must_use]
    pub fn met(&self) -> BTreeSet<String> {
        let logins = self.ledger.logins.iter().filter(|login| !login.child);
        let entities = logins.map(|login| self.ledger.text(login.entity));
        let named = entities.filter(|entity| !entity.is_empty());
        named.map(id::vault_entity).collect()
    }

    /// The addresses that jobs name as their runners', and in how many of them each stands.
    #[must_use]
    pub fn runner_addresses(&self) -> BTreeMap<String, u64> {
        let mut found = BTreeMap::new();
        let jobs = self.directory.jobs.iter();
        for address in jobs.flat_map(|job| &job.runner_addresses) {
            *found.entry(address.clone()).or_default() += 1;
        }
        found
    }
}
