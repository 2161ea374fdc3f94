//! Texts in pieces: quotations put together, and one sign between all letters.

use super::{Places, Reading, SHORTEST};

/// Blanks beside the sign between two quotations.
const BLANKS: usize = 8;
/// Bytes between two letters: `", "` and one more.
const BETWEEN: usize = 5;

/// The text with its quotations put together (`"a" + "b"`, `a""b`, `a\` and the next line), and
/// without the backslashes that a shell drops.
pub(super) fn unquoted(text: &[u8]) -> Option<Reading> {
    let mut kept = Vec::with_capacity(text.len());
    let mut places = Vec::with_capacity(text.len() + 1);
    let mut at = 0;
    while let Some(byte) = text.get(at) {
        let seam = seam(text.get(at..).unwrap_or_default());
        if seam == 0 {
            kept.push(*byte);
            places.push(at);
        }
        at += seam.max(1);
    }
    places.push(text.len());
    (kept.len() < text.len()).then_some(Reading {
        text: kept,
        from: Places::Each(places),
    })
}

/// Length of what holds two pieces together, if `text` begins with it.
fn seam(text: &[u8]) -> usize {
    let is_quote = |byte: Option<&u8>| matches!(byte, Some(b'"' | b'\'' | b'`'));
    match text {
        [b'\\', b'\n', ..] => 2,
        [b'\\', b'\r', b'\n', ..] => 3,
        [b'\\', next, ..] if next.is_ascii_alphanumeric() || b"._-".contains(next) => 1,
        [b'"' | b'\'' | b'`', behind @ ..] => {
            let blank = |from: usize| {
                let rest = behind.iter().skip(from).take(BLANKS);
                from + rest.take_while(|byte| matches!(byte, b' ' | b'\t')).count()
            };
            let sign = blank(0);
            let signs = behind.get(sign..).unwrap_or_default();
            let length = match signs {
                [b'|', b'|', ..] | [b'.', b'.', ..] => 2,
                [b'+' | b'.' | b'&' | b'$', ..] => 1,
                _ => 0,
            };
            let next = blank(sign + length);
            match is_quote(behind.get(next)) {
                true => next + 2,
                false => 0,
            }
        }
        _ => 0,
    }
}

/// Letters between which the same signs stand each time.
pub(super) fn interleaved(text: &[u8]) -> Vec<Reading> {
    let mut readings = Vec::new();
    let mut at = 0;
    while at + 2 * SHORTEST <= text.len() {
        let rest = text.get(at..).unwrap_or_default();
        // Behind most letters stands another one.
        if rest.get(1).is_none_or(u8::is_ascii_alphanumeric) {
            at += 1;
            continue;
        }
        let mut steps = (2..=BETWEEN + 1).map(|step| (letters(rest, step), step));
        let Some((letters, step)) = steps.find(|(letters, _)| *letters >= SHORTEST) else {
            at += 1;
            continue;
        };
        let places: Vec<usize> = (0..letters).map(|n| at + n * step).collect();
        let letter = |place: &usize| text.get(*place).copied();
        at = text.len().min(at + letters * step);
        readings.push(Reading {
            text: places.iter().filter_map(letter).collect(),
            from: Places::Each(places.into_iter().chain([at]).collect()),
        });
    }
    readings
}

/// How many letters stand so far from one another, with the same signs between them.
fn letters(text: &[u8], step: usize) -> usize {
    // Most places are told by two bytes.
    if text.get(1) != text.get(1 + step) {
        return 0;
    }
    let Some((signs, behind)) = text
        .get(1..)
        .and_then(|rest| rest.split_at_checked(step - 1))
    else {
        return 0;
    };
    let is_sign = |byte: &u8| !byte.is_ascii_alphanumeric();
    if !signs.iter().all(is_sign) {
        return 0;
    }
    let (mut count, mut ended) = (0, false);
    let letters = text.iter().take(1).chain(behind.iter().step_by(step));
    let between = behind
        .chunks(step)
        .map(|part| part.get(1..).unwrap_or_default());
    for (letter, between) in letters.zip(std::iter::once(signs).chain(between)) {
        if ended || !letter.is_ascii_graphic() {
            break;
        }
        count += 1;
        ended = between != signs;
    }
    count
}
