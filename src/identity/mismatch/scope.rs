//! IM-5: the principal is right and what it reads belongs to somebody else.

use super::{Mismatch, Seen};
use crate::identity::declared::Declared;
use crate::identity::readers::Readers;
use crate::model::Confidence;

/// A Google secret, key or object read by somebody whom no grant on it names.
#[must_use]
pub fn unexpected_reader(
    readers: &Readers,
    operation: &str,
    principal: &str,
    seen: Seen<'_>,
    declared: &dyn Declared,
) -> Option<Mismatch> {
    let operation = operation.to_ascii_lowercase();
    let reading = ["decrypt", "asymmetricdecrypt", "accesssecretversion", "get"];
    if !reading.contains(&operation.as_str()) {
        return None;
    }
    let readers = readers.of(seen.object)?;
    if principal.is_empty() || readers.contains(principal) || declared.is_exempt(principal) {
        return None;
    }
    let expected: Vec<&str> = readers.iter().map(String::as_str).collect();
    Some(Mismatch {
        class: "IM-5",
        detail: "unexpected-reader",
        subject: principal.to_owned(),
        object: seen.object.to_owned(),
        expected: expected.join(";"),
        observed: principal.to_owned(),
        at: seen.at,
        confidence: Confidence::CERTAIN,
        place: seen.place,
        of_configuration: false,
    })
}
