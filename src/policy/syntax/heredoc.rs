//! Heredocs of HCL 1: `<<EOT` and `<<-EOT`.

use super::error::Faults;
use super::lexer::Lexer;
use super::token::Token;
use crate::model::Span;

/// Reads a heredoc whose first `<` has been taken.
pub(super) fn scan(lexer: &mut Lexer<'_>, start: usize, faults: &mut Faults<'_>) -> Token {
    let fault = |lexer: &Lexer<'_>, faults: &mut Faults<'_>, message: &str, help: &str| {
        let value = lexer.since(start).lines().next().unwrap_or_default();
        faults.add(
            Span {
                start,
                end: start + value.len(),
            },
            message,
            value,
            help,
        );
        Token::Illegal
    };
    if lexer.peek() != Some('<') {
        return fault(
            lexer,
            faults,
            "expected `<<`",
            "a heredoc begins with `<<NAME`",
        );
    }
    lexer.bump();
    let anchor_start = lexer.at;
    if lexer.peek() == Some('-') {
        lexer.bump();
    }
    while lexer.peek().is_some_and(char::is_alphanumeric) || lexer.peek() == Some('_') {
        lexer.bump();
    }
    if lexer.peek() == Some('\r') {
        lexer.bump();
    }
    if lexer.peek() != Some('\n') {
        let help = "the name stands alone at the end of its line";
        return fault(lexer, faults, "invalid heredoc anchor", help);
    }
    let anchor = lexer.since(anchor_start);
    let name = anchor.strip_prefix('-').unwrap_or(anchor);
    if name.is_empty() {
        return fault(
            lexer,
            faults,
            "empty heredoc anchor",
            "name the heredoc: `<<EOT`",
        );
    }
    lexer.bump();
    let body_start = lexer.at;
    let body = lexer.text.get(body_start..).unwrap_or_default();
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
                .strip_prefix(name)
                .is_some_and(|rest| rest.chars().all(|c| c == '\r'));
        if closes {
            lexer.at = body_start + length + line.len();
            let indent = bare.len() - bare.trim_start().len();
            let text = body.get(..length).unwrap_or_default();
            return Token::Heredoc(if anchor.starts_with('-') {
                unindent(text, indent)
            } else {
                text.to_owned()
            });
        }
        length += line.len();
    }
    lexer.at = lexer.text.len();
    let help = "the closing name stands alone on a line of its own that ends with a newline";
    fault(lexer, faults, "heredoc not terminated", help)
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
