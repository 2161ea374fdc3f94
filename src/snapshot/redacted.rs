//! Attributes whose values people wrote, and may have written secrets into.

use crate::model::{Attribute, Place, secret};

/// An attribute; what looks like a secret in its value is redacted.
pub(super) fn redacted(
    kind: &'static str,
    object: &str,
    name: &str,
    value: &str,
    place: Place,
) -> Attribute {
    Attribute {
        kind,
        object: object.to_owned(),
        name: name.to_owned(),
        value: secret::redact(value),
        valid_from: None,
        place,
    }
}
