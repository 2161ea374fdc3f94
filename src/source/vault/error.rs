//! Error texts of the audit log (`vault.md` section 7).

use std::borrow::Cow;

/// One line of plain words: `N errors occurred:` and bullets removed, bullets joined with `; `.
///
/// A request and its response word the same refusal differently
/// (`permission denied` and `1 error occurred:\n\t* permission denied\n\n`).
pub(super) fn normalise(text: Cow<'_, str>) -> Cow<'_, str> {
    let trimmed = text.trim();
    if trimmed.len() == text.len() && !text.contains(['\n', '\t']) {
        return text;
    }
    let parts: Vec<&str> = trimmed
        .lines()
        .map(|line| line.trim().trim_start_matches("* ").trim())
        .filter(|line| !line.is_empty() && !is_heading(line))
        .collect();
    Cow::Owned(parts.join("; "))
}

fn is_heading(line: &str) -> bool {
    let words = line.trim_end_matches(':').split_once(' ');
    words.is_some_and(|(count, rest)| {
        count.bytes().all(|byte| byte.is_ascii_digit())
            && rest.starts_with("error")
            && rest.ends_with("occurred")
    })
}

/// Whether the text is a refusal for want of permission.
///
/// OpenBao says `Forbidden`, with HTTP 400, where a value that a policy's template takes from the
/// identity would change the path.
pub(super) fn is_denial(text: &str) -> bool {
    text.contains("permission denied") || text == "Forbidden"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_wordings_of_a_denial_become_one() {
        assert_eq!(normalise("permission denied".into()), "permission denied");
        assert!(is_denial("permission denied; invalid token") && is_denial("Forbidden"));
        assert!(!is_denial("invalid request"));
        assert_eq!(
            normalise("1 error occurred:\n\t* permission denied\n\n".into()),
            "permission denied"
        );
    }

    #[test]
    fn several_bullets_are_joined() {
        let text = "2 errors occurred:\n\t* permission denied\n\t* invalid token\n\n";
        assert_eq!(normalise(text.into()), "permission denied; invalid token");
    }
}
