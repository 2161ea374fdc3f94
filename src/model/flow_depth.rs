//! A bound on how deep the brackets of a YAML text nest.

/// Brackets that may be open at once. The scanner takes the square of their number as time, and
/// GitLab refuses more than a hundred levels.
const OPEN: usize = 2000;

/// Whether more brackets are open at once than any file has; those in texts are counted with them.
#[must_use]
pub fn is_nested_too_deep(text: &str) -> bool {
    let mut open = 0usize;
    text.bytes().any(|byte| {
        match byte {
            b'[' | b'{' => open += 1,
            b']' | b'}' => open = open.saturating_sub(1),
            _ => {}
        }
        open > OPEN
    })
}

#[cfg(test)]
mod tests {
    use super::is_nested_too_deep;

    #[test]
    fn only_what_is_open_at_once_counts() {
        assert!(!is_nested_too_deep(&"a: [b, {c: d}]\n".repeat(9_000)));
        assert!(is_nested_too_deep(&"[".repeat(2_001)));
        assert!(is_nested_too_deep(&"{a: ".repeat(2_001)));
    }
}
