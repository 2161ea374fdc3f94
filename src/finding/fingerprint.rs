//! The name of a finding: its content, never its position.

use sha2::{Digest as _, Sha256};

/// The first 32 hexadecimal digits of the SHA-256 over rule, subject and object, with NUL between.
#[must_use]
pub fn fingerprint(rule: &str, subject: &str, object: &str) -> String {
    let mut hash = Sha256::new();
    for (index, part) in [rule, subject, object].into_iter().enumerate() {
        if index > 0 {
            hash.update([0]);
        }
        hash.update(part.as_bytes());
    }
    let digest = hash.finalize();
    digest
        .iter()
        .take(16)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}
