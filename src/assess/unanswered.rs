//! Requests that no log of Vault answers: nobody can tell what became of them.
//!
//! What a rule would have found had such a request succeeded lets it pass in part only: whoever lost
//! one record, or took it away, would otherwise have made it pass.

use std::collections::BTreeSet;

use crate::rule::Observation;
use crate::table::engine::{EngineError, Spot, Store, Supposed};
use crate::table::row::{chain, event};

/// The most requests that are looked at. Where there are more, many follow each other, and a hole of
/// the log says so by itself.
const MOST: u32 = 10_000;

/// The requests of a store that have no response, as if they had succeeded; none where all have.
pub(super) fn unanswered(store: &Store) -> Result<Option<Supposed>, EngineError> {
    let held = [
        ("system", "vault"),
        ("parts", "request"),
        ("outcome", "unknown"),
    ];
    let others = (&[&chain::SCHEMA][..], "event_id");
    let instead = ("outcome", "allowed");
    store.suppose(&event::SCHEMA, &held, others, instead, MOST)
}

/// Whether the outcome of a request can make a difference to a query.
pub(super) fn may_matter(sql: &str) -> bool {
    sql.contains("outcome")
}

/// What is said of those that were found; what is evidenced elsewhere is missing from what is
/// supposed, and no finding.
pub(super) fn words(found: &[(Spot, Observation)], supposed: &Supposed) -> Option<String> {
    let at = |(spot, _): &&(Spot, Observation)| supposed.is_at(&spot.file, spot.line);
    let places = found
        .iter()
        .filter(at)
        .map(|(spot, _)| (&spot.file, spot.line));
    let places: BTreeSet<(&String, u64)> = places.collect();
    let (file, line) = places.first()?;
    Some(format!(
        "{} request(s) that no log answers would be found if they succeeded, the first at {file}:{line}",
        places.len()
    ))
}
