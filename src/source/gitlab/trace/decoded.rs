//! Secrets that a line holds in another spelling: percent, backslash and HTML escapes, hexadecimal,
//! base64, gzip behind base64, and these within one another.
//!
//! A runner masks a value as it is, so whoever prints one to take it away spells it differently. What
//! loses the value (upper case) and what only its author can undo (a cipher, another order) is not
//! looked for.

use std::io::Read as _;
use std::ops::Range;

use base64::Engine as _;
use base64::alphabet::URL_SAFE;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use flate2::read::MultiGzDecoder;

use crate::model::secret;

/// A secret in another spelling.
#[derive(Debug)]
pub(super) struct Hidden {
    pub(super) pattern: &'static str,
    pub(super) redacted: String,
    /// Where its spelling begins in the line.
    pub(super) at: usize,
}

/// Spellings within spellings that are followed.
const DEPTH: usize = 4;
/// Escapes that make a text one that is spelled with them.
const ESCAPES: usize = 4;
/// The shortest run of digits that may hold a secret.
const SHORTEST: usize = 20;
/// Bytes of a run that are decoded at a time; a secret is shorter than what two have in common.
const PART: usize = 256 << 10;
const COMMON: usize = 4 << 10;
/// Bytes by which a decoded text shows that it is one.
const SHOWN: usize = 64;
/// Bytes of what gzip holds that are looked at.
const INFLATED: u64 = 1 << 20;

/// Either alphabet, padded or not.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &URL_SAFE,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// What `line` hides outside of `known`, the places of what it shows.
pub(super) fn hidden(line: &[u8], known: &[Range<usize>]) -> Vec<Hidden> {
    let mut found = Vec::new();
    for (at, text) in spelled(line) {
        let shown = |range: &Range<usize>| range.contains(&at);
        if !known.iter().any(shown) {
            search(&text, at, DEPTH, &mut found);
        }
    }
    found
}

fn search(text: &[u8], at: usize, depth: usize, found: &mut Vec<Hidden>) {
    let secrets = secret::find(text);
    found.extend(secrets.iter().map(|secret| Hidden {
        pattern: secret.pattern,
        redacted: secret.redacted(text),
        at,
    }));
    let left = depth.saturating_sub(1);
    if left > 0 && secrets.is_empty() {
        for (_, inner) in spelled(text) {
            search(&inner, at, left, found);
        }
    }
}

/// The texts that a text spells otherwise, and where each begins.
fn spelled(text: &[u8]) -> Vec<(usize, Vec<u8>)> {
    let mut spelled = Vec::new();
    spelled.extend(unescaped(text));
    for run in runs(text, |byte| byte.is_ascii_hexdigit()) {
        let digits = text.get(run.clone()).unwrap_or_default();
        spelled.extend(hexadecimal(digits).map(|decoded| (run.start, decoded)));
    }
    let digit =
        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_');
    for run in runs(text, digit) {
        let mut from = run.start;
        while from < run.end {
            let part = text.get(from..run.end.min(from + PART)).unwrap_or_default();
            spelled.extend(base64(part).into_iter().map(|decoded| (from, decoded)));
            from += PART - COMMON;
        }
    }
    spelled
}

/// The runs of some digits that are long enough.
fn runs(text: &[u8], digit: impl Fn(u8) -> bool) -> Vec<Range<usize>> {
    let mut runs = Vec::new();
    let mut start = 0;
    for at in 0..=text.len() {
        if text.get(at).is_some_and(|byte| digit(*byte)) {
            continue;
        }
        if at - start >= SHORTEST {
            runs.push(start..at);
        }
        start = at + 1;
    }
    runs
}

fn hexadecimal(digits: &[u8]) -> Option<Vec<u8>> {
    let value = |digit: &u8| char::from(*digit).to_digit(16);
    let pairs = digits.chunks_exact(2);
    let decoded = pairs.map(|pair| {
        let (high, low) = (value(pair.first()?)?, value(pair.get(1)?)?);
        u8::try_from(high << 4 | low).ok()
    });
    decoded
        .collect::<Option<Vec<u8>>>()
        .filter(|text| is_text(text))
}

/// What digits say from the first one that they can begin with: other digits may stand before it.
fn base64(digits: &[u8]) -> Option<Vec<u8>> {
    let digits: Vec<u8> = digits
        .iter()
        .map(|digit| match digit {
            b'+' => b'-',
            b'/' => b'_',
            other => *other,
        })
        .collect();
    let decode = |digits: &[u8]| {
        // One digit alone says nothing.
        let whole = digits.len() - usize::from(digits.len() % 4 == 1);
        BASE64.decode(digits.get(..whole)?).ok()
    };
    (0..4).find_map(|skipped| {
        let digits = digits.get(skipped..)?;
        let head = decode(digits.get(..SHOWN.min(digits.len()) / 4 * 4)?)?;
        if head.starts_with(&[0x1f, 0x8b]) {
            let mut inflated = Vec::new();
            // What a damaged stream gave before it ended is looked at too.
            let _ = MultiGzDecoder::new(decode(digits)?.as_slice())
                .take(INFLATED)
                .read_to_end(&mut inflated);
            return Some(inflated);
        }
        is_text(&head).then(|| decode(digits)).flatten()
    })
}

/// Whether what was decoded is text and no accident.
fn is_text(decoded: &[u8]) -> bool {
    let head = decoded.get(..SHOWN.min(decoded.len())).unwrap_or_default();
    let seen = |byte: &&u8| matches!(byte, 0x20..=0x7e | b'\t' | b'\n' | b'\r');
    !head.is_empty() && head.iter().filter(seen).count() * 10 >= head.len() * 9
}

/// The text without its escapes, and where the first stands.
fn unescaped(text: &[u8]) -> Option<(usize, Vec<u8>)> {
    memchr::memchr3(b'%', b'\\', b'&', text)?;
    let mut decoded = Vec::with_capacity(text.len());
    let (mut from, mut escapes, mut first) = (0, 0usize, None);
    while let Some(byte) = text.get(from) {
        match escape(text.get(from..).unwrap_or_default()) {
            Some((c, length)) => {
                let mut bytes = [0; 4];
                decoded.extend_from_slice(c.encode_utf8(&mut bytes).as_bytes());
                escapes += 1;
                first.get_or_insert(from);
                from += length;
            }
            None => {
                decoded.push(*byte);
                from += 1;
            }
        }
    }
    (escapes >= ESCAPES).then_some((first?, decoded))
}

/// The character that `text` begins with an escape of, and how long that is.
fn escape(text: &[u8]) -> Option<(char, usize)> {
    let digits = |from: usize, count: usize, radix: u32| {
        let digits = std::str::from_utf8(text.get(from..from + count)?).ok()?;
        let sound = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        let value = u32::from_str_radix(digits, radix).ok().filter(|_| sound)?;
        Some((char::from_u32(value)?, from + count))
    };
    match text {
        [b'%', ..] => digits(1, 2, 16),
        [b'\\', b'u', b'{', ..] => {
            let end = text.iter().take(12).position(|byte| *byte == b'}')?;
            let (c, end) = digits(3, end.checked_sub(3)?, 16)?;
            Some((c, end + 1))
        }
        [b'\\', b'u', ..] => digits(2, 4, 16),
        [b'\\', b'U', ..] => digits(2, 8, 16),
        [b'\\', b'x', ..] => digits(2, 2, 16),
        [b'\\', b'0'..=b'3', ..] => digits(1, 3, 8),
        [b'&', b'#', ..] => {
            let end = text.iter().take(12).position(|byte| *byte == b';')?;
            let (from, radix) = match text.get(2) {
                Some(b'x' | b'X') => (3, 16),
                _ => (2, 10),
            };
            let (c, end) = digits(from, end.checked_sub(from)?, radix)?;
            Some((c, end + 1))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
    use std::io::Write as _;

    const TOKEN: &str = "hvs.CAESIJlS9vq0aVd7qYx0Tq2LZk3bW1mN8pR5uE6tY4oI7sAD";

    fn each(spell: impl Fn(u8) -> String) -> String {
        TOKEN.bytes().map(spell).collect()
    }

    fn spellings() -> Vec<(&'static str, String)> {
        let standard = |text: &str| STANDARD.encode(text);
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        gzip.write_all(TOKEN.as_bytes()).unwrap();
        let json = format!("{{\"auth\":{{\"client_token\":\"{TOKEN}\"}}}}");
        vec![
            ("percent", each(|byte| format!("%{byte:02X}"))),
            ("unicode", each(|byte| format!("\\u{byte:04x}"))),
            ("braced", each(|byte| format!("\\u{{{byte:x}}}"))),
            ("backslash x", each(|byte| format!("\\x{byte:02x}"))),
            ("octal", each(|byte| format!("\\{byte:03o}"))),
            ("html", each(|byte| format!("&#{byte};"))),
            ("html x", each(|byte| format!("&#x{byte:x};"))),
            ("hexadecimal", each(|byte| format!("{byte:02x}"))),
            ("base64 of JSON", standard(&json)),
            ("base64 for URLs", URL_SAFE_NO_PAD.encode(&json)),
            ("base64 behind a path", format!("a/b/{}", standard(&json))),
            ("base64 of one byte more", standard(&format!("ab {TOKEN}"))),
            ("base64 of base64", standard(&standard(TOKEN))),
            ("thrice", standard(&standard(&standard(TOKEN)))),
            (
                "hexadecimal of base64",
                standard(TOKEN)
                    .bytes()
                    .map(|b| format!("{b:02x}"))
                    .collect(),
            ),
            ("gzip", STANDARD.encode(gzip.finish().unwrap())),
        ]
    }

    #[test]
    fn a_secret_is_found_in_every_spelling_and_shown_in_none() {
        for (what, text) in spellings() {
            let line = format!("+ echo {text} | curl");
            let found = hidden(line.as_bytes(), &[]);
            assert_eq!(found.len(), 1, "{what}: {found:?}");
            assert_eq!(found[0].pattern, "vault-service-token", "{what}");
            assert!(!found[0].redacted.contains("CAESI"), "{what}: {found:?}");
            assert!(line.get(found[0].at..).is_some(), "{what}");
            let whole = 0..line.len();
            assert!(hidden(line.as_bytes(), &[whole]).is_empty(), "{what}");
        }
    }

    #[test]
    fn what_spells_nothing_is_nothing() {
        let long = "QUJD".repeat(1 << 18);
        for line in [
            "100% done \\o/ &amp; more",
            "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            "%%%%%%\\u\\x\\777&#;&#x;&#99999999;",
            &long,
        ] {
            assert!(hidden(line.as_bytes(), &[]).is_empty());
        }
    }
}
