//! What was decided, and why.

use super::Acl;
use super::rule::Rule;
use crate::policy::capability::Capabilities;
use crate::policy::pattern::Pattern;

/// The answer to one request.
#[derive(Clone, Copy, Debug)]
pub struct Decision<'a> {
    /// Says whether the request is allowed.
    pub allowed: bool,
    /// Why.
    pub reason: Reason,
    pub(super) acl: &'a Acl,
    pub(super) rule: Option<&'a Rule>,
    pub(super) granting: &'a [u32],
    pub(super) stanza: Option<(u32, u32)>,
}

/// Why a request is allowed or denied.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// A stanza grants it.
    Granted,
    /// The policy is `root`.
    Root,
    /// `help` is always allowed.
    Help,
    /// No stanza matches the path.
    NoMatch,
    /// The deciding pattern denies.
    Denied,
    /// The deciding pattern lacks the capability.
    Lacking,
    /// The path is root-protected and the deciding pattern lacks `sudo`.
    SudoMissing,
    /// The response must be wrapped, or for another time.
    Wrapping,
    /// A required parameter is missing.
    ParameterRequired,
    /// A parameter is denied.
    ParameterDenied,
    /// A parameter is not among those allowed.
    ParameterNotAllowed,
    /// The page asked for is larger than `pagination_limit`.
    Pagination,
    /// No capability covers the operation.
    Operation,
    /// `root` stands beside other policies, and the server fails.
    RootMixed,
    /// A template value holds a wildcard or slash, and the server fails.
    TemplateForbidden,
}

/// A stanza, by policy and line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StanzaRef<'a> {
    /// The policy's name.
    pub policy: &'a str,
    /// The line on which the stanza begins, from 1.
    pub line: u32,
}

impl<'a> Decision<'a> {
    /// The policies that grant the request, in the order of the token's list; none where denied.
    pub fn granting(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        let acl = self.acl;
        self.granting.iter().filter_map(|id| acl.policy(*id))
    }

    /// The deciding pattern as a policy writes it (without the namespace), if any matched.
    #[must_use]
    pub fn rule(&self) -> Option<&'a str> {
        let text = self.rule?.pattern.as_str();
        Some(
            text.strip_prefix(self.acl.namespace.as_str())
                .unwrap_or(text),
        )
    }

    /// The deciding pattern, namespace included.
    #[must_use]
    pub fn pattern(&self) -> Option<&'a Pattern> {
        self.rule.map(|rule| &rule.pattern)
    }

    /// All that the deciding pattern grants.
    #[must_use]
    pub fn capabilities(&self) -> Capabilities {
        self.rule
            .map_or(Capabilities::NONE, |rule| rule.capabilities)
    }

    /// The stanza that decides: the first to grant the capability, or to deny, or of the pattern.
    #[must_use]
    pub fn stanza(&self) -> Option<StanzaRef<'a>> {
        let (policy, line) = self.stanza?;
        Some(StanzaRef {
            policy: self.acl.policy(policy)?,
            line,
        })
    }
}

impl Acl {
    pub(super) fn policy(&self, id: u32) -> Option<&str> {
        self.policies
            .get(usize::try_from(id).ok()?)
            .map(String::as_str)
    }
}
