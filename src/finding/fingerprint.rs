//! The name of a finding: its content, never its position.

use crate::model::Digest;

/// The first 32 hexadecimal digits of the SHA-256 over rule, subject and object, with NUL between.
#[must_use]
pub fn fingerprint(rule: &str, subject: &str, object: &str) -> String {
    let digest = Digest::of(format!("{rule}\0{subject}\0{object}").as_bytes());
    format!("{digest:.32}")
}
