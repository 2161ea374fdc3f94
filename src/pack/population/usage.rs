//! How often identities acted in the period, and when last.

use std::collections::BTreeMap;

use super::table::{number, text_of};
use crate::table::engine::{EngineError, Store};

/// Uses of one identity.
#[derive(Clone, Debug, Default)]
pub(super) struct Use {
    pub(super) count: u64,
    /// The last time; empty without a use.
    pub(super) last: String,
}

/// Uses by identity.
pub(super) struct Uses(BTreeMap<String, Use>);

/// Who acted: the caller that a record names, the person and the role of its chain.
const WHO: [(&str, &str); 3] = [
    ("event", "principal"),
    ("chain", "person_id"),
    ("chain", "role_id"),
];

impl Uses {
    pub(super) fn read(store: &Store) -> Result<Uses, EngineError> {
        let mut uses: BTreeMap<String, Use> = BTreeMap::new();
        for (table, column) in WHO {
            let inside = if table == "event" {
                "in_period = 1 AND "
            } else {
                ""
            };
            let sql = format!(
                "SELECT {column} AS who, count(at) AS n, max(at) AS last_at FROM {table} \
                 WHERE {inside}{column} IS NOT NULL GROUP BY {column}"
            );
            let found = store.query(&sql)?;
            for (row, values) in found.rows.iter().enumerate() {
                let who = values.first().map_or_else(String::new, text_of);
                let last = values.get(2).map_or_else(String::new, text_of);
                let used = uses.entry(who).or_default();
                // The same event counts once: the caller is nobody else's person or role.
                used.count = used.count.max(number(&found, row, 1));
                used.last = last.max(std::mem::take(&mut used.last));
            }
        }
        Ok(Uses(uses))
    }

    /// Uses of an identity, by any of its ids: cells `uses_in_period` and `last_used_at`. Empty for
    /// whom no record names: that is not to say that nobody acted so.
    pub(super) fn cells<'i>(&self, ids: impl IntoIterator<Item = &'i str>) -> [String; 2] {
        let mut best = Use::default();
        for used in ids.into_iter().filter_map(|id| self.0.get(id)) {
            best.count = best.count.max(used.count);
            best.last = used.last.clone().max(best.last);
        }
        match best.count {
            0 => [String::new(), String::new()],
            count => [count.to_string(), best.last],
        }
    }
}
