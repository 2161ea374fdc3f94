//! Quoted strings of HCL 1 and JSON.

use super::cursor::Cursor;
use super::error::Faults;
use crate::model::Span;

/// Reads a string whose opening quote has been taken, and unquotes it.
///
/// In HCL, quotes inside `${...}` do not end the string and its text stays as written.
pub(super) fn scan(
    cursor: &mut Cursor<'_>,
    start: usize,
    json: bool,
    faults: &mut Faults<'_>,
) -> String {
    let mut value = String::new();
    let mut braces = 0_usize;
    loop {
        let at = cursor.at;
        match cursor.peek() {
            None | Some('\0') => return unterminated(cursor, start, value, faults),
            Some('\n') if json || braces == 0 => return unterminated(cursor, start, value, faults),
            Some('"') if json || braces == 0 => {
                cursor.bump();
                return value;
            }
            Some('\\') => {
                cursor.bump();
                let escaped = escape(cursor, at, json, faults);
                if braces > 0 {
                    value.push_str(cursor.since(at));
                } else {
                    value.push(escaped);
                }
            }
            Some(c) => {
                cursor.bump();
                if braces == 0 && c == '$' && cursor.peek() == Some('{') && !json {
                    braces = 1;
                    cursor.bump();
                    value.push_str("${");
                    continue;
                }
                match c {
                    '{' if braces > 0 => braces += 1,
                    '}' if braces > 0 => braces -= 1,
                    _ => {}
                }
                value.push(c);
            }
        }
    }
}

fn unterminated(
    cursor: &mut Cursor<'_>,
    start: usize,
    value: String,
    faults: &mut Faults<'_>,
) -> String {
    let help = if value.contains("${") {
        "close the quote, and every `${` in it"
    } else {
        "close the quote on the same line"
    };
    // A null byte ends the text for the server; step over it so that reading goes on.
    if cursor.peek() == Some('\0') {
        cursor.bump();
    }
    let first = cursor.since(start).lines().next().unwrap_or_default();
    let span = Span {
        start,
        end: start + first.len(),
    };
    faults.add(span, "string not terminated", first, help);
    value
}

/// Reads what follows a backslash.
fn escape(cursor: &mut Cursor<'_>, start: usize, json: bool, faults: &mut Faults<'_>) -> char {
    let c = match cursor.bump() {
        Some('a') => Some('\u{7}'),
        Some('b') => Some('\u{8}'),
        Some('f') => Some('\u{c}'),
        Some('n') => Some('\n'),
        Some('r') => Some('\r'),
        Some('t') => Some('\t'),
        Some('v') => Some('\u{b}'),
        Some('\\') => Some('\\'),
        Some('"') => Some('"'),
        Some(c @ '0'..='7') => digits(cursor, c.to_digit(8).unwrap_or(0), 2, 8).and_then(byte),
        Some('x') => digits(cursor, 0, 2, 16).and_then(byte),
        Some('u') => digits(cursor, 0, 4, 16).and_then(char::from_u32),
        Some('U') => digits(cursor, 0, 8, 16).and_then(char::from_u32),
        _ => None,
    };
    c.unwrap_or_else(|| {
        let text = cursor.since(start);
        let help = if json {
            "JSON escapes a quote as `\\\"`"
        } else {
            "write `\\\\` for `\\`"
        };
        let message = format!("illegal escape `{text}`");
        faults.add(cursor.span(start), message, text, help);
        char::REPLACEMENT_CHARACTER
    })
}

/// Exactly `count` digits of `base`, behind those already in `value`.
fn digits(cursor: &mut Cursor<'_>, mut value: u32, count: usize, base: u32) -> Option<u32> {
    for _ in 0..count {
        let digit = cursor.peek()?.to_digit(base)?;
        cursor.bump();
        value = value.checked_mul(base)?.checked_add(digit)?;
    }
    Some(value)
}

/// A byte escape; one above 127 is no character and can match no path.
fn byte(value: u32) -> Option<char> {
    match value {
        0..=0x7f => char::from_u32(value),
        0x80..=0xff => Some(char::REPLACEMENT_CHARACTER),
        _ => None,
    }
}
