//! Lists of the codes of characters: decimal, hexadecimal, octal or binary, as programs print bytes.

use super::{Places, Reading, SHORTEST, is_text};

/// The longest text between two codes: a line break, its indent, and a name.
const LONGEST_GAP: usize = 16;
/// Digits of the longest code: eight of a byte in binary.
const LONGEST_CODE: usize = 8;

/// One code: where it stands, its digits, and whether a sign says that they are hexadecimal.
struct Code<'t> {
    start: usize,
    digits: &'t [u8],
    marked: bool,
}

/// What the lists of a text say.
pub(super) fn listed(text: &[u8]) -> Vec<Reading> {
    let mut readings = Vec::new();
    // Most texts hold fewer digits than a list of codes.
    if text.iter().filter(|byte| byte.is_ascii_digit()).count() < SHORTEST / 2 {
        return readings;
    }
    let mut codes: Vec<Code<'_>> = Vec::new();
    let (mut at, mut end) = (0, 0);
    while at < text.len() {
        let word = word(text, at);
        if word == 0 {
            at += 1;
            continue;
        }
        let told = text.get(at..at + word).and_then(|word| code(word, at));
        let goes_on = told.is_some() && at - end <= LONGEST_GAP;
        if !goes_on {
            read(&codes, end, &mut readings);
            codes.clear();
        }
        codes.extend(told);
        at += word;
        end = at;
    }
    read(&codes, end, &mut readings);
    readings
}

/// Length of the word at `at`: letters, digits, and the sign of `U+0068`.
fn word(text: &[u8], at: usize) -> usize {
    let behind = text.get(at..).unwrap_or_default();
    let word = |from: usize| {
        let rest = behind.iter().skip(from);
        rest.take_while(|byte| byte.is_ascii_alphanumeric()).count()
    };
    match behind {
        [b'U' | b'u', b'+', ..] => 2 + word(2),
        _ => word(0),
    }
}

fn code(word: &[u8], start: usize) -> Option<Code<'_>> {
    let (digits, marked) = match word {
        [b'0', b'x' | b'X', digits @ ..] | [b'U' | b'u', b'+', digits @ ..] => (digits, true),
        digits => (digits, false),
    };
    let sound = (1..=LONGEST_CODE).contains(&digits.len());
    (sound && digits.iter().all(u8::is_ascii_hexdigit)).then_some(Code {
        start,
        digits,
        marked,
    })
}

/// What a list says, by each base that its digits allow.
fn read(codes: &[Code<'_>], end: usize, readings: &mut Vec<Reading>) {
    if codes.len() < SHORTEST / 2 {
        return;
    }
    let lengths = |allowed: &[usize]| {
        codes
            .iter()
            .all(|code| allowed.contains(&code.digits.len()))
    };
    let among = |allowed: &[u8]| {
        let mut digits = codes.iter().flat_map(|code| code.digits);
        digits.all(|digit| allowed.contains(digit))
    };
    if codes.iter().all(|code| code.marked) {
        readings.extend(numbers(codes, 16, end));
        return;
    }
    if lengths(&[2, 4]) {
        readings.extend(pairs(codes, end, false));
        readings.extend(pairs(codes, end, true));
    }
    if lengths(&[7, 8]) && among(b"01") {
        readings.extend(numbers(codes, 2, end));
    }
    if lengths(&[3]) && among(b"01234567") {
        readings.extend(numbers(codes, 8, end));
    }
    if lengths(&[1, 2, 3]) && among(b"0123456789") {
        readings.extend(numbers(codes, 10, end));
    }
}

/// Each code the number of a character of one byte.
fn numbers(codes: &[Code<'_>], radix: u32, end: usize) -> Option<Reading> {
    let bytes = codes.iter().map(|code| {
        let digits = std::str::from_utf8(code.digits).ok()?;
        Some((u8::from_str_radix(digits, radix).ok()?, code.start))
    });
    reading(bytes.collect::<Option<Vec<_>>>()?, end)
}

/// Each code one byte or two in hexadecimal; of two, `od -x` writes the second one first.
fn pairs(codes: &[Code<'_>], end: usize, swapped: bool) -> Option<Reading> {
    let mut bytes = Vec::with_capacity(codes.len() * 2);
    for code in codes {
        let digits = std::str::from_utf8(code.digits).ok()?;
        let value = u16::from_str_radix(digits, 16).ok()?;
        let [high, low] = value.to_be_bytes();
        match (digits.len(), swapped) {
            (2, _) => bytes.push((low, code.start)),
            (_, false) => bytes.extend([(high, code.start), (low, code.start)]),
            (_, true) => bytes.extend([(low, code.start), (high, code.start)]),
        }
    }
    reading(bytes, end)
}

fn reading(bytes: Vec<(u8, usize)>, end: usize) -> Option<Reading> {
    let (text, mut places): (Vec<u8>, Vec<usize>) = bytes.into_iter().unzip();
    places.push(end);
    (text.len() >= SHORTEST && is_text(&text)).then_some(Reading {
        text,
        from: Places::Each(places),
    })
}
