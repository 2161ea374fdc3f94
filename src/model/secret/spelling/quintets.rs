//! Four bytes in five signs (Ascii85, the digits of RFC 1924 and of ZeroMQ), and the lines of uuencode.

use super::digits::packed;
use super::{Places, Reading, SHORTEST, is_text};

/// Signs that stand for four bytes.
const GROUP: usize = 5;
/// Groups at the beginning that must be text: no accident makes sixteen letters.
const SHOWN: usize = 4;
/// Places in a word where an encoding may begin behind a sign.
const STARTS: usize = 8;
/// No digit.
const NONE: u8 = u8::MAX;
/// The first digit of four bytes that are text.
const FIRST: std::ops::RangeInclusive<u8> = 10..=40;

/// Python's `a85encode`, `btoa` and PDF: the signs from `!` to `u`.
const ADOBE: [u8; 256] = {
    let mut digits = [NONE; 256];
    let mut digit = 0;
    while digit < 85 {
        digits[b'!' as usize + digit] = digit as u8;
        digit += 1;
    }
    digits
};
/// Python's `b85encode`, git and Mercurial.
const RFC1924: [u8; 256] = digits(
    b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;<=>?@^_`{|}~",
);
/// ZeroMQ's RFC 32.
const Z85: [u8; 256] = digits(
    b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#",
);

const fn digits(alphabet: &[u8; 85]) -> [u8; 256] {
    let mut digits = [NONE; 256];
    let mut digit = 0;
    while digit < alphabet.len() {
        digits[alphabet[digit] as usize] = digit as u8;
        digit += 1;
    }
    digits
}

/// What the words of a text say that are groups of five.
pub(super) fn words(text: &[u8]) -> Vec<Reading> {
    let mut readings = Vec::new();
    let mut start = 0;
    for word in text.split(|byte| !byte.is_ascii_graphic()) {
        let at = start;
        start += word.len() + 1;
        if word.len() < GROUP * SHOWN {
            continue;
        }
        let signs = word.iter().enumerate();
        let signs = signs.filter(|(_, byte)| b"\"'=:~(,".contains(byte));
        let starts = signs.map(|(sign, _)| sign + 1).take(STARTS);
        for from in std::iter::once(0).chain(starts) {
            let rest = word.get(from..).unwrap_or_default();
            let mut told = [&ADOBE, &RFC1924, &Z85].into_iter();
            let told = told.find_map(|digits| groups(rest, digits));
            readings.extend(told.map(|(text, length)| Reading {
                text,
                from: Places::Run(at + from..at + from + length),
            }));
        }
    }
    readings
}

/// What groups of five digits say, and how many digits they are; none where they are no text.
fn groups(text: &[u8], digits: &[u8; 256]) -> Option<(Vec<u8>, usize)> {
    let digit = |byte: &u8| digits.get(usize::from(*byte)).copied().unwrap_or(NONE);
    let head = text.get(..GROUP * SHOWN)?;
    let value = |group: &[u8]| {
        let values = group.iter().map(&digit).chain([84; GROUP]);
        values.take(GROUP).try_fold(0u32, |sum, digit| {
            let digit = (digit != NONE).then_some(u32::from(digit))?;
            sum.checked_mul(85)?.checked_add(digit)
        })
    };
    let decode = |text: &[u8]| {
        let mut decoded = Vec::with_capacity(text.len() * 4 / GROUP);
        for group in text.chunks(GROUP) {
            let Some(value) = value(group) else { break };
            decoded.extend(value.to_be_bytes().into_iter().take(group.len() - 1));
        }
        decoded
    };
    let length = || text.iter().take_while(|byte| digit(byte) != NONE).count();
    if let Some(unpack) = packed(&decode(head.get(..GROUP)?)) {
        let length = length();
        return Some((unpack(&decode(text.get(..length)?)), length));
    }
    // Most words are told by the first digit of each group.
    let mut firsts = head.iter().step_by(GROUP);
    let sound = firsts
        .all(|byte| FIRST.contains(&digit(byte)))
        .then(|| decode(head))?;
    if sound.len() < 4 * SHOWN || !is_text(&sound) {
        return None;
    }
    let length = length();
    Some((decode(text.get(..length)?), length))
}

/// What a line of uuencode says, or several that were put together.
pub(super) fn uuencoded(text: &[u8]) -> Vec<Reading> {
    let mut readings = Vec::new();
    let mut start = 0;
    for line in text.split(|byte| *byte == b'\n') {
        let own = line.trim_ascii_end();
        let range = start..start + own.len();
        start += line.len() + 1;
        let told = blocks(own).filter(|text| text.len() >= SHORTEST && is_text(text));
        readings.extend(told.map(|text| Reading {
            text,
            from: Places::Run(range),
        }));
    }
    readings
}

/// The bytes of blocks that each begin with their length; none where the last does not end the text.
fn blocks(mut text: &[u8]) -> Option<Vec<u8>> {
    let mut decoded = Vec::new();
    while let Some((length, rest)) = text.split_first() {
        let length = usize::from(
            length
                .checked_sub(0x20)
                .filter(|it| (1..=45).contains(it))?,
        );
        let whole = length.div_ceil(3) * 4;
        // Zeros may be blanks, and blanks at the end of a line go astray: those that only fill up.
        let lost = whole.saturating_sub(rest.len());
        if lost > (3 - length % 3) % 3 {
            return None;
        }
        let (block, next) = rest.split_at_checked(whole - lost)?;
        let begins = decoded.len();
        for four in block.chunks(4) {
            let value = four.iter().try_fold(0u32, |sum, sign| {
                let six = sign.checked_sub(0x20).filter(|six| *six <= 0x40)?;
                Some(sum << 6 | u32::from(six & 0x3f))
            })?;
            let value = value << (6 * (4 - four.len()));
            decoded.extend(value.to_be_bytes().into_iter().skip(1));
        }
        decoded.truncate(begins + length);
        text = next;
    }
    Some(decoded)
}
