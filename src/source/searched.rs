//! Texts that were searched for secrets and hold none: most texts of a log stand in many records,
//! and to look one up costs a fraction of searching it.
//!
//! What is remembered is the text itself, never a hash of it: no text passes for another.

use std::borrow::Cow;

use hashbrown::HashSet;

use crate::model::secret;

/// Longer texts hardly repeat.
const LONGEST: usize = 256;
/// Bytes that are remembered; then all is forgotten.
const MOST: usize = 4 << 20;
/// What one text costs beside its bytes.
const ENTRY: usize = 32;

/// What one thread has searched.
#[derive(Debug, Default)]
pub(super) struct Searched {
    clean: HashSet<Box<str>>,
    bytes: usize,
}

impl Searched {
    /// Whether a text holds a secret, of a type or behind a name.
    pub(super) fn holds(&mut self, text: &str) -> bool {
        if secret::is_plain(text) {
            return false;
        }
        if text.len() > LONGEST {
            return is_secret(text);
        }
        if self.clean.contains(text) {
            return false;
        }
        if is_secret(text) {
            return true;
        }
        self.bytes += text.len() + ENTRY;
        if self.bytes > MOST {
            self.clean.clear();
            self.bytes = text.len() + ENTRY;
        }
        self.clean.insert(text.into());
        false
    }
}

fn is_secret(text: &str) -> bool {
    matches!(secret::redacted(text), Cow::Owned(_))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_told_alike_however_often_it_is_asked_for() {
        let mut searched = Searched::default();
        let long = "a b".repeat(LONGEST);
        for _ in 0..3 {
            for text in ["", "jwt-app one two", "secret/data/app", &long] {
                assert!(!searched.holds(text), "{text}");
            }
            let token = format!("hvs.{}", "CAESIJ8Wq3vT2mXkLp0RzYbN5hFd7GsU");
            for text in [
                token.clone(),
                format!("jwt {token}"),
                format!("{long} {token}"),
            ] {
                assert!(searched.holds(&text));
            }
            assert!(searched.holds("password=correcthorse"));
        }
        assert_eq!(searched.clean.len(), 1, "what is plain or long is not kept");
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let mut searched = Searched::default();
        for number in 0..200_000 {
            assert!(!searched.holds(&format!("a text: {number}")));
            assert!(searched.bytes <= MOST);
        }
        assert!(searched.clean.len() < 200_000);
        assert!(!searched.holds("a text: 7"));
    }
}
