//! Texts in which no secret can stand, told by what they are made of: most texts of a record are
//! names, paths, identifiers and hashes, and every one is searched.
//!
//! What is told here is proved of the patterns by the tests below: no prefix of one consists of
//! these characters alone, but for those of long tokens, and no sign stands behind a name.

/// What Vault puts before the hash of a text.
const HASHED: &[u8] = b"hmac-sha256:";
/// Hexadecimal digits of such a hash.
const DIGITS: usize = 64;

/// The shortest token that consists of lower case and digits alone.
const TOKEN: usize = 35;
/// Hexadecimal digits that spell the shortest token of another kind; a UUID has fewer.
const SPELLED: usize = 40;

/// Whether a text is of a kind in which no secret can stand. Others may hold none either.
pub(super) fn is_plain(text: &[u8]) -> bool {
    if let Some(hash) = text.strip_prefix(HASHED) {
        return hash.len() == DIGITS && consists(hash, is_hex);
    }
    (text.len() < SPELLED && consists(text, is_id))
        || (consists(text, is_small) && !holds_long(text))
}

/// Whether a word of a path is as long as a token.
fn holds_long(text: &[u8]) -> bool {
    text.len() >= TOKEN
        && text
            .split(|byte| *byte == b'/')
            .any(|word| word.len() >= TOKEN)
}

/// Whether all bytes pass. Without leaving early: several bytes are looked at at once.
fn consists(text: &[u8], passes: impl Fn(u8) -> bool) -> bool {
    !text
        .iter()
        .fold(false, |other, &byte| other | !passes(byte))
}

/// Lower case, digits and `/`: words, paths of secrets.
fn is_small(byte: u8) -> bool {
    byte.wrapping_sub(b'a') < 26 || byte.wrapping_sub(b'0') < 10 || byte == b'/'
}

/// Lower-case hexadecimal digits and `-`: UUIDs, hashes.
fn is_id(byte: u8) -> bool {
    is_hex(byte) || byte == b'-'
}

fn is_hex(byte: u8) -> bool {
    byte.wrapping_sub(b'a') < 6 || byte.wrapping_sub(b'0') < 10
}

#[cfg(test)]
mod tests {
    use super::super::literal::is_secret_name;
    use super::super::pattern::beginnings;
    use super::super::{find, literal, pattern, redact};
    use super::*;

    /// Whether the search itself finds anything.
    fn holds(text: &str) -> bool {
        !find(text.as_bytes()).is_empty() || !literal::assigned(text).is_empty()
    }

    #[test]
    fn no_pattern_begins_with_what_plain_texts_are_made_of() {
        let hashed = |byte| HASHED.contains(&byte) || is_hex(byte);
        for beginning in beginnings() {
            let shortest = pattern::shortest(beginning);
            let long = shortest.is_some_and(|least| beginning.len() + least >= TOKEN);
            assert!(long || !consists(beginning, is_small), "{beginning:?}");
            assert!(!consists(beginning, is_id), "{beginning:?}");
            assert!(!consists(beginning, hashed), "{beginning:?}");
        }
        assert!(beginnings().count() > 30);
        for sign in [b'=', b':'] {
            assert!(!is_small(sign) && !is_id(sign));
        }
        assert!(!is_secret_name("hmac-sha256"));
    }

    #[test]
    fn plain_texts_are_known_and_their_neighbours_are_searched() {
        let long = format!("dapi{}", "0a1b2c3d".repeat(4));
        assert!(holds(&long) && !is_plain(long.as_bytes()));
        let hash = format!("hmac-sha256:{}", "0a".repeat(32));
        let uuid = "0c7ab9f4-10b8-4b6e-9d0d-3f0f3bd37d57";
        for text in ["", "secret/data/app1", uuid, &hash] {
            assert!(is_plain(text.as_bytes()), "{text}");
        }
        for text in [
            "s.x",
            "a=b",
            "token:x",
            "glpat-x",
            "hmac-sha256:0a",
            "A",
            "\u{e9}",
            "a b",
        ] {
            assert!(!is_plain(text.as_bytes()), "{text}");
        }
        assert!(!is_plain(hash.replace("0a0a", "0a,a").as_bytes()));
    }

    #[test]
    fn what_spells_a_token_in_hexadecimal_digits_is_not_plain() {
        let key = ["AKIA", "Z7QJ3M5XK2WT4RLD"].concat();
        let token = ["hvs.", "CAESIJ8Wq3vT2mXkLp0RzYbN5hFd7GsU"].concat();
        for secret in [key, token] {
            let digits: String = secret.bytes().map(|byte| format!("{byte:02x}")).collect();
            assert!(!is_plain(digits.as_bytes()), "{digits}");
            assert_ne!(redact(&digits), digits);
        }
    }

    proptest::proptest! {
        #[test]
        fn nothing_is_found_in_a_plain_text(
            text in "([a-z0-9/]{0,80})|([a-f0-9-]{0,80})|(hmac-sha256:[a-f0-9]{60,66})",
            place in 0usize..80,
            put in "[=:.A_ -]?",
        ) {
            let mut text = text;
            text.insert_str(place.min(text.len()), &put);
            if is_plain(text.as_bytes()) {
                assert!(!holds(&text), "{text}");
            }
        }

        #[test]
        fn what_holds_a_secret_is_never_plain(
            beginning in proptest::sample::select(beginnings().collect::<Vec<_>>()),
            body in "[a-zA-Z0-9]{16,40}",
        ) {
            let text = [beginning, body.as_bytes()].concat();
            assert!(!is_plain(&text));
        }
    }
}
