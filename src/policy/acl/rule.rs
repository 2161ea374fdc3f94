//! All stanzas of a policy set for one pattern, merged.

use crate::policy::capability::{Capabilities, Capability};
use crate::policy::parameter;
use crate::policy::pattern::Pattern;
use crate::policy::stanza::{ParameterRules, Stanza};

/// What a pattern grants.
#[derive(Clone, Debug)]
pub(super) struct Rule {
    pub(super) pattern: Pattern,
    pub(super) capabilities: Capabilities,
    pub(super) parameters: ParameterRules,
    /// Nanoseconds; 0 where unset.
    pub(super) min_wrapping_ttl: i64,
    /// Nanoseconds; 0 where unset.
    pub(super) max_wrapping_ttl: i64,
    pub(super) pagination_limit: i64,
    sources: Vec<Source>,
    /// For each capability, the policies that grant it.
    granting: Vec<(Capability, Vec<u32>)>,
}

/// A stanza that went into a rule.
#[derive(Clone, Copy, Debug)]
struct Source {
    policy: u32,
    line: u32,
    capabilities: Capabilities,
}

impl Rule {
    /// The rule of a pattern's first stanza.
    pub(super) fn new(pattern: Pattern, policy: u32, stanza: &Stanza) -> Rule {
        let mut rule = Rule {
            pattern,
            capabilities: stanza.capabilities,
            parameters: stanza.parameters.clone(),
            min_wrapping_ttl: stanza.min_wrapping_ttl,
            max_wrapping_ttl: stanza.max_wrapping_ttl,
            pagination_limit: stanza.pagination_limit,
            sources: Vec::new(),
            granting: Vec::new(),
        };
        rule.record(policy, stanza);
        rule
    }

    /// Adds a further stanza for the pattern.
    ///
    /// A `deny` in any stanza denies for good. Otherwise capabilities and parameters add up, and
    /// of the wrapping times and page limits the lower one counts.
    pub(super) fn merge(&mut self, policy: u32, stanza: &Stanza) {
        self.record(policy, stanza);
        if self.capabilities.has(Capability::Deny) {
            return;
        }
        if stanza.capabilities.has(Capability::Deny) {
            self.capabilities = Capabilities::DENY;
            self.parameters = ParameterRules::default();
            return;
        }
        self.capabilities |= stanza.capabilities;
        lower(&mut self.max_wrapping_ttl, stanza.max_wrapping_ttl);
        lower(&mut self.min_wrapping_ttl, stanza.min_wrapping_ttl);
        if stanza.pagination_limit > 0
            && (self.pagination_limit <= 0 || stanza.pagination_limit < self.pagination_limit)
        {
            self.pagination_limit = stanza.pagination_limit;
        }
        parameter::merge(&mut self.parameters, &stanza.parameters);
    }

    fn record(&mut self, policy: u32, stanza: &Stanza) {
        let capabilities = stanza.capabilities;
        self.sources.push(Source {
            policy,
            line: stanza.position.line,
            capabilities,
        });
        for capability in capabilities.iter() {
            let found = self
                .granting
                .iter_mut()
                .find(|(known, _)| *known == capability);
            match found {
                Some((_, policies)) => {
                    if !policies.contains(&policy) {
                        policies.push(policy);
                    }
                }
                None => self.granting.push((capability, vec![policy])),
            }
        }
    }

    /// The policies that grant `capability` for the pattern.
    pub(super) fn granting(&self, capability: Capability) -> &[u32] {
        let found = self.granting.iter().find(|(known, _)| *known == capability);
        found.map_or(&[], |(_, policies)| policies)
    }

    /// The policy and line of the first stanza with `capability`, else of the first stanza.
    pub(super) fn source(&self, capability: Capability) -> Option<(u32, u32)> {
        let with = self
            .sources
            .iter()
            .find(|source| source.capabilities.has(capability));
        with.or(self.sources.first())
            .map(|source| (source.policy, source.line))
    }
}

fn lower(current: &mut i64, other: i64) {
    if other > 0 && (*current == 0 || other < *current) {
        *current = other;
    }
}
