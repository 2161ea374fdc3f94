//! What surrounds a decision: the namespace, the identity, the clock, and the request.

use serde_json::{Map, Value};

use crate::model::Timestamp;
use crate::policy::dialect::Dialect;
use crate::policy::entity::Entity;
use crate::policy::operation::Operation;

/// What a set of policies is evaluated with.
#[derive(Clone, Copy, Debug, Default)]
pub struct AclContext<'a> {
    /// The server whose rules hold.
    pub dialect: Dialect,
    /// The namespace in which the policies live and requests are made: empty for the root one,
    /// else a path, with or without its final slash.
    pub namespace: &'a str,
    /// The identity that templates are resolved against; without one, templated stanzas are out.
    pub entity: Option<&'a Entity>,
    /// Takes `{{...}}` as literal text, to compare policies without an identity.
    pub keep_templates: bool,
    /// The moment for `expiration`; without one, no stanza has expired.
    pub as_of: Option<Timestamp>,
    /// Root-protected paths of mounts, besides those of the server itself; a final `*` is a prefix.
    pub protected: &'a [String],
}

/// A request to decide.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// What it wants to do.
    pub operation: Operation,
    /// The path below the namespace.
    pub path: &'a str,
    /// The parameters, where it has any.
    pub parameters: Option<&'a Map<String, Value>>,
    /// The lifetime asked for the wrapping token, in seconds, where the response is to be wrapped.
    pub wrap_ttl: Option<i64>,
}

impl<'a> Request<'a> {
    /// A request without parameters or wrapping.
    #[must_use]
    pub fn new(operation: Operation, path: &'a str) -> Request<'a> {
        Request {
            operation,
            path,
            parameters: None,
            wrap_ttl: None,
        }
    }
}
