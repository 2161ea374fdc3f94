//! A token: its login and origin up, its uses and children down.

use std::collections::BTreeSet;

use super::inquiry::{Answer, Inquiry};
use super::origin::nest;
use super::rows::EventRow;
use super::tree::{Branches, event_node};
use crate::identity::Session;
use crate::model::Key;
use crate::model::trace::Node;
use crate::table::row::Sym;

/// A token that was found.
#[derive(Debug)]
pub(super) struct Token {
    pub(super) id: String,
    /// The logins that handed it out; one, unless logs contradict each other.
    pub(super) logins: Vec<u32>,
    /// Every hash of it.
    pub(super) handles: BTreeSet<Sym>,
}

pub(super) fn trace(inquiry: &Inquiry<'_>, token: &Token) -> Answer {
    if token.logins.is_empty() {
        return without_login(inquiry, token);
    }
    let identity = &inquiry.estate.identity;
    let mut roots = Vec::new();
    let mut found = false;
    for position in inquiry.by_time(&token.logins) {
        // The way up through the tokens that asked for each other.
        let mut line = vec![position];
        while let Some(parent) = line
            .last()
            .and_then(|&login| identity.origin(login)?.parent)
            .filter(|parent| !line.contains(parent))
        {
            line.push(parent);
        }
        let branches = Branches::new(inquiry, &line, &[])?;
        found |= branches.in_period(position);
        let root = identity.root(Session {
            login: position,
            key: Key::K1,
        });
        let top = line.last().copied().unwrap_or(position);
        let orphan = inquiry.login(top).is_some_and(|login| login.child);
        let (mut path, via) = if orphan {
            let words = "the token that asked for this one was issued before or outside the logs";
            (vec![Node::missing("token", "no-parent", words)], None)
        } else {
            inquiry.above(root.login)
        };
        for (index, &login) in line.iter().enumerate().rev() {
            let child = inquiry.login(login).is_some_and(|login| login.child);
            if !child {
                path.push(branches.bare_login(login, via.clone()));
            }
            if index > 0 {
                path.push(branches.bare_token(login));
            }
        }
        roots.push(nest(path, branches.token(position, 0)));
    }
    Ok((token.id.clone(), roots, found))
}

/// Seen in use only: it was issued before the logs begin, or where no device logs.
fn without_login(inquiry: &Inquiry<'_>, token: &Token) -> Answer {
    let words = "the token was issued before or outside the logs";
    let mut node = Node::new("token", &token.id);
    let ledger = &inquiry.estate.identity.ledger;
    let mut ops: Vec<u32> = (0u32..)
        .zip(&ledger.ops)
        .filter(|(_, op)| token.handles.contains(&op.accessor))
        .filter(|(_, op)| inquiry.period().contains(op.at))
        .map(|(number, _)| number)
        .collect();
    ops.sort_by_key(|&op| (inquiry.op_at(op), op));
    let found = !ops.is_empty();
    node.left_out = ops.len().saturating_sub(inquiry.limit) as u64;
    ops.truncate(inquiry.limit);
    let wanted = ops.iter().copied().collect();
    let (rows, _) = inquiry.events(&wanted, &BTreeSet::new())?;
    let shown = ops.iter().filter_map(|op| rows.get(op));
    node.children = shown
        .map(|row: &EventRow| event_node("request", row, None))
        .collect();
    let path = vec![Node::missing("login", "no-login", words)];
    Ok((token.id.clone(), vec![nest(path, node)], found))
}
