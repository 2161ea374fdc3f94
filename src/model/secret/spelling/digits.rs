//! Runs of digits: hexadecimal, base64, base32, and what is packed behind them.

use std::io::Read;
use std::ops::Range;

use base64::Engine as _;
use base64::alphabet::URL_SAFE;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use flate2::read::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};

use super::turned::moved;
use super::{HEXADECIMAL, Places, Reading, SHORTEST, SHOWN, UPPER, is_text};

/// Bytes of a run that are decoded at a time; a secret is shorter than what two have in common.
const PART: usize = 256 << 10;
const COMMON: usize = 4 << 10;
/// Segments of a path that are looked at by themselves.
const SEGMENTS: usize = 32;
/// Bytes of what is packed that are looked at.
const INFLATED: u64 = 1 << 20;
/// Bytes of text that are no accident of a stream that says nothing of itself.
const LEAST_SAID: usize = 12;
/// What zstd may keep of what it unpacked: eight megabytes.
const WINDOW: u32 = 23;

/// Either alphabet, padded or not.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &URL_SAFE,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// What a run of digits says; `any` and `all` are the classes that some and all of them have.
pub(super) fn run(
    text: &[u8],
    run: Range<usize>,
    (any, all): (u8, u8),
    readings: &mut Vec<Reading>,
) {
    let digits = text.get(run.clone()).unwrap_or_default();
    let backwards: Vec<u8> = digits.iter().rev().copied().collect();
    if all & HEXADECIMAL != 0 {
        let ways = [digits, &backwards];
        readings.extend(ways.into_iter().find_map(hexadecimal).map(|text| Reading {
            text,
            from: Places::Run(run.clone()),
        }));
    }
    readings.extend(base32_runs(digits, &run));
    // The base64 of any text has capitals.
    if any & UPPER == 0 {
        return;
    }
    // Base64 itself may be turned: `rev`, `tr A-Za-z a-zA-Z`, `tr A-Za-z N-ZA-Mn-za-m`.
    let swapped: Vec<u8> = digits.iter().map(swapped).collect();
    let moved: Vec<u8> = digits.iter().map(|byte| moved(*byte)).collect();
    for way in [backwards, swapped, moved] {
        for from in (0..way.len()).step_by(PART - COMMON) {
            let part = way.get(from..way.len().min(from + PART));
            readings.extend(part.and_then(base64).map(|text| Reading {
                text,
                from: Places::Run(run.clone()),
            }));
        }
    }
    let padding = text.get(run.end..).unwrap_or_default();
    let padding = padding.iter().take(2).take_while(|byte| **byte == b'=');
    let end = run.end + padding.count();
    let mut read = |from: usize, to: usize| {
        let part = text.get(from..to).unwrap_or_default();
        readings.extend(base64(part).map(|text| Reading {
            text,
            from: Places::Run(from..if to == run.end { end } else { to }),
        }));
    };
    for from in (run.start..run.end).step_by(PART - COMMON) {
        read(from, run.end.min(from + PART));
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
            read(from, to);
        }
    }
}

/// A letter in the other case.
fn swapped(letter: &u8) -> u8 {
    match letter.is_ascii_lowercase() {
        true => letter.to_ascii_uppercase(),
        false => letter.to_ascii_lowercase(),
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
    let head = decode(digits.get(..8)?)?;
    if let Some(unpack) = packed(&head) {
        return Some(unpack(&decode(digits)?));
    }
    Some(head).filter(|head| is_text(head))?;
    decode(digits).filter(|text| is_text(text))
}

/// What the words of a run say that are base32.
fn base32_runs(digits: &[u8], run: &Range<usize>) -> Vec<Reading> {
    let mut readings = Vec::new();
    let mut start = 0;
    for word in digits.split(|byte| !byte.is_ascii_alphanumeric()) {
        let place = run.start + start..run.start + start + word.len();
        start += word.len() + 1;
        if word.len() < SHORTEST {
            continue;
        }
        let alphabets: [fn(u8) -> Option<u8>; 2] = [base32_digit, base32hex_digit];
        let told = alphabets.iter().find_map(|digit| base32(word, *digit));
        readings.extend(told.map(|text| Reading {
            text,
            from: Places::Run(place),
        }));
    }
    readings
}

/// The value of a digit (RFC 4648, section 6); some programs write small letters.
fn base32_digit(digit: u8) -> Option<u8> {
    match digit.to_ascii_uppercase() {
        letter @ b'A'..=b'Z' => Some(letter - b'A'),
        number @ b'2'..=b'7' => Some(number - b'2' + 26),
        _ => None,
    }
}

/// The value of a digit of the other alphabet (section 7).
fn base32hex_digit(digit: u8) -> Option<u8> {
    match digit.to_ascii_uppercase() {
        number @ b'0'..=b'9' => Some(number - b'0'),
        letter @ b'A'..=b'V' => Some(letter - b'A' + 10),
        _ => None,
    }
}

/// What digits of five bits say, from the first one that they can begin with.
fn base32(digits: &[u8], value: fn(u8) -> Option<u8>) -> Option<Vec<u8>> {
    let values: Vec<u8> = digits
        .iter()
        .map(|digit| value(*digit))
        .collect::<Option<_>>()?;
    let decode = |values: &[u8]| {
        let mut decoded = Vec::with_capacity(values.len() * 5 / 8);
        let (mut bits, mut held) = (0u32, 0u32);
        for value in values {
            bits = (bits << 5 | u32::from(*value)) & 0xfff;
            held += 5;
            if held >= 8 {
                held -= 8;
                decoded.extend(u8::try_from(bits >> held & 0xff));
            }
        }
        decoded
    };
    (0..8).find_map(|skipped| {
        let values = values.get(skipped..)?;
        let head = decode(values.get(..16.min(values.len()))?);
        is_text(&head)
            .then(|| decode(values))
            .filter(|text| is_text(text))
    })
}

/// What digits say from the first one that they can begin with: other digits may stand before it.
fn base64(digits: &[u8]) -> Option<Vec<u8>> {
    let decode = |digits: &[u8]| {
        // One digit alone says nothing.
        let whole = digits.len() - usize::from(digits.len() % 4 == 1);
        let digits = digits.get(..whole)?.iter().map(|digit| match digit {
            b'+' => b'-',
            b'/' => b'_',
            other => *other,
        });
        BASE64.decode(digits.collect::<Vec<u8>>()).ok()
    };
    (0..4).find_map(|skipped| {
        let digits = digits.get(skipped..)?;
        let head = decode(digits.get(..SHOWN.min(digits.len()) / 4 * 4)?)?;
        if let Some(unpack) = packed(&head) {
            return Some(unpack(&decode(digits)?));
        }
        if skipped == 0 && deflated(&head) {
            return Some(inflated(DeflateDecoder::new(decode(digits)?.as_slice())));
        }
        if let Some(wide) = wide(&head) {
            return is_text(&wide)
                .then(|| decode(digits))
                .flatten()
                .and_then(|text| self::wide(&text));
        }
        is_text(&head).then(|| decode(digits)).flatten()
    })
}

/// What packed bytes hold.
pub(super) type Unpack = fn(&[u8]) -> Vec<u8>;

/// How what begins so is unpacked, if it is packed.
pub(super) fn packed(head: &[u8]) -> Option<Unpack> {
    match head {
        [0x1f, 0x8b, ..] => Some(|bytes| inflated(MultiGzDecoder::new(bytes))),
        [0x78, 0x01 | 0x5e | 0x9c | 0xda, ..] => Some(|bytes| inflated(ZlibDecoder::new(bytes))),
        [0x28, 0xb5, 0x2f, 0xfd, ..] => Some(|bytes| {
            let mut decoder = zstd::Decoder::with_buffer(bytes);
            if let Ok(decoder) = &mut decoder {
                let _ = decoder.window_log_max(WINDOW);
            }
            decoder.map(inflated).unwrap_or_default()
        }),
        _ => None,
    }
}

/// Whether bytes are packed without a word about it (`zlib` with a negative window, Python's
/// `wbits=-15`): what a few of them say is text.
fn deflated(head: &[u8]) -> bool {
    // The kind of the first block: one of the four is none, and one holds its text as it is.
    if !matches!(head.first().map(|byte| byte >> 1 & 3), Some(1 | 2)) {
        return false;
    }
    let mut said = Vec::new();
    let _ = DeflateDecoder::new(head)
        .take(SHOWN as u64)
        .read_to_end(&mut said);
    said.len() >= LEAST_SAID && is_text(&said)
}

/// What a damaged stream gave before it ended is looked at too.
fn inflated(packed: impl Read) -> Vec<u8> {
    let mut inflated = Vec::new();
    let _ = packed.take(INFLATED).read_to_end(&mut inflated);
    inflated
}

/// The characters of a text of sixteen bits each (`powershell -EncodedCommand`), those of one byte.
fn wide(text: &[u8]) -> Option<Vec<u8>> {
    let zero = |from: usize| {
        let mut bytes = text.iter().skip(from).step_by(2);
        text.len() >= 8 && bytes.all(|byte| *byte == 0)
    };
    let kept = match (zero(1), zero(0)) {
        (true, false) => 0,
        (false, true) => 1,
        _ => return None,
    };
    Some(text.iter().skip(kept).step_by(2).copied().collect())
}
