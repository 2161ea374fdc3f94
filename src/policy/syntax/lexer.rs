//! Splits a policy text into tokens.

use super::cursor::Cursor;
use super::error::Faults;
use super::heredoc;
use super::string;
use super::token::{Spanned, Token};
use crate::model::Span;

/// The notation of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Notation {
    Hcl,
    Json,
}

/// Reads tokens from a text.
pub(super) struct Lexer<'t> {
    cursor: Cursor<'t>,
    notation: Notation,
}

impl<'t> Lexer<'t> {
    pub(super) fn new(text: &'t str, notation: Notation) -> Lexer<'t> {
        Lexer {
            cursor: Cursor { text, at: 0 },
            notation,
        }
    }

    /// The text of a span.
    pub(super) fn slice(&self, span: Span) -> &'t str {
        self.cursor
            .text
            .get(span.start..span.end)
            .unwrap_or_default()
    }

    /// The next token; comments are skipped.
    pub(super) fn next(&mut self, faults: &mut Faults<'_>) -> Spanned {
        loop {
            self.cursor
                .eat_while(|c| matches!(c, ' ' | '\t' | '\n' | '\r'));
            let start = self.cursor.at;
            if self.notation == Notation::Hcl && matches!(self.cursor.peek(), Some('#' | '/')) {
                self.comment(start, faults);
                continue;
            }
            let token = self.token(start, faults);
            return Spanned {
                token,
                span: self.cursor.span(start),
            };
        }
    }

    fn token(&mut self, start: usize, faults: &mut Faults<'_>) -> Token {
        let json = self.notation == Notation::Json;
        let Some(c) = self.cursor.bump() else {
            return Token::End;
        };
        match c {
            // The JSON scanner takes the null character for the end of the text.
            '\0' if json => Token::End,
            '[' => Token::OpenBracket,
            ']' => Token::CloseBracket,
            '{' => Token::OpenBrace,
            '}' => Token::CloseBrace,
            ',' => Token::Comma,
            '"' => Token::Text(string::scan(&mut self.cursor, start, json, faults)),
            ':' if json => Token::Colon,
            '=' if !json => Token::Assign,
            '<' if !json => heredoc::scan(&mut self.cursor, start, faults),
            '.' if self.cursor.peek().is_some_and(|c| c.is_ascii_digit()) => {
                self.cursor.eat_while(|c| c.is_ascii_digit());
                self.exponent();
                Token::Float(self.cursor.since(start).to_owned())
            }
            '-' if self.cursor.peek().is_some_and(|c| c.is_ascii_digit()) => {
                self.cursor.bump();
                self.number(start, self.cursor.since(start).ends_with('0'), faults)
            }
            '+' | '-' if !json => Token::Sign(c),
            '.' => Token::Sign(c),
            c if c.is_ascii_digit() => self.number(start, c == '0', faults),
            c if c == '_' || c.is_alphabetic() => self.word(start, faults),
            c => {
                let (message, help) = match c {
                    '\0' => ("a null character is not allowed".to_owned(), "remove it"),
                    '\u{feff}' => ("a byte order mark is not allowed".to_owned(), "remove it"),
                    ':' => ("`:` is not HCL".to_owned(), "write `=`"),
                    ';' => ("`;` is not HCL".to_owned(), "end the line instead"),
                    '\'' => ("`'` quotes nothing in HCL".to_owned(), "use double quotes"),
                    '#' | '/' => (format!("`{c}`: JSON has no comments"), "remove the comment"),
                    c => (
                        format!("illegal character `{}`", c.escape_debug()),
                        "remove it",
                    ),
                };
                faults.add(
                    self.cursor.span(start),
                    message,
                    self.cursor.since(start),
                    help,
                );
                Token::Illegal
            }
        }
    }

    fn word(&mut self, start: usize, faults: &mut Faults<'_>) -> Token {
        let json = self.notation == Notation::Json;
        self.cursor
            .eat_while(|c| c == '_' || c == '-' || (c == '.' && !json) || c.is_alphanumeric());
        match self.cursor.since(start) {
            "true" => Token::Bool(true),
            "false" => Token::Bool(false),
            "null" if json => Token::Null,
            word if json => {
                let message = format!("`{word}` is not JSON");
                faults.add(self.cursor.span(start), message, word, "quote it");
                Token::Illegal
            }
            word => Token::Word(word.to_owned()),
        }
    }

    /// The rest of a number whose first digit has been taken.
    fn number(&mut self, start: usize, zero: bool, faults: &mut Faults<'_>) -> Token {
        let mut hexadecimal = false;
        if zero && self.notation == Notation::Hcl && matches!(self.cursor.peek(), Some('x' | 'X')) {
            self.cursor.bump();
            hexadecimal = true;
            self.cursor.eat_while(|c| c.is_ascii_hexdigit());
        } else {
            self.cursor.eat_while(|c| c.is_ascii_digit());
        }
        let mut float = false;
        if !hexadecimal {
            if self.cursor.eat('.') {
                float = true;
                self.cursor.eat_while(|c| c.is_ascii_digit());
            }
            float |= self.exponent();
        }
        let text = self.cursor.since(start);
        let digits = text.trim_start_matches('-');
        let fault = match self.notation {
            _ if float => None,
            Notation::Json if digits.len() > 1 && zero => Some("a number cannot begin with 0"),
            Notation::Hcl if hexadecimal && digits.len() == 2 => Some("illegal hexadecimal number"),
            // The digit behind the first zero is not looked at.
            Notation::Hcl
                if !hexadecimal
                    && zero
                    && digits
                        .get(2..)
                        .is_some_and(|rest| rest.contains(['8', '9'])) =>
            {
                Some("illegal octal number: a leading 0 means octal")
            }
            _ => None,
        };
        if let Some(message) = fault {
            faults.add(
                self.cursor.span(start),
                message,
                text,
                "write a decimal number",
            );
        }
        if float {
            Token::Float(text.to_owned())
        } else {
            Token::Number(text.to_owned())
        }
    }

    fn exponent(&mut self) -> bool {
        if !matches!(self.cursor.peek(), Some('e' | 'E')) {
            return false;
        }
        self.cursor.bump();
        if matches!(self.cursor.peek(), Some('-' | '+')) {
            self.cursor.bump();
        }
        self.cursor.eat_while(|c| c.is_ascii_digit());
        true
    }

    fn comment(&mut self, start: usize, faults: &mut Faults<'_>) {
        if self.cursor.bump() == Some('/') && self.cursor.eat('*') {
            let rest = self.cursor.text.get(self.cursor.at..).unwrap_or_default();
            match rest.find("*/") {
                Some(length) => self.cursor.at += length + 2,
                None => {
                    self.cursor.at = self.cursor.text.len();
                    let span = Span {
                        start,
                        end: start + 2,
                    };
                    faults.add(span, "comment not terminated", "/*", "close it with `*/`");
                }
            }
        } else if self.cursor.text.as_bytes().get(start) == Some(&b'/') && !self.cursor.eat('/') {
            let span = self.cursor.span(start);
            faults.add(
                span,
                "expected `//` or `/*` for a comment",
                "/",
                "quote a path",
            );
            return;
        } else {
            self.cursor.eat_while(|c| c != '\n' && c != '\0');
        }
        if let Some(offset) = self.cursor.since(start).find('\0') {
            let span = Span {
                start: start + offset,
                end: start + offset + 1,
            };
            faults.add(span, "a null character is not allowed", "\0", "remove it");
        }
    }
}
