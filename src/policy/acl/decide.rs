//! Decides one request.

use std::borrow::Cow;

use serde_json::Value;

use super::context::Request;
use super::decision::{Decision, Reason};
use super::rule::Rule;
use super::{Acl, State};
use crate::policy::capability::Capability;
use crate::policy::dialect::Dialect;
use crate::policy::operation::Operation;
use crate::policy::parameter::{self, Refusal};
use crate::policy::protected;

const NANOSECONDS: i64 = 1_000_000_000;

impl Acl {
    /// Decides a request as the server does.
    #[must_use]
    pub fn decide<'a>(&'a self, request: &Request<'_>) -> Decision<'a> {
        match self.state {
            State::Root => return self.whole(true, Reason::Root, &[0]),
            State::RootMixed => return self.whole(false, Reason::RootMixed, &[]),
            State::TemplateForbidden => return self.whole(false, Reason::TemplateForbidden, &[]),
            State::Ordinary => {}
        }
        if request.operation == Operation::Help {
            return self.whole(true, Reason::Help, &[]);
        }
        let relative = request.path.trim_start_matches('/');
        let path = if self.namespace.is_empty() {
            Cow::Borrowed(relative)
        } else {
            Cow::Owned(format!("{}{relative}", self.namespace))
        };
        let Some(rule) = self.select(request.operation, &path) else {
            return self.whole(false, Reason::NoMatch, &[]);
        };
        let Some(capability) = request.operation.capability(self.dialect) else {
            return self.denied(rule, Reason::Operation, Capability::Deny);
        };
        match self.check(rule, capability, relative, request) {
            Ok(()) => Decision {
                allowed: true,
                reason: Reason::Granted,
                acl: self,
                rule: Some(rule),
                granting: rule.granting(capability),
                stanza: rule.source(capability),
            },
            Err(reason @ (Reason::Denied | Reason::Lacking)) => {
                self.denied(rule, reason, Capability::Deny)
            }
            Err(reason) => self.denied(rule, reason, capability),
        }
    }

    fn whole<'a>(&'a self, allowed: bool, reason: Reason, granting: &'a [u32]) -> Decision<'a> {
        Decision {
            allowed,
            reason,
            acl: self,
            rule: None,
            granting,
            stanza: None,
        }
    }

    fn denied<'a>(
        &'a self,
        rule: &'a Rule,
        reason: Reason,
        capability: Capability,
    ) -> Decision<'a> {
        let stanza = rule.source(capability);
        Decision {
            allowed: false,
            reason,
            acl: self,
            rule: Some(rule),
            granting: &[],
            stanza,
        }
    }

    /// The one rule that decides: exact, for a listing exact without the slash, then the strongest
    /// with wildcards.
    ///
    /// A listing with a trailing slash has two chances with wildcards. OpenBao tries the path as
    /// it is first; HashiCorp Vault tries it without the slash first (`AllowOperation` of both).
    pub(super) fn select<'a>(&'a self, operation: Operation, path: &str) -> Option<&'a Rule> {
        let rules = &self.rules;
        if let Some(rule) = self.table.exact(rules, path) {
            return Some(rule);
        }
        let bare = path.strip_suffix('/').filter(|_| operation.lists());
        let Some(bare) = bare else {
            return self.table.open(rules, path);
        };
        if let Some(rule) = self.table.exact(rules, bare) {
            return Some(rule);
        }
        let (first, second) = match self.dialect {
            Dialect::OpenBao => (path, bare),
            Dialect::Vault => (bare, path),
        };
        self.table
            .open(rules, first)
            .or_else(|| self.table.open(rules, second))
    }

    fn check(
        &self,
        rule: &Rule,
        capability: Capability,
        path: &str,
        request: &Request<'_>,
    ) -> Result<(), Reason> {
        if rule.capabilities.has(Capability::Deny) {
            return Err(Reason::Denied);
        }
        if !rule.capabilities.has(capability) {
            return Err(Reason::Lacking);
        }
        check_wrapping(rule, request.wrap_ttl)?;
        if request.operation.checks_parameters() {
            parameter::check(&rule.parameters, request.parameters, self.dialect).map_err(
                |refusal| match refusal {
                    Refusal::Required => Reason::ParameterRequired,
                    Refusal::Denied => Reason::ParameterDenied,
                    Refusal::NotAllowed => Reason::ParameterNotAllowed,
                },
            )?;
        } else if request.operation.lists() {
            check_page(rule, request)?;
        }
        if !rule.capabilities.has(Capability::Sudo) && self.is_protected(path) {
            return Err(Reason::SudoMissing);
        }
        Ok(())
    }

    /// Says whether `path`, below the namespace, takes `sudo`.
    #[must_use]
    pub fn is_protected(&self, path: &str) -> bool {
        protected::root_protected(path, self.dialect)
            || self
                .protected
                .iter()
                .any(|pattern| protected::covers(pattern, path))
    }
}

fn check_wrapping(rule: &Rule, wrap_ttl: Option<i64>) -> Result<(), Reason> {
    let (min, max) = (rule.min_wrapping_ttl, rule.max_wrapping_ttl);
    let wrap = wrap_ttl.map(|seconds| seconds.saturating_mul(NANOSECONDS));
    let too_long = max > 0 && wrap.is_none_or(|wrap| wrap > max);
    let too_short = min > 0 && wrap.is_none_or(|wrap| wrap < min);
    // Merging can make the interval empty.
    let empty = min != 0 && max != 0 && max < min;
    if too_long || too_short || empty {
        Err(Reason::Wrapping)
    } else {
        Ok(())
    }
}

/// OpenBao's `pagination_limit`: a listing may ask for no larger page, `max` and none given mean
/// the limit, and none given is refused where `limit` is required.
fn check_page(rule: &Rule, request: &Request<'_>) -> Result<(), Reason> {
    if rule.pagination_limit <= 0 {
        return Ok(());
    }
    let limit = match request
        .parameters
        .and_then(|parameters| parameters.get("limit"))
    {
        None if rule.parameters.required.contains("limit") => {
            return Err(Reason::ParameterRequired);
        }
        None => return Ok(()),
        Some(Value::String(text)) if text == "max" => return Ok(()),
        Some(Value::String(text)) => text.trim().parse::<i64>().ok(),
        Some(value) => value.as_i64(),
    };
    match limit {
        Some(limit) if (0..=rule.pagination_limit).contains(&limit) => Ok(()),
        _ => Err(Reason::Pagination),
    }
}
