//! The tokens of HCL 1 and JSON.

use crate::model::Span;

/// What a token is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token {
    /// A bare word; JSON has none.
    Word(String),
    Number(String),
    Float(String),
    Bool(bool),
    /// JSON only.
    Null,
    /// A string, unquoted.
    Text(String),
    Heredoc(String),
    OpenBracket,
    CloseBracket,
    OpenBrace,
    CloseBrace,
    Comma,
    /// HCL only.
    Assign,
    /// JSON only.
    Colon,
    /// `.`, `+` or `-` by itself: a token to HCL, though no rule uses it.
    Sign(char),
    /// A character that begins no token; the lexer has reported it.
    Illegal,
    End,
}

impl Token {
    /// The noun for an error message.
    pub(super) fn noun(&self) -> String {
        match self {
            Token::Word(word) => format!("`{word}`"),
            Token::Number(digits) | Token::Float(digits) => format!("`{digits}`"),
            Token::Bool(value) => format!("`{value}`"),
            Token::Null => "`null`".to_owned(),
            Token::Text(text) => format!("{text:?}"),
            Token::Heredoc(_) => "a heredoc".to_owned(),
            Token::OpenBracket => "`[`".to_owned(),
            Token::CloseBracket => "`]`".to_owned(),
            Token::OpenBrace => "`{`".to_owned(),
            Token::CloseBrace => "`}`".to_owned(),
            Token::Comma => "`,`".to_owned(),
            Token::Assign => "`=`".to_owned(),
            Token::Colon => "`:`".to_owned(),
            Token::Sign(sign) => format!("`{sign}`"),
            Token::Illegal => "an illegal character".to_owned(),
            Token::End => "the end of the text".to_owned(),
        }
    }
}

/// A token and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Spanned {
    pub(super) token: Token,
    pub(super) span: Span,
}
