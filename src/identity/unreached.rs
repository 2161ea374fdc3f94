//! Logins that no exported job reaches to.

use std::collections::BTreeMap;

use super::Identity;
use super::origin::project;
use crate::model::Period;

impl Identity {
    /// How many logins of a period name a project of which no exported job reaches to their time,
    /// by project.
    #[must_use]
    pub fn logins_beyond_jobs(&self, period: Period) -> BTreeMap<u64, u64> {
        let mut beyond: BTreeMap<u64, u64> = BTreeMap::new();
        let logins = self.ledger.logins.iter().filter(|login| !login.child);
        for login in logins.filter(|login| period.contains(login.at)) {
            let named = project(login, &self.ledger, &self.directory);
            let at = login.at.plus_micros(self.shift);
            if let Some(id) = named.filter(|id| !self.directory.covers(Some(*id), at)) {
                *beyond.entry(id).or_default() += 1;
            }
        }
        beyond
    }
}
