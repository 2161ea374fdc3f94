//! What the auth methods of Vault write of every login.

/// Methods whose tokens bear the role that let them in among their metadata, whatever the role says.
/// `gcp` may be told to leave it out.
const NAMING: [&str; 4] = ["approle", "jwt", "kubernetes", "oidc"];

/// Whether every token that a method of a type hands out bears metadata.
#[must_use]
pub fn bears_metadata(method: &str) -> bool {
    NAMING.contains(&method)
}
