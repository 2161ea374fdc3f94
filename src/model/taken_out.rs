//! What stands in a record where somebody took a value out before he handed the log on.

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

/// Whether a text only says that a value was taken out.
#[must_use]
pub fn is_taken_out(text: &str) -> bool {
    TAKEN_OUT.contains(&text)
}
