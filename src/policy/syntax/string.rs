//! Quoted strings of HCL 1 and JSON.

use super::error::Faults;
use super::lexer::Lexer;
use crate::model::Span;

/// Reads a string whose opening quote has been taken, and unquotes it.
///
/// In HCL, quotes inside `${...}` do not end the string and its text stays as written.
pub(super) fn scan(
    lexer: &mut Lexer<'_>,
    start: usize,
    json: bool,
    faults: &mut Faults<'_>,
) -> String {
    let mut value = String::new();
    let mut braces = 0_usize;
    loop {
        let at = lexer.at;
        match lexer.peek() {
            None | Some('\0') => return unterminated(lexer, start, value, faults),
            Some('\n') if json || braces == 0 => return unterminated(lexer, start, value, faults),
            Some('"') if json || braces == 0 => {
                lexer.bump();
                return value;
            }
            Some('\\') => {
                lexer.bump();
                let escaped = escape(lexer, at, json, faults);
                if braces > 0 {
                    value.push_str(lexer.since(at));
                } else {
                    value.push(escaped);
                }
            }
            Some(c) => {
                lexer.bump();
                if braces == 0 && c == '$' && lexer.peek() == Some('{') && !json {
                    braces = 1;
                    lexer.bump();
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
    lexer: &mut Lexer<'_>,
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
    if lexer.peek() == Some('\0') {
        lexer.bump();
    }
    let first = lexer.since(start).lines().next().unwrap_or_default();
    let span = Span {
        start,
        end: start + first.len(),
    };
    faults.add(span, "string not terminated", first, help);
    value
}

/// Reads what follows a backslash.
fn escape(lexer: &mut Lexer<'_>, start: usize, json: bool, faults: &mut Faults<'_>) -> char {
    let c = match lexer.bump() {
        Some('a') => Some('\u{7}'),
        Some('b') => Some('\u{8}'),
        Some('f') => Some('\u{c}'),
        Some('n') => Some('\n'),
        Some('r') => Some('\r'),
        Some('t') => Some('\t'),
        Some('v') => Some('\u{b}'),
        Some('\\') => Some('\\'),
        Some('"') => Some('"'),
        Some(c @ '0'..='7') => digits(lexer, c.to_digit(8).unwrap_or(0), 2, 8).and_then(byte),
        Some('x') => digits(lexer, 0, 2, 16).and_then(byte),
        Some('u') => digits(lexer, 0, 4, 16).and_then(char::from_u32),
        Some('U') => digits(lexer, 0, 8, 16).and_then(char::from_u32),
        _ => None,
    };
    c.unwrap_or_else(|| {
        let text = lexer.since(start);
        let help = if json {
            "JSON escapes a quote as `\\\"`"
        } else {
            "write `\\\\` for `\\`"
        };
        let message = format!("illegal escape `{text}`");
        faults.add(
            Span {
                start,
                end: lexer.at,
            },
            message,
            text,
            help,
        );
        char::REPLACEMENT_CHARACTER
    })
}

/// Exactly `count` digits of `base`, behind those already in `value`.
fn digits(lexer: &mut Lexer<'_>, mut value: u32, count: usize, base: u32) -> Option<u32> {
    for _ in 0..count {
        let digit = lexer.peek()?.to_digit(base)?;
        lexer.bump();
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
