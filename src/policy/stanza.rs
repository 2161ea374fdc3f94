//! A policy as read from its text.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::capability::{Capabilities, Capability};
use crate::model::Timestamp;
use crate::model::{Position, Span};

/// A policy: the stanzas of one text.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Policy {
    /// The `name` attribute; servers ignore it.
    pub name: Option<String>,
    /// The stanzas, in the order of the text.
    pub stanzas: Vec<Stanza>,
    /// What may come from a template; the text itself says nothing of it.
    pub substitutions: Substitutions,
}

/// Which characters OpenBao lets a template's value bring into a path. Both are settings of the
/// stored policy (`sys/policies/acl/<name>`), off unless set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Substitutions {
    /// `allow_slashes_in_identity_templates`.
    pub slashes: bool,
    /// `allow_wildcards_in_identity_templates`.
    pub wildcards: bool,
}

/// One `path` stanza.
#[derive(Clone, Debug, PartialEq)]
pub struct Stanza {
    /// The path label as written.
    pub path: String,
    /// Where the path label stands.
    pub path_span: Span,
    /// The whole stanza.
    pub span: Span,
    /// Line and column of the stanza.
    pub position: Position,
    /// What the stanza grants: the shorthand spelled out, and `deny` alone where it appears.
    pub capabilities: Capabilities,
    /// The capabilities as written, each with its place; those of a shorthand have its place.
    pub written: Vec<(Capability, Span)>,
    /// The old shorthand, `policy = "..."`.
    pub shorthand: Option<String>,
    /// The attributes as written, in the order of the text.
    pub attributes: Vec<Attribute>,
    /// `allowed_parameters`, `denied_parameters` and `required_parameters`.
    pub parameters: ParameterRules,
    /// `min_wrapping_ttl` in nanoseconds; 0 where absent.
    pub min_wrapping_ttl: i64,
    /// `max_wrapping_ttl` in nanoseconds; 0 where absent.
    pub max_wrapping_ttl: i64,
    /// `mfa_methods`.
    pub mfa_methods: Vec<String>,
    /// `pagination_limit` (OpenBao); 0 where absent.
    pub pagination_limit: i64,
    /// `expiration` (OpenBao).
    pub expiration: Option<Expiry>,
    /// `list_scan_response_keys_filter_path` (OpenBao).
    pub keys_filter: Option<String>,
    /// `subscribe_event_types` (HashiCorp Vault).
    pub event_types: Vec<String>,
    /// Says whether the stanza has a `control_group` (HashiCorp Vault Enterprise, OpenBao 2.7).
    pub control_group: bool,
}

impl Stanza {
    /// Says whether the stanza grants nothing any more; without a moment, none has expired.
    #[must_use]
    pub fn has_expired(&self, now: Option<Timestamp>) -> bool {
        match (self.expiration, now) {
            (Some(expiry), Some(now)) => now > expiry.0,
            _ => false,
        }
    }
}

/// One attribute of a stanza, to point at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attribute {
    /// The key.
    pub key: String,
    /// Where the key stands.
    pub key_span: Span,
    /// Where the value stands.
    pub value_span: Span,
}

/// The moment from which a stanza grants nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Expiry(pub Timestamp);

/// What a stanza asks of a request's parameters. Keys are in lower case.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ParameterRules {
    /// Values allowed for each key; no value means any.
    pub allowed: BTreeMap<String, Vec<Value>>,
    /// Values denied for each key; no value means all.
    pub denied: BTreeMap<String, Vec<Value>>,
    /// Keys that must be there.
    pub required: BTreeSet<String>,
}

impl ParameterRules {
    /// Says whether there is nothing to check.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.allowed.is_empty() && self.denied.is_empty() && self.required.is_empty()
    }
}
