//! A token: its login and origin up, its uses and children down.

use std::collections::BTreeSet;

use super::inquiry::{Answer, Inquiry};
use super::origin::nest;
use super::rows::EventRow;
use super::tree::{Branches, event_node};
use crate::model::trace::Node;
use crate::table::row::{NONE, Sym};

/// A token that was found.
#[derive(Debug)]
pub(super) struct Token {
    pub(super) id: String,
    /// The logins that handed it out; one, unless logs contradict each other.
    pub(super) logins: Vec<u32>,
    /// Every hash of it, of its accessor and of itself.
    pub(super) handles: BTreeSet<Sym>,
    /// The operations whose answer it wraps; one, unless logs contradict each other.
    pub(super) wraps: Vec<u32>,
}

pub(super) fn trace(inquiry: &Inquiry<'_>, token: &Token) -> Answer {
    if token.logins.is_empty() && !token.wraps.is_empty() {
        return wrapping(inquiry, token);
    }
    if token.logins.is_empty() {
        return without_login(inquiry, token);
    }
    let mut roots = Vec::new();
    let mut found = false;
    for position in inquiry.by_time(&token.logins) {
        let line = line(inquiry, position);
        let branches = Branches::new(inquiry, &line, &[])?;
        found |= branches.in_period(position);
        let path = above(inquiry, &branches, &line);
        roots.push(nest(path, branches.token(position, 0)));
    }
    Ok((token.id.clone(), roots, found))
}

/// A login and, on the way up, those of the tokens that asked for each other.
fn line(inquiry: &Inquiry<'_>, position: u32) -> Vec<u32> {
    let identity = &inquiry.estate.identity;
    let mut line = vec![position];
    while let Some(parent) = line
        .last()
        .and_then(|&login| identity.origin(login)?.parent)
        .filter(|parent| !line.contains(parent))
    {
        line.push(parent);
    }
    line
}

/// What stands above the token of the first of `line`: origin, login and the tokens between.
fn above(inquiry: &Inquiry<'_>, branches: &Branches<'_, '_>, line: &[u32]) -> Vec<Node> {
    let Some(&top) = line.last() else {
        return Vec::new();
    };
    let orphan = inquiry.login(top).is_some_and(|login| login.child);
    let (mut path, via) = if orphan {
        let words = "the token that asked for this one was issued before or outside the logs";
        (vec![Node::missing("token", "no-parent", words)], None)
    } else {
        inquiry.above(top)
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
    path
}

/// A token that wraps an answer: whose answer, and who opened it with this token.
fn wrapping(inquiry: &Inquiry<'_>, token: &Token) -> Answer {
    let mut roots = Vec::new();
    let used = uses(inquiry, token);
    for &op in &token.wraps {
        let identity = &inquiry.estate.identity;
        let logins = &identity.ledger.logins;
        let asked = logins.iter().position(|login| login.op == op);
        let asked = asked.and_then(|position| u32::try_from(position).ok());
        let line = match asked.or_else(|| identity.session(op).map(|session| session.login)) {
            Some(login) => line(inquiry, login),
            None => Vec::new(),
        };
        let branches = Branches::new(inquiry, &line, &[])?;
        let mut path = above(inquiry, &branches, &line);
        if line.is_empty() {
            let words = "the token was issued before or outside the logs";
            path.push(Node::missing("login", "no-login", words));
        }
        let mut shown = used.clone();
        shown.insert(op);
        let (rows, _) = inquiry.events(&shown, &BTreeSet::new())?;
        // A wrapped login stands in the path already.
        if asked.is_none() {
            path.extend(line.first().map(|&login| branches.bare_token(login)));
            path.extend(rows.get(&op).map(|row| event_node("request", row, None)));
        }
        let mut node = Node::new("token", &token.id);
        node.at = Some(inquiry.op_at(op));
        let life = rows.get(&op).and_then(|row| row.wrapped_s);
        let life = life.map_or_else(String::new, |seconds| format!("{seconds} s"));
        node.fact("kind", "wrapping-token").fact("lives", &life);
        let mut ops: Vec<u32> = used.iter().copied().collect();
        ops.sort_by_key(|&op| (inquiry.op_at(op), op));
        let shown = ops.iter().filter_map(|op| rows.get(op));
        node.children = shown.map(|row| event_node("request", row, None)).collect();
        if node.children.is_empty() {
            let words = "no request with the wrapping token itself is in the logs; an answer may \
                         also be unwrapped with another token";
            node.children
                .push(Node::missing("request", "no-use", words));
        }
        roots.push(nest(path, node));
    }
    let at = token.wraps.iter().map(|&op| inquiry.op_at(op));
    let found = !used.is_empty() || at.into_iter().any(|at| inquiry.period().contains(at));
    Ok((token.id.clone(), roots, found))
}

/// The operations in the period that were made with the token.
fn uses(inquiry: &Inquiry<'_>, token: &Token) -> BTreeSet<u32> {
    let holds = |sym: Sym| sym != NONE && token.handles.contains(&sym);
    (0u32..)
        .zip(inquiry.estate.identity.ledger.ops.iter())
        .filter(|(_, op)| holds(op.accessor) || holds(op.token))
        .filter(|(_, op)| inquiry.period().contains(op.at))
        .map(|(number, _)| number)
        .collect()
}

/// Seen in use only: it was issued before the logs begin, or where no device logs.
fn without_login(inquiry: &Inquiry<'_>, token: &Token) -> Answer {
    let words = "the token was issued before or outside the logs";
    let mut node = Node::new("token", &token.id);
    let mut ops: Vec<u32> = uses(inquiry, token).into_iter().collect();
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
