//! The decision function: a set of policies, compiled once, asked many times.

mod build;
mod context;
mod decide;
mod decision;
mod grants;
mod rule;
mod table;

pub use context::{AclContext, Request};
pub use decision::{Decision, Reason, StanzaRef};
pub use grants::Grants;

use std::collections::BTreeSet;

use super::dialect::Dialect;
use super::pattern::Pattern;
use rule::Rule;
use table::Table;

/// A set of policies as a server evaluates it for one token.
#[derive(Clone, Debug)]
pub struct Acl {
    dialect: Dialect,
    namespace: String,
    policies: Vec<String>,
    rules: Vec<Rule>,
    table: Table,
    protected: Vec<String>,
    state: State,
}

/// What the set is as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Ordinary,
    /// The policy named `root`, alone.
    Root,
    /// The policy named `root` beside others: the server fails the request.
    RootMixed,
    /// A template value that the server refuses: it fails the request.
    TemplateForbidden,
}

impl Acl {
    /// The merged patterns, each once, in the order of their text.
    #[must_use]
    pub fn patterns(&self) -> Vec<&Pattern> {
        let patterns: BTreeSet<&Pattern> = self.rules.iter().map(|rule| &rule.pattern).collect();
        patterns.into_iter().collect()
    }

    /// Says whether the set is the policy `root`, which allows everything.
    #[must_use]
    pub fn is_root(&self) -> bool {
        self.state == State::Root
    }

    /// The names of the policies in the set.
    #[must_use]
    pub fn policies(&self) -> &[String] {
        &self.policies
    }

    /// The server whose rules hold.
    #[must_use]
    pub fn dialect(&self) -> Dialect {
        self.dialect
    }
}

#[cfg(test)]
mod tests;
