//! Halves of surrogate pairs in the escapes of JSON: whoever cuts a text between the two writes one,
//! and no reader of Unicode takes it. What stands around it is read; the half is U+FFFD.

/// How long an escape is: `\ud83d`.
const ESCAPE: usize = 6;
/// What stands for half of a pair.
const REPLACEMENT: &[u8; ESCAPE] = b"\\ufffd";

/// The same text, as long as before, where it holds half of a pair; `None` where it holds none.
pub(super) fn mended(json: &[u8]) -> Option<Vec<u8>> {
    let mut mended: Option<Vec<u8>> = None;
    let mut at = 0;
    while let Some(found) = json.get(at..).and_then(|rest| memchr::memchr(b'\\', rest)) {
        at += found;
        let Some(half) = half(json, at) else {
            // A backslash takes what follows it, another backslash too.
            at += 2;
            continue;
        };
        if half == Half::High && self::half(json, at + ESCAPE) == Some(Half::Low) {
            at += 2 * ESCAPE;
            continue;
        }
        let text = mended.get_or_insert_with(|| json.to_vec());
        if let Some(escape) = text.get_mut(at..at + ESCAPE) {
            escape.copy_from_slice(REPLACEMENT);
        }
        at += ESCAPE;
    }
    mended
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Half {
    High,
    Low,
}

/// Which half of a pair is escaped at a place.
fn half(json: &[u8], at: usize) -> Option<Half> {
    match json.get(at..at + ESCAPE)? {
        [b'\\', b'u', b'd' | b'D', second, third, fourth]
            if third.is_ascii_hexdigit() && fourth.is_ascii_hexdigit() =>
        {
            match second {
                b'8' | b'9' | b'a' | b'b' | b'A' | b'B' => Some(Half::High),
                b'c'..=b'f' | b'C'..=b'F' => Some(Half::Low),
                _ => None,
            }
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_of_a_pair_is_replaced_and_nothing_else() {
        for (text, expected) in [
            (r#"{"a":"x"}"#, None),
            (r#"{"a":"\u00e9\n\\"}"#, None),
            (r#"{"a":"\ud83d\ude00"}"#, None),
            (r#"{"a":"\\ud83d"}"#, None),
            (r#"{"a":"\ud83d"}"#, Some(r#"{"a":"\ufffd"}"#)),
            (r#"{"a":"\uDE00x"}"#, Some(r#"{"a":"\ufffdx"}"#)),
            (
                r#"{"a":"\ud83d\ud83d\ude00"}"#,
                Some(r#"{"a":"\ufffd\ud83d\ude00"}"#),
            ),
            (r#"{"a":"\\\ud83dx"}"#, Some(r#"{"a":"\\\ufffdx"}"#)),
            (r#"{"\udc00":1,"a":"\ud8"#, Some(r#"{"\ufffd":1,"a":"\ud8"#)),
        ] {
            let mended = mended(text.as_bytes());
            assert_eq!(mended.as_deref(), expected.map(str::as_bytes), "{text}");
        }
    }
}
