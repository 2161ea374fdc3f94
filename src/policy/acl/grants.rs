//! What a set grants on a path, whatever the request's parameters.

use super::rule::Rule;
use super::{Acl, State};
use crate::policy::capability::{Capabilities, Capability};
use crate::policy::operation::Operation;
use crate::policy::stanza::ParameterRules;

/// What a set grants on a path.
#[derive(Clone, Copy, Debug)]
pub struct Grants<'a> {
    /// The capabilities; `deny` is none.
    pub capabilities: Capabilities,
    /// The conditions on parameters, if a pattern decides.
    pub parameters: Option<&'a ParameterRules>,
    /// The lower and upper bound of the wrapping time, in nanoseconds; 0 is none.
    pub wrapping: (i64, i64),
    /// The largest page of a listing; 0 is no limit.
    pub pagination_limit: i64,
}

impl Acl {
    /// What the set grants on `path`, below the namespace; `list` matches it as a listing does.
    #[must_use]
    pub fn grants(&self, path: &str, list: bool) -> Grants<'_> {
        let all = || {
            let known = Capability::ALL
                .into_iter()
                .filter(|c| self.dialect.knows(*c));
            known.filter(|c| *c != Capability::Deny).collect()
        };
        let rule = self.deciding_rule(path, list);
        let capabilities = match (self.state, rule) {
            (State::Root, _) => all(),
            (_, Some(rule)) if !rule.capabilities.has(Capability::Deny) => rule.capabilities,
            _ => Capabilities::NONE,
        };
        Grants {
            capabilities,
            parameters: rule.map(|rule| &rule.parameters),
            wrapping: rule.map_or((0, 0), |rule| {
                (rule.min_wrapping_ttl, rule.max_wrapping_ttl)
            }),
            pagination_limit: rule.map_or(0, |rule| rule.pagination_limit),
        }
    }

    /// The pattern that decides `path`, as a policy writes it.
    #[must_use]
    pub fn deciding(&self, path: &str, list: bool) -> Option<String> {
        let text = self.deciding_rule(path, list)?.pattern.as_str();
        Some(
            text.strip_prefix(self.namespace.as_str())
                .unwrap_or(text)
                .to_owned(),
        )
    }

    /// The namespace, empty or ending in `/`.
    #[must_use]
    pub fn namespace(&self) -> &str {
        &self.namespace
    }

    fn deciding_rule(&self, path: &str, list: bool) -> Option<&Rule> {
        if self.state != State::Ordinary {
            return None;
        }
        let operation = if list {
            Operation::List
        } else {
            Operation::Read
        };
        self.select(operation, &format!("{}{path}", self.namespace))
    }
}
