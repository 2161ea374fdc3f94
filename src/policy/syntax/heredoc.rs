//! Heredocs of HCL 1: `<<EOT` and `<<-EOT`.

use super::cursor::Cursor;
use super::error::Faults;
use super::token::Token;
use crate::model::Span;

/// What is wrong with a heredoc, and what to write.
type Fault = (&'static str, &'static str);

/// Reads a heredoc whose first `<` has been taken.
pub(super) fn scan(cursor: &mut Cursor<'_>, start: usize, faults: &mut Faults<'_>) -> Token {
    let read = anchor(cursor).and_then(|anchor| body(cursor, anchor));
    read.unwrap_or_else(|(message, help)| {
        let value = cursor.since(start).lines().next().unwrap_or_default();
        let span = Span {
            start,
            end: start + value.len(),
        };
        faults.add(span, message, value, help);
        Token::Illegal
    })
}

/// Reads the second `<` and the anchor, to the end of its line: the name, with the dash before it.
fn anchor<'t>(cursor: &mut Cursor<'t>) -> Result<&'t str, Fault> {
    if cursor.peek() != Some('<') {
        return Err(("expected `<<`", "a heredoc begins with `<<NAME`"));
    }
    cursor.bump();
    let start = cursor.at;
    if cursor.peek() == Some('-') {
        cursor.bump();
    }
    while cursor.peek().is_some_and(char::is_alphanumeric) || cursor.peek() == Some('_') {
        cursor.bump();
    }
    if cursor.peek() == Some('\r') {
        cursor.bump();
    }
    if cursor.peek() != Some('\n') {
        let help = "the name stands alone at the end of its line";
        return Err(("invalid heredoc anchor", help));
    }
    let anchor = cursor.since(start);
    if name(anchor).is_empty() {
        return Err(("empty heredoc anchor", "name the heredoc: `<<EOT`"));
    }
    cursor.bump();
    Ok(anchor)
}

fn name(anchor: &str) -> &str {
    anchor.strip_prefix('-').unwrap_or(anchor)
}

/// Reads the lines up to the one that closes the heredoc.
fn body(cursor: &mut Cursor<'_>, anchor: &str) -> Result<Token, Fault> {
    let start = cursor.at;
    let body = cursor.text.get(start..).unwrap_or_default();
    let mut length = 0;
    for line in body.split_inclusive('\n') {
        let Some(bare) = line.strip_suffix('\n') else {
            break;
        };
        // The scanner compares lengths with the anchor's dash counted in, so the closing name of
        // `<<-EOT` has to be indented by at least one character.
        let closes = bare.len() >= anchor.len()
            && bare
                .trim_start_matches([' ', '\t', '\r', '\u{b}', '\u{c}'])
                .strip_prefix(name(anchor))
                .is_some_and(|rest| rest.chars().all(|c| c == '\r'));
        if closes {
            cursor.at = start + length + line.len();
            let indent = bare.len() - bare.trim_start().len();
            let text = body.get(..length).unwrap_or_default();
            return Ok(Token::Heredoc(if anchor.starts_with('-') {
                unindent(text, indent)
            } else {
                text.to_owned()
            }));
        }
        length += line.len();
    }
    cursor.at = cursor.text.len();
    let help = "the closing name stands alone on a line of its own that ends with a newline";
    Err(("heredoc not terminated", help))
}

/// Takes the closing line's indent off every line, if every line has it.
fn unindent(text: &str, indent: usize) -> String {
    let blank = |line: &str| {
        line.get(..indent)
            .is_some_and(|head| head.trim().is_empty())
    };
    if !text.split_inclusive('\n').all(blank) {
        return text.to_owned();
    }
    text.split_inclusive('\n')
        .filter_map(|line| line.get(indent..))
        .collect()
}
