//! What other systems than Vault logged under the principals of a person or service.

use std::collections::BTreeMap;

use super::inquiry::Inquiry;
use super::rows::EventRow;
use super::tally::Tally;
use crate::model::trace::{Node, Via};
use crate::table::engine::EngineError;
use crate::table::row::event;

/// One node per principal that `joined` accepts, with what it touched in the period.
pub(super) fn elsewhere(
    inquiry: &Inquiry<'_>,
    joined: &dyn Fn(&str) -> Option<Via>,
) -> Result<Vec<Node>, EngineError> {
    let mut asked: BTreeMap<String, Option<Via>> = BTreeMap::new();
    let mut tallies: BTreeMap<String, Tally> = BTreeMap::new();
    inquiry.each_event(|_, batch, row| {
        let principal = batch.text(row, event::PRINCIPAL);
        if principal.is_empty()
            || batch.text(row, event::SYSTEM) == "vault"
            || batch.int(row, event::IN_PERIOD) != Some(1)
        {
            return Ok(());
        }
        if !asked.contains_key(principal) {
            asked.insert(principal.to_owned(), joined(principal));
        }
        if asked.get(principal).is_some_and(Option::is_some) {
            let tally = tallies.entry(principal.to_owned()).or_default();
            tally.add(EventRow::new(batch, row)?, "");
        }
        Ok(())
    })?;
    let nodes = tallies.into_iter().map(|(principal, tally)| {
        let mut node = Node::new("principal", &principal);
        let span = tally.span();
        node.at = span.map(|span| span.0);
        node.until = span.map(|span| span.1);
        node.via = asked.get(&principal).cloned().flatten();
        node.children = tally.nodes();
        node.limit_to(inquiry.limit);
        node
    });
    Ok(nodes.collect())
}
