//! The tree that both notations parse into.

use crate::model::Span;

/// `key "label" ... = value` or `key "label" ... { ... }`.
#[derive(Clone, Debug)]
pub(super) struct Item {
    pub(super) keys: Vec<Key>,
    pub(super) value: Node,
}

/// A key or label.
#[derive(Clone, Debug)]
pub(super) struct Key {
    pub(super) text: String,
    pub(super) span: Span,
}

/// A value.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub(super) kind: Kind,
    pub(super) span: Span,
}

/// What a value is.
#[derive(Clone, Debug)]
pub(super) enum Kind {
    /// The digits as written.
    Number(String),
    /// The digits as written.
    Float(String),
    Bool(bool),
    /// A string or heredoc, unquoted.
    Text(String),
    List(Vec<Node>),
    Object(Vec<Item>),
}

impl Kind {
    /// The noun for an error message.
    pub(super) fn noun(&self) -> &'static str {
        match self {
            Kind::Number(_) | Kind::Float(_) => "a number",
            Kind::Bool(_) => "a boolean",
            Kind::Text(_) => "a string",
            Kind::List(_) => "a list",
            Kind::Object(_) => "an object",
        }
    }
}

impl Item {
    /// From the first key to the end of the value.
    pub(super) fn span(&self) -> Span {
        self.keys
            .first()
            .map_or(self.value.span, |key| key.span.to(self.value.span))
    }

    pub(super) fn first_key(&self) -> &str {
        self.keys.first().map_or("", |key| key.text.as_str())
    }
}
