//! Secrets that a text holds in another spelling: percent, backslash and HTML escapes, hexadecimal,
//! base64, gzip behind base64, cut in pieces by characters that nobody sees, and these within one
//! another.
//!
//! A runner masks a value as it is, so whoever prints one to take it away spells it differently; and
//! what stands encoded in a log is as good as plain. What loses the value (upper case) and what only
//! its author can undo (a cipher, another order) is not looked for.

use std::io::Read as _;
use std::ops::Range;

use base64::Engine as _;
use base64::alphabet::URL_SAFE;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use flate2::read::MultiGzDecoder;

use super::find;

/// A secret in another spelling.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spelled {
    /// Name of its pattern.
    pub pattern: &'static str,
    /// What may be shown of it.
    pub redacted: String,
    /// Where its spelling stands in the text.
    pub range: Range<usize>,
}

/// Spellings within spellings that are followed.
const DEPTH: usize = 4;
/// The shortest run of digits that may hold a secret.
const SHORTEST: usize = 20;
/// Bytes of a run that are decoded at a time; a secret is shorter than what two have in common.
const PART: usize = 256 << 10;
const COMMON: usize = 4 << 10;
/// Backslashes before an escape: twice as many with each quotation.
const QUOTED: usize = 16;
/// Segments of a path that are looked at by themselves.
const SEGMENTS: usize = 32;
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

/// What a byte may be part of: a run of base64 or of hexadecimal digits, an escape, something that
/// nobody sees. Most texts of a log hold nothing of it that is worth a second look.
const CLASSES: [u8; 256] = classes();
const DIGIT: u8 = 1;
const HEXADECIMAL: u8 = 2;
const UPPER: u8 = 4;
const ESCAPE: u8 = 8;
const ODD: u8 = 16;

const fn classes() -> [u8; 256] {
    let mut classes = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        let c = byte as u8;
        let mut class = 0;
        if c.is_ascii_alphanumeric() || matches!(c, b'+' | b'/' | b'-' | b'_') {
            class |= DIGIT;
        }
        if c.is_ascii_hexdigit() {
            class |= HEXADECIMAL;
        }
        if c.is_ascii_uppercase() {
            class |= UPPER;
        }
        if matches!(c, b'%' | b'\\' | b'&') {
            class |= ESCAPE;
        }
        if (c < 0x20 && !matches!(c, b'\n' | b'\t')) || c >= 0x7f {
            class |= ODD;
        }
        classes[byte] = class;
        byte += 1;
    }
    classes
}

/// What a text hides, in order, without overlaps.
#[must_use]
pub fn spelled(text: &[u8]) -> Vec<Spelled> {
    let mut found = search(text, DEPTH);
    found.sort_by_key(|spelled| (spelled.range.start, std::cmp::Reverse(spelled.range.end)));
    let mut end = 0;
    found.retain(|spelled| {
        let own = spelled.range.start >= end;
        end = end.max(spelled.range.end);
        own
    });
    found
}

fn search(text: &[u8], depth: usize) -> Vec<Spelled> {
    let mut all = Vec::new();
    for reading in readings(text) {
        let secrets = find(&reading.text);
        all.extend(secrets.iter().map(|secret| Spelled {
            pattern: secret.pattern,
            redacted: secret.redacted(&reading.text),
            range: reading.place(&secret.range),
        }));
        // What was found may be the first piece of one that is cut once more.
        let cut = matches!(reading.from, Places::Each(_));
        if depth > 1 && (cut || secrets.is_empty()) {
            let inner = search(&reading.text, depth - 1).into_iter();
            all.extend(inner.map(|spelled| Spelled {
                range: reading.place(&spelled.range),
                ..spelled
            }));
        }
    }
    all
}

/// What a part of a text says.
struct Reading {
    text: Vec<u8>,
    from: Places,
}

/// What a reading was read from.
enum Places {
    /// A run of digits, which stand for it only together.
    Run(Range<usize>),
    /// Where each byte begins, and where the last one ends.
    Each(Vec<usize>),
}

impl Reading {
    /// The place in the text that spells this part of the reading.
    fn place(&self, part: &Range<usize>) -> Range<usize> {
        match &self.from {
            Places::Run(range) => range.clone(),
            Places::Each(from) => {
                let at = |byte: usize| from.get(byte).or(from.last()).copied().unwrap_or(0);
                at(part.start)..at(part.end)
            }
        }
    }
}

/// Everything that a text may be read as.
fn readings(text: &[u8]) -> Vec<Reading> {
    let mut readings = Vec::new();
    let (mut seen, mut start, mut any, mut all) = (0, 0, 0, u8::MAX);
    for at in 0..=text.len() {
        let class = text.get(at).map_or(0, |byte| CLASSES[usize::from(*byte)]);
        seen |= class;
        if class & DIGIT != 0 {
            any |= class;
            all &= class;
            continue;
        }
        if at - start >= SHORTEST {
            run(text, start..at, (any, all), &mut readings);
        }
        (start, any, all) = (at + 1, 0, u8::MAX);
    }
    if seen & ESCAPE != 0 {
        readings.extend(unescaped(text));
    }
    if seen & ODD != 0 {
        readings.extend(joined(text));
    }
    readings
}

/// What a run of digits says; `any` and `all` are the classes that some and all of them have.
fn run(text: &[u8], run: Range<usize>, (any, all): (u8, u8), readings: &mut Vec<Reading>) {
    let digits = text.get(run.clone()).unwrap_or_default();
    if all & HEXADECIMAL != 0 {
        readings.extend(hexadecimal(digits).map(|text| Reading {
            text,
            from: Places::Run(run.clone()),
        }));
    }
    // The base64 of any text has capitals.
    if any & UPPER == 0 {
        return;
    }
    let padding = text.get(run.end..).unwrap_or_default();
    let padding = padding.iter().take(2).take_while(|byte| **byte == b'=');
    let end = run.end + padding.count();
    let mut from = run.start;
    while from < run.end {
        let to = run.end.min(from + PART);
        let part = text.get(from..to).unwrap_or_default();
        readings.extend(base64(part).map(|text| Reading {
            text,
            from: Places::Run(from..if to == run.end { end } else { to }),
        }));
        from += PART - COMMON;
    }
    // A slash is a digit too: what stands in a path begins, or begins and ends, at one.
    let slashes = memchr::memchr_iter(b'/', digits).map(|at| run.start + at);
    let slashes: Vec<usize> = slashes.take(SEGMENTS).chain([run.end]).collect();
    for pair in slashes.windows(2) {
        let &[before, next] = pair else { continue };
        for to in [next, run.end] {
            let from = before + 1;
            if to < from + SHORTEST || (to == run.end && to - from > PART) {
                continue;
            }
            let part = text.get(from..to).unwrap_or_default();
            readings.extend(base64(part).map(|text| Reading {
                text,
                from: Places::Run(from..if to == run.end { end } else { to }),
            }));
        }
    }
}

fn hexadecimal(digits: &[u8]) -> Option<Vec<u8>> {
    let value = |digit: &u8| char::from(*digit).to_digit(16);
    let decode = |digits: &[u8]| {
        let decoded = digits.chunks_exact(2).map(|pair| {
            let (high, low) = (value(pair.first()?)?, value(pair.get(1)?)?);
            u8::try_from(high << 4 | low).ok()
        });
        decoded.collect::<Option<Vec<u8>>>()
    };
    // Most runs are a digest, and show it at once.
    decode(digits.get(..8)?).filter(|head| is_text(head))?;
    decode(digits).filter(|text| is_text(text))
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

/// The text without its escapes.
fn unescaped(text: &[u8]) -> Option<Reading> {
    let mut decoded = Vec::with_capacity(text.len());
    let mut places = Vec::with_capacity(text.len() + 1);
    let (mut from, mut escapes) = (0, 0usize);
    while let Some(byte) = text.get(from) {
        match escape(text.get(from..).unwrap_or_default()) {
            Some((spelled, length)) => {
                let mut bytes = [0; 4];
                let encoded: &[u8] = match spelled {
                    Unit::Character(c) => c.encode_utf8(&mut bytes).as_bytes(),
                    Unit::Byte(byte) => {
                        bytes[0] = byte;
                        &bytes[..1]
                    }
                };
                decoded.extend_from_slice(encoded);
                places.extend(std::iter::repeat_n(from, encoded.len()));
                escapes += 1;
                from += length;
            }
            None => {
                decoded.push(*byte);
                places.push(from);
                from += 1;
            }
        }
    }
    places.push(text.len());
    (escapes > 0).then_some(Reading {
        text: decoded,
        from: Places::Each(places),
    })
}

/// The text without the characters that nobody sees.
fn joined(text: &[u8]) -> Option<Reading> {
    let mut kept = Vec::with_capacity(text.len());
    let mut places = Vec::with_capacity(text.len() + 1);
    let mut at = 0;
    for chunk in text.utf8_chunks() {
        for (offset, c) in chunk.valid().char_indices() {
            if is_seen(c) {
                let bytes = &chunk.valid().as_bytes()[offset..offset + c.len_utf8()];
                kept.extend_from_slice(bytes);
                places.extend(std::iter::repeat_n(at + offset, bytes.len()));
            }
        }
        at += chunk.valid().len() + chunk.invalid().len();
    }
    places.push(text.len());
    (kept.len() < text.len()).then_some(Reading {
        text: kept,
        from: Places::Each(places),
    })
}

/// Whether a character shows, or moves what shows.
fn is_seen(c: char) -> bool {
    let hidden = matches!(c,
        '\u{00AD}' | '\u{034F}' | '\u{061C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}'
        | '\u{180B}'..='\u{180E}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}'
        | '\u{2060}'..='\u{206F}' | '\u{3164}' | '\u{FFA0}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}'
        | '\u{FFF9}'..='\u{FFFD}' | '\u{E0000}'..='\u{E0FFF}');
    matches!(c, '\n' | '\t') || !(hidden || c.is_control())
}

/// What an escape stands for.
enum Unit {
    Character(char),
    Byte(u8),
}

/// What `text` begins with an escape of, and how long that is.
fn escape(text: &[u8]) -> Option<(Unit, usize)> {
    let digits = |from: usize, count: usize, radix: u32| {
        let digits = std::str::from_utf8(text.get(from..from + count)?).ok()?;
        let sound = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        let value = u32::from_str_radix(digits, radix).ok().filter(|_| sound)?;
        Some((value, from + count))
    };
    let byte = |(value, end)| Some((Unit::Byte(u8::try_from(value).ok()?), end));
    let character = |(value, end)| Some((Unit::Character(char::from_u32(value)?), end));
    match text {
        [b'%', ..] => byte(digits(1, 2, 16)?),
        // A backslash may itself be escaped, as in JSON within JSON.
        [b'\\', b'\\', ..] => {
            let slashes = text.iter().take(QUOTED).take_while(|byte| **byte == b'\\');
            let before = slashes.count() - 1;
            let rest = text
                .get(before..)
                .filter(|rest| !rest.starts_with(b"\\\\"))?;
            let (unit, length) = escape(rest)?;
            Some((unit, length + before))
        }
        [b'\\', b'u', b'{', ..] => {
            let end = text.iter().take(12).position(|byte| *byte == b'}')?;
            let (c, end) = digits(3, end.checked_sub(3)?, 16)?;
            character((c, end + 1))
        }
        [b'\\', b'u', ..] => character(digits(2, 4, 16)?),
        [b'\\', b'U', ..] => character(digits(2, 8, 16)?),
        [b'\\', b'x', ..] => byte(digits(2, 2, 16)?),
        [b'\\', b'0'..=b'3', ..] => byte(digits(1, 3, 8)?),
        [b'\\', b'r', ..] => Some((Unit::Byte(b'\r'), 2)),
        [b'\\', b'n', ..] => Some((Unit::Byte(b'\n'), 2)),
        [b'\\', b't', ..] => Some((Unit::Byte(b'\t'), 2)),
        [b'&', b'#', ..] => {
            let end = text.iter().take(12).position(|byte| *byte == b';')?;
            let (from, radix) = match text.get(2) {
                Some(b'x' | b'X') => (3, 16),
                _ => (2, 10),
            };
            let (c, end) = digits(from, end.checked_sub(from)?, radix)?;
            character((c, end + 1))
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
            ("json in json", each(|byte| format!("\\\\u{byte:04x}"))),
            ("a carriage return", TOKEN.replace("vq0", "vq\r0")),
            ("a zero-width space", TOKEN.replace("hvs", "h\u{200b}vs")),
            ("a control of eight bits", TOKEN.replace("5uE", "5u\u{9b}E")),
            ("a percent in it", TOKEN.replace('.', "%2E")),
            ("quoted by Rust", TOKEN.replace("vq0", "vq\\r0")),
            ("bytes of a name", TOKEN.replace("vq0", "vq\\xc2\\x9b0")),
            (
                "base64 in a path",
                format!("gitlab/projects/{}/x", standard(TOKEN)),
            ),
            ("cut late, in a name", TOKEN.replace("2LZ", "2L\\xc2\\x9bZ")),
            ("gzip", STANDARD.encode(gzip.finish().unwrap())),
        ]
    }

    #[test]
    fn a_secret_is_found_in_every_spelling_and_shown_in_none() {
        for (what, text) in spellings() {
            let line = format!("+ echo {text} | curl");
            let found = spelled(line.as_bytes());
            assert_eq!(found.len(), 1, "{what}: {found:?}");
            assert_eq!(found[0].pattern, "vault-service-token", "{what}");
            assert!(!found[0].redacted.contains("CAESI"), "{what}: {found:?}");
            let shown = crate::model::secret::redact(&line);
            assert!(
                shown.starts_with("+ echo ") && shown.ends_with(" | curl"),
                "{shown}"
            );
            assert!(shown.contains("****["), "{what}: {shown}");
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
            assert!(spelled(line.as_bytes()).is_empty());
        }
    }
}
