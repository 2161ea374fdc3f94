//! Reads a policy text, in HCL 1 or JSON, as the servers do.
//!
//! The servers decode the text in two steps, and so does this room: a parser makes a tree of items
//! (`tree`), then the items are read as stanzas (`stanza`). A server stops at the first fault; this
//! reader goes on to the next stanza, so that one run shows all of them.

mod control_group;
mod cursor;
mod decode;
pub(super) mod duration;
mod error;
mod hcl;
mod heredoc;
mod json;
mod lexer;
mod stanza;
mod string;
mod suggest;
mod token;
mod top;
mod tree;

pub use error::SyntaxError;

use super::dialect::Dialect;
use super::stanza::Policy;
use crate::model::{Span, Timestamp};

/// Reads a policy text.
///
/// The policy holds every stanza that could be read. A server refuses the text if there is any
/// error; the errors are in the order of the text.
#[must_use]
pub fn parse(text: &str, dialect: Dialect) -> (Policy, Vec<SyntaxError>) {
    read(text, dialect, None)
}

/// Reads a policy text as a server that is given it at `now`: in a stanza whose `expiration` has
/// passed, it overlooks most faults.
#[must_use]
pub fn parse_at(text: &str, dialect: Dialect, now: Timestamp) -> (Policy, Vec<SyntaxError>) {
    read(text, dialect, Some(now))
}

fn read(text: &str, dialect: Dialect, now: Option<Timestamp>) -> (Policy, Vec<SyntaxError>) {
    let mut faults = error::Faults::new(text);
    if text.is_empty() {
        faults.add(
            Span::at(0),
            "the policy is empty",
            "",
            "a policy needs at least a comment",
        );
        return (Policy::default(), faults.sorted());
    }
    // HCL 1 takes a text for JSON when its first character that is not white space is a brace.
    let items = if text.trim_start().starts_with('{') {
        json::parse(text, &mut faults)
    } else {
        hcl::parse(text, &mut faults)
    };
    let policy = top::read(&items, dialect, now, &mut faults);
    (policy, faults.sorted())
}

#[cfg(test)]
mod tests;
