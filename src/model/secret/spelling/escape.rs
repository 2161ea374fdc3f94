//! Escapes: percent, backslash, HTML, quoted-printable.

use super::{Places, Reading};

/// Backslashes before an escape: twice as many with each quotation.
const QUOTED: usize = 16;
/// Signs of a token that HTML has names for, and what shows nothing.
const NAMED: [(&[u8], char); 14] = [
    (b"&period;", '.'),
    (b"&hyphen;", '-'),
    (b"&dash;", '-'),
    (b"&lowbar;", '_'),
    (b"&UnderBar;", '_'),
    (b"&colon;", ':'),
    (b"&equals;", '='),
    (b"&plus;", '+'),
    (b"&sol;", '/'),
    (b"&commat;", '@'),
    (b"&quot;", '"'),
    (b"&apos;", '\''),
    (b"&ZeroWidthSpace;", '\u{200b}'),
    (b"&shy;", '\u{ad}'),
];
/// The longest number of an HTML escape.
const LONGEST_NUMBER: usize = 8;

/// The text without its escapes.
pub(super) fn unescaped(text: &[u8]) -> Option<Reading> {
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

/// The text without the escapes of mail: `=2E`, and `=` at the end of a line.
pub(super) fn quoted_printable(text: &[u8]) -> Option<Reading> {
    let mut decoded = Vec::new();
    let mut places = Vec::new();
    let (mut from, mut kept) = (0, 0);
    for sign in memchr::memchr_iter(b'=', text) {
        let behind = text.get(sign + 1..).unwrap_or_default();
        let (byte, length) = match behind {
            [b'\n', ..] => (None, 2),
            [b'\r', b'\n', ..] => (None, 3),
            _ => match number(behind, 2, 16) {
                Some((value, _)) => (u8::try_from(value).ok(), 3),
                None => continue,
            },
        };
        if sign < from {
            continue;
        }
        kept += 1;
        decoded.extend_from_slice(text.get(from..sign).unwrap_or_default());
        places.extend(from..sign);
        decoded.extend(byte);
        places.extend(byte.map(|_| sign));
        from = sign + length;
    }
    if kept == 0 {
        return None;
    }
    decoded.extend_from_slice(text.get(from..).unwrap_or_default());
    places.extend(from..=text.len());
    Some(Reading {
        text: decoded,
        from: Places::Each(places),
    })
}

/// The number of so many digits that `text` begins with, and their count.
fn number(text: &[u8], count: usize, radix: u32) -> Option<(u32, usize)> {
    let digits = std::str::from_utf8(text.get(..count)?).ok()?;
    let sound = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    let value = u32::from_str_radix(digits, radix).ok().filter(|_| sound)?;
    Some((value, count))
}

/// What an escape stands for.
enum Unit {
    Character(char),
    Byte(u8),
}

/// What `text` begins with an escape of, and how long that is.
fn escape(text: &[u8]) -> Option<(Unit, usize)> {
    let digits = |from: usize, count: usize, radix: u32| {
        let (value, count) = number(text.get(from..)?, count, radix)?;
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
            let (from, radix) = match text.get(2) {
                Some(b'x' | b'X') => (3, 16),
                _ => (2, 10),
            };
            let written = text.get(from..)?.iter().take(LONGEST_NUMBER);
            let count = written.take_while(|byte| char::from(**byte).is_digit(radix));
            let (c, end) = digits(from, count.count(), radix)?;
            // Browsers do without the sign at the end.
            let closed = text.get(end) == Some(&b';');
            character((c, end + usize::from(closed)))
        }
        [b'&', ..] => {
            let mut named = NAMED.iter();
            let (name, c) = named.find(|(name, _)| text.starts_with(name))?;
            Some((Unit::Character(*c), name.len()))
        }
        _ => None,
    }
}
