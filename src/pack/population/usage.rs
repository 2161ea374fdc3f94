//! How often identities acted in the period, and when last.

use std::collections::BTreeMap;

use super::table::{Row, Thing, number, text_of, things};
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
                used.count = used.count.max(number(&found, row, 1)?);
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

/// One row per thing of these kinds (beside each its system) of which `cells` tells something, with
/// the use of the thing in the last two cells.
pub(super) fn used_rows<const N: usize>(
    store: &Store,
    uses: &Uses,
    kinds: &[(&str, &'static str)],
    cells: impl Fn(&Thing, &'static str) -> Option<[String; N]>,
) -> Result<Vec<Row>, EngineError> {
    let mut rows = Vec::new();
    for (kind, system) in kinds {
        for thing in things(store, kind)? {
            let Some(cells) = cells(&thing, system) else {
                continue;
            };
            let [count, last] = uses.cells([thing.object.as_str()]);
            rows.push(Row {
                cells: cells.into_iter().chain([last, count]).collect(),
                evidence: thing.evidence.clone(),
            });
        }
    }
    Ok(rows)
}
