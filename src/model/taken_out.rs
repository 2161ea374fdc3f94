//! What stands in a record where somebody took a value out, or a part of it, before he handed the
//! log on.

/// The spellings of tools and of people.
pub(crate) const TAKEN_OUT: [&str; 14] = [
    "***",
    "****",
    "*****",
    "********",
    "REDACTED",
    "[REDACTED]",
    "<REDACTED>",
    "redacted",
    "[redacted]",
    "<redacted>",
    "(redacted)",
    "[FILTERED]",
    "[MASKED]",
    "XXXXX",
];

/// The attribute that names what was taken out of a configured thing.
pub const TAKEN_OUT_OF: &str = "taken_out";

/// Whether a text only says that a value was taken out.
#[must_use]
pub fn is_taken_out(text: &str) -> bool {
    TAKEN_OUT.contains(&text)
}

/// Whether a text says nothing: it is empty, or was taken out.
#[must_use]
pub fn is_silent(text: &str) -> bool {
    text.is_empty() || is_taken_out(text)
}

/// Members of Google that are nobody's accounts, and what nothing is known of.
const EVERYBODY: [&str; 3] = ["allUsers", "allAuthenticatedUsers", "unknown"];

/// Whether a name is what is left of one: an account of Google has its domain, and whose it is
/// nobody can tell without.
#[must_use]
pub fn is_cut(principal: &str) -> bool {
    let name = principal.strip_prefix("gcp:principal/");
    name.is_some_and(|name| !name.contains(['@', ':', '/']) && !EVERYBODY.contains(&name))
}

#[cfg(test)]
mod tests {
    use super::is_cut;

    #[test]
    fn an_account_of_google_without_its_domain_may_be_anybodys() {
        assert!(is_cut("gcp:principal/billing-api"));
        for whole in [
            "gcp:principal/user:ada@mill.example",
            "gcp:principal/ada@mill.example",
            "gcp:principal/allUsers",
            "gcp:principal/principal://iam.googleapis.com/x",
            "gcp:sa/billing-api",
            "gitlab:user/ada",
        ] {
            assert!(!is_cut(whole), "{whole}");
        }
    }
}
