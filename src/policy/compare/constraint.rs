//! Conditions on parameters and wrapping: is one set of them stricter than another?

use std::collections::BTreeMap;

use serde_json::Value;

use crate::policy::acl::Grants;
use crate::policy::capability::Capability;
use crate::policy::stanza::ParameterRules;

/// Whether conditions admit less than others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stricter {
    No,
    /// They may, or it is not decided.
    Maybe,
}

/// Says whether `outer` may refuse what `inner` lets through.
pub(super) fn stricter(outer: &Grants<'_>, inner: &Grants<'_>, capability: Capability) -> Stricter {
    let wrapping = wider(outer.wrapping, inner.wrapping);
    let admits = wrapping
        && match (outer.parameters, inner.parameters) {
            _ if !has_parameters(capability) => page(outer, inner),
            (None, _) => true,
            (Some(outer), None) => outer.is_empty(),
            (Some(outer), Some(inner)) => outer == inner || parameters(outer, inner),
        };
    if admits {
        Stricter::No
    } else {
        Stricter::Maybe
    }
}

/// Says whether the conditions on a capability differ.
pub(super) fn differ(one: &Grants<'_>, other: &Grants<'_>, capability: Capability) -> bool {
    stricter(one, other, capability) == Stricter::Maybe
        || stricter(other, one, capability) == Stricter::Maybe
}

fn has_parameters(capability: Capability) -> bool {
    matches!(
        capability,
        Capability::Read
            | Capability::Update
            | Capability::Create
            | Capability::Patch
            | Capability::Recover
    )
}

fn page(outer: &Grants<'_>, inner: &Grants<'_>) -> bool {
    let limit = |grants: &Grants<'_>| Some(grants.pagination_limit).filter(|limit| *limit > 0);
    match (limit(outer), limit(inner)) {
        (None, _) => true,
        (Some(_), None) => false,
        // A required `limit` matters only to a listing.
        (Some(outer_limit), Some(inner_limit)) => {
            let requires = |grants: &Grants<'_>| {
                grants
                    .parameters
                    .is_some_and(|rules| rules.required.contains("limit"))
            };
            outer_limit >= inner_limit && (!requires(outer) || requires(inner))
        }
    }
}

/// Says whether the outer interval of wrapping times holds the inner one; (0, 0) is no condition.
fn wider(outer: (i64, i64), inner: (i64, i64)) -> bool {
    let ((outer_min, outer_max), (inner_min, inner_max)) = (outer, inner);
    let free = outer_min <= 0 && outer_max <= 0;
    let same = outer == inner;
    let both = (inner_min > 0 || inner_max > 0)
        && inner_min >= outer_min
        && (outer_max <= 0 || (inner_max > 0 && inner_max <= outer_max));
    free || same || both
}

fn parameters(outer: &ParameterRules, inner: &ParameterRules) -> bool {
    outer.required.is_subset(&inner.required)
        && denied_within(&outer.denied, &inner.denied)
        && allowed_within(&outer.allowed, &inner.allowed)
}

type Values = BTreeMap<String, Vec<Value>>;

/// Every denial of `outer` is one of `inner`.
fn denied_within(outer: &Values, inner: &Values) -> bool {
    inner.contains_key("*")
        || outer.iter().all(|(key, values)| {
            let known = inner.get(key);
            known.is_some_and(|known| covers(known, values))
        })
}

/// Every allowance of `inner` is one of `outer`.
fn allowed_within(outer: &Values, inner: &Values) -> bool {
    let any_key = |values: &Values| values.contains_key("*");
    if outer.is_empty() || (any_key(outer) && outer.len() == 1) {
        return true;
    }
    if inner.is_empty() || (any_key(inner) && !any_key(outer)) {
        return false;
    }
    // A key that only the outer set narrows is free inside where any key is.
    let narrowed = !any_key(inner)
        || outer
            .iter()
            .all(|(key, values)| values.is_empty() || inner.contains_key(key));
    narrowed
        && inner
            .iter()
            .filter(|(key, _)| *key != "*")
            .all(|(key, values)| match outer.get(key) {
                Some(known) => covers(known, values),
                None => any_key(outer),
            })
}

/// Says whether the values of `known` hold all of `values`; no values are all of them. Globs are
/// compared as text, or to `**`, which any text matches.
fn covers(known: &[Value], values: &[Value]) -> bool {
    known.is_empty()
        || (!values.is_empty()
            && values.iter().all(|value| {
                known.contains(value)
                    || (value.is_string() && known.contains(&Value::String("**".to_owned())))
            }))
}
